"""A long text that is searched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.content import Content
from textual.selection import SELECT_ALL

from ampsandbox.tui.preferences import Preferences
from ampsandbox.tui.widgets.text_view import TextSection, TextView, _rows
from tests.tui.rest import painted

pytestmark = pytest.mark.anyio


class Shown(App[None]):
    preferences = Preferences()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        yield TextView(TextSection(Content(self.text)), id="text")


def seen(app: Any) -> list[str]:
    return ["".join(part.text for part in strip).rstrip() for strip in painted(app)]


@pytest.mark.parametrize(
    "text", ["", "x" * 100, "a" * 39 + "\u6f22\u5b57" * 30, "e\u0301" * 90, "\U0001f412" * 50]
)
@pytest.mark.parametrize("width", [1, 2, 7, 40])
def test_folding_loses_no_character(text: str, width: int) -> None:
    rows = _rows(0, Content(text), width)
    assert "".join(text[row.start : row.end] for row in rows) == text


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60), width=st.integers(1, 20), between_words=st.booleans())
def test_folding_any_line_loses_no_character(text: str, width: int, between_words: bool) -> None:
    line = Content("".join(char for char in text if char.isprintable()))
    rows = _rows(0, line, width, between_words=between_words)
    assert "".join(line.plain[row.start : row.end] for row in rows) == line.plain


async def test_long_lines_fold_and_all_of_them_is_painted_and_selected() -> None:
    text = "".join(chr(97 + n % 26) for n in range(500)) + "\n\nend"
    app = Shown(text)
    async with app.run_test(size=(40, 24)) as pilot:
        await pilot.pause()
        lines = seen(app)
        assert "".join(lines[:14]).rstrip()[:500] == text[:500]
        assert "end" in lines
        view = app.query_one(TextView)
        selected = view.get_selection(SELECT_ALL)
        assert selected is not None
        assert selected[0].replace("\n", "") == text.replace("\n", "")


async def test_words_are_found_in_any_case_and_gone_through_around_the_ends() -> None:
    app = Shown("\n".join(f"line {n} Apple" if n % 40 == 0 else f"line {n}" for n in range(200)))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        view = app.query_one(TextView)
        view.find("aPPLE")
        assert view.position == (1, 5)
        for number in (2, 3, 4, 5, 1):
            view.go(1)
            await pilot.pause()
            assert view.position == (number, 5)
            assert any(f"line {(number - 1) * 40} Apple" in line for line in seen(app))
        view.go(-1)
        assert view.position == (5, 5)
        view.find("pear")
        assert view.position == (0, 0)
        view.go(1)
        view.find("")
        assert view.position == (0, 0)


async def test_a_match_across_a_fold_is_marked_on_both_rows() -> None:
    app = Shown("x" * 38 + "needle" + "y" * 60)
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        app.query_one(TextView).find("needle")
        await pilot.pause()
        strips = painted(app)
        marked = ["".join(p.text for p in strip if p.style and p.style.underline) for strip in strips[:2]]
        assert "".join(marked) == "needle"


async def test_a_megabyte_in_one_line_is_searched() -> None:
    app = Shown("ab" * 500_000)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        view = app.query_one(TextView)
        view.find("ba")
        assert view.position == (1, 1_000)
        view.go(-1)
        await pilot.pause()


def test_words_are_folded_between_them_where_they_fit() -> None:
    line = "o: the record · enter: the operation supercalifragilistic"
    rows = _rows(0, Content(line), 12, between_words=True)
    assert [line[row.start : row.end].rstrip() for row in rows] == [
        "o: the", "record ·", "enter: the", "operation", "supercalifra", "gilistic",
    ]  # fmt: skip


async def test_a_shorter_text_in_a_view_without_room_is_not_painted_by_the_rows_of_the_longer_one() -> None:
    app = Shown("")
    async with app.run_test(size=(40, 10)) as pilot:
        view = app.query_one(TextView)
        view.show(TextSection(Content("\n".join(map(str, range(1, 101)))), is_body=True))
        await pilot.pause()
        view.styles.width = 3
        await pilot.pause()
        view.show(TextSection(Content("one"), is_body=True))
        await pilot.pause()
        assert not any(char.isalnum() for char in "".join(seen(app)))
        view.focus()
        await pilot.press("J", "down", "end", "pageup", "K")
        view.find("one")
        view.styles.width = "1fr"
        await pilot.pause()
        assert seen(app)[0] == "1 one"


async def test_selecting_goes_on_from_the_cursor_when_a_shorter_text_is_shown() -> None:
    app = Shown("\n".join(map(str, range(100))))
    async with app.run_test(size=(40, 10)) as pilot:
        view = app.query_one(TextView)
        view.focus()
        await pilot.press("end", "K")
        view.show(TextSection(Content("one\ntwo")))
        await pilot.press("K")
        assert view.get_selection(app.screen.selections[view]) == ("one\ntwo", "\n")
