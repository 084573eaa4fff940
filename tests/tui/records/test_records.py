"""The Records tab: reading, searching, sorting, following, and what can be done with the records."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from ampsandbox.errors import ConflictError
from ampsandbox.tui.widgets.record_changes import changes_between
from ampsandbox.tui.widgets.records import RecordsPane
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

Press = Callable[..., Awaitable[None]]


def rows_of(pilot: Pilot[int]) -> Rows[Any]:
    return pilot.app.screen_stack[0].query_one("#record-rows", Rows)


def ids(pilot: Pilot[int]) -> list[str]:
    return [row["Id"] for row in rows_of(pilot).items]


def heading(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen_stack[0].query_one("#records-heading").render())


@pytest.mark.performs("search-records")
async def test_searching_goes_on_while_typing_is_counted_and_escape_ends_it(
    records: Pilot[int], press: Press
) -> None:
    await press(records, "slash", "text:co. 1")
    assert ids(records) == ["0011"]
    assert "1 of 3 records" in heading(records)
    await press(records, "escape")
    assert ids(records) == ["0010", "0011", "0012"]
    assert rows_of(records).has_focus
    await press(records, "slash", "text:nobody")
    assert "No record holds “nobody”" in rows_of(records).empty


@pytest.mark.performs("sort-records")
@pytest.mark.parametrize("records", [700], indirect=True)
async def test_sorting_is_over_all_records_and_turns_round(records: Pilot[int], press: Press) -> None:
    await press(records, "s", "text:number", "enter")
    assert ids(records)[0] == "001699", "the last one, which is on another page"
    await press(records, "s", "text:number", "enter")
    assert ids(records)[0] == "0010"
    assert rows_of(records).columns[3].title == "NumberOfEmployees ↓"
    await press(records, "s", "text:newest", "enter")
    assert rows_of(records).columns[3].title == "NumberOfEmployees"


async def test_a_click_on_a_title_sorts(records: Pilot[int], settle: Callable[..., Awaitable[None]]) -> None:
    for first in ("0010", "0012", "0010"):
        await records.click("#record-rows", offset=(10, 0))
        await settle(records)
        assert ids(records)[0] == first


@pytest.mark.performs("next-records", "previous-records", "first-records", "last-records")
@pytest.mark.parametrize("records", [1_200], indirect=True)
async def test_all_records_are_reached_page_by_page_or_by_moving_on(
    records: Pilot[int], press: Press
) -> None:
    rows = rows_of(records)
    assert "1–500 of 1,200 records" in heading(records)
    await press(records, "n")
    assert (ids(records)[0], rows.cursor) == ("001500", 0)
    await press(records, "b", "G", "j")
    assert (ids(records)[0], rows.cursor) == ("001500", 0)
    await press(records, "k")
    assert (rows.selected or {})["Id"] == "001499"
    await press(records, "ctrl+end")
    assert "1,001–1,200 of 1,200" in heading(records)
    await press(records, "n", "ctrl+home", "b")
    assert ids(records)[0] == "0010"


@pytest.mark.performs("choose-columns")
async def test_columns_are_chosen_moved_and_remembered(
    records: Pilot[int], press: Press, backend: FakeBackend
) -> None:
    await press(records, "v", "slash", "text:website", "enter", "space", "escape")
    assert [column.title for column in rows_of(records).columns[1:]] == ["Id", "Name", "NumberOfEmployees"]
    await press(records, "v", "j", "space", "J", "enter")
    titles = [column.title for column in rows_of(records).columns[1:]]
    assert titles == ["Id", "NumberOfEmployees"]
    app: Any = records.app
    assert app.preferences.record_columns == {"salesforce/Account": ["Id", "NumberOfEmployees"]}
    await press(records, "v", "r")
    assert [column.title for column in rows_of(records).columns[1:]] == ["Id", "Name", "NumberOfEmployees"]


async def test_the_fields_that_the_manifest_writes_come_first(
    records: Pilot[int], settle: Callable[..., Awaitable[None]], backend: FakeBackend
) -> None:
    backend.store["Contact"] = [{"Id": "003", "Phone": "1", "LastName": "Hopper", "WarmthScore__c": None}]
    await records.press("f2", "down", "down")
    await settle(records)
    titles = [column.title for column in rows_of(records).columns[1:]]
    assert titles == ["Id", "LastName", "WarmthScore__c", "Phone"]


async def test_the_list_follows_the_org_and_marks_what_is_new(
    records: Pilot[int], settle: Callable[..., Awaitable[None]], backend: FakeBackend, lines_of: Read
) -> None:
    rows = rows_of(records)
    await records.press("j")
    backend.store["Account"] = [
        {"Id": "0019", "Name": "New Co.", "NumberOfEmployees": 1},
        {"Id": "0010", "Name": "Bigger Co.", "NumberOfEmployees": 10},
        *backend.store["Account"][1:],
    ]
    backend.stamp += 1
    await settle(records)
    assert ids(records) == ["0019", "0010", "0011", "0012"]
    assert (rows.selected or {})["Id"] == "0011", "the cursor stays on its record"
    assert "1 new, 1 changed" in heading(records)
    shown = [line for line in lines_of(records.app) if "Co." in line]
    assert ["+ 0019" in shown[0], "~ 0010" in shown[1], "  0011" in shown[2]] == [True, True, True]
    assert rows.cells(rows.items[1])[2] == ("Bigger Co.", "changed")
    pane: Any = records.app.screen.query_one(RecordsPane)
    pane._calm()
    assert rows.cells(rows.items[1])[2] == ("Bigger Co.", "")


def test_rows_that_only_moved_into_the_page_are_not_new() -> None:
    before, after = [{"id": "1"}, {"id": "2"}], [{"id": "2"}, {"id": "3"}]
    assert not changes_between(before, after, is_grown=False)
    assert changes_between(before, after, is_grown=True).new == {"3"}


@pytest.mark.performs("mark-record", "copy-records")
async def test_what_is_marked_is_copied(records: Pilot[int], press: Press, copied: list[str]) -> None:
    await press(records, "c", "text:json this", "enter")
    assert json.loads(copied.pop())["Id"] == "0010"
    await press(records, "space", "space", "c", "text:csv columns", "enter")
    assert copied.pop().splitlines()[1:] == ["0010,Big Co. 0,10", "0011,Big Co. 1,9"]
    assert "2 marked" in heading(records)
    await press(records, "escape", "c", "text:json 3 shown", "enter")
    assert len(json.loads(copied.pop())) == 3


@pytest.mark.performs("export-records")
@pytest.mark.parametrize("records", [1_200], indirect=True)
async def test_all_records_are_written_to_a_file(records: Pilot[int], press: Press, tmp_path: Path) -> None:
    await press(records, "f")
    records.app.screen.query_one(Input).value = str(tmp_path / "all.doc")
    await press(records, "enter")
    assert not (tmp_path / "all.doc").exists()
    records.app.screen.query_one(Input).value = str(tmp_path / "all.jsonl")
    await press(records, "enter")
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 1_200


@pytest.mark.performs("delete-record", "undelete-record", "show-bin")
async def test_deleting_asks_and_can_be_undone(
    records: Pilot[int], press: Press, backend: FakeBackend
) -> None:
    await press(records, "d", "n", "d", "y")
    assert [call for call in backend.calls if call[0] == "delete_record"] == [
        ("delete_record", "Account", "0010")
    ]
    await press(records, "u")
    assert sorted(ids(records)) == ["0010", "0011", "0012"]
    await press(records, "g", "space", "space", "d", "y", "t")
    assert "recycle bin · 2 records" in heading(records)
    await press(records, "j", "u")
    assert len(ids(records)) == 1
    await press(records, "escape")
    assert len(ids(records)) == 2


@pytest.mark.performs("edit-record")
async def test_an_edit_writes_what_changed_and_stays_open_when_the_crm_refuses(
    records: Pilot[int], press: Press, backend: FakeBackend, lines_of: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = backend.records.update

    async def refuse(*args: Any) -> None:
        raise ConflictError("STRING_TOO_LONG: too long", "Fields: Name.")

    monkeypatch.setattr(backend.records, "update", refuse)
    await press(records, "e", "alt+j")
    records.app.screen.query_one(TextArea).text = '{"Name": "Small Co.", "NumberOfEmployees": 10}'
    await press(records, "ctrl+j")
    assert any("STRING_TOO_LONG: too long Fields: Name." in line for line in lines_of(records.app))
    monkeypatch.setattr(backend.records, "update", update)
    await press(records, "ctrl+j")
    assert ("update_record", "Account", "0010", {"Name": "Small Co."}) in backend.calls


@pytest.mark.performs("choose-object", "choose-group")
async def test_another_object_and_another_org_are_chosen(
    records: Pilot[int], press: Press, backend: FakeBackend, lines_of: Read
) -> None:
    backend.store["Lead"] = [{"Id": "00Q", "LastName": "Hopper"}]
    await press(records, "o", "text:lead", "enter")
    assert any("Hopper" in line for line in lines_of(records.app))
    await press(records, "a", "text:hubspot", "enter", "text:account", "enter")
    pane = records.app.screen.query_one(RecordsPane)
    assert pane.installation is not None
    assert (pane.installation.provider, pane.asked.object_name) == ("hubspot", "Account")


@pytest.mark.performs("save-from-records", "restore-from-records", "reset-org")
async def test_the_org_is_saved_restored_and_emptied(
    records: Pilot[int], press: Press, backend: FakeBackend, tmp_path: Path
) -> None:
    path = tmp_path / "state"
    await press(records, "w")
    records.app.screen.query_one(Input).value = str(path)
    await press(records, "enter", "W")
    records.app.screen.query_one(Input).value = str(path)
    await press(records, "enter")
    assert ("restore", b"saved") in backend.calls
    await press(records, "X", "y")
    assert ("reset_org", "i1") in backend.calls
    assert ids(records) == []


async def test_a_live_org_is_not_read_and_the_list_says_so(
    records: Pilot[int], press: Press, backend: FakeBackend, lines_of: Read
) -> None:
    backend.installed[0] = replace(backend.installed[0], connection="live", org="Big Corp")
    backend.version += 1
    await press(records, "2", "3")
    text = " ".join(lines_of(records.app))
    assert "LIVE: Big Corp" in text
    assert ids(records) == []
    for key in ("i", "x", "X", "o"):
        await press(records, key)
        assert len(records.app.screen_stack) == 1
