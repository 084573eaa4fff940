"""Sending one HTTP request to a CRM: what is observed of it, and what it means when no answer comes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

import msgspec

from ampsandbox import __version__
from ampsandbox.clock import Clock, wall_s
from ampsandbox.crm.json_access import decode_json
from ampsandbox.engine.crm import (
    AnswerLostError,
    CrmUnavailableError,
    Exchange,
    ExchangeObserver,
    Sender,
)
from ampsandbox.events import ErrorDetail
from ampsandbox.secrets import Masker

# What of a body is kept for the log.
SHOWN_BYTES: Final = 64 * 1024

# Read past the cut, so that a secret that lies across it is still recognised.
_READ_BYTES: Final = SHOWN_BYTES + 8 * 1024

_TITLE: Final = re.compile(r"<title>(.*?)</title>", re.IGNORECASE | re.DOTALL)

USER_AGENT: Final = f"ampsandbox/{__version__}"

# Salesforce allows itself 120 s for a transaction of Apex triggers; a collection of 200 may need most of it.
READ_TIMEOUT_S: Final = 120.0


class HttpRequest(msgspec.Struct, frozen=True):
    """One HTTP request, complete but for what httpx adds.

    `is_repeatable` says that losing the answer does no harm, as for a read. `records` is how many records
    travel in it.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    records: int = 0
    is_repeatable: bool = False

    @property
    def text(self) -> str:
        """The body as text, with what is not UTF-8 replaced."""
        return self.body.decode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"HttpRequest({self.method}, {len(self.body)} bytes)"


class HttpResponse(msgspec.Struct, frozen=True):
    """An answer that came whole, its body read."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def __repr__(self) -> str:
        return f"HttpResponse({self.status}, {len(self.body)} bytes)"

    def header(self, name: str) -> str:
        """The value of the header of that name, in lower case; empty without one."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text, with what is not UTF-8 replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON, or None when it is not JSON; read anew each time."""
        try:
            return decode_json(self.body, object)
        except msgspec.DecodeError:
            return None

    @property
    def summary(self) -> str:
        """The first words of a body that is in none of the CRM's formats; the title of a page."""
        title = _TITLE.search(self.text)
        words = " ".join((title[1] if title else self.text).split())[:200]
        return words or f"An answer with status {self.status} and no body."

    @property
    def is_xml(self) -> bool:
        """Whether the answer says that it is XML."""
        return "xml" in self.header("content-type")


class HttpError(Exception):
    """A request got no complete answer; the text says why."""


class NotSentError(HttpError):
    """It surely did not reach the CRM."""


class NoAnswerError(HttpError):
    """It may have reached the CRM."""


class NotInTimeError(NoAnswerError):
    """The CRM took longer than the request's time limit."""


class PreparedRequest(Protocol):
    """A request that is ready to go, with all its headers."""

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        """The headers as they are sent."""

    async def send(self) -> HttpResponse:
        """Send it once, and wait for the whole answer.

        Raises:
            HttpError: No complete answer came.
        """


class HttpSender(Sender, Protocol):
    """What carries requests to one CRM: sockets, or calls into a mock in this process."""

    def prepare(self, outgoing: HttpRequest) -> PreparedRequest:
        """Complete a request.

        Raises:
            NotSentError: It cannot be written as HTTP.
        """

    async def aclose(self) -> None:
        """Close the connections."""


class Channel:
    """Sends requests and reports each of them to the observer, with secrets masked."""

    def __init__(self, sender: HttpSender, clock: Clock, observe: ExchangeObserver, masker: Masker) -> None:
        self.sender = sender
        self._observe = observe
        self.clock = clock
        self.masker = masker

    async def send(self, outgoing: HttpRequest, *, keeps_secrets: bool = False) -> HttpResponse:
        """Send a request once.

        Args:
            outgoing: The request.
            keeps_secrets: Whether secrets stay in the answer, as a login needs it. Elsewhere an answer that
                quotes one back comes without it, so that nothing that is made of it can tell.

        Raises:
            CrmUnavailableError: It did not reach the CRM, or it is repeatable and its answer was lost.
            AnswerLostError: It may have reached the CRM, but no complete answer came.
        """
        try:
            prepared = self.sender.prepare(outgoing)
        except NotSentError as error:
            raise _unavailable("CONNECTION_FAILED", self._reason(error)) from None
        at, began = self.clock.now(), wall_s()
        reply: HttpResponse | None = None
        try:
            reply = await prepared.send()
        except NotSentError as error:
            # Without the cause: frames below this one hold the request with its secrets.
            raise _unavailable("CONNECTION_FAILED", self._reason(error)) from None
        except HttpError as error:
            raise self._lost(outgoing, error) from None
        finally:
            # As it is, since few are ever looked at: masking each took a twelfth of an immediate write.
            self._observe(_SentRequest(self, outgoing, prepared.headers, reply, at, (began, wall_s())))
        return reply if keeps_secrets else self.scrubbed(reply)

    def scrubbed(self, reply: HttpResponse) -> HttpResponse:
        """An answer without the secrets that it quotes."""
        if not self.masker.is_in(reply.body):
            return reply
        return msgspec.structs.replace(reply, body=self.masker.values(reply.text).encode())

    async def aclose(self) -> None:
        await self.sender.aclose()

    def _lost(self, outgoing: HttpRequest, error: HttpError) -> Exception:
        reason = self._reason(error)
        if outgoing.is_repeatable:
            return _unavailable("ANSWER_LOST", reason)
        return AnswerLostError(f"The request was sent, but its answer never came: {reason}")

    def _reason(self, error: HttpError) -> str:
        return self.masker.text(str(error))


class _SentRequest:
    """An `ExchangeReport` that holds what was sent and answered as it was, and masks it when it is shown."""

    __slots__ = (
        "_answer", "_body", "_channel", "_headers", "_reply_headers", "_span", "_url", "at", "method", "path",
        "records", "status",
    )  # fmt: skip

    def __init__(
        self,
        channel: Channel,
        outgoing: HttpRequest,
        headers: Sequence[tuple[str, str]],
        reply: HttpResponse | None,
        at: datetime,
        span: tuple[float, float],
    ) -> None:
        self._channel = channel
        self._url, self._headers, self._span = outgoing.url, headers, span
        self._body = outgoing.body[:_READ_BYTES]
        self.at, self.method, self.records = at, outgoing.method, outgoing.records
        self.status: int | None = None
        self._reply_headers: Sequence[tuple[str, str]] = ()
        self._answer = b""
        if reply is not None:
            self.status, self._reply_headers = reply.status, reply.headers
            self._answer = reply.body[:_READ_BYTES]
        self.path = urlsplit(self._mask(outgoing.url)).path

    def __repr__(self) -> str:
        return f"<{self.method} {self.status}>"

    def _mask(self, text: str) -> str:
        # Only logins carry secrets that are not known by value yet; elsewhere a field may well be called
        # “signature” or “token” without being one.
        masker = self._channel.masker
        return masker.text(text) if "/oauth" in self._url else masker.values(text)

    def shown(self) -> Exchange:
        """The exchange as it may be shown."""
        headers = self._channel.masker.headers
        return Exchange(
            at=self.at,
            method=self.method,
            url=self._mask(self._url),
            status=self.status,
            request_headers=headers(self._headers),
            request_body=_shown(self._body, self._mask),
            response_headers=headers(self._reply_headers),
            response_body=_shown(self._answer, self._mask),
            elapsed_ms=self._channel.clock.elapsed_ms(self._span),
            records=self.records,
            span=self._span,
        )


def _shown(body: bytes, mask: Callable[[str], str]) -> str:
    """The part of a body that is kept, without secrets."""
    masked = mask(body.decode("utf-8", "replace"))
    if masked.isascii():
        return masked[:SHOWN_BYTES]
    return masked.encode()[:SHOWN_BYTES].decode("utf-8", "ignore")


def _unavailable(code: str, reason: str) -> CrmUnavailableError:
    return CrmUnavailableError(ErrorDetail(message=reason, code=code))


@lru_cache(maxsize=256)  # names of objects, above all: writing one anew took 1 % of an immediate write
def segment(text: str) -> str:
    """A value as exactly one segment of a URL path, whatever it holds."""
    escaped = quote(text, safe="")
    return escaped.replace(".", "%2E") if not escaped.strip(".") else escaped
