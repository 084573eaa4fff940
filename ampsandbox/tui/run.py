"""What the command line calls: the interface over a running sandbox, until the user leaves it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable
from traceback import format_exception
from typing import TYPE_CHECKING, Final

from ampsandbox.errors import DefectError, UsageError
from mock_crm.core.gc_tuning import put_off_garbage_collection

if TYPE_CHECKING:
    from ampsandbox.manifest.findings import LoadResult
    from ampsandbox.server.runner import Runner
    from ampsandbox.tui.backend.protocol import Backend

GUARDED: Final = "AMPSANDBOX_WEB_GUARDED"
"""Set by `run --web` for the screens that it starts: pages of other sites do not reach them."""


def run_app(read_manifest: Callable[[], LoadResult], make_runner: Callable[[], Runner]) -> int:
    """Show the interface on this terminal.

    Args:
        read_manifest: Reads the manifest, which is shown before the sandbox has started.
        make_runner: Makes the sandbox. Both are called, and the sandbox is started, on another thread once
            the first frame is painted, so that the screen need not wait; at the end it is stopped.

    Returns:
        The exit code: 0 when the user left, 1 after a defect of the program, 128 and more after a signal.

    Raises:
        UsageError: Neither a terminal nor a browser shows the screen, or one that any page may type into.
        AmpSandboxError: The sandbox could not be started.
        DefectError: The screen ended although nobody left it.
    """
    # Textual's own driver variable means that something else than a terminal shows the screen: a browser.
    driver = os.environ.get("TEXTUAL_DRIVER")
    is_in_browser = driver is not None and driver.endswith(":WebDriver")
    if not driver:
        _prepare_terminal()
    elif is_in_browser and GUARDED not in os.environ:
        raise UsageError(
            "This server lets any page of any site read the screen and type into it.",
            "Use 'ampsandbox run --web' to see the screen in a browser.",
        )
    put_off_garbage_collection()
    from ampsandbox.tui import preferences
    from ampsandbox.tui.actions import keymap
    from ampsandbox.tui.app import SandboxApp
    from ampsandbox.tui.session import Starter

    started: list[Runner] = []

    def start() -> Backend:
        runner = make_runner()
        project = runner.options.project
        runner.on_listening = lambda url: app.call_later(app.session.name_server, project, url)
        runner.start()
        started.append(runner)
        app.session.warnings.extend(runner.server.problems)
        from ampsandbox.tui.backend.running import RunningBackend  # here: the URL need not wait for it

        return RunningBackend(runner)

    app = SandboxApp(None, preferences.default_path(), starter=Starter(read_manifest, start))
    keys, problems = keymap.read_keymap(keymap.default_path())
    app.set_keymap(keys)
    app.session.warnings.extend(problems)
    try:
        app.run()
    finally:
        gc.enable()
        for runner in started:
            runner.stop()
    if app.session.start_error is not None:
        raise app.session.start_error
    _report(app.defects.seen.values())
    if app.return_code is None and is_in_browser:
        return 0  # whoever closes the tab of a browser has left
    if app.return_code is None:
        raise DefectError("The screen ended although nobody left it.")
    return app.return_code


def _prepare_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "The screen needs a terminal.", "Use 'ampsandbox serve', or --no-tui for lines of text."
        )
    # A browser gives its size in these; in a terminal they would stand for the size for ever.
    for name in ("LINES", "COLUMNS"):
        os.environ.pop(name, None)


def _report(defects: Iterable[BaseException]) -> None:
    """Print what the screen went on after; not the values of variables, of which some may be secret."""
    for error in defects:
        print("ampsandbox: this went wrong on the screen, which went on:", file=sys.stderr)
        print("".join(format_exception(error)), file=sys.stderr)
