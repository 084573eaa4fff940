"""A session as lines of JSON, and the same session again.

A recording holds a header, then every input and every event in the order in which they came. Replaying it
gives the inputs to a fresh sandbox on a frozen clock, each at its moment. The same seed gives the same ids,
so the outcome of every operation can be compared.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, Any

import msgspec

from ampsandbox.engine.engine import Engine
from ampsandbox.engine.recorded_calls import RecordedCall
from ampsandbox.errors import AmpSandboxError, ConflictError, UsageError
from ampsandbox.events import (
    Event,
    SandboxRestored,
    WriteFailed,
    WriteInDoubt,
    WriteSucceeded,
    decode_event,
    encode_event,
)
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.model import Mode

VERSION = 1
"""The version of the format."""

Handler = Callable[[Mapping[str, Any]], Awaitable[Any]]
"""Does one call again, given its arguments as JSON has them."""

_CALLS = frozenset(
    {
        "configure",
        "install",
        "uninstall",
        "edit",
        "drop",
        "retry",
        "retry_all",
        "mark_written",
        "send_now",
        "flush",
        "pause",
        "resume",
        "drop_batch",
        "reset",
    }
)
_OUTCOMES = (WriteSucceeded, WriteFailed, WriteInDoubt)


class Header(msgspec.Struct, frozen=True):
    """The first line: what a sandbox must be made with to live through the recording."""

    recording: int
    project: str
    seed: str
    start: datetime


class Recorder:
    """Writes what is asked of a sandbox, and what happens in it, to a file.

    A session is reproduced in full when the recording begins with a fresh state.

    Args:
        sandbox: The sandbox, started and without a manifest yet.
        file: Where to, opened for writing bytes; flushed with every line.
    """

    def __init__(self, sandbox: Engine, file: IO[bytes]) -> None:
        self._sandbox = sandbox
        self._file = file
        self._line(Header(VERSION, sandbox.project, sandbox.seed, sandbox.clock.now()))
        self._unsubscribe = sandbox.events.subscribe(self._on_event)
        sandbox.on_call = self._on_call

    def note(self, call: str, **arguments: Any) -> None:
        """Record an input of another part, such as a fault given to a mock org; see `replay`'s `handlers`."""
        self._on_call(RecordedCall(self._sandbox.clock.now(), call, arguments))

    def stop(self) -> None:
        """Record no more. The file stays open."""
        self._unsubscribe()
        self._sandbox.on_call = None

    def _on_event(self, event: Event) -> None:
        self._write(b'{"event":' + encode_event(event) + b"}")

    def _on_call(self, asked: RecordedCall) -> None:
        self._line({"input": asked})

    def _line(self, value: Any) -> None:
        self._write(msgspec.json.encode(value))

    def _write(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()


class _Line(msgspec.Struct):
    input: RecordedCall | None = None
    event: msgspec.Raw = msgspec.Raw()


@dataclass(slots=True)
class Difference:
    """An operation that ended in another way than in the recording; None where it has no outcome."""

    operation: str
    recorded: str | None
    replayed: str | None


@dataclass(slots=True)
class Replay:
    """What came of a replay."""

    inputs: int = 0
    operations: int = 0
    differences: list[Difference] = field(default_factory=list)


def read_header(lines: Iterable[bytes]) -> tuple[Header, Iterator[bytes]]:
    """The header of a recording, and the lines after it.

    Raises:
        UsageError: This is no recording, or one of a newer version.
    """
    rest = iter(lines)
    try:
        header = msgspec.json.decode(next(rest, b""), type=Header)
    except msgspec.DecodeError as error:
        raise UsageError(f"This is no recording of a sandbox: {error}.") from error
    if header.recording > VERSION:
        raise UsageError(
            f"The recording has version {header.recording}, this program reads up to {VERSION}.",
            "Upgrade ampsandbox.",
        )
    return header, rest


async def replay(
    lines: Iterable[bytes], sandbox: Engine, handlers: Mapping[str, Handler] | None = None
) -> Replay:
    """Give the inputs of a recording to a fresh sandbox, and compare the outcomes.

    Args:
        lines: The recording after its header; see `read_header`.
        sandbox: Started, in memory, with the header's project and seed, and a clock frozen at its start.
        handlers: For inputs that other parts noted, by the name of the call.

    Raises:
        UsageError: A line is damaged, or an input has no handler.
    """
    session = _Session(sandbox, handlers or {})
    for number, line in enumerate(lines, 2):
        try:
            entry = msgspec.json.decode(line, type=_Line)
            event = decode_event(entry.event) if bytes(entry.event) else None
        except msgspec.DecodeError as error:
            raise UsageError(f"Line {number} of the recording is damaged: {error}.") from error
        if event is not None:
            await session.recorded(event)
        if entry.input is not None:
            await session.do(entry.input)
    return await session.end()


class _Session:
    """A replay under way."""

    def __init__(self, sandbox: Engine, handlers: Mapping[str, Handler]) -> None:
        self._sandbox = sandbox
        self._handlers: dict[str, Handler] = {
            "load": self._load,
            "submit": self._submit,
            "advance": self._advance,
            "set_speed": self._set_speed,
            "restore": self._restore,
            **handlers,
        }
        self._result = Replay()
        self._recorded: dict[str, str] = {}
        self._replayed: dict[str, str] = {}
        self._tasks: list[asyncio.Task[Any]] = []
        self._snapshot = b""
        self._last = sandbox.clock.now()
        sandbox.events.subscribe(lambda event: _note_outcome(event, self._replayed))

    async def recorded(self, event: Event) -> None:
        """Note what happened in the recording."""
        self._last = max(self._last, event.at)
        _note_outcome(event, self._recorded)
        if isinstance(event, SandboxRestored) and self._snapshot:
            # Its clock went by the time of day, so that only this event tells where it stood.
            snapshot, self._snapshot = self._snapshot, b""
            await self._begin(self._sandbox.restore(snapshot, frozen_at=event.at))

    async def do(self, asked: RecordedCall) -> None:
        """Do one thing again at its moment, without waiting for what needs the clock to move."""
        await self._go_to(asked.at)
        self._result.inputs += 1
        handler = self._handlers.get(asked.call)
        if handler is not None:
            work = handler(asked.arguments)
        elif asked.call in _CALLS:
            work = getattr(self._sandbox, asked.call)(**asked.arguments)
        else:
            raise UsageError(f"The recording asks for {asked.call}, which this program does not know.")
        await self._begin(work)

    async def _begin(self, work: Awaitable[Any]) -> None:
        self._tasks.append(asyncio.ensure_future(_quietly(work)))
        await self._sandbox.clock.settled()

    async def end(self) -> Replay:
        """Let the clock reach the recording's end, and compare."""
        await self._go_to(self._last)
        await self._sandbox.clock.settled()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        names = sorted({*self._recorded, *self._replayed})
        self._result.operations = len(names)
        self._result.differences = [
            Difference(name, self._recorded.get(name), self._replayed.get(name))
            for name in names
            if self._recorded.get(name) != self._replayed.get(name)
        ]
        return self._result

    async def _go_to(self, moment: datetime) -> None:
        if moment > self._sandbox.clock.now():
            await self._sandbox.clock.advance(moment)

    async def _load(self, arguments: Mapping[str, Any]) -> None:
        await self._sandbox.load(parse_manifest(arguments["text"], arguments["source"]))

    async def _submit(self, arguments: Mapping[str, Any]) -> None:
        manifest = self._sandbox.manifest
        integration = manifest.find_integration(arguments["integration"]) if manifest else None
        for item in integration.objects if integration else ():
            if (item.name, item.endpoint) == (arguments["object"], arguments["endpoint"]):
                assert integration is not None
                await self._sandbox.submit(
                    integration,
                    item,
                    Mode(arguments["mode"]),
                    arguments["group"],
                    arguments["primary_key"],
                    arguments["fields"],
                    arguments.get("background_s"),
                )
                return
        raise ConflictError(f"The manifest has no object {arguments['object']} now.")

    async def _advance(self, arguments: Mapping[str, Any]) -> None:
        by, to = arguments["by"], arguments["to"]
        await self._sandbox.advance(
            by=timedelta(seconds=by) if by is not None else None,
            to=msgspec.convert(to, datetime, strict=False) if to is not None else None,
        )

    async def _set_speed(self, _arguments: Mapping[str, Any]) -> None:
        """The replay's clock stands still between the inputs, whatever its speed was."""

    async def _restore(self, arguments: Mapping[str, Any]) -> None:
        self._snapshot = base64.b64decode(arguments["snapshot"])


async def _quietly(work: Awaitable[Any]) -> None:
    """What was refused in the recording is refused again."""
    try:
        await work
    except AmpSandboxError:
        return


def _note_outcome(event: Event, outcomes: dict[str, str]) -> None:
    if isinstance(event, _OUTCOMES):
        outcomes[event.operation] = type(event).__name__
