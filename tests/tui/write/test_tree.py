"""The tree: finding, folding, what waits, and staying where the user is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ampsandbox.engine.crm import CrmField
from ampsandbox.tui.widgets.field_row import FieldRow
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from ampsandbox.manifest.model import WriteObject
    from ampsandbox.tui.backend.views import SchemaView
    from tests.tui.conftest import FakeBackend, Open, Read, Settle, Until
    from tests.tui.write.conftest import RowOf, Typed

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
    backend: FakeBackend, opened: Open, settle: Settle, typed: Typed, lines_of: Read
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


class SlowSchemas:
    """A CRM that names the fields of an object when it is told to."""

    def __init__(self, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, str, asyncio.Event]] = []
        self._describe = backend.records.schema
        monkeypatch.setattr(backend.records, "schema", self._schema)

    async def _schema(self, installation_id: str, item: WriteObject) -> SchemaView:
        event = asyncio.Event()
        self.asked.append((installation_id, item.name, event))
        await event.wait()
        schema = await self._describe(installation_id, item)
        mark = CrmField(f"Of_{installation_id}", "Mark", "string", is_required=True)
        return replace(schema, fields=(*schema.fields, mark))

    def answer(self, number: int = -1) -> None:
        self.asked.pop(number)[2].set()


async def test_the_fields_of_a_slow_crm_reach_the_form_whatever_was_done_meanwhile(
    backend: FakeBackend, opened: Open, until: Until, row_of: RowOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> set[str]:
        return {row.field.name for row in app.form.query(FieldRow)}

    backend.load(backend.loaded.text.replace("mode: update", "mode: insert"))
    backend.installed.append(replace(backend.installed[0], id="i3", group="beta"))
    async with opened() as (app, pilot):
        slow = SlowSchemas(backend, monkeypatch)
        tree = app.screen.query_one("#tree", Rows)
        # Two lines mean the same endpoint, the object's and its own: resting on both asks once, and for good.
        await pilot.press("f2", "down")
        await until(lambda: [name for _, name, _ in slow.asked] == ["contact"])
        await pilot.press("down")
        await asyncio.sleep(0.1)  # as long as the tree waits for the cursor to rest
        assert tree.selected is not None
        assert tree.selected.depth == 2
        assert "of_i1" not in names()
        slow.answer()
        await until(lambda: "of_i1" in names())

        # The manifest is read again while the CRM is asked, and another endpoint is on the way to be chosen.
        await pilot.press("down")
        await until(lambda: [name for _, name, _ in slow.asked] == ["mailMonkeyCampaigns"])
        backend.load(backend.loaded.text)
        await until(lambda: len(slow.asked) == 2)
        assert tree.selected.text == "mailMonkeyCampaigns"
        slow.answer(1)
        await until(lambda: "of_i1" in names())
        slow.answer()

        # Another group is typed while the CRM of the one before is asked.
        backend.load(backend.loaded.text)
        await until(lambda: [one for one, _, _ in slow.asked] == ["i1"])
        row_of(app, "groupId").set_value("beta")
        await until(lambda: [one for one, _, _ in slow.asked] == ["i1", "i3"])
        slow.answer(1)
        slow.answer(0)
        await until(lambda: "of_i3" in names())


async def test_a_reload_keeps_the_endpoint_and_what_was_typed(
    backend: FakeBackend, opened: Open, settle: Settle, row_of: RowOf
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
