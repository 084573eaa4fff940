"""A conversation with one org: the access token, its renewal, and the meaning of outages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol, TypeVar

import msgspec

from ampsandbox.crm.http import SHOWN_BYTES, Channel, HttpRequest, HttpResponse
from ampsandbox.crm.json_access import decode_json
from ampsandbox.engine.crm import AnswerLostError, CrmRefusedError, CrmUnavailableError
from ampsandbox.events import ErrorDetail
from ampsandbox.secrets import Secret

T = TypeVar("T")

# The CRM did not take the request (or rolled it back): it is safe to send it again. 477 is HubSpot's
# "account is being migrated"; 521 to 526 are the edge saying that it never reached the CRM.
_OUTAGES: Final = frozenset({408, 423, 425, 429, 477, 500, 503, 521, 522, 523, 525, 526})

# A gateway gave up waiting: the CRM may have worked on the request all the same.
_LOST: Final = frozenset({502, 504, 520, 524})


# Daily limits end within a day.
_LONGEST_PAUSE_S: Final = 86_400.0


class AccessToken(msgspec.Struct, frozen=True):
    """An access token and the host that it is for. `expires_at` is None where the CRM does not say."""

    access: Secret
    base_url: str
    expires_at: datetime | None = None


class TokenSource(Protocol):
    """Where access tokens come from: a login, a fixed token, or none for a mock CRM."""

    async def current(self) -> AccessToken:
        """A token that has not expired as far as is known."""

    async def renew(self, stale: AccessToken) -> AccessToken | None:
        """A token to use after the CRM refused `stale`; None where there is no way to get another one."""


class ApiRequest(msgspec.Struct, frozen=True):
    """A request to an org, by its path. A `body` that needs the session id (SOAP) is made from the token.

    `is_repeatable` says that losing the answer does no harm; it is so for every GET.
    """

    method: str
    path: str
    body: bytes | Callable[[Secret], bytes] = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    records: int = 0
    is_repeatable: bool = False

    def __repr__(self) -> str:
        return f"ApiRequest({self.method}, {self.path})"

    @property
    def has_no_effect(self) -> bool:
        """Whether sending it twice is the same as sending it once."""
        return self.is_repeatable or self.method == "GET"

    def outgoing(self, token: AccessToken) -> HttpRequest:
        """The HTTP request, under a token."""
        body = self.body if isinstance(self.body, bytes) else self.body(token.access)
        headers = [("Authorization", f"Bearer {token.access.reveal()}"), ("Accept", "application/json")]
        if body:
            headers.append(("Content-Type", self.content_type))
        if self.headers:
            own = {name.lower() for name, _ in self.headers}
            headers = [*(pair for pair in headers if pair[0].lower() not in own), *self.headers]
        return HttpRequest(
            method=self.method,
            url=token.base_url + self.path,
            headers=tuple(headers),
            body=body,
            records=self.records,
            is_repeatable=self.has_no_effect,
        )


def json_request(
    method: str,
    path: str,
    content: Any,
    *,
    headers: tuple[tuple[str, str], ...] = (),
    records: int = 0,
    is_repeatable: bool = False,
) -> ApiRequest:
    """A call with a JSON body."""
    body = msgspec.json.encode(content)
    return ApiRequest(method, path, body, headers=headers, records=records, is_repeatable=is_repeatable)


class ErrorFormat(Protocol):
    """How a CRM words what went wrong."""

    def details(self, reply: HttpResponse) -> tuple[ErrorDetail, ...]:
        """The errors of an answer, at least one."""

    def is_expired(self, reply: HttpResponse) -> bool:
        """Whether the CRM refused the access token."""

    def is_final(self, reply: HttpResponse) -> bool:
        """Whether an answer with a status of an outage is in truth a verdict, as a SOAP fault is."""

    def is_limit(self, reply: HttpResponse) -> bool:
        """Whether an answer with a status of a verdict is in truth a rate limit or an outage."""

    def pause_s(self, reply: HttpResponse) -> float | None:
        """How long to wait, where the CRM says so in a way of its own."""

    def hint(self, reply: HttpResponse) -> str:
        """Which permission, scope or setting is missing, as far as the answer tells."""


class CrmSession:
    """Sends calls to one org under its current token, and renews the token once when it is refused."""

    def __init__(self, channel: Channel, tokens: TokenSource, errors: ErrorFormat) -> None:
        self._channel = channel
        self._tokens = tokens
        self._errors = errors
        self.clock = channel.clock
        self.sender = channel.sender

    async def send(self, call: ApiRequest) -> HttpResponse:
        """Send a call and give the CRM's verdict on it, good or bad.

        Raises:
            CrmUnavailableError: The CRM took nothing for now.
            AnswerLostError: The CRM may have taken it.
            CrmRefusedError: The CRM gives no access token.
        """
        token = await self._tokens.current()
        reply = await self._channel.send(call.outgoing(token))
        # A CRM that refuses the token has done nothing else: an insert may be sent again under a fresh one.
        if self._errors.is_expired(reply):
            fresh = await self._tokens.renew(token)
            if fresh is not None:
                reply = await self._channel.send(call.outgoing(fresh))
        problem = outage(reply, self._errors, self._channel, is_repeatable=call.has_no_effect)
        if problem is not None:
            raise problem
        return reply

    async def fetch(self, call: ApiRequest) -> HttpResponse:
        """Send a call that must succeed.

        Raises:
            CrmRefusedError: The CRM's answer is not a success. Otherwise as `send`.
        """
        reply = await self.send(call)
        if not reply.is_success:
            raise self.refusal(reply)
        return reply

    async def read(self, call: ApiRequest, kind: type[T]) -> T:
        """Send a call that must succeed, and read its JSON as `kind`, a msgspec type.

        Raises:
            CrmUnavailableError: The answer is something else. Otherwise as `fetch`.
        """
        return self.decode(await self.fetch(call), kind)

    def decode(self, reply: HttpResponse, kind: type[T]) -> T:
        """The JSON of an answer as `kind`, a msgspec type.

        Raises:
            CrmUnavailableError: It is something else, as a proxy's page may be.
        """
        try:
            return decode_json(reply.body, kind)
        except msgspec.DecodeError as error:
            reason = f"The answer is not what this call answers: {error}"
            detail = ErrorDetail(reason, "UNREADABLE_ANSWER")
            raise CrmUnavailableError(detail, raw=self.raw(reply)) from None

    async def aclose(self) -> None:
        await self._channel.aclose()

    async def token(self) -> AccessToken:
        """The current token, for calls that carry it in their body and for building URLs."""
        return await self._tokens.current()

    def details(self, reply: HttpResponse) -> tuple[ErrorDetail, ...]:
        """The errors of an answer, at least one."""
        return self._errors.details(reply)

    def raw(self, reply: HttpResponse) -> str:
        """The body of an answer for the log, with secrets masked, cut where bodies are."""
        return _raw(reply, self._channel)

    def refusal(self, reply: HttpResponse) -> CrmRefusedError:
        """The error that says why the CRM refused a whole request."""
        return refusal(reply, self._errors, self._channel)


def refusal(reply: HttpResponse, errors: ErrorFormat, channel: Channel) -> CrmRefusedError:
    """The error that says why the CRM refused a whole request, and what is missing where it tells."""
    error = CrmRefusedError(errors.details(reply)[0], _raw(reply, channel), reply.status)
    error.hint = errors.hint(reply)
    return error


def outage(
    reply: HttpResponse, errors: ErrorFormat, channel: Channel, *, is_repeatable: bool
) -> CrmUnavailableError | AnswerLostError | None:
    """The error when an answer is no verdict of the CRM: an outage, a limit, a gateway that gave up."""
    if reply.status in _LOST and not is_repeatable:
        reason = f"A gateway answered {reply.status}: the CRM may or may not have taken the request."
        return AnswerLostError(reason)
    is_outage = reply.status in _OUTAGES | _LOST and not errors.is_final(reply)
    if not is_outage and not errors.is_limit(reply):
        return None
    raw = _raw(reply, channel)
    error = CrmUnavailableError(errors.details(reply)[0], _pause_s(reply, errors, channel), raw, reply.status)
    error.hint = errors.hint(reply)
    return error


def _raw(reply: HttpResponse, channel: Channel) -> str:
    return channel.masker.values(reply.text[:SHOWN_BYTES])


def _pause_s(reply: HttpResponse, errors: ErrorFormat, channel: Channel) -> float | None:
    """How long the CRM wants to be left alone; a wish beyond a day is taken as one for a day."""
    told = reply.header("retry-after").strip()
    if not told:
        return errors.pause_s(reply)
    try:
        if told.isdecimal():
            return min(float(told), _LONGEST_PAUSE_S)
        # A date counts from the CRM's own clock, which the answer's `Date` gives.
        sent_at = reply.header("date")
        start = parsedate_to_datetime(sent_at) if sent_at else channel.clock.now()
        pause = (parsedate_to_datetime(told) - start) / timedelta(seconds=1)
        return min(max(pause, 0.0), _LONGEST_PAUSE_S)
    except (ValueError, TypeError, OverflowError):
        return None
