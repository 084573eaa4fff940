"""The event log as a stream of server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ampsandbox.events import Event, EventLog, encode_event
from ampsandbox.service.count import Count

# A proxy or client that hears nothing for long gives up; a comment line keeps it patient.
_KEEP_ALIVE_S: Final = 15.0
_STILL_HERE: Final = b": still here\n\n"
_FRAMES_KEPT: Final = 1_000

# Many streams are woken less often: each costs some 20 µs, which writes that come one by one would wait for.
_FEW: Final = 10
_REST_S: Final = 0.0002


def wants_stream(request: Request) -> bool:
    """Whether a request for the events asks for them as they happen."""
    return "text/event-stream" in request.headers.get("accept", "")


class EventStreams:
    """All streams of one sandbox: an event is encoded once, and the streams wake together.

    Args:
        log: Where the events come from.
        stopping: Set when the server begins to stop, which ends all streams.
    """

    def __init__(self, log: EventLog, stopping: asyncio.Event) -> None:
        self._log = log
        self._stopping = stopping
        self._frames: OrderedDict[int, tuple[Event, bytes]] = OrderedDict()
        self._waiting: set[asyncio.Future[bool]] = set()
        self._last = log.last_seq
        self._restarts = 0
        self._begins_at = 0
        self._is_waking = False
        self._waker: asyncio.Task[None] | None = None
        log.subscribe(self._hear)

    def answer(self, request: Request) -> Response:
        """All events after the last one that the client has, and those to come, until it leaves.

        Raises:
            msgspec.ValidationError: `since` or the header Last-Event-ID is no number.
        """
        last = request.headers.get("last-event-id") or request.query_params.get("since") or "0"
        return _EventStream(self, msgspec.convert(last, Count, strict=False))

    async def send(self, since: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events after number `since`, and those to come, until the client leaves."""
        if self._waker is None:
            self._waker = asyncio.create_task(self._wake_now_and_then())
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await self._feed(since, leaving, send)
        finally:
            leaving.cancel()
            # Awaited, so that it is not destroyed while it is pending.
            await asyncio.wait([leaving])

    async def _feed(self, since: int, leaving: asyncio.Future[None], send: Send) -> None:
        restarts = self._restarts
        while not self._stopping.is_set() and not leaving.done():
            if restarts != self._restarts:
                # After a reset or a restore the numbers go on from an earlier one.
                restarts, since = self._restarts, self._begins_at
            events = self._log.since(since)
            if events:
                since = events[-1].seq
                await send(_piece(b"".join(map(self._frame, events))))
            elif not await self._news(leaving):
                await send(_piece(_STILL_HERE))
        await send({"type": "http.response.body", "body": b""})

    async def _news(self, leaving: asyncio.Future[None]) -> bool:
        """Wait until something happens, the client leaves or the server stops; False when it takes long."""
        if self._stopping.is_set() or leaving.done():
            return True
        news: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.add(news)

        def leave(_: object) -> None:
            _tell(news, True)

        leaving.add_done_callback(leave)
        try:
            return await news
        finally:
            leaving.remove_done_callback(leave)
            self._waiting.discard(news)

    def _hear(self, event: Event) -> None:
        if event.seq <= self._last:
            self._frames.clear()
            self._begins_at = event.seq - 1
            self._restarts += 1
        self._last = event.seq
        if self._waiting and not self._is_waking:
            # Once for all that happens in one pass of the loop: a flush of thousands of writes is one.
            self._is_waking = True
            streams = len(self._waiting)
            rest_s = 0 if streams <= _FEW else streams * _REST_S
            asyncio.get_running_loop().call_later(rest_s, self._wake)

    def _wake(self, is_news: bool = True) -> None:
        self._is_waking = False
        waiting, self._waiting = self._waiting, set()
        for news in waiting:
            _tell(news, is_news)

    async def _wake_now_and_then(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _KEEP_ALIVE_S)
            self._wake(is_news=self._stopping.is_set())

    def _frame(self, event: Event) -> bytes:
        kept = self._frames.get(event.seq)
        if kept is not None and kept[0] is event:
            return kept[1]
        frame = b"id: %d\nevent: %s\ndata: %s\n\n" % (
            event.seq,
            str(event.__struct_config__.tag).encode(),
            encode_event(event),
        )
        self._frames[event.seq] = (event, frame)
        if len(self._frames) > _FRAMES_KEPT:
            self._frames.popitem(last=False)
        return frame


class _EventStream(Response):
    def __init__(self, streams: EventStreams, since: int) -> None:
        super().__init__()
        self._streams = streams
        self._since = since

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._streams.send(self._since, scope, receive, send)


def _tell(news: asyncio.Future[bool], is_news: bool) -> None:
    if not news.done():
        news.set_result(is_news)


def _piece(body: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
