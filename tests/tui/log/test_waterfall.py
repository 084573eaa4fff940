"""The way of a write, drawn."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from ampsandbox.engine.crm import Exchange
from ampsandbox.tui.backend.views import LogDetail, LogRow, OperationView
from ampsandbox.tui.text.waterfall import lasting, waterfall

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://salesforce.invalid/services/data/v60.0/composite/sobjects"


def exchange(at: datetime, start: float, ms: float, status: int | None = 200, records: int = 3) -> Exchange:
    return Exchange(at, "POST", URL, status, (), "", (), "", 0.0, records, (start, start + ms / 1000))


def detail(*crm: Exchange, state: str = "succeeded", status: int = 202, **more: Any) -> LogDetail:
    operation = OperationView(
        id="op1", installation_id="i1", group="demo", object="lead", mode="insert", state=state, fields={},
        accepted_at=NOON, **{"batch_id": "b1"} | more,
    )  # fmt: skip
    row = LogRow(1, NOON, "write", "POST", "/projects/m/create-lead", status, 1.0)
    answer = json.dumps({"flushAt": (NOON + timedelta(minutes=30)).isoformat()}).encode()
    return LogDetail(row, "http://h/x", (), b"", (), answer, crm, operation, (100.0, 100.001))


def lines(shown: LogDetail, now: datetime | None = NOON, width: int = 110) -> list[str]:
    return [line.rstrip() for line in waterfall(shown, now, width).plain.split("\n")]


def bar(line: str) -> tuple[int, int]:
    """Where the bar of a line starts, and its length."""
    return line.index("━"), line.count("━")


def test_a_write_at_once_is_drawn_inside_its_own_request() -> None:
    shown = detail(exchange(NOON, 100.0002, 0.5, 201, 1), status=200, batch_id=None, record_id="001",
                   finished_at=NOON)  # fmt: skip
    own, crm, end = lines(shown)
    assert own.startswith("12:00:00  ━")
    assert "✓ 200  POST /projects/m/create-lead" in own
    assert bar(own)[0] < bar(crm)[0]
    assert sum(bar(crm)) <= sum(bar(own)) + 1
    assert "0.5 ms  ✓ 201  POST /services/data/v60.0/composite/sobjects" in crm or "…" in crm
    assert "1 record" in crm
    assert end == "12:00:00  ✓ written: record 001"


def test_the_wait_in_the_batch_the_fault_and_the_retry_are_seen() -> None:
    flush = NOON + timedelta(minutes=30)
    again = flush + timedelta(seconds=2)
    shown = detail(
        exchange(flush, 200.0, 4, 503), exchange(again, 200.01, 8), record_id="00Q", finished_at=again
    )
    own, wait, first, retry, second, end = lines(shown)
    assert "◷ 202" in own
    assert "┊ waited 30 min in its batch" in wait
    assert first.startswith("12:30:00")
    assert "✗ 503" in first
    assert "┊ tried again 2 s later" in retry
    assert second.startswith("12:30:02")
    assert "3 records" in second
    assert bar(second)[1] == 2 * bar(first)[1]
    assert end == "12:30:02  ✓ written: record 00Q, 30 min 2 s after it came"


def test_an_answer_that_was_lost_is_seen() -> None:
    shown = detail(exchange(NOON, 200.0, 4, None), state="in_doubt", finished_at=NOON)
    assert any("? no answer" in line for line in lines(shown))
    assert "in doubt" in lines(shown)[-1]


def test_what_waits_says_until_when() -> None:
    waits = detail(state="queued")
    assert "the flush is in 20 min (2026-03-02 12:30:00)" in lines(waits, NOON + timedelta(minutes=10))[-1]
    assert "the flush is due" in lines(waits, NOON + timedelta(hours=1))[-1]
    tried = detail(exchange(NOON, 200.0, 4, 503), state="queued", next_attempt_at=NOON + timedelta(seconds=8))
    assert "◷ tried again in 8 s (12:00:08)" in lines(tried)[-1]
    assert "↑ with the CRM" in lines(detail(exchange(NOON, 200.0, 4), state="sending"))[-1]


def test_a_request_that_went_no_further_says_so() -> None:
    refused = LogDetail(LogRow(1, NOON, "write", "POST", "/x", 404, 0.2), "http://h/x", (), b"", (), b"")
    own, words = lines(refused)
    assert "✗ 404" in own
    assert "went no further" in words


def test_no_line_is_wider_than_the_screen() -> None:
    shown = detail(
        exchange(NOON, 200.0, 4, 503), exchange(NOON + timedelta(hours=9), 260.0, 12_345), finished_at=NOON
    )
    for width in (76, 116, 196):
        assert max(map(len, lines(shown, width=width))) <= width


def test_many_requests_are_cut_to_the_last_hundred() -> None:
    crm = [exchange(NOON, 200 + n / 100, 4) for n in range(250)]
    shown = lines(detail(*crm, finished_at=NOON))
    assert len(shown) == 1 + 1 + 100 + 2
    assert "The last 100 CRM requests" in shown[-2]


def test_how_long_something_lasted_in_words() -> None:
    spans = {0.4: "", 9: "9 s", 60: "1 min", 61: "1 min 1 s", 3_600: "1 h", 90_000: "1 d 1 h", 86_401: "1 d"}
    assert {seconds: lasting(timedelta(seconds=seconds)) for seconds in spans} == spans
