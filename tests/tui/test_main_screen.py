"""The main screen, driven by keys."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Input, TextArea

from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.views import OperationView
from ampsandbox.tui.http_sender import HttpAnswer
from ampsandbox.tui.widgets.field_row import FieldRow
from ampsandbox.tui.widgets.rows import Rows
from tests.tui.rest import at_rest

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

WIDE = (120, 40)


class Recorder:
    """Stands in for the wire: keeps what is sent and answers at once."""

    def __init__(self, app: SandboxApp, answer: HttpAnswer | None = None) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        body = json.dumps({"operationId": "op1", "result": {"success": True, "recordId": "001"}})
        self.answer = answer or HttpAnswer(200, (), body, 5.0)
        app.http.send = self.send  # type: ignore[method-assign, assignment]

    async def send(self, method: str, url: str, body: str, headers: Any = None) -> HttpAnswer:
        self.sent.append((method, url, body))
        return self.answer


@asynccontextmanager
async def running(
    backend: FakeBackend, size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[SandboxApp, Pilot[int]]]:
    app = SandboxApp(backend)
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        yield app, pilot


async def type_text(pilot: Pilot[int], text: str) -> None:
    await pilot.press(*["space" if char == " " else char for char in text])


def said(app: SandboxApp) -> list[str]:
    return [notification.message for notification in app._notifications]


async def test_the_header_names_project_badge_url_and_time(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, _):
        top = lines_of(app)[0]
        assert "mailmonkey" in top
        assert "● MOCK" in top
        assert "http://127.0.0.1:4001" in top
        assert "2 integrations" in top
        assert "12:00:00 UTC  ❚❚ frozen" in top


async def test_a_live_installation_turns_the_badge_and_the_header(
    backend: FakeBackend, lines_of: Read
) -> None:
    from msgspec.structs import replace

    backend.installed[0] = replace(backend.installed[0], connection="live", org="Big Corp")
    async with running(backend) as (app, _):
        assert "▲ LIVE salesforce Big Corp" in lines_of(app)[0]
        assert app.screen.query_one("#header").has_class("-live")


async def test_the_tree_shows_integrations_objects_and_endpoints(
    backend: FakeBackend, lines_of: Read
) -> None:
    async with running(backend) as (app, _):
        text = "\n".join(lines_of(app))
        for words in (
            "MailMonkey for Salesforce",
            "◇ account",
            "create-account",
            "◷ add-warmth-score",
            "HubSpot · 1",
        ):
            assert words in text


async def test_moving_in_the_tree_changes_the_form(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("f2", "j", "j")
        await at_rest(pilot)
        await at_rest(pilot)
        assert "add-warmth-score" in "\n".join(lines_of(app)[4:6])
        assert [row.field.name for row in app.form.query(FieldRow)][:3] == [
            "groupId",
            "primaryKey",
            "warmthScore",
        ]


async def test_an_integration_folds_and_unfolds(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        tree = app.screen.query_one("#tree", Rows)
        before = len(tree.items)
        await pilot.press("f2", "home", "left")
        await pilot.pause()
        assert len(tree.items) < before
        await pilot.press("right")
        await pilot.pause()
        assert len(tree.items) == before


@pytest.mark.performs("send-write", "fill-form")
async def test_sending_posts_the_form_and_shows_the_answer(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, pilot):
        wire = Recorder(app)
        await pilot.press("f3", "f7")
        await pilot.press("ctrl+j")
        await at_rest(pilot)
        method, url, body = wire.sent[0]
        assert (method, url) == ("POST", "http://127.0.0.1:4001/projects/mailmonkey/create-account")
        sent = json.loads(body)
        assert sent["groupId"] == "demo"
        assert sent["fields"]["name"]
        assert isinstance(sent["fields"]["numberOfEmployees"], int)
        assert any("✓ 200 · record 001" in line for line in lines_of(app))


async def test_a_missing_required_field_is_named_before_sending_and_can_be_sent_all_the_same(
    backend: FakeBackend, lines_of: Read
) -> None:
    async with running(backend) as (app, pilot):
        wire = Recorder(app)
        await pilot.press("ctrl+j")
        await pilot.pause()
        assert wire.sent == []
        assert any("✗ needed for an insert" in line for line in lines_of(app))
        await pilot.press("ctrl+j")
        await at_rest(pilot)
        assert len(wire.sent) == 1


async def test_a_value_of_the_wrong_type_is_named_while_typing(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, pilot):
        row = next(row for row in app.form.query(FieldRow) if row.field.name == "numberOfEmployees")
        row.input.focus()
        await type_text(pilot, "many")
        await at_rest(pilot)
        assert any("✗ not a number" in line for line in lines_of(app))


async def test_a_pick_list_opens_with_down(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        row = next(row for row in app.form.query(FieldRow) if row.field.name == "industry")
        row.input.focus()
        await pilot.press("down")
        await pilot.pause()
        await type_text(pilot, "ban")
        await pilot.press("enter")
        await pilot.pause()
        assert row.value == "Banking"


async def test_a_field_can_be_added_by_name(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        app.screen.query_one("#add-field", Input).focus()
        await type_text(pilot, "isActive")
        await pilot.press("enter")
        await at_rest(pilot)
        assert "isActive" in [row.field.name for row in app.form.query(FieldRow)]


async def test_form_and_json_stay_in_step_both_ways(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        name = next(row for row in app.form.query(FieldRow) if row.field.name == "name")
        name.input.focus()
        await type_text(pilot, "Ada")
        bar = app.screen.query_one("#request-tabs")
        bar.focus()
        await pilot.press("right")
        await at_rest(pilot)
        area = app.screen.query_one("#json", TextArea)
        assert json.loads(area.text)["fields"]["name"] == "Ada"
        area.focus()
        area.text = json.dumps({"groupId": "acme", "fields": {"name": "Grace", "phone": "1"}})
        await at_rest(pilot)
        bar.focus()
        await pilot.press("left")
        await at_rest(pilot)
        values = {row.field.name: row.value for row in app.form.query(FieldRow)}
        assert (values["groupId"], values["name"], values["phone"]) == ("acme", "Grace", "1")


async def test_the_curl_follows_the_form(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, pilot):
        app.screen.query_one("#request-tabs").focus()
        await pilot.press("right", "right")
        await at_rest(pilot)
        assert app.screen.query_one("#request-forms", ContentSwitcher).current == "curl"
        assert "projects/mailmonkey/create-account" in "".join(lines_of(app))


@pytest.mark.performs("send-many")
async def test_sending_many_expands_templates_and_sums_up(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, pilot):
        wire = Recorder(app)
        name = next(row for row in app.form.query(FieldRow) if row.field.name == "name")
        name.set_value("Company {{n}}")
        await pilot.pause()
        name.input.focus()
        await pilot.press("ctrl+r")
        await pilot.pause()
        await pilot.press("ctrl+u")
        app.screen.query_one(Input).value = "7"
        await pilot.press("enter")
        await at_rest(pilot)
        await at_rest(pilot)
        names = sorted(json.loads(body)["fields"]["name"] for _, _, body in wire.sent)
        assert names == [f"Company {n}" for n in range(1, 8)]
        assert any("✓ sent 7 of 7" in line for line in lines_of(app))


@pytest.mark.performs("clear-form")
async def test_clearing_the_form_empties_its_fields_but_keeps_the_group(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("f3", "f7", "ctrl+l")
        await pilot.pause()
        values = {row.field.name: row.value for row in app.form.query(FieldRow)}
        assert values.pop("groupId") == "demo"
        assert set(values.values()) == {""}


@pytest.mark.performs("flush-batch")
async def test_batches_count_down_and_flush_with_a_key(backend: FakeBackend, lines_of: Read) -> None:
    backend.add_batch()
    async with running(backend) as (app, pilot):
        assert any("contact update" in line and "04:12" in line for line in lines_of(app))
        backend.now += timedelta(seconds=12)
        await at_rest(pilot)
        assert any("04:00" in line for line in lines_of(app))
        await pilot.press("f4", "f")
        await at_rest(pilot)
        assert ("flush", "b1") in backend.calls
        assert any("Flushed: 120 written · 1 request instead of 120" in line for line in lines_of(app))
        assert any("✓ 120" in line for line in lines_of(app)), "it stays in sight for a while"


@pytest.mark.performs("pause-batch")
async def test_a_batch_is_paused_and_resumed(backend: FakeBackend, lines_of: Read) -> None:
    backend.add_batch()
    async with running(backend) as (app, pilot):
        await pilot.press("f4", "p")
        await at_rest(pilot)
        assert any("paused" in line for line in lines_of(app))
        await pilot.press("p")
        await at_rest(pilot)
        assert ("resume", "b1") in backend.calls


def waiting_write(**values: Any) -> OperationView:
    write = OperationView(
        "op9", "i1", "demo", "contact", "update", "queued", {"warmthScore": "hot"},
        accepted_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )  # fmt: skip
    return replace(write, **values)


@pytest.mark.performs("edit-operation", "drop-operation")
async def test_the_writes_of_a_batch_can_be_edited_and_dropped(backend: FakeBackend, lines_of: Read) -> None:
    backend.add_batch()
    backend.waiting["b1"] = [waiting_write()]
    async with running(backend) as (app, pilot):
        await pilot.press("f4", "enter")
        await at_rest(pilot)
        assert any("warmthScore=hot" in line for line in lines_of(app))
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one(TextArea).text = '{"warmthScore": "cold"}'
        await pilot.press("ctrl+j")
        await at_rest(pilot)
        assert ("edit", "op9", {"warmthScore": "cold"}) in backend.calls
        await pilot.press("d")
        await pilot.pause()
        await pilot.press("y")
        await at_rest(pilot)
        assert ("drop", "op9") in backend.calls
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.main


async def test_an_edit_that_is_not_json_is_refused_in_place(backend: FakeBackend, lines_of: Read) -> None:
    backend.add_batch()
    backend.waiting["b1"] = [waiting_write()]
    async with running(backend) as (app, pilot):
        await pilot.press("f4", "enter")
        await at_rest(pilot)
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one(TextArea).text = "{"
        await pilot.press("ctrl+j")
        await pilot.pause()
        assert any("✗ Not JSON" in line for line in lines_of(app))


@pytest.mark.performs("retry-operation")
async def test_a_write_in_doubt_is_sent_again_only_after_a_question(
    backend: FakeBackend, lines_of: Read
) -> None:
    backend.done = [waiting_write(state="in_doubt")]
    async with running(backend) as (app, pilot):
        await pilot.press("f12")
        await at_rest(pilot)
        assert any("? in doubt" in line for line in lines_of(app))
        await pilot.press("r")
        await pilot.pause()
        assert backend.calls == []
        await pilot.press("y")
        await at_rest(pilot)
        assert ("retry", "op9", None) in backend.calls


@pytest.mark.performs("retry-all")
async def test_all_dead_letters_are_sent_again_only_after_a_question(
    backend: FakeBackend, lines_of: Read
) -> None:
    backend.done = [waiting_write(state="failed"), replace(waiting_write(state="in_doubt"), id="op10")]
    async with running(backend) as (app, pilot):
        await pilot.press("f12")
        await at_rest(pilot)
        await pilot.press("R")
        await at_rest(pilot)
        assert any("2 writes failed or in doubt" in line for line in lines_of(app))
        await pilot.press("n")
        await at_rest(pilot)
        assert backend.calls == []
        await pilot.press("R")
        await at_rest(pilot)
        await pilot.press("y")
        await at_rest(pilot)
        assert backend.calls == [("retry_all",)]
        assert said(app) == ["Sent 2 writes again. Failed or in doubt now: 1."]
        assert [item.id for item in app.screen.query_one("#operation-rows", Rows).items] == ["op9"]


async def test_retrying_all_is_in_the_palette_and_asks_nothing_when_there_is_nothing(
    backend: FakeBackend,
) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("f12")
        await at_rest(pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        await type_text(pilot, "dead letters")
        await at_rest(pilot)
        await pilot.press("enter")
        await at_rest(pilot)
        assert said(app) == ["Nothing failed and nothing is in doubt."]
        assert backend.calls == []


@pytest.mark.performs("slow-down-clock", "speed-up-clock", "toggle-clock")
async def test_the_clock_is_frozen_hurried_and_slowed(backend: FakeBackend) -> None:
    async with running(backend) as (_app, pilot):
        for key, speed in (("f9", 1), ("plus", 60), ("plus", 3600), ("minus", 60), ("f9", 0)):
            await pilot.press(key)
            await at_rest(pilot)
            assert backend.speed == speed, key


@pytest.mark.performs("step-clock")
async def test_stepping_moves_time_to_the_next_flush(backend: FakeBackend, lines_of: Read) -> None:
    backend.add_batch()
    async with running(backend) as (app, pilot):
        await pilot.press("ctrl+n")
        await at_rest(pilot)
        assert "12:04:12" in lines_of(app)[0]


@pytest.mark.performs("move-clock")
async def test_jumping_takes_words_and_refuses_others_in_place(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("ctrl+t")
        await pilot.pause()
        app.screen.query_one(Input).value = "someday"
        await pilot.press("enter")
        await pilot.pause()
        assert any("is not a time that is understood" in line for line in lines_of(app))
        app.screen.query_one(Input).value = "tomorrow 9:00"
        await pilot.pause()
        assert any("= Tuesday 2026-03-03 09:00:00 UTC, in 21:00:00" in line for line in lines_of(app))
        await pilot.press("enter")
        await at_rest(pilot)
        assert "Tue 2026-03-03 09:00:00" in lines_of(app)[0]


@pytest.mark.performs("install-group")
async def test_the_installer_shows_the_prompts_and_installs_step_by_step(
    backend: FakeBackend, lines_of: Read
) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("2")
        await at_rest(pilot)
        text = "\n".join(lines_of(app))
        assert "This app will update Contacts in Salesforce." in text
        assert "Warmth Score" in text
        await pilot.press("i")
        await pilot.pause()
        app.screen.query_one(Input).value = "acme"
        await pilot.press("enter")
        await at_rest(pilot)
        await at_rest(pilot)
        text = "\n".join(lines_of(app))
        assert "+ create" in text
        assert "✓ Installed for acme" in text
        assert ("install", "mailmonkeySalesforce", "acme") in backend.calls


@pytest.mark.performs("show-plan")
async def test_the_plan_is_shown_without_installing(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("2")
        await at_rest(pilot)
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("enter")
        await at_rest(pilot)
        assert any("Nothing was changed" in line for line in lines_of(app))
        assert backend.calls == []


@pytest.mark.performs("uninstall-group")
async def test_a_group_is_uninstalled_after_a_question(backend: FakeBackend) -> None:
    async with running(backend) as (_app, pilot):
        await pilot.press("2")
        await at_rest(pilot)
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("y")
        await at_rest(pilot)
        assert ("uninstall", "mailmonkeySalesforce", "demo") in backend.calls


def read_and_remove(path: Path) -> str:
    text = path.read_text()
    path.unlink()
    return text


@pytest.mark.performs("open-preview")
async def test_the_preview_opens_in_the_browser(
    backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    async with running(backend) as (app, pilot):
        monkeypatch.setattr(app, "open_url", opened.append)
        await pilot.press("2")
        await at_rest(pilot)
        await pilot.press("o")
        await at_rest(pilot)
    assert "preview" in read_and_remove(Path(opened[0].removeprefix("file://")))


@pytest.mark.performs("add-fault", "clear-faults")
async def test_a_fault_recipe_is_chosen_changed_and_put_in_force(backend: FakeBackend) -> None:
    async with running(backend) as (_app, pilot):
        await pilot.press("f11")
        await at_rest(pilot)
        await pilot.press("a")
        await pilot.pause()
        await type_text(pilot, "lose its")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("ctrl+j")
        await at_rest(pilot)
        assert ("add_fault", {"kind": "drop-after", "method": "POST", "first": 1}) in backend.calls
        await pilot.press("x")
        await at_rest(pilot)
        assert ("clear_faults", "i1") in backend.calls


@pytest.mark.performs("test-connection")
async def test_a_connection_is_tested(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, pilot):
        app.sandbox.action_show_connections()
        await at_rest(pilot)
        await pilot.press("t")
        await at_rest(pilot)
        assert any("Demo org (00D)" in line for line in lines_of(app))


async def test_a_panel_is_maximised_and_given_back(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("f6", "f10")
        await pilot.pause()
        assert app.screen.query_one("#log").size.height > 25
        await pilot.press("f10")
        await pilot.pause()
        assert app.screen.query_one("#log").size.height < 15


async def test_panels_are_resized(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("f2", "greater_than_sign")
        await pilot.pause()
        assert app.screen.query_one("#integrations").outer_size.width == 43
        await pilot.press("right_curly_bracket")
        await pilot.pause()
        assert app.screen.query_one("#lower").outer_size.height == 14


async def test_jump_mode_goes_where_the_letter_stands(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("ctrl+o")
        await pilot.pause()
        await pilot.press("h")
        await at_rest(pilot)
        assert app.screen.query_one("#panes", ContentSwitcher).current == "records"
        await pilot.press("ctrl+o", "s")
        await pilot.pause()
        assert app.focused is not None
        assert app.focused.id == "batch-rows"


@pytest.mark.performs("show-help", "show-help-outside-fields")
async def test_help_explains_the_focused_panel(backend: FakeBackend, lines_of: Read) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("f4", "f1")
        await pilot.pause()
        text = "\n".join(lines_of(app))
        assert "Help · Batches" in text
        assert "Deliver the batch under the cursor now." in text
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.main


async def test_a_question_mark_typed_into_a_field_is_text(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        row = next(row for row in app.form.query(FieldRow) if row.field.name == "name")
        row.input.focus()
        await pilot.press("question_mark", "1", "plus")
        assert row.value == "?1+"


@pytest.mark.performs("open-palette")
async def test_the_palette_offers_every_action_of_the_screen(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        titles = {action.title for action in app.palette.offered(app.screen)}
        assert {
            "write: send",
            "batch: flush now",
            "clock: jump to a time",
            "log: export as HAR or JSONL",
        } <= titles
        await pilot.press("ctrl+p")
        await pilot.pause()
        await type_text(pilot, "records: seed")
        await at_rest(pilot)
        await pilot.press("enter")
        await at_rest(pilot)
        assert app.screen.query(Input)


async def test_a_theme_is_chosen(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        app.window.action_choose_theme()
        await pilot.pause()
        await type_text(pilot, "colour")
        await pilot.press("enter")
        await pilot.pause()
        assert app.theme == "amp-colour-blind"


async def test_the_footer_shows_at_most_eight_keys(backend: FakeBackend) -> None:
    backend.add_batch()
    async with running(backend) as (app, pilot):
        for key in ("f2", "f3", "f4", "f6", "2", "3", "4"):
            await pilot.press(key)
            await at_rest(pilot)
            shown = [item for item in app.screen.active_bindings.values() if item.binding.show]
            assert len({item.binding.action for item in shown}) <= 8, key


async def test_a_manifest_that_breaks_shows_the_findings_and_mends_by_itself(
    backend: FakeBackend, lines_of: Read
) -> None:
    async with running(backend) as (app, pilot):
        backend.load("integrations:\n  - name: x\n    api: nosuchcrm: [\n")
        await at_rest(pilot)
        await at_rest(pilot)
        await at_rest(pilot)
        text = "\n".join(lines_of(app))
        assert "✗" in text
        assert "in amp.yaml" in text
        assert "3 │" in text
        backend.load("integrations: []\n")
        await at_rest(pilot)


async def test_an_error_of_the_backend_is_told_and_the_screen_lives_on(backend: FakeBackend) -> None:
    from ampsandbox.errors import ConflictError

    async def refuse(batch_id: str | None = None) -> None:
        raise ConflictError("The batch is being flushed.", "Wait a moment.")

    backend.add_batch()
    async with running(backend) as (app, pilot):
        backend.batches.flush = refuse  # type: ignore[method-assign, assignment]
        await pilot.press("f4", "f")
        await at_rest(pilot)
        assert any("The batch is being flushed." in message for message in said(app))


async def test_reset_asks_first(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        app.sandbox.action_reset()
        await pilot.pause()
        await pilot.press("y")
        await at_rest(pilot)
        assert ("reset",) in backend.calls


async def test_a_snapshot_is_saved_and_restored(backend: FakeBackend, tmp_path: Path) -> None:
    async with running(backend) as (app, pilot):
        path = tmp_path / "s.snapshot"
        app.sandbox.action_save_snapshot()
        await pilot.pause()
        app.screen.query_one(Input).value = str(path)
        await pilot.press("enter")
        await at_rest(pilot)
        assert path.read_bytes() == b"saved"
        app.sandbox.action_restore_snapshot()
        await pilot.pause()
        app.screen.query_one(Input).value = str(path)
        await pilot.press("enter")
        await at_rest(pilot)
        assert ("restore", b"saved") in backend.calls


@pytest.mark.performs("quit")
async def test_quitting_ends_with_code_zero(backend: FakeBackend) -> None:
    async with running(backend) as (app, pilot):
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app.return_value == 0
