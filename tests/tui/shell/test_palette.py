"""The palette holds every action that makes sense here, with its keys, and opens what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.content import Content

from ampsandbox.tui.actions.registry import ACTIONS

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Read, Settle

pytestmark = pytest.mark.anyio


async def test_every_action_of_the_main_screen_is_offered_with_its_keys(opened: Open) -> None:
    async with opened() as (app, _):
        offered = {item.title: item for item in app.palette.offered(app.screen)}
        own = ("app", "write", "answer", "installer", "records", "schema", "batches", "log", "integrations")
        assert set(offered) == {a.title for a in ACTIONS if a.panel in own and a.id != "open-palette"}
        line = app.palette.line(offered["write: send"], Content("write: send"), 90).plain
        assert line.split("  ")[1] == "write: send"
        assert " ctrl+j f5 " in line


async def test_the_actions_of_the_focused_panel_come_first_and_the_speed_in_force_is_marked(
    opened: Open, backend: FakeBackend, settle: Settle, lines_of: Read
) -> None:
    backend.speed = 60.0
    async with opened() as (app, pilot):
        await pilot.press("f6")
        assert next(iter(app.palette.offered(app.screen))).panel == "log"
        await pilot.press("ctrl+p", *"run")
        await settle(app, pilot)
        marked = [line for line in lines_of(app) if "●" in line and "clock" in line]
        assert len(marked) == 1
        assert "×60" in marked[0]


async def test_a_page_offers_its_own_actions_and_none_of_the_main_screens(
    opened: Open, settle: Settle
) -> None:
    async with opened() as (app, pilot):
        await pilot.press("f11")
        await settle(app, pilot)
        offered = {item.title for item in app.palette.offered(app.screen)}
        assert {"faults: add", "screen: quit", "clock: freeze or go on"} <= offered
        assert offered.isdisjoint({"write: send", "log: filter", "tabs: records", "screen: widen the tree"})


async def test_an_action_of_a_hidden_panel_opens_it(
    opened: Open, settle: Settle, backend: FakeBackend
) -> None:
    backend.add_batch()
    async with opened((80, 24)) as (app, pilot):
        assert not app.screen.query_one("#batches").display
        await pilot.press("ctrl+p")
        await settle(app, pilot)
        await pilot.press(*"batch:", "space", *"pause")
        await settle(app, pilot)
        await pilot.press("enter")
        await settle(app, pilot)
        assert app.screen.query_one("#batches").display
        assert ("pause", "b1") in backend.calls


async def test_a_theme_is_seen_while_moving_and_left_as_it_was_by_escape(
    opened: Open, settle: Settle, lines_of: Read
) -> None:
    async with opened() as (app, pilot):
        before = app.theme
        app.window.action_choose_theme()
        await settle(app, pilot)
        assert any(f"● {before}" in line for line in lines_of(app))
        await pilot.press("down")
        await settle(app, pilot)
        assert app.theme != before
        await pilot.press("escape")
        await settle(app, pilot)
        assert (app.theme, app.preferences.theme) == (before, "")


async def test_an_action_of_a_page_that_was_closed_meanwhile_is_no_longer_offered(opened: Open) -> None:
    async with opened() as (app, _):
        assert not app.palette.check_action("perform", ("copy-exchange",))
