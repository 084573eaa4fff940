"""A session as lines of JSON, and the same session again.

A recording holds a header, then every call that changed something and every event, in the order in which they
came. Replaying it makes the calls to a fresh sandbox on a frozen clock, each at its moment. The same seed
gives the same ids, so the outcome of every operation can be compared. Requests that a client sends to a mock
CRM directly are not part of a recording.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import typing
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ampsandbox.engine.engine import Engine
from ampsandbox.engine.write_command import BatchCommand, BatchRecord, WriteCommand
from ampsandbox.engine.write_options import WriteOptions
from ampsandbox.errors import AmpSandboxError, ConflictError, StateError, UsageError
from ampsandbox.events import (
    Event,
    SandboxRestored,
    WriteFailed,
    WriteInDoubt,
    WriteSucceeded,
    decode_event,
    encode_event,
)
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.model import Mode
from ampsandbox.service.sandbox_service import SandboxService

VERSION = 2
"""The version of the format."""

_OUTCOMES = (WriteSucceeded, WriteFailed, WriteInDoubt)


class RecordingHeader(msgspec.Struct, frozen=True):
    """The first line: what a sandbox must be made with to live through the recording."""

    recording: int
    project: str
    seed: str
    start: datetime


class RecordedCall(msgspec.Struct, frozen=True):
    """One call of a verb, such as `batches.flush`, its arguments as JSON has them, and when."""

    at: datetime
    call: str
    arguments: dict[str, Any]


class Recorder:
    """Writes what is asked of a sandbox, and what happens in it, to a file.

    A session is reproduced in full when the recording begins with a fresh state.

    Args:
        engine: Started, and without a manifest yet.
        path: The file, which is begun anew; it is flushed with every line.

    Raises:
        StateError: The file cannot be written.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise StateError(
                f"The recording cannot be written to {path}: {error.strerror}.", "Give another --record file."
            ) from error
        self._clock = engine.clock
        self._write(
            msgspec.json.encode(RecordingHeader(VERSION, engine.project, engine.seed, self._clock.now()))
        )
        self._unsubscribe = engine.events.subscribe(self._on_event)

    def record(self, call: str, arguments: Mapping[str, Any]) -> None:
        """Write one call, before it is carried out."""
        plain = {name: _plain(value) for name, value in arguments.items()}
        asked = RecordedCall(self._clock.now(), call, plain)
        self._write(msgspec.json.encode({"call": asked}, enc_hook=str))

    def close(self) -> None:
        """Record nothing more, and close the file."""
        self._unsubscribe()
        self._file.close()

    def _on_event(self, event: Event) -> None:
        self._write(b'{"event":' + encode_event(event) + b"}")

    def _write(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()


def _plain(value: Any) -> Any:
    """A command names its integration and object, which a replay finds in its own manifest."""
    if not isinstance(value, WriteCommand | BatchCommand):
        return value
    item = value.item
    names = {"integration": value.integration.name, "object": item.name, "endpoint": item.endpoint}
    rest = {
        name: getattr(value, name) for name in value.__struct_fields__ if name not in ("integration", "item")
    }
    return names | msgspec.to_builtins(rest, enc_hook=str)


class _Line(msgspec.Struct):
    call: RecordedCall | None = None
    event: msgspec.Raw = msgspec.Raw()


@dataclass(slots=True)
class Difference:
    """An operation that ended in another way than in the recording; None where it has no outcome."""

    operation: str
    recorded: str | None
    replayed: str | None


@dataclass(slots=True)
class Replay:
    """What came of a replay: how much was called again, and what differs from the recording."""

    calls: int = 0
    operations: int = 0
    differences: list[Difference] = field(default_factory=list)


def read_header(lines: Iterable[bytes]) -> tuple[RecordingHeader, Iterator[bytes]]:
    """The header of a recording, and the lines after it.

    Raises:
        UsageError: This is no recording, or one of another version.
    """
    rest = iter(lines)
    try:
        header = msgspec.json.decode(next(rest, b""), type=RecordingHeader)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"This is no recording of a sandbox: {error}.") from error
    if header.recording != VERSION:
        way_out = (
            "Upgrade ampsandbox."
            if header.recording > VERSION
            else "Replay it with the ampsandbox that made it."
        )
        raise UsageError(
            f"The recording has version {header.recording}, this program reads version {VERSION}.", way_out
        )
    return header, rest


def recorded_calls(lines: Iterable[bytes]) -> Iterator[RecordedCall]:
    """The calls of a recording, without what came of them.

    Args:
        lines: The recording after its header; see `read_header`.

    Raises:
        UsageError: A line is damaged.
    """
    for number, line in enumerate(lines, 2):
        call = _entry(number, line).call
        if call is not None:
            yield call


def _entry(number: int, line: bytes) -> _Line:
    try:
        return msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"Line {number} of the recording is damaged: {error}.") from error


async def replay(
    lines: Iterable[bytes], service: SandboxService, manifest: LoadResult | None = None
) -> Replay:
    """Make the calls of a recording to a fresh sandbox, and compare the outcomes.

    Args:
        lines: The recording after its header; see `read_header`.
        service: Of a sandbox that is started, in memory, with the header's project and seed, without a
            manifest, and with a clock frozen at the header's start.
        manifest: Taken in place of every recorded manifest, to see what it would have made of the session.

    Raises:
        UsageError: A line is damaged, or a call is not known.
    """
    session = _ReplaySession(service, manifest)
    for number, line in enumerate(lines, 2):
        entry = _entry(number, line)
        try:
            event = decode_event(entry.event) if bytes(entry.event) else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(f"Line {number} of the recording is damaged: {error}.") from error
        if event is not None:
            await session.recorded(event)
        if entry.call is not None:
            await session.do(entry.call)
    return await session.end()


class _ReplaySession:
    def __init__(self, service: SandboxService, manifest: LoadResult | None) -> None:
        self._service = service
        self._engine = service.context.engine
        self._manifest = manifest
        self._result = Replay()
        self._recorded: dict[str, str] = {}
        self._replayed: dict[str, str] = {}
        self._tasks: list[asyncio.Task[Any]] = []
        self._snapshot = b""
        self._last = self._engine.clock.now()
        self._engine.clock.is_led = True
        self._engine.events.subscribe(lambda event: _note_outcome(event, self._replayed))

    async def recorded(self, event: Event) -> None:
        """Note what happened in the recording."""
        self._last = max(self._last, event.at)
        _note_outcome(event, self._recorded)
        if isinstance(event, SandboxRestored) and self._snapshot:
            # Its clock went by the time of day, so that only this event tells where it stood.
            snapshot, self._snapshot = self._snapshot, b""
            await self._begin(self._service.snapshots.restore(snapshot, frozen_at=event.at))

    async def do(self, asked: RecordedCall) -> None:
        """Do one thing again at its moment, without waiting for what needs the clock to move."""
        await self._go_to(asked.at)
        self._result.calls += 1
        match asked.call:
            case "clock.set_speed":
                return  # the replay's clock stands still between the calls, whatever its speed was
            case "snapshots.restore":
                self._snapshot = base64.b64decode(asked.arguments["content"])
            case "manifests.load":
                await self._begin(self._load(**asked.arguments))
            case "writes.submit" | "writes.submit_batch":
                await self._begin(self._submit(asked.arguments["command"]))
            case _:
                await self._begin(self._call(asked))

    def _call(self, asked: RecordedCall) -> Awaitable[Any]:
        name, _, method = asked.call.partition(".")
        group = getattr(self._service, name, None)
        kind = type(group)
        verb = next(
            (v for n in (method, f"_{method}") if hasattr(v := getattr(kind, n, None), "is_recorded")), None
        )
        if verb is None:
            raise UsageError(f"The recording asks for {asked.call}, which this program does not know.")
        types = typing.get_type_hints(verb)
        try:
            arguments = {
                name: msgspec.convert(value, types[name], strict=False)
                for name, value in asked.arguments.items()
            }
            inspect.signature(verb).bind(group, **arguments)
        except (KeyError, TypeError, msgspec.ValidationError) as error:
            raise UsageError(
                f"The recording calls {asked.call} with what it does not take: {error}."
            ) from error
        work: Awaitable[Any] = verb(group, **arguments)
        return work

    async def _begin(self, work: Awaitable[Any]) -> None:
        self._tasks.append(asyncio.ensure_future(_quietly(work)))
        await self._engine.clock.settled()

    async def end(self) -> Replay:
        """Let the clock reach the recording's end, and compare."""
        await self._go_to(self._last)
        await self._engine.clock.settled()
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
        if moment > self._engine.clock.now():
            await self._engine.clock.advance(moment)

    async def _load(self, text: str, source: str) -> None:
        await self._service.manifests.take(self._manifest or parse_manifest(text, source))

    async def _submit(self, command: Mapping[str, Any]) -> None:
        manifest = self._engine.manifest
        integration = manifest.find_integration(command["integration"]) if manifest else None
        for item in integration.objects if integration else ():
            if (item.name, item.endpoint) == (command["object"], command["endpoint"]):
                assert integration is not None
                given = {
                    name: value
                    for name, value in command.items()
                    if name in ("group", "fields", "primary_key", "auto_batch_s")
                }
                given["mode"] = Mode(command["mode"])
                given["options"] = msgspec.convert(command["options"], WriteOptions)
                if "records" in command:
                    records = msgspec.convert(command["records"], list[BatchRecord])
                    batch = BatchCommand(integration=integration, item=item, records=records, **given)
                    await self._service.writes.submit_batch(batch)
                else:
                    await self._service.writes.submit(
                        WriteCommand(integration=integration, item=item, **given)
                    )
                return
        raise ConflictError(f"The manifest has no object {command['object']} now.")


async def _quietly(work: Awaitable[Any]) -> None:
    """What was refused in the recording is refused again."""
    try:
        await work
    except AmpSandboxError:
        return


def _note_outcome(event: Event, outcomes: dict[str, str]) -> None:
    if isinstance(event, _OUTCOMES):
        outcomes[event.operation] = type(event).__name__
