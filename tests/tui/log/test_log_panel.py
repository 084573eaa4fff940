"""The request log on the screen, driven by keys and the mouse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.content import Content
from textual.events import MouseScrollUp
from textual.widgets import Input, TextArea

from ampsandbox.tui.backend.views import LogRow, WriteOutcome
from ampsandbox.tui.http_sender import HttpAnswer
from ampsandbox.tui.widgets.log import LogPanel
from ampsandbox.tui.widgets.log_rows import LogRows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Read, Settle

pytestmark = pytest.mark.anyio


async def type_text(pilot: Any, text: str) -> None:
    await pilot.press(*["space" if char == " " else char for char in text])


def selected(log: LogRows) -> LogRow:
    assert log.selected is not None
    return log.selected


def log_of(app: Any) -> LogRows:
    return app.screen.query_one(LogRows)  # type: ignore[no-any-return]


def title(app: Any) -> str:
    return Content.from_markup(app.screen.query_one(LogPanel).border_title or "").plain


@pytest.mark.performs("toggle-follow")
async def test_the_list_follows_the_newest_row_until_the_user_moves(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    async with opened() as (app, pilot):
        for _ in range(40):
            backend.add_log()
        await settle(app, pilot)
        log = log_of(app)
        assert selected(log).seq == 40
        await pilot.press("f6", "up", "up")
        assert selected(log).seq == 38
        assert title(app) == "Log  paused · F follows"
        for _ in range(12):
            backend.add_log()
        await settle(app, pilot)
        assert selected(log).seq == 38
        assert title(app) == "Log  ↓ 12 new · F follows"
        await pilot.press("pagedown", "pagedown", "pagedown")
        await settle(app, pilot)
        assert title(app) == "Log  paused · F follows"
        await pilot.press("F")
        backend.add_log()
        await settle(app, pilot)
        assert (selected(log).seq, title(app)) == (53, "Log")


async def test_the_wheel_stops_following_and_nothing_moves_under_the_user(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read
) -> None:
    for _ in range(60):
        backend.add_log()
    async with opened() as (app, pilot):
        log = log_of(app)
        log.post_message(MouseScrollUp(log, 5, 3, 0, -1, 0, False, False, False))
        await settle(app, pilot)
        before = [line for line in lines_of(app) if "create-account" in line and ":0" in line]
        backend.add_log()
        await settle(app, pilot)
        assert not log.follow
        assert [line for line in lines_of(app) if "create-account" in line and ":0" in line] == before


async def test_every_row_is_reached_though_no_more_than_a_thousand_are_shown(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    for _ in range(2_600):
        backend.add_log()
    async with opened() as (app, pilot):
        log = log_of(app)
        assert (len(log.items), selected(log).seq) == (1_000, 2_600)
        await pilot.press("f6", "g")
        assert (len(log.items), selected(log).seq) == (1_000, 1)
        log.select("999")
        await pilot.press("j", "j", "j")
        await settle(app, pilot)
        assert (len(log.items), selected(log).seq) == (1_000, 1_002)
        assert log.scroll_offset.y <= log.cursor <= log.scroll_offset.y + log.size.height
        log.select(str(log.items[0].seq))
        await pilot.press("k", "k")
        await settle(app, pilot)
        assert selected(log).seq == 499
        await pilot.press("G")
        assert (log.items[-1].seq, selected(log).seq) == (2_600, 2_600)


async def test_scrolling_goes_on_beyond_the_window_and_what_is_seen_stays(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    for _ in range(2_600):
        backend.add_log()
    async with opened() as (app, pilot):
        log = log_of(app)

        def top() -> int:
            return int(log.items[log.scroll_offset.y].seq)

        for expected in (1_601, 1_101, 601, 101, 1):
            log.scroll_to(y=0, animate=False, immediate=True)
            assert top() == expected
            await settle(app, pilot)
            assert top() == expected
        assert not log.follow
        for _ in range(4):
            log.scroll_to(y=log.max_scroll_y, animate=False, immediate=True)
            before = top()
            await settle(app, pilot)
            assert top() == before
        assert log.items[-1].seq == 2_600


@pytest.mark.performs("filter-log")
async def test_the_log_is_filtered_with_a_count_and_a_wrong_filter_names_the_place(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    for status in (200, 422, 200, 503):
        backend.add_log(status=status)
    async with opened() as (app, pilot):
        await pilot.press("f6", "slash")
        await type_text(pilot, "status:>=400")
        await settle(app, pilot)
        assert ([row.seq for row in log_of(app).items], title(app)) == ([2, 4], "Log  2 of 4")
        app.screen.query_one("#log-filter", Input).value += " colour:red"
        await settle(app, pilot)
        assert "“colour:” at character 14 is not a key" in title(app)
        assert len(log_of(app).items) == 2
        await pilot.press("escape")
        await settle(app, pilot)
        assert (len(log_of(app).items), title(app)) == (4, "Log")


async def test_terms_of_the_filter_are_offered_while_typing(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    backend.add_log(group="acme")
    backend.add_log()
    async with opened() as (app, pilot):
        await pilot.press("f6", "slash")
        await type_text(pilot, "group:a")
        await settle(app, pilot)
        await pilot.press("right")
        await settle(app, pilot)
        assert app.screen.query_one("#log-filter", Input).value == "group:acme"


@pytest.mark.performs("mark-request")
async def test_a_marked_request_is_found_by_the_filter(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    for _ in range(3):
        backend.add_log()
    async with opened() as (app, pilot):
        await pilot.press("f6", "up", "m", "slash")
        await type_text(pilot, "marked")
        await settle(app, pilot)
        assert [row.seq for row in log_of(app).items] == [2]
        await pilot.press("enter", "m")
        await settle(app, pilot)
        assert list(log_of(app).items) == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_method_group_and_result_are_seen_at_every_size(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read, size: tuple[int, int]
) -> None:
    backend.add_log(status=405, method="PUT", group="acme")
    async with opened(size) as (app, _):
        (row,) = (line for line in lines_of(app) if "✗ 405" in line)
        assert "create-account" in row
        assert ("PUT" in row and "acme" in row) or size[0] == 120


@pytest.mark.performs("replay-request")
async def test_a_request_is_replayed_with_its_bytes_and_headers(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    backend.add_log(method="PUT")
    sent: list[Any] = []

    async def send(*request: Any) -> HttpAnswer:
        sent.append(request)
        return HttpAnswer(405, (), "{}", 1.0)

    async with opened() as (app, pilot):
        app.http.send = send  # type: ignore[method-assign, assignment]
        await pilot.press("f6", "r")
        await settle(app, pilot)
    ((method, url, body, headers),) = sent
    assert (method, url) == ("PUT", "http://127.0.0.1:4001/projects/mailmonkey/create-account")
    assert body == b'{"groupId":"demo","fields":{"name":"Big Co."}}'
    assert headers == [("content-type", "application/json")]


@pytest.mark.performs("edit-request")
async def test_a_request_is_edited_in_the_json_tab(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    backend.add_log(endpoint="create-campaign")
    async with opened() as (app, pilot):
        await pilot.press("f6", "e")
        await settle(app, pilot)
        await settle(app, pilot)
        assert app.form.title == "create-campaign"
        assert "Big Co." in app.screen.query_one("#json", TextArea).text


@pytest.mark.performs("copy-request")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("curl", "curl "),
        ("httpx", "import httpx"),
        ("fetch", "await fetch("),
        ("answer", '"recordId": "001"'),
    ],
)
async def test_a_request_is_copied_in_other_languages(
    backend: FakeBackend, opened: Open, settle: Settle, language: str, words: str
) -> None:
    backend.add_log()
    async with opened() as (app, pilot):
        await pilot.press("f6", "c")
        await settle(app, pilot)
        await type_text(pilot, language)
        await pilot.press("enter")
        await settle(app, pilot)
        assert words in app.clipboard


@pytest.mark.performs("export-log")
@pytest.mark.parametrize("ending", ["har", "jsonl"])
async def test_the_log_is_exported(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read, tmp_path: Path, ending: str
) -> None:
    for _ in range(3):
        backend.add_log()
    path = tmp_path / f"log.{ending}"

    async def exchanges(numbers: Sequence[int]) -> list[Any]:
        return [await backend.log.get(number) for number in numbers if number > 1]

    backend.log.several = exchanges  # type: ignore[method-assign]
    async with opened() as (app, pilot):
        await pilot.press("f6", "x")
        await settle(app, pilot)
        app.screen.query_one(Input).value = str(path)
        await pilot.press("enter")
        for _ in range(200):
            await settle(app, pilot)
            if path.exists() and path.read_text():
                break
        assert any("Wrote 2 requests (1 are no longer kept)" in line for line in lines_of(app))
    text = path.read_text()
    found = json.loads(text)["log"]["entries"] if ending == "har" else text.splitlines()
    assert len(found) == 2


@pytest.mark.performs("clear-log")
async def test_the_log_is_cleared_after_a_question(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    backend.add_log()
    async with opened() as (app, pilot):
        await pilot.press("f6", "z")
        await pilot.pause()
        await pilot.press("n")
        await settle(app, pilot)
        assert len(log_of(app).items) == 1
        await pilot.press("z")
        await pilot.pause()
        await pilot.press("y")
        await settle(app, pilot)
        assert len(log_of(app).items) == 0


async def test_the_operation_is_shown_where_the_request_is_not_kept(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    backend.add_log()
    async with opened() as (app, pilot):
        found: list[str] = []
        app.operations.open = found.append  # type: ignore[method-assign, assignment]
        backend.logged.clear()
        await pilot.press("f6", "enter")
        await settle(app, pilot)
        assert found == ["op1"]


async def test_the_outcome_of_a_write_is_followed_and_older_rows_come_from_disk(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read
) -> None:
    backend.logged = [backend.add_log(seq=seq, operation_id=f"op{seq}") for seq in (5_001, 5_002)]
    backend.on_disk = [replace(backend.logged[0], seq=seq, endpoint="older") for seq in (4_999, 5_000)]
    backend.outcomes = {"op5001": WriteOutcome("queued"), "op5002": WriteOutcome("succeeded", "001A")}
    async with opened((200, 40)) as (app, pilot):
        panel = app.screen.query_one(LogPanel)
        await panel._ask_for_outcomes()
        await settle(app, pilot)
        text = "\n".join(lines_of(app))
        assert "◷ waiting" in text
        assert "✓ 001A" in text
        backend.outcomes["op5001"] = WriteOutcome("failed")
        await panel._ask_for_outcomes()
        await pilot.press("f6", "up", "up", "up")
        await settle(app, pilot)
        text = "\n".join(lines_of(app))
        assert "✗ failed" in text
        assert [row.seq for row in panel.book.shown] == [4_999, 5_000, 5_001, 5_002]
        assert "older" in text


async def test_the_border_says_what_the_keys_of_the_focused_log_do(
    backend: FakeBackend, opened: Open, settle: Settle
) -> None:
    backend.add_log()
    async with opened((120, 40)) as (app, pilot):
        panel = app.screen.query_one(LogPanel)
        assert not panel.border_subtitle
        await pilot.press("f6")
        await settle(app, pilot)
        assert "enter open · r replay · e edit · m mark · x export" in str(panel.border_subtitle)
