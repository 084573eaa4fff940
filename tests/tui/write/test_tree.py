"""The tree: finding, folding, what waits, and staying where the user is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Read, Settle

pytestmark = pytest.mark.anyio


HEAD = """\
integrations:
  - name: big
    api: salesforce
    actions:
      - type: write
        standardObjects:
"""


def many(count: int) -> str:
    one = "          - {{objectName: account, mode: insert, endpoint: create-account-number-{n}}}\n"
    return HEAD + "".join(one.format(n=n) for n in range(count))


async def test_an_endpoint_among_many_is_found_by_a_part_of_its_name(
    backend: FakeBackend, opened: Open, settle: Settle, typed: Any, lines_of: Read
) -> None:
    backend.load(many(200))
    async with opened() as (app, pilot):
        await pilot.press("f2", "slash")
        await typed(pilot, "r-144")
        await settle(app, pilot)
        await settle(app, pilot)
        assert "1 of 200" in lines_of(app)[1]
        assert app.form.title == "create-account-number-144"
        await pilot.press("escape")
        await settle(app, pilot)
        tree = app.screen.query_one("#tree", Rows)
        assert len(tree.items) > 200
        assert tree.selected is not None
        assert tree.selected.text == "create-account-number-144"
        assert any("…-144" in line or "number-144" in line for line in lines_of(app)), "it is in view"


async def test_what_waits_stands_beside_the_endpoint_and_its_schedule_in_the_border(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read
) -> None:
    backend.add_batch(count=1_234)
    async with opened() as (app, pilot):
        assert any("add-warm" in line and "1,234" in line for line in lines_of(app))
        await pilot.press("f2", "j", "j")
        await settle(app, pilot)
        assert any("◷ every 2 hours" in line for line in lines_of(app))


async def test_left_goes_to_the_integration_and_then_folds_it_and_a_click_on_its_sign_unfolds_it(
    opened: Open, settle: Settle
) -> None:
    async with opened() as (app, pilot):
        tree = app.screen.query_one("#tree", Rows)
        count = len(tree.items)
        await pilot.press("f2", "left")
        assert tree.selected is not None
        assert tree.selected.key == "mailmonkeySalesforce"
        assert len(tree.items) == count
        await pilot.press("left")
        await settle(app, pilot)
        assert len(tree.items) < count
        await pilot.click(tree, offset=(0, 0))
        await settle(app, pilot)
        assert len(tree.items) == count


async def test_a_reload_keeps_the_endpoint_and_what_was_typed(
    backend: FakeBackend, opened: Open, settle: Settle, row_of: Any
) -> None:
    async with opened() as (app, pilot):
        await pilot.press("f2", "j", "j")
        await settle(app, pilot)
        await settle(app, pilot)
        row_of(app, "warmthScore").set_value("hot")
        await settle(app, pilot)
        backend.load(backend.loaded.text.replace("Warmth Score", "Warmth"))
        await settle(app, pilot)
        assert app.form.title == "add-warmth-score"
        assert row_of(app, "warmthScore").value == "hot"
