"""The list that every part of the screen uses: what it paints, where the cursor stays, how it is moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from textual import on
from textual.app import App, ComposeResult

from ampsandbox.tui.styles.themes import DARK, derived
from ampsandbox.tui.widgets.columns import Column, arrange, fit, starts
from ampsandbox.tui.widgets.rows import Rows

pytestmark = pytest.mark.anyio


class ListApp(App[None]):
    """A list of numbers with five columns of ten cells, the first pinned."""

    def __init__(self, count: int = 100) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self.count = count
        self.seen: list[Any] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"muted": "#888888", "faint": "#444444", "cursor": "#224466", "cursor-blurred": "#222222"}

    def get_css_variables(self) -> dict[str, str]:
        variables = super().get_css_variables()
        return {**variables, **derived(variables)}

    def compose(self) -> ComposeResult:
        columns = [Column(f"c{n}", 10) for n in range(5)]
        yield Rows(columns, str, lambda item: [f"{item}-{n}" for n in range(5)], pinned=1)

    def on_mount(self) -> None:
        self.rows.show(range(self.count))
        self.rows.focus()

    @property
    def rows(self) -> Rows[int]:
        return self.query_one(Rows)

    @on(Rows.Opened)
    @on(Rows.HeaderPicked)
    @on(Rows.PastEnd)
    def keep(self, event: Any) -> None:
        self.seen.append(event)

    def lines(self) -> list[str]:
        """What is seen, without the scroll bar."""
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip)[:32].rstrip() for strip in strips]


SIZE = (33, 12)


async def test_the_keys_of_vi_and_of_everybody_move_the_cursor() -> None:
    app = ListApp()
    async with app.run_test(size=SIZE) as pilot:
        for keys, place in (("jj", 2), ("k", 1), ("G", 99), ("g", 0)):
            await pilot.press(*keys)
            assert app.rows.cursor == place
        await pilot.press("pagedown")
        assert 5 < app.rows.cursor < 12
        await pilot.press("end", "up")
        assert app.rows.cursor == 98


async def test_the_cursor_stays_on_its_item_and_the_item_on_its_line() -> None:
    app = ListApp()
    async with app.run_test(size=SIZE) as pilot:
        app.rows._move_to(50)
        await pilot.pause()
        before = app.lines()
        app.rows.show(range(-30, 100))
        await pilot.pause()
        assert app.rows.selected == 50
        assert app.lines() == before
        app.rows.show(range(10, 100))
        await pilot.pause()
        assert app.lines() == before


async def test_at_the_top_new_rows_come_into_sight_until_they_would_push_the_cursor_out() -> None:
    app = ListApp()
    async with app.run_test(size=SIZE) as pilot:
        app.rows.show(range(-1, 100))
        await pilot.pause()
        assert app.lines()[1].startswith("-1-0")
        app.rows.show(range(-40, 100))
        await pilot.pause()
        assert app.rows.selected == 0
        assert any(line.startswith("0-0") for line in app.lines())


async def test_columns_are_scrolled_one_by_one_behind_the_pinned_one() -> None:
    app = ListApp()
    async with app.run_test(size=SIZE) as pilot:
        assert app.lines()[1].split() == ["0-0", "0-1", "0-2"]
        await pilot.press("l")
        assert app.lines()[1].split() == ["0-0", "0-2", "0-3"]
        await pilot.press("right", "right", "right")
        assert app.lines()[0].split() == ["c0", "c3", "c4"]
        await pilot.press("h")
        assert app.lines()[1].split() == ["0-0", "0-2", "0-3"]


async def test_a_click_selects_a_double_click_opens_and_the_header_names_its_column() -> None:
    app = ListApp()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(Rows, offset=(3, 4))
        assert (app.rows.cursor, app.seen) == (3, [])
        await pilot.double_click(Rows, offset=(3, 4))
        assert app.seen.pop().item == 3
        await pilot.press("l")
        await pilot.click(Rows, offset=(12, 0))
        await pilot.click(Rows, offset=(2, 0))
        assert [event.column for event in app.seen] == [2, 0]


async def test_moving_on_at_an_end_is_told() -> None:
    app = ListApp(3)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("k", "j", "j", "j", "pagedown")
        assert [event.by for event in app.seen] == [-1, 1, 1]
        app.seen.clear()
        app.rows.show(())
        await pilot.press("j", "k", "enter")
        assert app.seen == []


@pytest.mark.parametrize(
    ("text", "width", "right", "shown"),
    [
        ("abc", 5, False, "abc  "),
        ("abc", 5, True, "  abc"),
        ("abcdef", 4, False, "abc…"),
        ("日本語", 4, False, "日 …"),
        ("日本", 6, True, "  日本"),
    ],
)
def test_a_cell_takes_exactly_its_width(text: str, width: int, right: bool, shown: str) -> None:
    assert fit(text, width, right=right) == shown


def flexible(title: str, least: int, preferred: int = 0, rank: int = 0) -> Column:
    return Column(title, least, is_flexible=True, preferred=preferred, rank=rank)


@pytest.mark.parametrize(
    ("columns", "wanted", "room", "widths"),
    [
        ([Column("a", 5), Column("title"), Column("c")], [0, 2, 9], 40, [5, 5, 9]),
        ([Column("a"), flexible("b", 4), flexible("c", 4)], [5, 40, 8], 31, [5, 16, 8]),
        ([Column("a"), flexible("b", 20)], [5, 30], 10, [5, 20]),
        ([Column("a", rank=1), Column("b", rank=2), Column("c")], [5, 5, 5], 11, [5, 0, 5]),
        ([flexible("a", 4, preferred=12), Column("b", rank=1)], [12, 5], 17, [12, 0]),
        ([flexible("a", 4, preferred=12), Column("b")], [12, 5], 15, [9, 5]),
    ],
    ids=["by content", "flexible ones share", "too narrow", "by rank", "left out before cut", "cut at last"],
)
def test_columns_take_the_room_there_is(
    columns: Sequence[Column], wanted: list[int], room: int, widths: list[int]
) -> None:
    assert arrange(columns, wanted, room) == widths


def test_a_column_that_is_left_out_begins_where_the_next_one_does() -> None:
    assert starts([5, 0, 7]) == [0, 6, 6]


async def test_columns_grow_with_what_comes_into_sight() -> None:
    app = ListApp(1_000)
    async with app.run_test(size=SIZE) as pilot:
        app.rows.set_columns([Column("n") for _ in range(5)])
        await pilot.pause()
        assert app.lines()[1] == "0-0  0-1  0-2  0-3  0-4"
        await pilot.press("G")
        assert app.lines()[-1] == "999-0 999-1 999-2 999-3 999-4"
