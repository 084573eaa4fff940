"""Typing into the form: hints, lists, completion, lines that come and go, checks before sending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Static

from ampsandbox.engine.crm import CrmField
from ampsandbox.tui.widgets.field_row import FieldRow
from ampsandbox.tui.widgets.field_text import FieldText
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Read, Settle
    from tests.tui.write.conftest import RowOf, Typed, Wired

pytestmark = pytest.mark.anyio


def names_of(app: Any) -> list[str]:
    return [row.field.name for row in app.form.query(FieldRow)]


async def test_the_keys_of_the_first_steps_work_from_the_tree(
    opened: Open, settle: Settle, wired: Wired, row_of: RowOf
) -> None:
    async with opened() as (app, pilot):
        wire = wired(app)
        assert app.screen.query_one("#tree").has_focus
        await pilot.press("f7")
        await settle(app, pilot)
        assert row_of(app, "name").value
        await pilot.press("ctrl+j")
        await settle(app, pilot)
        assert wire.sent[0]["fields"]["name"]
        await pilot.press("ctrl+l")
        await settle(app, pilot)
        assert row_of(app, "name").value == ""
        assert app.screen.query_one("#tree").has_focus, "what the keys do never takes the focus away"


async def test_what_the_crm_would_refuse_is_said_in_the_panel_and_under_the_field_and_in_no_toast(
    opened: Open, settle: Settle, lines_of: Read
) -> None:
    async with opened() as (app, pilot):
        await pilot.press("ctrl+j")
        await settle(app, pilot)
        text = "\n".join(lines_of(app))
        assert "Not sent: the CRM would refuse" in app.form.answer.text.text
        assert "✗ name: needed for an insert" in text
        assert text.count("needed for an") == 2, "in the panel and under the field"
        assert not list(app._notifications)


async def test_tab_takes_what_is_offered_and_else_goes_on(
    opened: Open, settle: Settle, typed: Typed, row_of: RowOf
) -> None:
    async with opened() as (app, pilot):
        row = row_of(app, "industry")
        row.input.focus()
        await typed(pilot, "ban")
        await settle(app, pilot)
        await pilot.press("tab")
        assert row.value == "Banking"
        assert app.focused is row.input
        await pilot.press("tab")
        assert app.focused is not row.input
        await typed(pilot, "isA")
        await settle(app, pilot)
        await pilot.press("tab", "enter")
        await settle(app, pilot)
        assert row_of(app, "isActive").input.has_focus


async def test_an_added_field_goes_away_again_with_its_value(
    opened: Open, settle: Settle, typed: Typed, row_of: RowOf
) -> None:
    async with opened() as (app, pilot):
        await app.form.request.form.add_field("isActive")
        await typed(pilot, "true")
        await settle(app, pilot)
        assert app.form.request.body()["fields"] == {"isActive": True}
        await pilot.press(*["backspace"] * 4)
        assert "isActive" in names_of(app)
        await pilot.press("backspace")
        await settle(app, pilot)
        assert "isActive" not in names_of(app)
        row_of(app, "industry").input.focus()
        await pilot.press("backspace")
        await settle(app, pilot)
        assert "industry" in names_of(app), "what the form starts with stays"
        await app.form.request.form.add_field("isActive")
        await settle(app, pilot)
        assert await pilot.click(row_of(app, "isActive").query_one(".field-remove"))
        await settle(app, pilot)
        assert "isActive" not in names_of(app)


async def test_the_last_line_lists_the_fields_that_are_not_on_the_form(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        app.screen.query_one("#add-field").focus()
        await pilot.press("down")
        await settle(app, pilot)
        assert [option.split()[0] for option in app.screen.query_one(Rows).items] == [
            "isActive", "WarmthScore__c",
        ]  # fmt: skip
        await pilot.press("enter")
        await settle(app, pilot)
        assert names_of(app)[-1] == "isActive"


async def test_a_list_opens_with_enter_and_with_a_click(opened: Open, settle: Settle, row_of: RowOf) -> None:
    async with opened() as (app, pilot):
        row = row_of(app, "industry")
        row.input.focus()
        await pilot.press("enter")
        await settle(app, pilot)
        assert list(app.screen.query_one(Rows).items) == ["Agriculture", "Banking", "Energy"]
        await pilot.press("escape")
        await settle(app, pilot)
        await pilot.click(row.query_one(".field-arrow"))
        await settle(app, pilot)
        await pilot.press("down", "enter")
        await settle(app, pilot)
        assert row.value in ("Agriculture", "Banking")
        assert row.input.has_focus


async def test_a_date_is_chosen_by_its_name_and_a_long_text_has_lines(
    backend: FakeBackend, opened: Open, settle: Settle, row_of: RowOf
) -> None:
    backend.fields = (
        CrmField("Name", "Name", "string"),
        CrmField("CloseDate", "Close Date", "date", is_required=True),
        CrmField("Notes", "Notes", "textarea", is_required=True),
    )
    async with opened() as (app, pilot):
        row = row_of(app, "closeDate")
        row.input.focus()
        await pilot.press("down")
        await settle(app, pilot)
        await pilot.press("t", "o", "m", "enter")
        await settle(app, pilot)
        assert row.value == "2026-03-03", "tomorrow, seen from the sandbox's time"
        notes = row_of(app, "notes")
        assert isinstance(notes.input, FieldText)
        notes.input.focus()
        await pilot.press("a", "enter", "b")
        await settle(app, pilot)
        assert app.form.request.body()["fields"]["notes"] == "a\nb"
        assert notes.input.size.height == 2


async def test_f7_takes_the_newest_record_and_a_key_is_picked_from_the_records(
    backend: FakeBackend, opened: Open, settle: Settle, row_of: RowOf, typed: Typed
) -> None:
    backend.store["Contact"] = [
        {"Id": "003A", "FirstName": "Ada", "LastName": "Lovelace"},
        {"Id": "003B", "FirstName": "Grace", "LastName": "Hopper"},
    ]
    async with opened() as (app, pilot):
        await pilot.press("f2", "j", "j")
        await settle(app, pilot)
        await settle(app, pilot)
        await pilot.press("f7")
        await settle(app, pilot)
        assert row_of(app, "primaryKey").value == "003A"
        row_of(app, "primaryKey").input.focus()
        await pilot.press("down")
        await settle(app, pilot)
        await typed(pilot, "hop")
        await settle(app, pilot)
        await pilot.press("enter")
        await settle(app, pilot)
        assert app.form.request.body()["primaryKey"] == "003B"


async def test_hints_are_cut_after_words_and_never_in_a_word(opened: Open, row_of: RowOf) -> None:
    async with opened((80, 24)) as (app, pilot):
        await pilot.pause()
        for row in app.form.query(FieldRow):
            words = str(row.input.placeholder)
            assert words in row.hints or words.endswith("…"), words
            assert len(words) <= row.input.content_size.width
            label = row.query_one(".field-label", Static)
            assert label.size.width >= row.label_length, "no label of the everyday fields is cut"
