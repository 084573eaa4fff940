"""Whatever an org, a schema or a file holds is shown as text on every page of Records and Schema."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.pilot import Pilot

from ampsandbox.engine.crm import CrmField
from ampsandbox.errors import ConflictError
from ampsandbox.service.record_views import RelatedRecord
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.views import SchemaView
from ampsandbox.tui.widgets.path_input import PathInput
from tests.tui.rest import painted

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend

pytestmark = pytest.mark.anyio

Press = Callable[..., Awaitable[None]]
HOSTILE = {
    "markup": "[/] [bold red]x[/bold] [@click=app.quit]hi[/] [",
    "ansi": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m",
    "mixed": "a\x00b\x08\x7f \u202eabc\u2066def\u200f \na\r\nc\td\u2028e $(reboot) `id` {{n}} %s {0}",
    "wide": "日本語" * 50 + "👩‍👩‍👧‍👦" + "e\u0301" * 40,
    "surrogate": "\ud800x",
    "huge": "x" * 1_000_000,
}
BAD = set("\x00\x07\x08\x1b\x7f\x9b\u202e\u2066\u200f\u2028\ud800")


def assert_harmless(app: SandboxApp) -> None:
    found = [segment for strip in painted(app) for segment in strip]
    assert not BAD & {char for segment in found for char in segment.text}
    for segment in found:
        assert segment.style is None or "quit" not in str(segment.style.meta or "")


def furnish(backend: FakeBackend, text: str) -> None:
    backend.store["Account"] = [
        {"Id": f"{n}{text[:50]}", "Name": text, text: {text: [text]}} for n in range(3)
    ]
    backend.relations["0" + text[:50]] = [RelatedRecord(text, text, text, text)]
    backend.answers = [{"Id": text, text: text, "Kids": {"records": [{text: text}]}}]
    backend.fields = (
        CrmField(text, text, text, options=(text,) * 20, refers_to=(text,), help=text, is_custom=True),
    )

    async def history(*args: Any) -> Any:
        return [{"at": text, "change": text, "operation": "", text: text}]

    backend.records.history = history  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_every_page_shows_hostile_text_as_text(
    records: Pilot[int], settle: Callable[..., Awaitable[None]], backend: FakeBackend, text: str
) -> None:
    app: Any = records.app
    furnish(backend, text)
    backend.stamp += 1
    for keys in (
        ("space", "l", "v"), ("escape", "s"), ("escape", "o"), ("escape", "enter"), ("j", "enter"),
        ("escape", "tab", "tab", "enter"), ("escape", "e"), ("escape", "c"), ("escape", "escape"), ("d",),
        ("n", "x"), ("f5",), ("tab", "tab", "enter"), ("escape", "escape", "4"),
    ):  # fmt: skip
        await records.press(*keys)
        await settle(records)
        assert_harmless(app)
    app.export_screenshot()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_file_is_previewed_and_refused_as_text(
    records: Pilot[int],
    press: Press,
    backend: FakeBackend,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app: Any = records.app

    async def schema(*args: Any) -> SchemaView:
        return SchemaView(text, text, (CrmField(text, text, text),), {})

    async def refuse(*args: Any) -> None:
        raise ConflictError(f"{text}: {text}", text)

    monkeypatch.setattr(backend.records, "schema", schema)
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{text: text, "Name": "bad"}, {"Name": text}]))
    await press(records, "i")
    app.screen.query_one(PathInput).value = str(path)
    await press(records, "enter")
    assert_harmless(app)
    await press(records, "end", "space", "f5")
    assert_harmless(app)
    monkeypatch.setattr(backend.records, "create", refuse)
    await press(records, "f5")
    assert_harmless(app)
