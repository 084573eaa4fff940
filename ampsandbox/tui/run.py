"""What the command line calls: the interface over a running sandbox, until the user leaves it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ampsandbox.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from ampsandbox.server.runner import Runner


def run_app(runner: Runner) -> int:
    """Show the interface on this terminal.

    Returns:
        The exit code: 0 when the user left.

    Raises:
        UsageError: Standard input or error, on which the screen is drawn, is not a terminal.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "The screen needs a terminal.", "Use 'ampsandbox serve', or --no-tui for lines of text."
        )
    from ampsandbox.tui import keymap, memory
    from ampsandbox.tui.app import SandboxApp
    from ampsandbox.tui.running import RunningBackend

    app = SandboxApp(RunningBackend(runner), memory.default_path())
    try:
        app.set_keymap(keymap.read_keymap(keymap.default_path()))
    except SettingsError as error:
        app.warnings.append(error)
    app.warnings.extend(runner.service.problems)
    return app.run() or 0
