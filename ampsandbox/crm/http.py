"""Sending one HTTP request to a CRM: what is observed of it, and what it means when no answer comes."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec

from ampsandbox import __version__
from ampsandbox.clock import Clock
from ampsandbox.crm.secrets import Masker
from ampsandbox.engine.crm import (
    AnswerLostError,
    CrmErrorDetail,
    CrmUnavailableError,
    Exchange,
    ExchangeObserver,
)

# What of a body is kept for the log.
SHOWN_BYTES: Final = 64 * 1024

# Read past the cut, so that a secret that lies across it is still recognised.
_MARGIN_BYTES: Final = 8 * 1024

_TITLE: Final = re.compile(r"<title>(.*?)</title>", re.IGNORECASE | re.DOTALL)

# Salesforce allows itself 120 s for a transaction of Apex triggers; a collection of 200 may need most of it.
_TIMEOUT: Final = httpx.Timeout(120.0, connect=10.0, pool=60.0)


@dataclass(frozen=True, slots=True)
class Outgoing:
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

    def __repr__(self) -> str:
        return f"Outgoing({self.method}, {len(self.body)} bytes)"


@dataclass(frozen=True)
class Reply:
    """A complete HTTP answer."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text, with what is not UTF-8 replaced."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or None when it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
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
        return "xml" in self.headers.get("content-type", "")


class Channel:
    """Sends requests and reports each of them to the observer, with secrets masked."""

    def __init__(
        self, client: httpx.AsyncClient, clock: Clock, observe: ExchangeObserver, masker: Masker
    ) -> None:
        self._client = client
        self._observe = observe
        self.clock = clock
        self.masker = masker

    async def send(self, outgoing: Outgoing) -> Reply:
        """Send a request once.

        Raises:
            CrmUnavailableError: It did not reach the CRM, or it is repeatable and its answer was lost.
            AnswerLostError: It may have reached the CRM, but no complete answer came.
        """
        request = self._client.build_request(
            outgoing.method, outgoing.url, headers=list(outgoing.headers), content=outgoing.body
        )
        at, stopwatch = self.clock.now(), self.clock.stopwatch()
        response: httpx.Response | None = None
        try:
            response = await self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            # Without the cause: frames below this one hold the request with its secrets.
            raise _unavailable("CONNECTION_FAILED", self._reason(error)) from None
        except httpx.RequestError as error:
            raise self._lost(outgoing, error) from None
        finally:
            self._observe(self._exchange(outgoing, request, response, at, stopwatch()))
        return Reply(response.status_code, response.headers, response.content)

    def _lost(self, outgoing: Outgoing, error: httpx.RequestError) -> Exception:
        reason = self._reason(error)
        if outgoing.is_repeatable:
            return _unavailable("ANSWER_LOST", reason)
        return AnswerLostError(f"The request was sent, but its answer never came: {reason}")

    def _reason(self, error: httpx.RequestError) -> str:
        return self.masker.text(str(error)) or type(error).__name__

    def _exchange(
        self,
        outgoing: Outgoing,
        request: httpx.Request,
        response: httpx.Response | None,
        at: Any,
        elapsed_ms: float,
    ) -> Exchange:
        # Only logins carry secrets that are not known by value yet; elsewhere a field may well be called
        # “signature” or “token” without being one.
        mask = self.masker.text if "/oauth" in request.url.path else self.masker.values
        return Exchange(
            at=at,
            method=request.method,
            url=self.masker.text(str(request.url)),
            status=None if response is None else response.status_code,
            request_headers=self._headers(request.headers),
            request_body=self._shown(outgoing.body, mask),
            response_headers=() if response is None else self._headers(response.headers),
            response_body="" if response is None else self._shown(response.content, mask),
            elapsed_ms=elapsed_ms,
            records=outgoing.records,
        )

    def _headers(self, headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
        return tuple(self.masker.header(name, value) for name, value in headers.multi_items())

    def _shown(self, body: bytes, mask: Callable[[str], str]) -> str:
        masked = mask(body[: SHOWN_BYTES + _MARGIN_BYTES].decode("utf-8", "replace"))
        return masked.encode()[:SHOWN_BYTES].decode("utf-8", "ignore")


def _unavailable(code: str, reason: str) -> CrmUnavailableError:
    return CrmUnavailableError(CrmErrorDetail(message=reason, code=code))


def http_client(
    transport: httpx.AsyncBaseTransport | None = None, *, url: str = "", ca_file: Path | None = None
) -> httpx.AsyncClient:
    """An HTTP client for one CRM.

    Proxies of the environment are honoured for hosts outside this machine only, so that nothing that runs
    here is asked for by way of a proxy.
    """
    is_outside = transport is None and not is_loopback(url)
    return httpx.AsyncClient(
        transport=transport,
        trust_env=is_outside,
        verify=_trust(ca_file) if ca_file else True,
        timeout=_TIMEOUT,
        headers={"User-Agent": f"ampsandbox/{__version__}"},
    )


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = httpx.URL(url).host if url else ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def segment(text: str) -> str:
    """A value as exactly one segment of a URL path, whatever it holds."""
    escaped = quote(text, safe="")
    return escaped.replace(".", "%2E") if not escaped.strip(".") else escaped


def _trust(ca_file: Path) -> Any:
    import ssl

    return ssl.create_default_context(cafile=str(ca_file))
