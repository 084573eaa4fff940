"""What the screen says of keys follows the user's keymap."""

from __future__ import annotations

import re
from pathlib import Path

import ampsandbox.tui
from ampsandbox.tui.actions.registry import ACTIONS
from ampsandbox.tui.text.keys import with_keys


def test_sentences_name_the_users_keys() -> None:
    keymap = {"send-write": "ctrl+s,f5", "show-problems": ""}
    assert with_keys("{send-write} sends it.", keymap) == "ctrl+s sends it."
    assert (
        with_keys("See {show-problems}.", keymap) == "See “operations: failed and in doubt” in the palette."
    )
    assert with_keys("{focus-log}: {n}, {{email}}, {no-action}", {}) == "f6: {n}, {{email}}, {no-action}"


def test_every_action_that_a_sentence_names_exists() -> None:
    sources = Path(ampsandbox.tui.__file__).parent.rglob("*.py")
    named = {
        name for path in sources for name in re.findall(r"\{([a-z]+(?:-[a-z]+)+)\}", path.read_text("utf-8"))
    }
    assert {"send-write", "show-problems", "focus-log"} <= named
    assert named - {"action-id"} <= {action.id for action in ACTIONS}
