"""The event log as a stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ampsandbox.events import Event, EventLog, encode_event
from ampsandbox.service.count import Count

# A proxy or client that hears nothing for long gives up; a comment line keeps it patient.
_KEEP_ALIVE_S = 15.0


def wants_stream(request: Request) -> bool:
    """Whether a request for the events asks for them as they happen."""
    return "text/event-stream" in request.headers.get("accept", "")


def stream_events(request: Request, log: EventLog, stopping: asyncio.Event) -> Response:
    """All events after the last one that the client has, and those to come.

    Raises:
        msgspec.ValidationError: `since` or the header Last-Event-ID is no number.
    """
    last = request.headers.get("last-event-id") or request.query_params.get("since") or "0"
    since = msgspec.convert(last, Count, strict=False)
    return StreamingResponse(_stream(log, stopping, since), media_type="text/event-stream")


async def _stream(log: EventLog, stopping: asyncio.Event, since: int) -> AsyncIterator[bytes]:
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
        while not stopping.is_set():
            news.clear()
            begins_anew = False
            for event in log.since(since):
                if begins_anew:
                    break
                since = event.seq
                yield _frame(event)
            if not await _wait(news, stopping):
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
