"""The user's own keys: a JSON file that maps action ids to keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from textual.keys import KEY_NAME_REPLACEMENTS, KEY_TO_UNICODE_NAME, Keys, key_to_character

from ampsandbox.errors import SettingsError, nearest
from ampsandbox.tui.actions.registry import ACTIONS, Action

_EXAMPLE: Final = 'Write {"send-write": "ctrl+s,f5"} and the like.'
_MODIFIERS: Final = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_SENT_AS: Final = {
    "ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape",
    "ctrl+[": "escape",
}  # fmt: skip


def default_path() -> Path:
    """Where the file is: `$XDG_CONFIG_HOME/ampsandbox/keymap.json` or what the platform has in its place."""
    from platformdirs import user_config_path

    return user_config_path("ampsandbox", appauthor=False) / "keymap.json"


def read_keymap(path: Path) -> tuple[dict[str, str], list[SettingsError]]:
    """Keys by action id, none when there is no file; and what is wrong with the rest of the file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [SettingsError(f"{path} cannot be read: {error.strerror}.")]
    except (ValueError, RecursionError) as error:
        return {}, [SettingsError(f"{path} is not JSON: {error}.", _EXAMPLE)]
    if not isinstance(document, dict):
        return {}, [SettingsError(f"{path} does not map action ids to keys.", _EXAMPLE)]
    problems = [problem for name, keys in document.items() for problem in _wrong_entry(name, keys)]
    good = {name: keys for name, keys in document.items() if not list(_wrong_entry(name, keys))}
    shared = {name: list(_shared(name, keys, good)) for name, keys in good.items()}
    problems += [problem for found in shared.values() for problem in found]
    good = {name: keys for name, keys in good.items() if not shared[name]}
    problems += [problem for name, keys in good.items() for problem in _doubtful(name, keys)]
    return good, [SettingsError(f"{path.name}: {words}", hint) for words, hint in problems]


Problem = tuple[str, str]
"""What is wrong, and what to do about it."""


def _wrong_entry(name: str, keys: Any) -> Iterator[Problem]:
    known = {action.id: action for action in ACTIONS}
    if name not in known:
        yield f"“{name}” is no action.", _did_you_mean(name, list(known)) or "docs/actions.md lists them all."
    elif not isinstance(keys, str):
        yield f"the keys of “{name}” are no text.", _EXAMPLE
    else:
        for key in _split(keys):
            if part := _unknown_part(key):
                yield f"“{key}” of “{name}” is no key.", _did_you_mean(part, [*_MODIFIERS, *_names()])


def _doubtful(name: str, keys: str) -> Iterator[Problem]:
    """Keys that may never arrive; they are taken all the same, as some terminals send them."""
    for key in _split(keys):
        if key in _SENT_AS:
            yield f"terminals send {_SENT_AS[key]} for “{key}” of “{name}”.", "Choose another key."
        elif key.startswith(("ctrl+shift+", "super+", "hyper+", "meta+")):
            yield f"few terminals send “{key}” of “{name}”.", "kitty, foot, WezTerm and Ghostty do."


def _shared(name: str, keys: str, keymap: dict[str, str]) -> Iterator[Problem]:
    """Keys that two actions share as they do not by default: the action keeps the keys it had."""
    action = next(item for item in ACTIONS if item.id == name)
    for key in _split(keys):
        for other in _rivals(action):
            is_ours = key in _split(action.keys) and key in _split(other.keys)
            if not is_ours and key in _split(keymap.get(other.id, other.keys)):
                yield f"“{key}” is both “{name}” and “{other.id}”.", f"“{name}” keeps its own keys."


def _rivals(action: Action) -> Iterator[Action]:
    """The actions that are offered where this one is."""
    for other in ACTIONS:
        is_near = action.panel == other.panel or "app" in (action.panel, other.panel)
        if other is not action and is_near and other.command != action.command:
            yield other


def _split(keys: str) -> list[str]:
    """The keys in a list, each by its character where it has one: “?” for question_mark."""
    named = [key.strip() for key in keys.split(",") if key.strip()]
    return [key_to_character(key) or key for key in named]


def _unknown_part(key: str) -> str:
    """The part of a key that is neither a modifier nor the name of a key; empty where all are."""
    if len(key) == 1:
        return ""
    *modifiers, last = key.split("+")
    wrong = [part for part in modifiers if part not in _MODIFIERS]
    if len(last) != 1 and last not in _names():
        wrong.append(last or key)
    return wrong[0] if wrong else ""


def _names() -> list[str]:
    """The names of keys that are more than a character."""
    named = [key.value for key in Keys if "+" not in key.value and "<" not in key.value]
    return [*named, *KEY_TO_UNICODE_NAME, *KEY_NAME_REPLACEMENTS.values()]


def _did_you_mean(name: str, known: list[str]) -> str:
    near = nearest(name, known, cutoff=0.6)
    return f"Did you mean “{near}”?" if near else ""
