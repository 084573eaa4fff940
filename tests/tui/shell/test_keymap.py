"""The keymap file: what is good in it is in force, what is wrong is said with the way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.tui.actions.docs import document
from ampsandbox.tui.actions.keymap import read_keymap
from ampsandbox.tui.actions.registry import ACTIONS

if TYPE_CHECKING:
    from tests.tui.conftest import Open, Settle


def read(tmp_path: Path, document: Any) -> tuple[dict[str, str], list[str]]:
    path = tmp_path / "keymap.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    keys, problems = read_keymap(path)
    return keys, [f"{problem.message} {problem.hint}".strip() for problem in problems]


def test_no_file_is_no_keymap(tmp_path: Path) -> None:
    assert read_keymap(tmp_path / "keymap.json") == ({}, [])


@pytest.mark.parametrize("text", ["{", "[]", "nonsense", "[" * 100_000])
def test_a_file_that_is_no_keymap_says_what_one_looks_like(tmp_path: Path, text: str) -> None:
    keys, [problem] = read(tmp_path, text)
    assert keys == {}
    assert '{"send-write": "ctrl+s,f5"}' in problem


def test_the_good_entries_of_a_keymap_are_kept_beside_wrong_ones(tmp_path: Path) -> None:
    keys, problems = read(
        tmp_path,
        {"send-write": "ctrl+s", "sendwrite": "f5", "quit": 1, "jump": "crtl+o", "open-palette": "f25"},
    )
    assert keys == {"send-write": "ctrl+s"}
    assert problems == [
        "keymap.json: “sendwrite” is no action. Did you mean “send-write”?",
        'keymap.json: the keys of “quit” are no text. Write {"send-write": "ctrl+s,f5"} and the like.',
        "keymap.json: “crtl+o” of “jump” is no key. Did you mean “ctrl”?",
        "keymap.json: “f25” of “open-palette” is no key. Did you mean “f5”?",
    ]


def test_keys_that_terminals_do_not_send_are_named(tmp_path: Path) -> None:
    keys, problems = read(tmp_path, {"send-write": "ctrl+m", "jump": "ctrl+shift+j"})
    assert set(keys) == {"send-write", "jump"}
    assert problems == [
        "keymap.json: terminals send enter for “ctrl+m” of “send-write”. Choose another key.",
        "keymap.json: few terminals send “ctrl+shift+j” of “jump”. kitty, foot, WezTerm and Ghostty do.",
    ]


def test_a_key_that_two_actions_share_is_named_whatever_its_spelling(tmp_path: Path) -> None:
    keys, problems = read(tmp_path, {"jump": "?", "send-write": "ctrl+s"})
    assert keys == {"send-write": "ctrl+s"}
    assert problems == [
        "keymap.json: “?” is both “jump” and “show-help-outside-fields”. “jump” keeps its own keys."
    ]
    _, problems = read(tmp_path, {"jump": "question_mark", "show-help-outside-fields": "ctrl+underscore"})
    assert problems == []


@pytest.mark.anyio
async def test_an_action_without_a_key_can_be_given_one(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        app.set_keymap({"show-messages": "ctrl+e"})
        await pilot.press("ctrl+e")
        await settle(app, pilot)
        assert app.screen.query("#messages")


def test_the_keymap_in_the_docs_is_without_a_problem(tmp_path: Path) -> None:
    _, example, _ = document().split("```")
    keys, problems = read(tmp_path, example.removeprefix("json"))
    assert "send-write" in keys
    assert problems == []


def test_a_keymap_of_the_default_keys_is_without_a_problem(tmp_path: Path) -> None:
    _, problems = read(tmp_path, {action.id: action.keys for action in ACTIONS if action.keys})
    assert problems == []
