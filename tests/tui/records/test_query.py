"""The query page: editor, errors with their place, queries of before, and the table of rows."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from ampsandbox.errors import ConflictError
from ampsandbox.tui import preferences
from ampsandbox.tui.forms.query_examples import examples
from ampsandbox.tui.screens.query import QueryPanel
from ampsandbox.tui.screens.record import RecordPanel
from ampsandbox.tui.screens.value import ValueDialog
from ampsandbox.tui.text.query_rows import cell_text, columns_of, flat
from ampsandbox.tui.widgets.query_table import QueryTable

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

Press = Callable[..., Awaitable[None]]


def editor(pilot: Pilot[int]) -> TextArea:
    return pilot.app.screen.query_one(TextArea)


def table(pilot: Pilot[int]) -> QueryTable:
    return pilot.app.screen.query_one(QueryTable)


@pytest.mark.performs("query-records", "run-query")
async def test_a_query_is_run_and_its_rows_shown(
    records: Pilot[int], press: Press, backend: FakeBackend, lines_of: Read
) -> None:
    await press(records, "x", "ctrl+j")
    assert backend.calls[-1][1].startswith("SELECT Id, Name")
    assert any("✓ 1 row" in line for line in lines_of(records.app))
    assert table(records).names == ["Id", "Name"]


async def test_an_error_is_shown_with_its_place_under_the_cursor(
    records: Pilot[int], press: Press, backend: FakeBackend, lines_of: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*args: Any) -> None:
        raise ConflictError(
            "MALFORMED_QUERY: \nSELEC Id\n^\nERROR at Row:2:Column:3\nunexpected token: 'x'", ""
        )

    monkeypatch.setattr(backend.records, "query", refuse)
    await press(records, "x")
    editor(records).load_text("SELECT Id\nFROMM Account")
    await press(records, "tab", "f5")
    assert editor(records).cursor_location == (1, 2)
    assert editor(records).has_focus
    assert any("unexpected token: 'x'" in line for line in lines_of(records.app))


@pytest.mark.performs("query-examples", "query-history", "previous-query", "next-query")
async def test_queries_of_before_and_examples_are_offered(
    records: Pilot[int], press: Press, backend: FakeBackend, tmp_path: Path
) -> None:
    await press(records, "x", "f3")
    assert isinstance(records.app.screen.query_one(QueryPanel), QueryPanel), "there are none yet"
    for text in ("SELECT Id FROM A", "SELECT Id FROM B"):
        editor(records).load_text(text)
        await press(records, "ctrl+j")
    for key, text in (
        ("ctrl+up", "FROM B"),
        ("ctrl+up", "FROM A"),
        ("ctrl+up", "FROM A"),
        ("ctrl+down", "FROM B"),
    ):
        await press(records, key)
        assert editor(records).text.endswith(text)
    await press(records, "f3", "text:from a", "enter")
    assert editor(records).text == "SELECT Id FROM A"
    await press(records, "f2", "text:how many", "enter")
    assert editor(records).text == "SELECT COUNT()\nFROM Account"
    app: Any = records.app
    app.preferences.queries["salesforce"].append("SELECT Id FROM X WHERE Token__c = 's3cret'")
    preferences.save(app.preferences, tmp_path / "preferences.json")
    assert preferences.load(tmp_path / "preferences.json").queries == {
        "salesforce": ["SELECT Id FROM A", "SELECT Id FROM B"]
    }


@pytest.mark.performs("search-rows", "sort-rows", "open-row-record", "copy-rows", "export-rows")
async def test_rows_are_searched_sorted_opened_copied_and_written(
    records: Pilot[int], press: Press, backend: FakeBackend, copied: list[str], tmp_path: Path
) -> None:
    backend.answers = [
        {"attributes": {}, "Id": "0010", "Name": "B", "Owner": {"attributes": {}, "Name": "Ada"}},
        {"attributes": {}, "Id": "0011", "Name": "A", "Owner": None},
    ]
    await press(records, "x", "ctrl+j", "tab", "tab")
    assert table(records).names == ["Id", "Name", "Owner.Name"]
    await press(records, "s", "text:name", "enter")
    assert [row["Name"] for _, row in table(records).items] == ["A", "B"]
    await records.click("#query-rows", offset=(7, 0))
    assert [row["Name"] for _, row in table(records).items] == ["B", "A"]
    await press(records, "slash", "text:ada", "enter")
    assert [row["Id"] for _, row in table(records).items] == ["0010"]
    await press(records, "enter")
    assert isinstance(records.app.screen, ValueDialog)
    await press(records, "escape", "c", "text:json this", "enter", "f")
    assert json.loads(copied[0])["Owner.Name"] == "Ada"
    records.app.screen.query_one(Input).value = str(tmp_path / "rows.csv")
    await press(records, "enter", "o")
    assert (tmp_path / "rows.csv").read_text() == "Id,Name,Owner.Name\n0010,B,Ada\n"
    assert records.app.screen.query_one(RecordPanel).where == ("i1", "Account")


@pytest.mark.performs("next-rows", "previous-rows")
async def test_a_thousand_rows_are_shown_at_once_and_all_are_reached(
    records: Pilot[int], press: Press, backend: FakeBackend
) -> None:
    backend.answers = [{"Id": str(n)} for n in range(2_500)]
    await press(records, "x", "ctrl+j", "tab", "tab", "n")
    assert [row["Id"] for _, row in table(records).items][0::999] == ["1000", "1999"]
    await press(records, "b", "j")
    assert table(records).selected == (1_000, {"Id": "1000"})
    await press(records, "G", "j", "n")
    assert len(table(records).items) == 500


def test_parents_get_dots_and_subqueries_are_counted() -> None:
    contacts = {
        "totalSize": 2,
        "done": True,
        "records": [{"attributes": {}, "LastName": "H"}, {"LastName": "L"}],
    }
    rows = [
        flat({"Name": "A", "Contacts": contacts, "Owner": {"Manager": {"Name": "M"}}}),
        flat({"Owner": None}),
    ]
    assert rows[0] == {
        "Name": "A",
        "Contacts": [{"LastName": "H"}, {"LastName": "L"}],
        "Owner.Manager.Name": "M",
    }
    assert columns_of([{"Owner.Name": "x"}, {"Owner": None}]) == ["Owner.Name"]
    assert cell_text(rows[0]["Contacts"]) == "2 records"


def test_examples_of_hubspot_are_search_bodies() -> None:
    for text in examples("hubspot", "deals", ["id", "dealname"]).values():
        assert json.loads(text)["objectType"] == "deals"
