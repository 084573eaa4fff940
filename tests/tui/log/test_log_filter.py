"""The filter language of the log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ampsandbox.errors import UsageError
from ampsandbox.tui.backend.views import LogRow
from ampsandbox.tui.text.log_filter import parse_filter
from ampsandbox.tui.widgets.log_filter import Terms

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LOG = (
    LogRow(1, NOON, "write", "POST", "/projects/m/create-account", 200, 12.0, "create-account", "demo",
           "salesforce", "op1", '{"fields": {"name": "Big Co."}}'),
    LogRow(2, NOON, "write", "POST", "/projects/m/update-x", 422, 12.0, "update-x", "acme", "hubspot", "op2",
           size=2_048),
    LogRow(3, NOON, "write", "PUT", "/projects/m/other", None, 500.0, "other"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [1, 2, 3]),
        ("create", [1]),
        ("status:4xx", [2]),
        ("status:>=400", [2]),
        ("status:400-499", [2]),
        ("status:2xx,422", [1, 2]),
        ("status:none", [3]),
        ("status:none,200", [1, 3]),
        ("-status:200", [2, 3]),
        ("!group:acme", [1, 3]),
        ("group:acme provider:hubspot", [2]),
        ("group:acme,demo", [1, 2]),
        ("ms:>100", [3]),
        ("ms:10-50", [1, 2]),
        ("size:>1000", [2]),
        ("ms:10..50", [1, 2]),
        ("method:post status:200", [1]),
        ("marked", [3]),
        ("-marked", [1, 2]),
        ("big", [1]),
        ('text:"big co"', [1]),
        ('"big co."', [1]),
        ("operation:op2", [2]),
        ("path:/projects/m/other", [3]),
        ("create status:422", []),
    ],
)
def test_the_log_filter(text: str, expected: list[int]) -> None:
    test = parse_filter(text, {3})
    assert [row.seq for row in LOG if test(row)] == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("colour:red", "“colour:” at character 1"),
        ("create  status:abc", "“status:abc” at character 9"),
        ("-ms:fast", "“ms:fast” at character 2"),
        ("status:200,", "“status:200,” at character 1"),
        ('big text:"co', '“"co” at character 10'),
    ],
)
def test_a_filter_that_is_none_names_the_place(text: str, place: str) -> None:
    with pytest.raises(UsageError, match=place):
        parse_filter(text)


@pytest.mark.anyio
async def test_terms_are_completed_from_the_keys_and_from_what_the_log_holds() -> None:
    terms = Terms()
    terms.learn(LOG)
    assert await terms.get_suggestion("st") == "status:"
    assert await terms.get_suggestion("big -group:a") == "big -group:acme"
    assert await terms.get_suggestion("endpoint:up") == "endpoint:update-x"
    assert await terms.get_suggestion("") is await terms.get_suggestion("nothing-like-it") is None
