"""The page of one record: fields, related records, history."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from ampsandbox.service.record_views import RelatedRecord
from ampsandbox.tui.screens.record import RecordPanel
from ampsandbox.tui.screens.value import ValueDialog
from ampsandbox.tui.text.record_text import as_csv, as_json, changeable, changes, named
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

Press = Callable[..., Awaitable[None]]


@pytest.fixture
def related(backend: FakeBackend) -> None:
    backend.store["User"] = [{"Id": "005", "Name": "Ada"}]
    backend.relations["0010"] = [RelatedRecord("OwnerId", "User", "005", "Ada")]


def panel(pilot: Pilot[int]) -> RecordPanel:
    return pilot.app.screen.query_one(RecordPanel)


async def test_a_record_shows_fields_lookups_and_history(
    related: None, records: Pilot[int], press: Press, backend: FakeBackend, lines_of: Read
) -> None:
    backend.store["Account"][0] |= {"OwnerId": "005", "Fax": None}
    await press(records, "enter")
    text = "\n".join(lines_of(records.app))
    for words in ("Account 0010 Big Co. 0", "005  → User Ada", "Fax", "Related · 1", "created", "op1"):
        assert words in text


async def test_enter_goes_to_the_record_that_a_field_names_and_escape_comes_back(
    related: None, records: Pilot[int], press: Press, backend: FakeBackend
) -> None:
    backend.store["Account"][0] |= {"OwnerId": "005"}
    await press(records, "enter", "end", "enter")
    assert panel(records).where == ("i1", "User")
    await press(records, "escape", "tab", "enter")
    assert panel(records).key == "005"


async def test_enter_shows_a_whole_value_and_copies_it(
    records: Pilot[int], press: Press, backend: FakeBackend, copied: list[str]
) -> None:
    backend.store["Account"][0]["Name"] = "x" * 5_000
    await press(records, "enter", "j", "enter")
    assert isinstance(records.app.screen, ValueDialog)
    await press(records, "c", "escape")
    assert copied == ["x" * 5_000]


@pytest.mark.performs("edit-this-record", "copy-this-record", "delete-this-record", "undelete-this-record")
async def test_a_record_is_edited_copied_deleted_and_brought_back(
    records: Pilot[int], press: Press, backend: FakeBackend, copied: list[str], lines_of: Read
) -> None:
    await press(records, "enter", "e", "alt+j")
    records.app.screen.query_one(TextArea).text = '{"Name": "Small Co."}'
    await press(records, "ctrl+j", "c", "text:the id", "enter", "d", "y")
    assert (
        "update_record",
        "Account",
        "0010",
        {"Name": "Small Co.", "NumberOfEmployees": None},
    ) in backend.calls
    assert copied == ["0010"]
    assert any("not in the org any more" in line for line in lines_of(records.app))
    await press(records, "u")
    assert records.app.screen.query_one("#record-fields", Rows).items


async def test_a_field_is_edited_in_a_form_that_begins_at_it_and_says_the_same_as_its_json(
    records: Pilot[int], press: Press, backend: FakeBackend, lines_of: Read
) -> None:
    backend.store["Account"][0] |= {"NumberOfEmployees": 7, "Industry": "Banking"}
    await press(records, "enter", "end", "k", "e")
    form = records.app.screen
    await press(records, "text:x", "down", "down", "text:energy", "enter")
    assert any("not a number" in line for line in lines_of(records.app)), "what is wrong is said under it"
    await press(records, "tab", "text:web", "tab", "enter", "text:https://a.example", "alt+j")
    text = json.loads(form.query_one(TextArea).text)
    assert text == {
        "Name": "Big Co. 0", "NumberOfEmployees": "x", "Industry": "Energy", "Website": "https://a.example",
    }  # fmt: skip
    form.query_one(TextArea).text = "{"
    await press(records, "alt+j")
    assert any("Not JSON" in line for line in lines_of(records.app)), "JSON that is none keeps its tab"
    form.query_one(TextArea).text = json.dumps({**text, "NumberOfEmployees": 8, "Phone": "1"})
    await press(records, "alt+j", "ctrl+j")
    wrote = {"Industry": "Energy", "Website": "https://a.example", "NumberOfEmployees": 8, "Phone": "1"}
    assert ("update_record", "Account", "0010", wrote) in backend.calls


async def test_what_was_deleted_on_its_page_is_brought_back_from_the_list(
    records: Pilot[int], press: Press, backend: FakeBackend
) -> None:
    await press(records, "enter", "d", "y", "escape", "u")
    assert ("undelete_record", "Account", "0010") in backend.calls


async def test_escape_drops_edits_only_after_a_question(
    records: Pilot[int], press: Press, backend: FakeBackend
) -> None:
    await press(records, "enter", "e", "escape")
    assert not records.app.screen.query(TextArea), "nothing was changed"
    await press(records, "e", "alt+j")
    records.app.screen.query_one(TextArea).text = '{"Name": "Small Co."}'
    await press(records, "escape", "n")
    assert records.app.screen.query_one(TextArea).text == '{"Name": "Small Co."}'
    await press(records, "escape", "y")
    assert not records.app.screen.query(TextArea)
    assert not any(call[0] == "update_record" for call in backend.calls)


async def test_the_page_follows_the_org(
    records: Pilot[int], press: Press, backend: FakeBackend, lines_of: Read
) -> None:
    await press(records, "enter")
    backend.store["Account"][0] = {"Id": "0010", "Name": "Renamed"}
    backend.stamp += 1
    await panel(records)._follow()
    await records.pause()
    assert any("Renamed" in line for line in lines_of(records.app))


def test_only_what_a_person_sets_is_offered_for_editing() -> None:
    record = {"id": "1", "Name": "A", "Phone": "", "CreatedDate": "2026", "OwnerId": "005", "IsActive": False}
    record["Body"] = "x" * 1_000_000
    assert changeable(record) == {"Name": "A", "IsActive": False}
    assert changes({"Name": "A", "Fax": "1"}, {"Name": "B"}) == {"Name": "B", "Fax": None}


def test_records_are_spelled_for_spreadsheets_and_programs() -> None:
    rows: list[dict[str, Any]] = [{"id": "1", "a": 'x,"y"\n'}, {"id": "2", "b": {"c": 1}}]
    assert as_csv(rows) == 'id,a,b\r\n1,"x,""y""\n",\r\n2,,"{""c"": 1}"\r\n'
    assert as_csv(rows, ["b"]).splitlines()[0] == "b"
    assert as_json(rows[:1]).startswith("{")


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"Name": "Big Co."}, "Big Co."),
        ({"firstname": "Ada", "lastname": "L", "email": "a@b"}, "Ada L"),
        ({"email": "a@b"}, "a@b"),
        ({"id": "1"}, ""),
    ],
)
def test_a_record_has_the_name_that_people_use(record: dict[str, str], name: str) -> None:
    assert named(record) == name
