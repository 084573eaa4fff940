"""What the answer panel says: the outcome, what is wrong, what became of a queued write, and of many."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from ampsandbox.tui.actions.bulk_send import BulkSend
from ampsandbox.tui.backend.views import OperationView
from ampsandbox.tui.http_sender import HttpAnswer
from ampsandbox.tui.text.answers import field_problems, headline, issues, remedy

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Read, Settle
    from tests.tui.write.conftest import Wired

pytestmark = pytest.mark.anyio


def answer(status: int, document: Any, elapsed_ms: float = 5.0) -> HttpAnswer:
    return HttpAnswer(status, (), json.dumps(document), elapsed_ms)


def test_issues_are_lines_with_the_field_first() -> None:
    refused = answer(
        422, {"errors": [{"message": "too long", "code": "STRING_TOO_LONG", "fields": ["Name"]}]}
    )
    assert issues(refused) == ["Name: too long (STRING_TOO_LONG)"]
    assert field_problems(refused) == {"name": "too long"}
    invalid = answer(400, {"title": "Bad", "issues": [{"name": "groupId", "detail": "is missing"}]})
    assert issues(invalid) == ["groupId: is missing"]
    unknown = answer(404, {"title": "Not Found", "detail": "no such group", "remedy": "install it"})
    assert (issues(unknown), remedy(unknown)) == (["no such group"], "install it")
    assert headline(unknown)[0] == "✗ 404 Not Found · 5 ms"
    assert issues(HttpAnswer(0, (), "No answer: refused", 1.0)) == ["No answer: refused"]


@pytest.mark.parametrize("body", ["[]", "null", '{"errors": 1}', '{"errors": [1, {"fields": "x"}]}', "\x00"])
def test_an_answer_of_any_shape_is_shown(body: str) -> None:
    assert headline(HttpAnswer(500, (), body, 1.0))[0].startswith("✗ 500")
    assert isinstance(issues(HttpAnswer(500, (), body, 1.0)), list)


async def test_a_queued_write_is_followed_to_its_outcome(
    backend: FakeBackend, opened: Open, settle: Settle, wired: Wired, lines_of: Read
) -> None:
    due = backend.now + timedelta(minutes=5)
    batch = backend.add_batch(flush_at=due)
    queued = OperationView("op1", "i1", "demo", "account", "insert", "queued", {}, batch_id=batch.id)
    backend.done = [queued]
    async with opened() as (app, pilot):
        wire = wired(app)
        wire.status, wire.document = (
            202,
            {"operationId": "op1", "status": "queued", "flushAt": due.isoformat()},
        )
        await pilot.press("f7", "ctrl+j")
        await settle(app, pilot)
        assert any("◷ 202 queued" in line for line in lines_of(app))
        assert any("flush in 05:00 · 12:05:00" in line for line in lines_of(app))
        backend.queued = [replace(batch, is_paused=True)]
        await settle(app, pilot)
        assert any("its batch is paused" in line for line in lines_of(app))
        backend.queued = []
        backend.done = [replace(queued, state="failed", errors=("REQUIRED_FIELD_MISSING: name",))]
        backend.counts = replace(backend.counts, failed=1)
        await settle(app, pilot)
        text = "\n".join(lines_of(app))
        assert "✗ failed" in text
        assert "✗ REQUIRED_FIELD_MISSING: name" in app.form.answer.text.text


async def test_the_answer_takes_the_whole_screen_and_gives_it_back(
    opened: Open, settle: Settle, wired: Wired
) -> None:
    async with opened((80, 24)) as (app, pilot):
        wired(app)
        await pilot.press("f7", "ctrl+j")
        await settle(app, pilot)
        app.form.answer.text.focus()
        await pilot.press("f10")
        await settle(app, pilot)
        assert app.screen.maximized is app.form.answer
        assert app.form.answer.size.width > 70
        await pilot.press("f10")
        await settle(app, pilot)
        assert app.screen.maximized is None


def test_a_volley_sums_up_by_status_time_and_first_errors() -> None:
    bulk = BulkSend(100)
    for n in range(98):
        bulk.add(answer(200, {}, elapsed_ms=n))
    for n in range(2):
        bulk.add(answer(422, {"errors": [{"message": f"no {n}"}]}, elapsed_ms=500))
    bulk.elapsed_s = 2.0
    assert (bulk.done, bulk.refused, bulk.rate, bulk.is_over) == (100, 2, 50.0, True)
    assert bulk.percentile_ms(50) == 50
    assert bulk.percentile_ms(99) == 500
    assert dict(bulk.errors) == {"no 0": 1, "no 1": 1}


async def test_sending_many_is_stopped_by_escape_from_the_form_and_says_how_far_it_came(
    opened: Open, settle: Settle, wired: Wired, lines_of: Read
) -> None:
    async with opened() as (app, pilot):
        wire = wired(app)

        def stop(count: int) -> None:
            if count == 20:
                app.form.action_stop_sending()

        wire.on_send = stop
        await pilot.press("f3", "f7")
        await settle(app, pilot)
        app.sending.begin_many(1_000)
        await settle(app, pilot)
        assert app.form.sending is None
        assert 20 <= len(wire.sent) < 1_000
        assert any("stopped after" in line for line in lines_of(app))
        assert len({body["fields"]["name"] for body in wire.sent}) == 1, "only placeholders differ"
