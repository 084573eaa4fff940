"""Requests to a CRM over sockets, by httpx. Imported for live connections only: it takes long."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from ampsandbox.crm.http import (
    READ_TIMEOUT_S,
    USER_AGENT,
    HttpRequest,
    HttpResponse,
    NoAnswerError,
    NotSentError,
    PreparedRequest,
)
from ampsandbox.errors import SettingsError
from ampsandbox.settings.credentials import is_loopback

_TIMEOUT: Final = httpx.Timeout(READ_TIMEOUT_S, connect=10.0, pool=60.0)


class HttpxSender:
    make_durable = None
    answers_at_once = False

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    def prepare(self, outgoing: HttpRequest) -> PreparedRequest:
        """Complete a request with what httpx adds.

        Raises:
            NotSentError: It cannot be written as HTTP.
        """
        try:
            request = self._client.build_request(
                outgoing.method, outgoing.url, headers=list(outgoing.headers), content=outgoing.body
            )
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            # Its text may quote a header.
            raise NotSentError(f"The request cannot be written as HTTP ({type(error).__name__}).") from None
        return _HttpxRequest(self._client, request)

    async def aclose(self) -> None:
        await self._client.aclose()


class _HttpxRequest:
    def __init__(self, client: httpx.AsyncClient, request: httpx.Request) -> None:
        self._client = client
        self._request = request

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        return self._request.headers.multi_items()

    async def send(self) -> HttpResponse:
        try:
            response = await self._client.send(self._request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            # Without the cause: frames below this one hold the request with its secrets.
            raise NotSentError(_reason(error)) from None
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            raise NotSentError(f"The request cannot be written as HTTP ({type(error).__name__}).") from None
        except httpx.RequestError as error:
            raise NoAnswerError(_reason(error)) from None
        return HttpResponse(response.status_code, tuple(response.headers.multi_items()), response.content)


def _reason(error: httpx.RequestError) -> str:
    return str(error) or type(error).__name__


def http_client(*, url: str = "", ca_file: Path | None = None) -> httpx.AsyncClient:
    """An HTTP client for one CRM.

    Proxies of the environment are honoured for hosts outside this machine only, so that nothing that runs
    here is asked for by way of a proxy.

    Raises:
        SettingsError: The file of certificates cannot be used.
    """
    return httpx.AsyncClient(
        trust_env=not is_loopback(url),
        verify=_trust(ca_file) if ca_file else True,
        timeout=_TIMEOUT,
        headers={"User-Agent": USER_AGENT},
    )


def _trust(ca_file: Path) -> Any:
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:
        reason = "it holds no certificates in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise SettingsError(
            f"The ca_file {ca_file} cannot be used: {reason}.",
            "Name a file with the CA's certificate as PEM.",
        ) from None
