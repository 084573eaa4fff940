"""The event log, as a list or as a stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from starlette.responses import StreamingResponse

from ampsandbox.events import Event, encode_event
from ampsandbox.server.control.endpoint import Call, Count, Endpoint

# A proxy or client that hears nothing for long gives up; a comment line keeps it patient.
_KEEP_ALIVE_S = 15.0


class EventsQuery(msgspec.Struct, rename="camel"):
    """Events after number `since`."""

    since: Count = 0
    limit: Count = 1_000


async def _events(call: Call) -> Any:
    query: EventsQuery = call.query
    if "text/event-stream" in call.request.headers.get("accept", ""):
        last = call.request.headers.get("last-event-id")
        since = msgspec.convert(last, Count, strict=False) if last else query.since
        return StreamingResponse(_stream(call, since), media_type="text/event-stream")
    return call.server.sandbox.events.since(query.since, query.limit)


async def _stream(call: Call, since: int) -> AsyncIterator[bytes]:
    log = call.server.sandbox.events
    news = asyncio.Event()
    last, begins_anew = log.last_seq, False

    def hear(event: Event) -> None:
        nonlocal since, last, begins_anew
        if event.seq <= last:
            # After a reset or a restore the numbers go on from an earlier one.
            since, begins_anew = event.seq - 1, True
        last = event.seq
        news.set()

    unsubscribe = log.subscribe(hear)
    try:
        while not call.server.stopping.is_set():
            news.clear()
            begins_anew = False
            for event in log.since(since):
                if begins_anew:
                    break
                since = event.seq
                yield _frame(event)
            if not await _wait(news, call.server.stopping):
                yield b": still here\n\n"
    finally:
        unsubscribe()


async def _wait(*signals: asyncio.Event) -> bool:
    """Wait for the first of the signals; False when none came for a while."""
    waiters = [asyncio.ensure_future(signal.wait()) for signal in signals]
    done, pending = await asyncio.wait(waiters, timeout=_KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
    for waiter in pending:
        waiter.cancel()
    return bool(done)


def _frame(event: Event) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.seq, _kind(event), encode_event(event))


def _kind(event: Event) -> bytes:
    return str(event.__struct_config__.tag).encode()


ENDPOINTS = (
    Endpoint(
        "GET",
        "/events",
        "listEvents",
        "Everything that happened, as a list, or as it happens with Accept: text/event-stream.",
        _events,
        query=EventsQuery,
        answer=list[Event],
    ),
)
