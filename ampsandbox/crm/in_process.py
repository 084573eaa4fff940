"""Requests to an ASGI application in this process, held to what a socket would do.

`httpx.ASGITransport` hands over whatever the application sent, even half an answer. A mock CRM cuts answers
on purpose, so these fail as a broken connection does, and time out on the sandbox's clock.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import types
from collections.abc import Awaitable, Callable, Generator, MutableMapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ampsandbox.clock import Clock
from ampsandbox.crm.http import (
    READ_TIMEOUT_S,
    USER_AGENT,
    HttpError,
    HttpRequest,
    HttpResponse,
    NoAnswerError,
    NotInTimeError,
    PreparedRequest,
)
from ampsandbox.engine.crm import CrmUnavailableError
from ampsandbox.events import ErrorDetail

if TYPE_CHECKING:
    from mock_crm.core.commit_group import CommitGroup
    from mock_crm.core.org import Org

_LOGGER = logging.getLogger("ampsandbox.crm")

Scope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class InProcessSender:
    """Carries the requests of the CRM clients to `app`; an `ampsandbox.crm.http.HttpSender`.

    It spares what httpx does around a request, which takes longer than the mock's whole work on it. It asks
    for answers that are not zipped: nothing has to travel.

    Args:
        app: The mock.
        clock: What a request's time limit is measured on.
        org: The org behind the app. What is done to its single records in one pass of the loop is then
            committed together, and answered without ASGI: both were a fifth of an immediate write.
    """

    def __init__(self, app: AsgiApp, clock: Clock, org: Org | None = None) -> None:
        self._app = app
        self._clock = clock
        self._org = org
        self._group: CommitGroup | None = None
        self._commit: Callable[[], None] | None = None
        self.make_durable: Callable[[], None] | None = None

    @property
    def answers_at_once(self) -> bool:
        """What `Sender.answers_at_once` says: where no fault may delay an answer."""
        return self._org is not None and not self._org.faults

    def prepare(self, outgoing: HttpRequest) -> PreparedRequest:
        return _AppRequest(self, outgoing)

    async def answer(self, scope: Scope, outgoing: HttpRequest) -> tuple[int, Headers, bytes]:
        """Status, headers and body of the complete answer; raises as `ask`."""
        if self._org is not None and outgoing.records == 1:
            answer = partial(self._org.app.answer, scope, outgoing.body)
            answered, group = self._org.store.in_group(answer)
            if group is not self._group:
                self._begin(group)
            if answered is not None:
                self.make_durable = self._commit
                return answered
        asked = await ask(self._app, scope, outgoing.body, self._clock, READ_TIMEOUT_S)
        self.make_durable = None  # which had a transaction of its own
        return asked

    def _begin(self, group: CommitGroup) -> None:
        self._group = group
        self._commit = partial(_commit, group)
        # Whatever becomes of those who asked, and before the loop waits for anything.
        asyncio.get_running_loop().call_soon(self._end, group)

    def _end(self, group: CommitGroup) -> None:
        with suppress(sqlite3.Error):  # which `make_durable` raises, where somebody counts on it
            group.commit()
        if group is self._group:
            self._group = None

    async def aclose(self) -> None:
        """Nothing is open."""


class _AppRequest:
    def __init__(self, sender: InProcessSender, outgoing: HttpRequest) -> None:
        self._sender = sender
        self._outgoing = outgoing
        self._url = urlsplit(outgoing.url)
        length = (("Content-Length", str(len(outgoing.body))),) if outgoing.body else ()
        own = (("Host", self._url.netloc), ("User-Agent", USER_AGENT))
        self._headers = (*own, *outgoing.headers, *length)

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        return self._headers

    async def send(self) -> HttpResponse:
        url = self._url
        scope = asgi_scope(
            method=self._outgoing.method,
            scheme=url.scheme,
            path=unquote(url.path) if "%" in url.path else url.path,
            raw_path=url.path.encode(),
            query=url.query.encode(),
            headers=[*map(_as_received, self._headers)],
            server=_host_and_port(url.netloc),
        )
        status, headers, body = await self._sender.answer(scope, self._outgoing)
        return HttpResponse(status, tuple([(str(n, "latin-1"), str(v, "latin-1")) for n, v in headers]), body)


def _commit(group: CommitGroup) -> None:
    try:
        group.commit()
    except sqlite3.Error as error:
        detail = ErrorDetail(f"The mock could not keep what it had answered: {error}.", "NOT_STORED")
        raise CrmUnavailableError(detail) from error


# Nearly all headers are those of the request before: reading them anew took 2 % of an immediate write.
@lru_cache(maxsize=256)
def _as_received(header: tuple[str, str]) -> tuple[bytes, bytes]:
    name, value = header
    return name.lower().encode(), value.encode()


@lru_cache(maxsize=256)
def _host_and_port(netloc: str) -> tuple[str, int | None]:
    split = urlsplit(f"//{netloc}")
    return split.hostname or "", split.port


async def ask(
    app: AsgiApp, scope: Scope, body: bytes, clock: Clock, timeout_s: float | None
) -> tuple[int, Headers, bytes]:
    """Status, headers and body of the application's complete answer.

    Raises:
        NoAnswerError: The application ended before its answer was complete.
        NotInTimeError: It was not complete within `timeout_s` seconds of the clock.
    """
    answer = _Answer(body)
    try:
        await _call(app, scope, answer, clock, timeout_s)
    except HttpError:
        raise
    except Exception:
        _LOGGER.exception("The application failed at %s %s", scope["method"], scope["path"])
        if answer.is_started:
            raise NoAnswerError("The application failed.") from None
        return 500, [(b"content-type", b"text/plain")], b"Internal Server Error"
    return answer.complete(scope["method"])


async def _call(app: AsgiApp, scope: Scope, answer: _Answer, clock: Clock, timeout_s: float | None) -> None:
    # Nearly all answers come without waiting for anything: then there is nothing to time, and a timer would
    # take as long as a tenth of an immediate write.
    steps = app(scope, answer.receive, answer.send).__await__()
    try:
        waited = next(steps)
    except StopIteration:
        return
    if timeout_s is None:
        await _rest(steps, waited)
        return
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as limit:
            due = clock.now() + timedelta(seconds=timeout_s)
            timer = clock.call_at(due, lambda: limit.reschedule(loop.time()))
            try:
                await _rest(steps, waited)
            finally:
                timer.cancel()
    except TimeoutError as error:
        raise NotInTimeError("The answer did not come in time.") from error


@types.coroutine
def _rest(steps: Generator[Any, Any, None], waited: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine that was begun by hand and waits for something."""
    try:
        while True:
            try:
                result = yield waited
            except BaseException as error:  # noqa: BLE001 - a cancellation too is the coroutine's to handle
                waited = steps.throw(error)
            else:
                waited = steps.send(result)
    except StopIteration:
        return


class _Answer:
    """What one call of the application has received and sent so far."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._done = asyncio.Event()
        self._status: int | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []

    @property
    def is_started(self) -> bool:
        """Whether the status was sent, so that it cannot change any more."""
        return self._status is not None

    async def receive(self) -> AsgiMessage:
        if self._body is None:
            await self._done.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: AsgiMessage) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [*message.get("headers", ())]
        elif message["type"] == "http.response.body":
            self._parts.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._done.set()

    def complete(self, method: str) -> tuple[int, Headers, bytes]:
        """Status, headers and body.

        Raises:
            NoAnswerError: The application ended before its answer was complete.
        """
        body = b"".join(self._parts)
        if self._status is None or not self._done.is_set():
            raise NoAnswerError("The connection closed before the answer ended.")
        declared = next((value for name, value in self._headers if name.lower() == b"content-length"), None)
        has_body = method != "HEAD" and self._status not in (204, 304)
        if has_body and declared is not None and int(declared) != len(body):
            raise NoAnswerError(f"The answer holds {len(body)} of {declared.decode()} bytes.")
        return self._status, self._headers, body


def asgi_scope(
    *,
    method: str,
    scheme: str,
    path: str,
    raw_path: bytes,
    query: bytes,
    headers: Headers,
    server: tuple[str, int | None],
    root_path: str = "",
) -> Scope:
    """The ASGI scope of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": raw_path,
        "query_string": query,
        "root_path": root_path,
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": server,
        "extensions": {},
    }
