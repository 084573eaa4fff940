"""Keys in sentences, which follow the user's keymap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ampsandbox.tui.actions.registry import ACTIONS, key_words

_BY_ID: Final = {action.id: action for action in ACTIONS}
_NAMED = re.compile(r"\{([a-z][a-z-]*)\}")


def with_keys(text: str, keymap: Mapping[str, str]) -> str:
    """The text with the first key of each action that it names in braces: `{send-write} sends it`.

    One without a key is named as the palette has it. What else stands in braces stays.
    """

    def key_of(match: re.Match[str]) -> str:
        action = _BY_ID.get(match[1])
        if action is None:
            return match[0]
        return key_words(action, keymap).partition(" ")[0] or f"“{action.title}” in the palette"

    return _NAMED.sub(key_of, text)
