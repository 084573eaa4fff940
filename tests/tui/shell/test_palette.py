"""The palette holds every action that makes sense here, with its keys, and opens what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ampsandbox.tui.actions.registry import ACTIONS

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Settle

pytestmark = pytest.mark.anyio


async def test_every_action_of_the_main_screen_is_offered_with_its_keys(opened: Open) -> None:
    async with opened() as (app, _):
        offered = {item.title: item.help for item in app.get_system_commands(app.screen)}
        own = ("app", "write", "answer", "installer", "records", "schema", "batches", "log", "integrations")
        assert set(offered) == {a.title for a in ACTIONS if a.panel in own and a.id != "open-palette"}
        assert offered["write: send"].endswith("‹ctrl+j f5›")
        assert "‹" not in offered["screen: choose a theme"]


async def test_a_page_offers_its_own_actions_and_none_of_the_main_screens(
    opened: Open, settle: Settle
) -> None:
    async with opened() as (app, pilot):
        await pilot.press("f11")
        await settle(app, pilot)
        offered = {item.title for item in app.get_system_commands(app.screen)}
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
