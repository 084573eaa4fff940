"""The JSON tab and the form say the same, and neither loses what the other one said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import TextArea

from ampsandbox.tui.widgets.field_input import FieldInput
from ampsandbox.tui.widgets.field_row import FieldRow

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Read, Settle
    from tests.tui.write.conftest import RowOf, Wired

pytestmark = pytest.mark.anyio

BODY = {
    "groupId": "demo",
    "fields": {"name": {"first": "Ada"}, "phone": None, "nope": 1.5, "website": "Ünï \u202e\x1b[31m 語"},
    "associations": [{"to": 1}],
}


async def test_values_that_the_form_cannot_spell_survive_it(
    opened: Open, settle: Settle, row_of: RowOf
) -> None:
    async with opened() as (app, pilot):
        await app.form.show_body(json.dumps(BODY))
        await settle(app, pilot)
        await app.form.action_turn_to("form")
        await settle(app, pilot)
        website = row_of(app, "website").input
        assert isinstance(website, FieldInput)
        assert not {"\x1b", "\u202e"} & set(website.value), "what is shown is harmless"
        await app.form.request.form.add_field("isActive")
        await pilot.press("t", "r", "u", "e")
        await settle(app, pilot)
        await app.form.action_turn_to("json")
        await settle(app, pilot)
        text = app.screen.query_one("#json", TextArea).text
        assert not {"\x1b", "\u202e"} & set(text)
        assert json.loads(text) == {**BODY, "fields": {**BODY["fields"], "isActive": True}}  # type: ignore[dict-item]


async def test_json_that_is_none_says_where_and_stays_while_the_form_keeps_its_last_word(
    opened: Open, settle: Settle, wired: Wired, lines_of: Read
) -> None:
    async with opened() as (app, pilot):
        wire = wired(app)
        await app.form.show_body('{"groupId": "demo", "fields": {"name": "Ada"}}')
        await settle(app, pilot)
        area = app.screen.query_one("#json", TextArea)
        area.move_cursor(area.document.end)
        await pilot.press("x")
        await settle(app, pilot)
        text = "\n".join(lines_of(app))
        assert "line 1, column 47" in text
        assert "JSON ✗" in text
        await pilot.press("ctrl+r")
        await settle(app, pilot)
        assert app.screen is app.main, "what is no JSON cannot be made anew for each write"
        await app.form.action_turn_to("form")
        await settle(app, pilot)
        await pilot.press("ctrl+j")
        await settle(app, pilot)
        assert wire.sent[-1]["fields"] == {"name": "Ada"}
        await app.form.action_turn_to("json")
        await settle(app, pilot)
        assert area.text.endswith("}}x"), "the text is as it was left"


async def test_what_was_typed_comes_back_with_ctrl_z_after_the_form_changed_it(
    opened: Open, settle: Settle, row_of: RowOf
) -> None:
    async with opened() as (app, pilot):
        await app.form.show_body('{"groupId":"demo","fields":{"name":"Ada"}}')
        await settle(app, pilot)
        await app.form.action_turn_to("form")
        await settle(app, pilot)
        row_of(app, "name").input.focus()
        await pilot.press("end", "x")
        await settle(app, pilot)
        await app.form.action_turn_to("json")
        await settle(app, pilot)
        area = app.screen.query_one("#json", TextArea)
        assert json.loads(area.text)["fields"] == {"name": "Adax"}
        await pilot.press("ctrl+z")
        await settle(app, pilot)
        assert area.text == '{"groupId":"demo","fields":{"name":"Ada"}}'
        assert app.form.request.body()["fields"] == {"name": "Ada"}


async def test_the_keys_of_the_form_work_in_the_text_too(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        await app.form.show_body('{"groupId": "demo", "fields": {}}')
        await settle(app, pilot)
        await pilot.press("f7")
        await settle(app, pilot)
        area = app.screen.query_one("#json", TextArea)
        assert json.loads(area.text)["fields"]["name"]
        assert area.has_focus
        await pilot.press("ctrl+y")
        assert app.clipboard.startswith("curl")
        await pilot.press("f6")
        await settle(app, pilot)
        assert app.screen.query_one("#log-rows").has_focus


async def test_a_big_body_is_whole_in_both_forms(opened: Open, settle: Settle) -> None:
    body = {"groupId": "demo", "fields": {"name": "x" * 200_000} | {f"f{n}": n for n in range(40)}}
    async with opened() as (app, pilot):
        await app.form.show_body(json.dumps(body))
        await settle(app, pilot)
        await app.form.action_turn_to("form")
        await settle(app, pilot)
        assert all(
            len(row.input.value) <= 4_000 for row in app.form.query(FieldRow) if hasattr(row.input, "value")
        )
        assert app.form.request.body() == body


async def test_values_are_kept_for_each_endpoint_and_across_restarts(
    backend: FakeBackend, opened: Open, settle: Settle, row_of: RowOf, tmp_path: Path
) -> None:
    path = tmp_path / "preferences.json"
    async with opened(preferences_path=path) as (app, pilot):
        await app.form.show_body(json.dumps(BODY))
        await settle(app, pilot)
        await pilot.press("f2", "j", "j")
        await settle(app, pilot)
        await settle(app, pilot)
        assert app.form.request.body()["fields"] == {}
        await pilot.press("k", "k")
        await settle(app, pilot)
        await settle(app, pilot)
        assert app.form.request.body() == BODY
    async with opened(preferences_path=path) as (app, _):
        assert app.form.request.body() == BODY
        assert row_of(app, "phone").value == ""
