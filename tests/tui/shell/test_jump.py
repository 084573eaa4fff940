"""Jump mode reaches every part that keys can go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.screen import Screen
from textual.widgets import Input

from ampsandbox.tui.screens.jump import JumpScreen

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Settle

pytestmark = pytest.mark.anyio


async def letters(app: Any, pilot: Any, settle: Settle) -> dict[str, Any]:
    await pilot.press("ctrl+o")
    await settle(app, pilot)
    assert isinstance(app.screen, JumpScreen)
    return app.screen.places


def without_letter(screen: Screen[Any], places: dict[str, Any]) -> list[Any]:
    """What keys can go to, is seen, and has no letter on it or on the panel around it."""
    marked = [place.at for place in places.values()]
    return [
        widget
        for widget in screen.focus_chain
        if widget.is_on_screen
        and screen.find_widget(widget).visible_region
        and not any(node.region.contains_point(at) for at in marked for node in (widget, *panel_of(widget)))
    ]


def panel_of(widget: Any) -> list[Any]:
    return [node for node in widget.ancestors if node.id in ("integrations", "batches", "log")]


@pytest.mark.performs("jump")
async def test_every_part_of_the_main_screen_has_a_letter(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        places = await letters(app, pilot, settle)
        assert app.main is not None
        assert without_letter(app.main, places) == []
        field = app.main.query("#write Input").first(Input)
        [letter] = [key for key, place in places.items() if place.at == field.region.offset]
        await pilot.press(letter)
        await settle(app, pilot)
        assert app.focused is field


async def test_pages_and_dialogs_have_letters_too(opened: Open, settle: Settle, backend: FakeBackend) -> None:
    backend.add_log()
    async with opened() as (app, pilot):
        await pilot.press("3", "x")
        await settle(app, pilot)
        page = app.screen
        assert without_letter(page, await letters(app, pilot, settle)) == []
        await pilot.press("escape", "escape")
        await settle(app, pilot)
        await pilot.press("ctrl+t")
        await settle(app, pilot)
        assert list(await letters(app, pilot, settle)) == ["a"]
        await pilot.press("a")
        await settle(app, pilot)
        assert isinstance(app.focused, Input)


async def test_the_palette_and_help_keep_jump_mode_away(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        for key in ("ctrl+p", "f1"):
            await pilot.press(key, "ctrl+o")
            await settle(app, pilot)
            assert not isinstance(app.screen, JumpScreen)
            await pilot.press("escape")
            await settle(app, pilot)
