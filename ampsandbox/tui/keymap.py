"""The user's own keys: a JSON file that maps action ids to keys."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

from ampsandbox.errors import SettingsError
from ampsandbox.tui.actions import ACTIONS


def default_path() -> Path:
    """Where the file is: `$XDG_CONFIG_HOME/ampsandbox/keymap.json` or what the platform has in its place."""
    from platformdirs import user_config_path

    return user_config_path("ampsandbox", appauthor=False) / "keymap.json"


def read_keymap(path: Path) -> dict[str, str]:
    """Keys by action id; empty when there is no file.

    Raises:
        SettingsError: The file is not a JSON object of strings, or names an action that does not exist.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", 'Write {"send-write": "ctrl+s"} and the like.'
        ) from error
    if not isinstance(document, dict) or not all(isinstance(keys, str) for keys in document.values()):
        raise SettingsError(
            f"{path} does not map action ids to keys.", 'Write {"send-write": "ctrl+s"} and the like.'
        )
    known = [action.id for action in ACTIONS]
    for name in document:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"Did you mean “{near[0]}”?" if near else "ACTIONS.md lists them all."
            raise SettingsError(f"{path} names “{name}”, which is no action.", hint)
    return document
