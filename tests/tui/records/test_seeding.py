"""Seeding from a file: what is offered before, how far it is, and what was refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ampsandbox.engine.crm import CrmField
from ampsandbox.errors import UsageError
from ampsandbox.tui.backend.views import SchemaView
from ampsandbox.tui.forms.seeds import match_columns, parse_rows, renamed
from ampsandbox.tui.screens.seeding import SeedPanel
from ampsandbox.tui.screens.value import ValueDialog
from ampsandbox.tui.widgets.path_input import PathInput
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

Press = Callable[..., Awaitable[None]]


async def choose(pilot: Pilot[int], press: Press, path: Path) -> None:
    await press(pilot, "i")
    pilot.app.screen.query_one(PathInput).value = str(path)
    await press(pilot, "enter")


def said(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen.query_one("#seed-result").render())


@pytest.mark.performs("map-seed-column")
async def test_a_column_is_mapped_to_another_field(
    records: Pilot[int], press: Any, backend: FakeBackend, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("company,Name\nBig Co.,old\n", encoding="utf-8")
    await press(records, "i")
    records.app.screen.query_one("#seed-path", Input).value = str(path)
    await press(records, "enter", "m", *"account name", "enter")
    panel = records.app.screen.query_one(SeedPanel)
    assert panel.left_out == {"Name"}, "one field takes one column"
    await press(records, "ctrl+j")
    assert backend.calls[-1][2] == [{"Name": "Big Co."}]


@pytest.mark.performs("seed-records", "create-seeds", "toggle-seed-column")
async def test_columns_are_matched_unknown_ones_left_out_and_taken_in(
    records: Pilot[int], press: Press, backend: FakeBackend, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("account name;PHONE;Shoe\nA;1;42\nB;;43\n")
    await choose(records, press, path)
    assert "creates 2 records of Account, without Shoe" in said(records)
    await press(records, "ctrl+j")
    assert backend.calls[-1] == ("create_records", "Account", [{"Name": "A", "Phone": "1"}, {"Name": "B"}])
    assert "✓ 2 created" in said(records)
    await press(records, "end", "space")
    assert "without" not in said(records)
    await press(records, "g", "j", "space", "ctrl+j")
    assert backend.calls[-1][2] == [{"Name": "A", "Shoe": "42"}, {"Name": "B", "Shoe": "43"}]


@pytest.mark.performs("export-refused")
async def test_refused_rows_are_listed_with_their_reason_and_written_to_a_file(
    records: Pilot[int], press: Press, backend: FakeBackend, tmp_path: Path, lines_of: Read
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f'{{"Name": "{"bad" if n in (0, 150) else n}"}}\n' for n in range(250)))
    await choose(records, press, path)
    await press(records, "ctrl+j")
    assert [len(call[2]) for call in backend.calls if call[0] == "create_records"] == [100, 100, 50]
    assert "✓ 248 created · ✗ 2 refused" in said(records)
    failures = records.app.screen.query_one("#seed-failures", Rows)
    assert [failure.index for failure in failures.items] == [0, 150]
    await press(records, "enter")
    assert isinstance(records.app.screen, ValueDialog)
    await press(records, "escape", "f")
    records.app.screen.query_one(Input).value = str(tmp_path / "refused.csv")
    await press(records, "enter")
    assert (tmp_path / "refused.csv").read_text() == "Name\nbad\nbad\n"


async def test_escape_stops_before_it_leaves(
    records: Pilot[int], press: Press, settle: Callable[..., Awaitable[None]], backend: FakeBackend,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    create, gate = backend.records.create, asyncio.Event()

    async def wait(*args: Any) -> Any:
        await gate.wait()
        return await create(*args)

    monkeypatch.setattr(backend.records, "create", wait)
    path = tmp_path / "rows.csv"
    path.write_text("Name\n" + "x\n" * 500)
    await choose(records, press, path)
    await records.press("ctrl+j", "escape")
    gate.set()
    await settle(records)
    assert "stopped before 400 others" in said(records)
    await press(records, "escape")
    assert not records.app.screen.query(SeedPanel)


async def test_a_path_is_completed_with_tab(records: Pilot[int], press: Press, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "rows.csv").write_text("Name\nA\n")
    (tmp_path / "folder" / "other.txt").write_text("")
    await press(records, "i")
    line = records.app.screen.query_one(PathInput)
    line.value = str(tmp_path / "fo")
    await press(records, "tab", "tab")
    assert line.value == str(tmp_path / "folder" / "rows.csv")
    await press(records, "tab")
    assert not line.has_focus


async def test_a_file_that_is_none_says_why(records: Pilot[int], press: Press, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text("{")
    await choose(records, press, path)
    assert "✗ Not JSON" in said(records)
    await press(records, "ctrl+j")
    assert "Give the path of a file" in said(records)


def test_a_quoted_value_keeps_its_line_breaks() -> None:
    assert parse_rows('Name,Note\r\nA,"x\ny"\r\n', ".csv") == [{"Name": "A", "Note": "x\ny"}]


def test_dates_of_yaml_become_text_and_half_characters_question_marks() -> None:
    assert parse_rows("- day: 2026-01-02\n", ".yaml") == [{"day": "2026-01-02"}]
    assert parse_rows('[{"a": "\\ud800"}]', ".json") == [{"a": "?"}]


@pytest.mark.parametrize(
    ("text", "suffix"),
    [("{}", ".json"), ("{", ".jsonl"), ("a: [", ".yml"), ("x", ".xlsx"), ('a,"b\n', ".csv")],
)
def test_other_texts_are_refused(text: str, suffix: str) -> None:
    with pytest.raises(UsageError):
        parse_rows(text, suffix)


def test_a_column_stands_for_a_field_by_api_name_manifest_name_or_label() -> None:
    fields = (CrmField("Warmth__c", "Warmth", "string"), CrmField("Id", "Record ID", "id", is_writable=False))
    schema = SchemaView("Contact", "Contact", fields, {"warmthscore": "Warmth__c"})
    rows = [{"WARMTH__C": "1", "Nope": "", "Id": "2"}, {"warmthScore": "3", "Warmth": "4"}]
    columns = match_columns(rows, schema)
    assert [(c.name, c.field.name if c.field else None, c.remark) for c in columns] == [
        ("WARMTH__C", "Warmth__c", ""), ("Nope", None, "no such field"), ("Id", "Id", "read only"),
        ("warmthScore", "Warmth__c", ""), ("Warmth", "Warmth__c", ""),
    ]  # fmt: skip
    assert renamed(rows, columns, {"Id"}) == [{"Warmth__c": "1"}, {"Warmth__c": "4"}]
