"""Actions that no story leads through: each carried out by its key or from the palette, with its effect."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from ampsandbox.tui import external_editor
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.views import OperationView
from ampsandbox.tui.http_sender import HttpAnswer
from ampsandbox.tui.screens.page import Page
from ampsandbox.tui.widgets.rows import Rows
from tests.tui.rest import at_rest

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio


class Driven:
    """The app under the keys of a test."""

    def __init__(self, app: SandboxApp, pilot: Pilot[int], lines_of: Read) -> None:
        self.app, self.pilot, self._lines_of = app, pilot, lines_of

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each when what the one before it set going has ended."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        await at_rest(self.pilot)

    async def choose(self, title: str) -> None:
        """Carry out the action of this title from the palette."""
        await self.press("ctrl+p")
        self.app.screen.query_one(Input).value = title
        await self.settle()
        await self.press("enter")

    async def answer(self, text: str) -> None:
        """Answer the question that is asked."""
        self.app.screen.query_one(Input).value = text
        await self.press("enter")

    @property
    def text(self) -> str:
        return "\n".join(self._lines_of(self.app))

    def rows(self, name: str) -> Sequence[Any]:
        return self.app.screen.query_one(f"#{name}", Rows).items

    def is_focused(self, name: str) -> bool:
        focused = self.app.focused
        return focused is not None and any(node.id == name for node in focused.ancestors_with_self)


Drive = Callable[[], AbstractAsyncContextManager[Driven]]


@pytest.fixture
def opened(backend: FakeBackend, lines_of: Read) -> Drive:
    """Opens the app at rest."""

    @asynccontextmanager
    async def run() -> AsyncIterator[Driven]:
        app = SandboxApp(backend)
        async with app.run_test(size=(120, 40)) as pilot:
            driven = Driven(app, pilot, lines_of)
            await driven.settle()
            yield driven

    return run


def write(number: int = 9, state: str = "queued", **values: Any) -> OperationView:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    fields = {"warmthScore": "hot"}
    return OperationView(
        f"op{number}", "i1", "demo", "contact", "update", state, fields, accepted_at=at, **values
    )


# -- the whole screen --------------------------------------------------------------------------------------


@pytest.mark.performs("focus-integrations", "focus-form", "focus-batches", "focus-log")
async def test_function_keys_go_to_the_panels(opened: Drive) -> None:
    async with opened() as driven:
        for key, panel in {"f3": "write", "f4": "batches", "f6": "log", "f2": "integrations"}.items():
            await driven.press(key)
            assert driven.is_focused(panel), key


@pytest.mark.performs("show-write", "show-installer", "show-records", "show-schema")
async def test_numbers_show_the_tabs(opened: Drive) -> None:
    async with opened() as driven:
        for key, tab in {"2": "installer", "3": "records", "4": "schema", "1": "write"}.items():
            await driven.press("f2", key)
            assert driven.app.main is not None
            assert driven.app.main.pane is driven.app.main.query_one(f"#{tab}")


@pytest.mark.performs("run-clock-x60", "run-clock-x3600", "run-clock-real")
async def test_the_palette_sets_the_speed_of_the_clock(opened: Drive, backend: FakeBackend) -> None:
    async with opened() as driven:
        for title, speed in {"run ×60": 60, "run ×3600": 3600, "run in real time": 1}.items():
            await driven.choose(f"clock: {title}")
            assert backend.speed == speed


@pytest.mark.performs("copy-url", "say-how-to-quit", "show-messages")
async def test_the_url_is_copied_and_what_was_said_can_be_read_again(opened: Drive) -> None:
    async with opened() as driven:
        await driven.choose("server: copy its URL")
        assert driven.app.clipboard == "http://127.0.0.1:4001"
        await driven.press("ctrl+c")
        assert any("ctrl+q" in note.message for note in driven.app._notifications)
        await driven.choose("screen: messages")
        assert isinstance(driven.app.screen, Page)
        assert "ctrl+q" in driven.text


@pytest.mark.performs("suspend")
async def test_ctrl_z_suspends_the_program(opened: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    monkeypatch.setattr("os.kill", lambda _, number: sent.append(number))
    async with opened() as driven:
        await driven.press("ctrl+z")
    assert sent == [signal.SIGTSTP]


@pytest.mark.performs("show-operations", "show-problems")
async def test_the_newest_operations_and_those_in_trouble_are_listed(
    opened: Drive, backend: FakeBackend
) -> None:
    backend.done = [write(1, "succeeded"), write(2, "failed"), write(3, "in_doubt")]
    async with opened() as driven:
        await driven.choose("operations: newest")
        assert [item.id for item in driven.rows("operation-rows")] == ["op1", "op2", "op3"]
        await driven.press("escape", "f12")
        assert [item.id for item in driven.rows("operation-rows")] == ["op2", "op3"]


@pytest.mark.performs("show-findings")
async def test_warnings_of_the_manifest_are_shown_on_demand(opened: Drive, backend: FakeBackend) -> None:
    backend.load(backend.loaded.text.replace("schedule: every 30 minutes", "schedule: every 1 minutes"))
    async with opened() as driven:
        await driven.press("f2", "exclamation_mark")
        said = [note.message for note in driven.app._notifications]
        assert isinstance(driven.app.screen, Page) or said == ["Nothing to say about this manifest."]
        assert isinstance(driven.app.screen, Page) == bool(backend.loaded.findings)


@pytest.mark.performs(
    "widen-tree", "narrow-tree", "raise-lower-panels", "sink-lower-panels", "widen-batches", "narrow-batches",
    "reset-sizes", "toggle-maximise",
)  # fmt: skip
async def test_keys_change_the_sizes_of_the_panels_and_back(opened: Drive) -> None:
    def size(name: str) -> tuple[int, int]:
        region = driven.app.screen.query_one(f"#{name}").region
        return region.width, region.height

    async with opened() as driven:
        await driven.press("f2")
        pairs = {
            "integrations": ("greater_than_sign", "less_than_sign"),
            "log": ("right_curly_bracket", "left_curly_bracket"),
            "batches": ("right_square_bracket", "left_square_bracket"),
        }
        for name, (more, less) in pairs.items():
            before = size(name)
            await driven.press(more)
            larger = size(name)
            assert larger > before, name
            await driven.press(less)
            assert size(name) < larger, name
        before = size("integrations")
        await driven.press("greater_than_sign")
        await driven.choose("screen: reset the sizes")
        assert size("integrations") <= before
        await driven.press("f6", "f10")
        assert size("log")[1] > 30


@pytest.mark.performs("choose-theme")
async def test_a_theme_is_chosen_and_remembered(opened: Drive) -> None:
    async with opened() as driven:
        await driven.choose("screen: choose a theme")
        await driven.press(*"light", "enter")
        assert driven.app.theme == driven.app.preferences.theme == "amp-light"


@pytest.mark.performs("save-snapshot", "restore-snapshot", "reset-sandbox")
async def test_the_sandbox_is_saved_restored_and_reset(
    opened: Drive, backend: FakeBackend, tmp_path: Path
) -> None:
    path = tmp_path / "s.snapshot"
    async with opened() as driven:
        await driven.choose("sandbox: save a snapshot")
        await driven.answer(str(path))
        assert path.read_bytes() == b"saved"
        await driven.choose("sandbox: restore a snapshot")
        await driven.answer(str(path))
        await driven.choose("sandbox: reset")
        await driven.press("y")
    assert backend.calls == [("restore", b"saved"), ("reset",)]


@pytest.mark.performs("search-integrations")
async def test_endpoints_are_found_in_the_tree(opened: Drive) -> None:
    async with opened() as driven:
        await driven.press("f2", "slash", *"warmth", "enter")
        targets = [node.target.title for node in driven.rows("tree") if node.target]
        assert targets == ["add-warmth-score"]


# -- the form and its answer -------------------------------------------------------------------------------


@pytest.mark.performs("write-as-json", "write-as-curl", "write-as-form", "copy-curl")
async def test_the_write_is_turned_into_json_curl_and_a_form_again(opened: Drive) -> None:
    async with opened() as driven:
        await driven.press("f3", "ctrl+y")
        assert driven.app.clipboard.startswith("curl ")
        tabs = driven.app.form.request.tabs
        for title, tab in {"as JSON": "json", "as curl": "curl", "as a form": "form"}.items():
            await driven.choose(f"write: {title}")
            assert tabs.active == tab


@pytest.mark.performs("edit-outside", "page-answer", "page-exchange")
async def test_editor_and_pager_get_the_text(
    opened: Drive, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    paged: list[str] = []
    body = '{"groupId": "acme", "fields": {"name": "Edited"}}'
    monkeypatch.setattr(external_editor, "edit", lambda *_: body)
    monkeypatch.setattr(external_editor, "page", lambda _, text: paged.append(text))
    backend.add_log()
    async with opened() as driven:
        await driven.press("f3", "ctrl+g")
        assert "Edited" in driven.text
        await sent(driven)
        await driven.press("v")
        assert "recordId" in paged[0]
        await driven.press("f6", "enter", "v")
        assert "Big Co." in paged[1]


async def sent(driven: Driven) -> None:
    """Send what is in the form, and go to the answer."""
    answer = json.dumps({"operationId": "op1", "result": {"success": True, "recordId": "001"}})

    async def send(*_: Any, **__: Any) -> HttpAnswer:
        return HttpAnswer(200, (), answer, 5.0)

    driven.app.http.send = send  # type: ignore[method-assign]
    await driven.press("f3", "f7", "ctrl+j")
    driven.app.screen.query_one("#answer TextView").focus()
    await driven.settle()


@pytest.mark.performs(
    "search-answer", "next-match", "previous-match", "copy-answer", "open-written-record",
    "open-written-operation",
)  # fmt: skip
async def test_an_answer_is_searched_copied_and_followed(opened: Drive, backend: FakeBackend) -> None:
    backend.done = [write(1, "succeeded", record_id="001")]
    backend.store["Account"] = [{"Id": "001", "Name": "Big Co."}]
    async with opened() as driven:
        await sent(driven)
        await driven.press("slash")
        await driven.answer("r")
        assert "1 of " in driven.text
        await driven.press("n")
        assert "2 of " in driven.text
        await driven.press("N")
        assert "1 of " in driven.text
        await driven.press("c")
        assert '"recordId": "001"' in driven.app.clipboard
        for key in ("o", "enter"):
            driven.app.screen.query_one("#answer TextView").focus()
            await driven.press(key)
            assert isinstance(driven.app.screen, Page), key
            await driven.press("escape")


@pytest.mark.performs("stop-sending")
async def test_sending_many_is_stopped(opened: Drive) -> None:
    is_first = True

    async def send(*_: Any, **__: Any) -> HttpAnswer:
        nonlocal is_first
        if is_first:
            is_first = False
            await driven.pilot.press("escape")
        return HttpAnswer(200, (), "{}", 5.0)

    async with opened() as driven:
        driven.app.http.send = send  # type: ignore[method-assign]
        await driven.press("f3", "f7", "ctrl+r")
        await driven.answer("5000")
        assert "stopped" in driven.text.lower()
        assert driven.app.form.sending is None


# -- batches and operations --------------------------------------------------------------------------------


@pytest.mark.performs("flush-all", "flushed-batches", "reload-flushed", "open-flushed", "show-flushed")
async def test_flushed_batches_are_listed_read_again_and_opened(opened: Drive, backend: FakeBackend) -> None:
    backend.add_batch()
    async with opened() as driven:
        await driven.press("f8")
        assert backend.calls == [("flush", None)]
        await driven.press("f4", "H")
        assert [item.id for item in driven.rows("flushed-rows")] == ["b1"]
        backend.flushed.append(replace(backend.flushed[0], id="b2"))
        await driven.press("r")
        assert [item.id for item in driven.rows("flushed-rows")] == ["b1", "b2"]
        await driven.press("o")
        assert "Batch · contact update · demo" in driven.text
        await driven.press("escape", "escape")
        await driven.choose("batches: show the flushed ones")
        assert "Flushed batches" in driven.text


@pytest.mark.performs("drop-batch")
async def test_a_batch_is_dropped_after_a_question(opened: Drive, backend: FakeBackend) -> None:
    backend.add_batch()
    async with opened() as driven:
        await driven.press("f4", "d")
        assert backend.calls == []
        await driven.press("y")
        assert backend.calls == [("drop_batch", "b1")]


@pytest.mark.performs("open-batch", "flush-these", "send-operation", "open-operation-request")
async def test_a_batch_is_opened_sent_in_part_and_flushed(opened: Drive, backend: FakeBackend) -> None:
    backend.add_batch()
    backend.waiting["b1"] = [write(1), write(2)]
    backend.add_log(operation_id="op2")
    async with opened() as driven:
        await driven.press("f4", "o")
        await driven.press("s")
        assert ("send_now", "op1") in backend.calls
        assert [item.id for item in driven.rows("operation-rows")] == ["op2"]
        await driven.choose("operation: open its request")
        assert driven.app.screen.query("#exchange")
        await driven.press("escape", "f")
        assert ("flush", "b1") in backend.calls


@pytest.mark.performs("search-operations", "next-operations", "previous-operations")
async def test_operations_are_searched_and_paged(opened: Drive, backend: FakeBackend) -> None:
    backend.done = [write(n, "failed") for n in range(700)]
    async with opened() as driven:
        await driven.press("f12")
        first = driven.rows("operation-rows")[0].id
        await driven.press("n")
        assert driven.rows("operation-rows")[0].id != first
        await driven.press("b")
        assert driven.rows("operation-rows")[0].id == first
        await driven.press("slash", *"op699", "enter")
        assert [item.id for item in driven.rows("operation-rows")] == ["op699"]


@pytest.mark.performs("check-operation", "mark-operation", "retry-dead-letters")
async def test_a_write_in_doubt_is_looked_up_and_marked_and_all_are_retried(
    opened: Drive, backend: FakeBackend
) -> None:
    backend.done = [write(1, "in_doubt"), write(2, "in_doubt")]
    async with opened() as driven:
        await driven.press("f12", "c")
        assert "Nothing found" in driven.text
        await driven.press("escape", "w")
        await driven.answer("003X")
        assert ("mark_written", "op1", "003X") in backend.calls
        await driven.press("escape")
        await driven.choose("operations: retry all that failed or are in doubt")
        await driven.press("y")
        assert ("retry_all",) in backend.calls


# -- the mock CRM and connections --------------------------------------------------------------------------


@pytest.mark.performs("show-faults", "remove-fault", "choose-faulty-org")
async def test_a_fault_is_removed_and_another_org_looked_at(opened: Drive, backend: FakeBackend) -> None:
    from ampsandbox.tui.backend.views import FaultView

    backend.rules = [FaultView("f1", "latency  seconds=2", 14)]
    async with opened() as driven:
        await driven.press("f11", "d")
        assert ("remove_fault", "f1") in backend.calls
        await driven.press("o", *"hubspot", "enter")
        assert "mailmonkeyHubspot" in driven.text


@pytest.mark.performs("show-connections", "give-credentials")
async def test_a_live_connection_takes_other_credentials(opened: Drive, backend: FakeBackend) -> None:
    backend.connect("i1", "live", "Big Corp")
    async with opened() as driven:
        await driven.choose("connections: show the orgs")
        await driven.press("c")
        assert "How does it log in?" in driven.text


# -- the config -------------------------------------------------------------------------------------------


@pytest.mark.performs("show-config", "toggle-config", "edit-config", "config-as-json", "tick-everything")
async def test_a_config_is_ticked_changed_and_written_as_json(opened: Drive, backend: FakeBackend) -> None:
    async with opened() as driven:
        await driven.press("2", "c")
        assert "everything ticked" in driven.text
        await driven.press("down", "down", "space")
        account = backend.configs["i1"]["write"]["objects"]["account"]
        assert account["deletionSettings"] == {"enabled": False}
        await driven.press("down", "e", *"phone", "tab", *"555", "ctrl+j")
        account = backend.configs["i1"]["write"]["objects"]["account"]
        assert account["selectedFieldSettings"] == {"phone": {"default": {"integerValue": 555}}}
        assert "default 555" in driven.text
        await driven.press("J")
        driven.app.screen.query_one(TextArea).text = '{"provider": "salesforce"}'
        await driven.press("ctrl+j")
        assert backend.configs["i1"] == {"provider": "salesforce"}
        assert "0 of 3 objects ticked" in driven.text
        await driven.press("a", "y")
        assert "everything ticked" in driven.text


# -- findings ---------------------------------------------------------------------------------------------


@pytest.mark.performs("edit-finding")
async def test_a_finding_is_opened_in_the_users_editor_at_its_line(
    opened: Drive, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[list[str]] = []
    monkeypatch.setattr(external_editor, "_give_terminal", lambda app, words: run.append(words))
    backend.load("specVersion: 1.0.0\nintegrations:\n  - name: x\n    provider: salsforce\n")
    at = min((found.position for found in backend.loaded.errors), key=lambda place: place.line)
    async with opened() as driven:
        for editor, words in {
            "nvim -p": ["nvim", "-p", f"+{at.line}", "amp.yaml"],
            "code --wait": ["code", "--wait", "--goto", f"amp.yaml:{at.line}:{at.column}"],
            "own": ["own", "amp.yaml"],
        }.items():
            monkeypatch.setenv("VISUAL", editor)
            await driven.press("e")
            assert run.pop() == words
