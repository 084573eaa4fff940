"""The parts of the main screen are as large as the user wants them, by keys and by mouse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.pilot import Pilot

from ampsandbox.tui.preferences import Preferences, save

if TYPE_CHECKING:
    from tests.tui.conftest import Open, Read, Settle

pytestmark = pytest.mark.anyio


def shape(app: Any) -> tuple[int, int, int]:
    """The width of the tree, the width of the batches, and the height of both batches and log."""
    tree, batches, lower = (app.main.query_one(f"#{name}") for name in ("integrations", "batches", "lower"))
    return tree.outer_size.width, batches.outer_size.width, lower.outer_size.height


async def drag(pilot: Pilot[int], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await pilot.pause()


async def test_borders_are_dragged_remembered_and_reset_by_a_double_click(
    opened: Open, tmp_path: Path
) -> None:
    path = tmp_path / "tui.json"
    async with opened(preferences_path=path) as (app, pilot):
        own = shape(app)
        assert own == (39, 53, 12)
        await drag(pilot, (38, 5), (43, 5))
        await drag(pilot, (52, 30), (59, 30))
        await drag(pilot, (70, 26), (70, 20))
        chosen = shape(app)
        assert chosen == (44, 60, 18)
    async with opened(preferences_path=path) as (app, pilot):
        assert shape(app) == chosen
        await pilot.click(offset=(44, 5), times=2)
        await pilot.click(offset=(60, 30), times=2)
        await pilot.click(offset=(70, 19), times=2)
        await pilot.pause()
        assert shape(app) == own


async def test_keys_resize_and_the_palette_resets(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        own = shape(app)
        await pilot.press("f2", "greater_than_sign", "right_square_bracket", "right_curly_bracket")
        await pilot.pause()
        assert shape(app) == (43, 57, 14)
        app.window.action_reset_sizes()
        await pilot.pause()
        assert shape(app) == own


async def test_a_choice_is_a_share_of_the_window_and_leaves_room_for_the_rest(
    opened: Open, tmp_path: Path
) -> None:
    path = tmp_path / "tui.json"
    save(Preferences(tree_share=0.4, lower_share=0.9, batches_share=0.5), path)
    async with opened((80, 24), path) as (app, pilot):
        assert shape(app)[::2] == (32, 13)
        await pilot.resize_terminal(200, 60)
        await pilot.pause()
        assert shape(app) == (80, 100, 49)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert shape(app) == (48, 60, 29)


async def test_a_window_too_small_for_anything_says_so_and_comes_back(opened: Open, lines_of: Read) -> None:
    async with opened((40, 10)) as (app, pilot):
        assert "at least 50 × 14" in "\n".join(lines_of(app))
        assert "Integrations" not in "\n".join(lines_of(app))
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "at least" not in "\n".join(lines_of(app))
        assert "Integrations" in "\n".join(lines_of(app))


async def test_a_double_click_on_a_title_maximises_and_gives_back(opened: Open) -> None:
    async with opened() as (app, pilot):
        await pilot.click("#log", offset=(3, 0), times=2)
        await pilot.pause()
        assert app.screen.query_one("#log").outer_size == (120, 37)
        await pilot.click("#log", offset=(3, 0), times=2)
        await pilot.pause()
        assert shape(app) == (39, 53, 12)


async def test_going_to_another_panel_while_one_is_maximised_maximises_that_one(opened: Open) -> None:
    async with opened() as (app, pilot):
        await pilot.press("f6", "f10")
        for key, panel in (("f4", "#batches"), ("4", "#centre")):
            await pilot.press(key)
            await pilot.pause()
            assert app.screen.maximized is app.screen.query_one(panel)
        await pilot.press("escape")
        await pilot.pause()
        assert shape(app) == (39, 53, 12)
