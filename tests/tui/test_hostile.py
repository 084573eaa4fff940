"""Whatever comes from YAML, HTTP or a CRM is text: never markup, never terminal control, never a crash."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from rich.segment import Segment

from ampsandbox.engine.crm import CrmField, Exchange, OrgIdentity
from ampsandbox.manifest.findings import Finding, LoadResult, Severity
from ampsandbox.manifest.model import (
    CustomField,
    Dialect,
    Integration,
    Manifest,
    Mode,
    ObjectKind,
    Position,
    WriteObject,
)
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.views import LogDetail, OperationView
from ampsandbox.tui.plain_output import _print
from ampsandbox.tui.screens.findings import excerpt
from ampsandbox.tui.text.operation_words import describe
from ampsandbox.tui.text.sanitize import block, line
from tests.tui.rest import painted

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend

pytestmark = pytest.mark.anyio

HOSTILE = {
    "markup": "[/] [bold red]x[/bold] [@click=app.quit]hi[/] [",
    "ansi": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m",
    "nul": "a\x00b\x08\x7f",
    "rtl": "\u202eabc\u2066def\u200f",
    "lines": "a\nb\r\nc\td\u2028e",
    "wide": "日本語" * 50 + "👩‍👩‍👧‍👦",
    "surrogate": "\ud800x",
    "huge": "x" * 1_000_000,
    "dollar": "$error $(reboot) `id` {{n}} %s {0}",
}
# One walk over all screens for what only has to be replaced; what is wide, huge or markup has its own.
ON_SCREENS = {name: HOSTILE[name] for name in ("markup", "ansi", "wide", "surrogate", "huge")} | {
    "mixed": " ".join(HOSTILE[name] for name in ("nul", "rtl", "lines", "dollar"))
}
BAD = set("\x00\x07\x08\x1b\x7f\x9b\u202e\u2066\u200f\u2028\ud800")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_one_line_stays_one_harmless_line(text: str) -> None:
    shown = line(text)
    assert not BAD & set(shown)
    assert "\n" not in shown
    assert len(shown) <= 400


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_block_keeps_lines_and_nothing_else(text: str) -> None:
    shown = block(text)
    assert not BAD & set(shown)
    assert "\r" not in shown
    shown.encode()


def hostile_manifest(text: str) -> Manifest:
    short = text[:5_000]
    item = WriteObject(
        short,
        ObjectKind.CUSTOM,
        Mode.INSERT,
        short,
        "every 2 hours",
        short,
        short,
        (CustomField(short, short, short),),
    )
    return Manifest(Dialect.V2023, (Integration(short, short, "salesforce", (item,)),), short)


def segments(app: Any) -> list[Segment]:
    return [segment for strip in painted(app) for segment in strip]


def assert_harmless(app: Any) -> None:
    found = segments(app)
    assert not BAD & {char for segment in found for char in segment.text}
    for segment in found:
        if segment.style is not None and segment.style.meta:
            assert "quit" not in str(segment.style.meta)


@pytest.mark.parametrize("text", ON_SCREENS.values(), ids=ON_SCREENS)
async def test_every_screen_shows_hostile_text_as_text(
    backend: FakeBackend, text: str, lines_of: Callable[..., Any]
) -> None:
    backend.loaded = LoadResult(hostile_manifest(text), (), text, text)
    backend.project = text[:200]
    name = text[:5_000]
    backend.installed = [
        replace(backend.installed[0], integration=name, group=text, org=text, state=text, connection="live"),
        replace(backend.installed[0], id="m", integration=name, group="demo"),
    ]
    backend.fields = (CrmField(text, text, "string", options=(text,), is_custom=True),)
    backend.add_log(path=text, endpoint=text, group=text, method=text[:20])
    backend.add_batch(object=text, group=text, schedule=text)
    bad = OperationView("op", "i1", text, text, "insert", "failed", {text: text}, errors=(text,), raw=text)
    backend.waiting["b1"] = [bad]
    backend.done = [bad]

    async def records(*args: Any, **more: Any) -> Any:
        from ampsandbox.service.record_views import RecordPage

        return RecordPage(text, ({"Id": text, text: text},), 1)

    async def identify(installation_id: str) -> OrgIdentity:
        return OrgIdentity(text, text, text, text, is_production=False, scopes=(text,))

    backend.records.search, backend.connections.identify = records, identify  # type: ignore[method-assign]
    app = SandboxApp(backend)
    async with app.run_test(size=(100, 34)) as pilot:
        await pilot.pause()
        await app.refresh_state()
        await pilot.pause(0.1)
        for key in ("f2", "2", "3", "4", "1", "f1", "escape", "f12", "escape"):
            await pilot.press(key)
            await pilot.pause(0.02)
            assert_harmless(app)
        for keys in (("f4", "enter"), ("escape", "f6", "enter"), ("escape", "3", "enter")):
            await pilot.press(*keys)
            await pilot.pause(0.05)
            assert_harmless(app)
        await pilot.press("escape")
        app.sandbox.action_show_connections()
        await pilot.pause(0.05)
        await pilot.press("t")
        await pilot.pause(0.05)
        assert_harmless(app)
        app.tell(text, "error")
        await pilot.pause()
        assert_harmless(app)
        app.export_screenshot()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_details_are_harmless(text: str) -> None:
    from datetime import UTC, datetime

    from ampsandbox.tui.backend.views import LogRow
    from ampsandbox.tui.screens.exchange import in_full, message
    from ampsandbox.tui.text.waterfall import waterfall

    noon = datetime(2026, 1, 1, tzinfo=UTC)
    exchange = Exchange(
        noon,
        "POST",
        text,
        200,
        ((text, text),),
        text,
        ((text, text),),
        text,
        1.0,
        1,
    )
    finding = Finding(text, Severity.ERROR, text, Position(1, 10**9), text)
    operation = OperationView(text, text, text, text, text, text, {text: text}, errors=(text,), raw=text)
    body = text.encode(errors="replace")
    row = LogRow(1, noon, "write", text, text, 200, 1.0)
    detail = LogDetail(row, text, ((text, text),), body, (), body, (exchange,), operation)
    shown = [
        excerpt(text, finding),
        describe(operation),
    ]
    passages = [*message(detail.request_headers, detail.request_body), *in_full(exchange)]
    for content in (*shown, *(each.content for each in passages), waterfall(detail, noon, 80)):
        assert not BAD & set(content.plain)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_line_mode_prints_no_control(text: str) -> None:
    out = StringIO()
    _print(text, out)
    assert out.getvalue().count("\n") == 1
    assert not BAD & set(out.getvalue()[:-1])
