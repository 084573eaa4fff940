"""The Schema tab: fields with what is known of them, and the manifest's part in them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from ampsandbox.tui.screens.value import ValueDialog
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

Press = Callable[..., Awaitable[None]]


def names(pilot: Pilot[int]) -> list[str]:
    return [facts.crm.name for facts in pilot.app.screen.query_one("#schema-rows", Rows).items]


@pytest.mark.performs("search-schema")
async def test_custom_and_required_fields_come_first_and_a_search_is_counted(
    records: Pilot[int], press: Press, lines_of: Read
) -> None:
    await press(records, "4")
    assert names(records)[:2] == ["WarmthScore__c", "Name"]
    assert any("◆ WarmthScore__c" in line for line in lines_of(records.app))
    await press(records, "slash", "text:picklist")
    assert names(records) == ["Industry"]
    assert "1 of 8 fields" in str(records.app.screen.query_one("#schema-heading").render())
    await press(records, "escape", "slash", "text:required")
    assert names(records) == ["Name"]
    await press(records, "escape")
    assert len(names(records)) == 8


@pytest.mark.performs("open-field", "copy-field-name", "copy-fields")
async def test_a_field_is_opened_with_its_manifest_entry_and_copied(
    records: Pilot[int],
    press: Press,
    settle: Callable[..., Awaitable[None]],
    copied: list[str],
    lines_of: Read,
) -> None:
    await records.press("f2", "down", "down")
    await settle(records)
    await press(records, "4")
    assert any("warmthScore" in line for line in lines_of(records.app))
    await press(records, "o")
    assert isinstance(records.app.screen, ValueDialog)
    assert json.loads(records.app.screen.text)["prompt"].startswith("This is the warmth score")
    await press(records, "escape", "c", "C")
    assert copied[0] == "WarmthScore__c"
    assert len(json.loads(copied[1])) == 8


@pytest.mark.performs("choose-schema")
async def test_another_object_is_looked_at(records: Pilot[int], press: Press, backend: FakeBackend) -> None:
    backend.store["Lead"] = []
    await press(records, "4", "a", "text:lead", "enter")
    assert "Lead" in str(records.app.screen.query_one("#schema-heading").render())


async def test_six_hundred_fields_and_a_pick_list_of_thousands_are_all_reached(
    records: Pilot[int], press: Press, backend: FakeBackend, lines_of: Read, copied: list[str]
) -> None:
    options = tuple(f"value {n}" for n in range(5_000))
    backend.fields = tuple(
        replace(backend.fields[1], name=f"f{n:03}", is_required=False, options=options) for n in range(600)
    )
    backend.version += 1
    await press(records, "4", "end")
    assert any("f599" in line for line in lines_of(records.app))
    await press(records, "enter", "c")
    assert json.loads(copied[0])["values"][-1] == "value 4999"
