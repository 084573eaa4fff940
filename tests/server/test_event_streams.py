"""Streams of events: one piece of work for all of them, and nothing left behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from ampsandbox.events import Event, EventLog, SandboxReset, encode_event
from ampsandbox.server.control import event_stream
from ampsandbox.server.control.event_stream import EventStreams

pytestmark = pytest.mark.anyio


class Client:
    """One client of the streams."""

    def __init__(self, streams: EventStreams) -> None:
        self.left = asyncio.Event()
        self.received = b""
        self.pieces = 0
        self.sent = asyncio.Event()
        self.task = asyncio.ensure_future(streams.send(0, {"method": "GET"}, self._receive, self._send))

    async def _receive(self) -> dict[str, object]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: object) -> None:
        assert isinstance(message, dict)
        self.received += message.get("body", b"")
        self.pieces += "body" in message
        self.sent.set()

    async def has(self, text: bytes) -> None:
        while text not in self.received:
            self.sent.clear()
            await self.sent.wait()

    async def leave(self) -> None:
        self.left.set()
        await self.task


def happen(log: EventLog, *numbers: int) -> None:
    log.publish(SandboxReset(seq=number, at=datetime(2026, 1, 1, tzinfo=UTC)) for number in numbers)


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_an_event_is_encoded_once_for_all_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []

    def counting(event: Event) -> bytes:
        encoded.append(event.seq)
        return encode_event(event)

    monkeypatch.setattr(event_stream, "encode_event", counting)
    log, stopping = EventLog(), asyncio.Event()
    clients = [Client(streams) for streams in [EventStreams(log, stopping)] for _ in range(3)]
    await turns()
    happen(log, 1, 2)
    await turns()
    for client in clients:
        await client.leave()
        assert [line for line in client.received.splitlines() if line.startswith(b"id")] == [
            b"id: 1",
            b"id: 2",
        ]
    assert encoded == [1, 2]
    stopping.set()


async def test_many_streams_get_the_events_of_several_turns_in_one_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_stream, "_REST_S", 0.005)
    log, stopping = EventLog(), asyncio.Event()
    streams = EventStreams(log, stopping)
    clients = [Client(streams) for _ in range(20)]
    await turns()
    for number in range(1, 6):
        happen(log, number)
        await turns()
    for client in clients:
        await client.has(b"id: 5\n")
    assert all(client.received.count(b"id: ") == 5 > client.pieces for client in clients)
    for client in clients:
        await client.leave()
    stopping.set()


async def test_a_client_that_leaves_leaves_no_task_behind() -> None:
    stopping = asyncio.Event()
    streams = EventStreams(EventLog(), stopping)
    await Client(streams).leave()
    before = len(asyncio.all_tasks())
    for _ in range(5):
        client = Client(streams)
        await turns()
        await client.leave()
    assert len(asyncio.all_tasks()) == before
    stopping.set()


async def test_after_a_reset_the_numbers_go_on_from_an_earlier_one() -> None:
    log, stopping = EventLog(), asyncio.Event()
    streams = EventStreams(log, stopping)
    client = Client(streams)
    happen(log, 1, 2, 3)
    await turns()
    log.resume(0)
    happen(log, 1)
    await turns()
    await client.leave()
    assert client.received.count(b"id: 1\n") == 2
    stopping.set()


async def test_a_stream_ends_when_the_server_stops() -> None:
    stopping = asyncio.Event()
    client = Client(EventStreams(EventLog(), stopping))
    await turns()
    stopping.set()
    await asyncio.wait_for(client.task, 5)
