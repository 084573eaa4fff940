"""What the tests of the write form share: a wire that keeps what is sent, and ways to the form's lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.http_sender import HttpAnswer
from ampsandbox.tui.widgets.field_row import FieldRow


class FakeWire:
    """Answers at once with what it is told to, and keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.status = 200
        self.document: Any = {"operationId": "op1", "result": {"success": True, "recordId": "001"}}
        self.on_send: Callable[[int], None] = lambda count: None

    async def send(self, method: str, url: str, body: str, headers: Any = None) -> HttpAnswer:
        self.sent.append(json.loads(body))
        self.on_send(len(self.sent))
        await asyncio.sleep(0)
        return HttpAnswer(self.status, (), json.dumps(self.document), 5.0)


Wired = Callable[[SandboxApp], FakeWire]
RowOf = Callable[[SandboxApp, str], FieldRow]
Typed = Callable[[Pilot[int], str], Awaitable[None]]


@pytest.fixture
def wired() -> Wired:
    """Puts a fake wire into an app."""

    def put(app: SandboxApp) -> FakeWire:
        wire = FakeWire()
        app.http.send = wire.send  # type: ignore[method-assign, assignment]
        return wire

    return put


@pytest.fixture
def row_of() -> RowOf:
    """The form's line for a field."""

    def find(app: SandboxApp, name: str) -> FieldRow:
        return next(row for row in app.form.query(FieldRow) if row.field.name == name)

    return find


@pytest.fixture
def typed() -> Typed:
    """Presses the keys of a text."""

    async def press(pilot: Pilot[int], text: str) -> None:
        names = {" ": "space", "{": "left_curly_bracket", "}": "right_curly_bracket", "-": "minus"}
        await pilot.press(*[names.get(char, char) for char in text])

    return press
