"""Whatever text comes, drawn by Hypothesis: nothing obeys it, breaks over it, or lets a control through."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.content import Content

from ampsandbox.engine.crm import CrmField, Exchange
from ampsandbox.manifest.findings import Finding, Severity
from ampsandbox.manifest.model import Position
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.views import OperationView
from ampsandbox.tui.http_sender import HttpAnswer
from ampsandbox.tui.screens.exchange import in_full, message
from ampsandbox.tui.screens.findings import excerpt
from ampsandbox.tui.text.answers import headline, issues, outcome
from ampsandbox.tui.text.highlight import coloured
from ampsandbox.tui.text.operation_words import cells, describe
from ampsandbox.tui.text.sanitize import block, json_text, line, plain, pretty
from tests.tui.rest import painted

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DIRECTIONS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

fragments = st.sampled_from([
    "[/]", "[bold red]", "[@click=app.quit]hi[/]", "[", "\\[", "$error", "{{n}}", "%s", "{0}",
    "\x1b[2J", "\x1b]0;owned\x07", "\x9b31m", "\x00", "\x08", "\x7f", "\r\n", "\r", "\t", "\u2028",
    "\u202e", "\u2066", "\u200f", "\ud800", "日本語", "👩‍👩‍👧‍👦", "e\u0301", "\u00ad", "\ufeff",
])  # fmt: skip
anything = st.text(st.characters(exclude_categories=()), max_size=60)
short = st.lists(fragments | anything, max_size=8).map("".join)
lengths = st.sampled_from([1, 1_000_000])
"""A text is taken as it is drawn, or repeated up to a megabyte."""


def grown(text: str, length: int) -> str:
    return text * max(1, length // max(1, len(text)))


def assert_harmless(shown: str, breaks: str = "\n") -> None:
    """Nothing is left that a terminal obeys or that turns what stands around it."""
    for char in set(shown):
        is_control = unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in breaks
        assert not is_control, repr(char)
        assert char not in DIRECTIONS, repr(char)
    shown.encode()


def assert_plain(contents: Iterable[Content]) -> None:
    for content in contents:
        assert_harmless(content.plain)
        assert not any("@" in str(span.style) for span in content.spans), "a link was made of text"


@given(short, lengths)
@settings(deadline=None)
def test_a_line_is_one_short_harmless_line(text: str, length: int) -> None:
    text = grown(text, length)
    assert_harmless(line(text), breaks="")
    assert_harmless(plain(text).plain, breaks="")
    assert len(line(text)) <= 400


@given(short, lengths)
@settings(max_examples=30, deadline=None)
def test_a_block_is_harmless_and_of_bounded_length(text: str, length: int) -> None:
    text = grown(text, length)
    assert_harmless(block(text))
    assert_harmless(block(pretty(json.dumps({text: [text]}))))
    assert len(block(text)) < 90_000


@given(short)
def test_json_to_be_edited_loses_nothing(text: str) -> None:
    shown = json_text({text: text})
    assert_harmless(shown)
    assert json.loads(shown) == {text: text}


@given(short, lengths)
@settings(max_examples=30, deadline=None)
def test_operations_and_findings_are_shown_as_text(text: str, length: int) -> None:
    text = grown(text, length)
    operation = OperationView(text, text, text, text, text, text, {text: text}, errors=(text,), raw=text)
    finding = Finding(text, Severity.ERROR, text, Position(1, 1), text)
    assert_plain([describe(operation), excerpt(text, finding), coloured(block(text))])
    for cell in cells(operation):
        assert_harmless(line(cell if isinstance(cell, str) else cell[0]), breaks="")


@given(short, lengths)
@settings(max_examples=10, deadline=None)
def test_requests_and_answers_are_shown_as_text(text: str, length: int) -> None:
    text = grown(text, length)
    headers = ((text, text),)
    exchange = Exchange(NOON, "POST", text, 200, headers, text, headers, text, 1.0, 1)
    assert_plain([passage.content for passage in (*in_full(exchange), *message(headers, text))])


@given(short, st.sampled_from([0, 200, 202, 400, 422, 503]))
def test_the_outcome_of_a_write_is_made_of_any_answer(text: str, status: int) -> None:
    problem = {"message": text, "code": text, "fields": [text], "name": text, "detail": text}
    for body in (text, json.dumps({"errors": [problem], "issues": [problem], "title": text, "detail": text})):
        answer = HttpAnswer(status, ((text, text),), body, 1.0)
        words = [headline(answer)[0], *outcome(answer)[0], *issues(answer)]
        assert_plain(plain(word) for word in words)


@given(st.lists(short, min_size=6, max_size=6))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_main_screen_paints_any_text(backend: FakeBackend, drawn: list[str]) -> None:
    name, group, org, path, value, error = drawn
    given = type(backend)()
    given.project = name
    given.installed[0] = replace(given.installed[0], group=group, org=org, connection="live")
    given.fields = (CrmField(name, value, "string", options=(value,), is_custom=True),)
    given.add_log(path=path, endpoint=name, group=group)
    given.add_batch(object=name, group=group, schedule=value)
    asyncio.run(paint(given, error))


async def paint(given: Any, error: str) -> None:
    app = SandboxApp(given)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.refresh_state()
        app.tell(error, "error")
        app.say(error)
        await pilot.pause()
        for strip in painted(app):
            for segment in strip:
                assert_harmless(segment.text, breaks="")
                assert "quit" not in str(segment.style and segment.style.meta)
