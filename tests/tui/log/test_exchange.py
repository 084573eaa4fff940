"""One request in full on the screen, driven by keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.content import Content
from textual.widgets import Input, TextArea

from ampsandbox.engine.crm import Exchange
from ampsandbox.tui.backend.views import LogDetail, OperationView
from ampsandbox.tui.screens.exchange import ExchangePanel
from ampsandbox.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Read, Settle

pytestmark = pytest.mark.anyio

SIZES = [(80, 24), (120, 40), (200, 60)]


def title(app: Any) -> str:
    return Content.from_markup(app.screen.query_one(ExchangePanel).border_title or "").plain


def holds(backend: FakeBackend, state: str = "succeeded", **more: Any) -> None:
    """Let the log hold one write with an operation, and what is given."""
    backend.add_log(status=202)
    read = backend.log.get
    operation = OperationView(
        id="op1", installation_id="i1", group="demo", object="account", mode="insert", state=state, fields={},
        batch_id="b1", record_id="001", accepted_at=backend.now, finished_at=backend.now,
    )  # fmt: skip

    async def exchange(seq: int) -> LogDetail:
        return replace(await read(seq), operation=operation, **more)

    backend.log.get = exchange  # type: ignore[method-assign]


def crm(backend: FakeBackend, minutes: int, status: int) -> Exchange:
    at = backend.now + timedelta(minutes=minutes)
    url = "https://salesforce.invalid/services/data/v60.0/composite/sobjects"
    headers = (("Authorization", "Bearer s3cret"),)
    answer = '{"message": "busy"}'
    span = (100.0 + minutes, 100.01 + minutes)
    return Exchange(at, "POST", url, status, headers, '{"a": 1}', (), answer, 0.0, 3, span)


@pytest.mark.parametrize("size", SIZES)
async def test_request_answer_and_way_are_seen_at_every_size(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read, size: tuple[int, int]
) -> None:
    holds(backend, crm=(crm(backend, 30, 503), crm(backend, 31, 200)))
    async with opened(size) as (app, pilot):
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        assert any('"name": "Big Co."' in line for line in lines_of(app))
        await pilot.press("right")
        await settle(app, pilot)
        text = "\n".join(lines_of(app))
        assert '"recordId": "001"' in text
        assert "content-type: application/json" in text
        await pilot.press("right")
        await settle(app, pilot)
        text = "\n".join(lines_of(app))
        for words in (
            "waited 29 min 59 s in its batch",
            "✗ 503",
            "tried again 1 min later",
            "✓ 200",
            "✓ written",
        ):
            assert words in text
        assert "s3cret" not in text
        await pilot.press("right")
        await settle(app, pilot)
        assert any("operation op1" in line for line in lines_of(app))


@pytest.mark.performs("search-exchange", "next-place", "previous-place")
@pytest.mark.parametrize("size", SIZES[:2])
async def test_the_text_is_searched_and_counted(
    backend: FakeBackend, opened: Open, settle: Settle, size: tuple[int, int]
) -> None:
    lines = ",".join(f'"k{n}": "{"needle" if n % 50 == 0 else "hay"}"' for n in range(200))
    holds(backend, answered=f"{{{lines}}}".encode())
    async with opened(size) as (app, pilot):
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        await pilot.press("right", "slash", *"NEEDLE")
        await settle(app, pilot)
        assert title(app) == "Request  1 of 4"
        await pilot.press("enter", "n", "n")
        await settle(app, pilot)
        assert title(app) == "Request  3 of 4"
        assert app.screen.query_one("#text-response", TextView).scroll_offset.y > 0
        await pilot.press("N", "N", "N")
        await settle(app, pilot)
        assert title(app) == "Request  4 of 4"
        await pilot.press("left")
        await settle(app, pilot)
        assert title(app) == "Request  not found"
        await pilot.press("escape")
        await settle(app, pilot)
        assert title(app) == "Request"
        assert not app.screen.query_one("#exchange-search", Input).display
        await pilot.press("escape")
        await settle(app, pilot)
        assert not app.screen.query(ExchangePanel)


@pytest.mark.performs("toggle-wrap", "toggle-line-numbers")
async def test_a_cursor_goes_through_the_text_selects_lines_and_long_ones_wrap_or_not(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read, copied: list[str]
) -> None:
    holds(backend, sent=b'["' + b"y" * 90 + b'", "' + b'", "'.join([b"x"] * 300) + b'"]')
    async with opened((80, 24)) as (app, pilot):
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        view = app.screen.query_one("#text-request", TextView)

        async def after(*keys: str) -> tuple[int, int]:
            await pilot.press(*keys)
            await pilot.pause()
            return view.line, view.scroll_offset.y

        assert (await after("j"))[1] == 0, "the cursor moves, what is seen stays"
        page, bottom, above, top = [await after(key) for key in ("pagedown", "G", "k", "g")]
        assert 0 < page[1] < bottom[1] == above[1]
        assert (bottom[0] - above[0], top) == (1, (0, 0))
        first = next(n for n, text in enumerate(view.text.split("\n")) if text == "[")
        await after(*["j"] * first, "shift+down", "shift+down")
        await pilot.press("ctrl+c")
        assert copied == ['[\n  "' + "y" * 90 + '",'], "a line that was folded is one line"
        numbered = [line for line in lines_of(app) if line.strip(" │").startswith("2 ")]
        assert ["yyyy" in line for line in numbered] == [True]
        await pilot.press("alt+w", "alt+n")
        await settle(app, pilot)
        lines = [line.strip(" │") for line in lines_of(app)]
        assert [line.count("y") > 60 for line in lines if "yyy" in line] == [True], "one row, no number"
        await pilot.press("right", "right", "right")
        assert view.scroll_offset.x == 3
        assert not app.preferences.wrap
        assert not app.preferences.line_numbers


async def test_a_write_that_waits_is_followed_to_its_outcome(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read
) -> None:
    holds(backend, state="queued")
    async with opened() as (app, pilot):
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        await pilot.press("right", "right")
        await settle(app, pilot)
        assert any("waits in its batch" in line for line in lines_of(app))
        backend.logged.clear()
        holds(backend, crm=(crm(backend, 0, 200),))
        for _ in range(40):
            await pilot.pause(0.05)
            if any("✓ written" in line for line in lines_of(app)):
                break
        assert any("✓ written: record 001" in line for line in lines_of(app))


@pytest.mark.performs("open-exchange-operation", "open-exchange-record")
async def test_the_operation_and_the_record_open_from_the_request(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    holds(backend)
    async with opened() as (app, pilot):
        found: list[Any] = []
        app.operations.open = found.append  # type: ignore[method-assign, assignment]
        app.records.open = lambda *where: found.append(where)  # type: ignore[method-assign]
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        await pilot.press("enter", "o")
        await settle(app, pilot)
        assert found == ["op1", ("i1", "Account", "001")]


async def test_a_request_without_operation_says_so(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read
) -> None:
    backend.add_log(status=404)
    async with opened() as (app, pilot):
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        await pilot.press("right", "right")
        await settle(app, pilot)
        assert any("went no further" in line for line in lines_of(app))
        await pilot.press("enter", "o")
        await settle(app, pilot)
        assert isinstance(app.screen.query_one(ExchangePanel), ExchangePanel)


@pytest.mark.performs("copy-exchange", "replay-exchange")
async def test_a_request_is_copied_and_replayed_from_its_page(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    holds(backend)
    sent: list[Any] = []

    async def send(*request: Any) -> Any:
        from ampsandbox.tui.http_sender import HttpAnswer

        sent.append(request)
        return HttpAnswer(202, (), "{}", 1.0)

    async with opened() as (app, pilot):
        app.http.send = send  # type: ignore[method-assign, assignment]
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        await pilot.press("r")
        await settle(app, pilot)
        assert len(sent) == 1
        await pilot.press("c")
        await settle(app, pilot)
        await pilot.press(*"curl", "enter")
        await settle(app, pilot)
        assert app.clipboard.startswith("curl ")


@pytest.mark.performs("edit-exchange")
async def test_a_request_is_edited_from_its_page(backend: FakeBackend, opened: Open, settle: Settle) -> None:
    holds(backend)
    async with opened() as (app, pilot):
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        await pilot.press("e")
        await settle(app, pilot)
        await settle(app, pilot)
        assert not app.screen.query(ExchangePanel)
        assert "Big Co." in app.screen.query_one("#json", TextArea).text


async def test_hostile_bodies_and_headers_are_shown_as_text(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read
) -> None:
    body = (
        "[bold]x[/] \x1b[31m \x00 \u202e\u05d0\u0301 \U0001f412 [link='x']".encode()
        + b"\xff"
        + b"y" * 1_000_000
    )
    holds(backend, sent=body, request_headers=(("x-[red]", "[/]\x1b[2J"),))
    async with opened((80, 24)) as (app, pilot):
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        text = "\n".join(lines_of(app))
        assert "[bold]x[/] ␛[31m ␀ ‹U+202E›" in text
        assert "x-[red]: [/]␛[2J" in text
        await pilot.press("slash", *"link")
        await settle(app, pilot)
        assert title(app) == "Request  1 of 1"


@pytest.mark.performs("next-exchange", "previous-exchange")
async def test_brackets_go_through_the_requests_that_pass_the_filter(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read
) -> None:
    for status in (200, 400, 200):
        backend.add_log(status=status)
    async with opened() as (app, pilot):
        await pilot.press("f6", *"/status:200", "enter", "enter")
        await settle(app, pilot)
        panel = app.screen.query_one(ExchangePanel)
        assert (panel.detail.row.seq, str(panel.border_subtitle)) == (3, "[ 2/2 ]")
        await pilot.press("right", "left_square_bracket")
        await settle(app, pilot)
        assert (panel.detail.row.seq, str(panel.border_subtitle)) == (1, "[ 1/2 ]")
        assert any('"recordId": "001"' in line for line in lines_of(app)), "the tab stays"
        await pilot.press("left_square_bracket", "right_square_bracket")
        await settle(app, pilot)
        assert panel.detail.row.seq == 3


async def test_a_crm_request_is_copied_without_its_secrets(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    holds(backend, crm=(crm(backend, 30, 503),))
    async with opened() as (app, pilot):
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        await pilot.press("c")
        app.screen.query_one(Input).value = "crm curl"
        await pilot.press("enter")
        await settle(app, pilot)
        assert app.clipboard.startswith("curl")
        assert "composite/sobjects" in app.clipboard
        assert "s3cret" not in app.clipboard


async def test_a_page_may_be_closed_right_after_its_tab_was_changed(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    backend.add_log()
    async with opened() as (app, pilot):
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        panel = app.screen.query_one(ExchangePanel)
        app.screen.dismiss(None)
        await settle(app, pilot)
        panel._find()  # as the screen below does after its next refresh
        assert app.is_running
