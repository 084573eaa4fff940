"""Ampersand's own hosts: for code that has them written in, over HTTPS and through a proxy.

`HTTPS_PROXY` and the development CA lead such code here; all other hosts are refused, so that the proxy
cannot be used to reach anything else. Below `.localhost` the same first labels pick the same API.
"""

from __future__ import annotations

import socket
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ampsandbox.errors import StateError
from ampsandbox.server.asgi import Scope, header
from ampsandbox.server.binding import bind_or_explain
from mock_crm.core.listener import Listener

if TYPE_CHECKING:
    from ampsandbox.server.asgi import ASGIApp
    from mock_crm.core.proxy import ConnectProxy

DOMAIN: Final = "withampersand.com"
APIS: Final = ("api", "write", "read", "search", "proxy")
HOSTS: Final = tuple(f"{name}.{DOMAIN}" for name in APIS)
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def api_of(scope: Scope) -> str:
    """Which of Ampersand's APIs a request is for, by its host: `api`, `write`, …; empty for any."""
    return _api_named(header(scope, b"host"))


@lru_cache(maxsize=64)
def _api_named(host: str) -> str:
    name, _, domain = host.partition(":")[0].lower().partition(".")
    return name if name in APIS and domain in (DOMAIN, "localhost") else ""


class SecurePorts:
    """An HTTPS port and a proxy in front of one app.

    Args:
        app: What answers.
        host: The address to listen on.
        https_port: The port for HTTPS, 0 for a free one.
        proxy_port: The port of the proxy; None for none.
        ca_dir: Where the development CA is; its usual place when None.

    Attributes:
        https_url: Where HTTPS is taken.
        proxy_url: Where the proxy is; empty for none.
        ca: The certificate that clients must trust.

    Raises:
        PortInUseError: Another program has a port.
        StateError: The CA's directory cannot be used.
    """

    def __init__(
        self, app: ASGIApp, host: str, https_port: int, proxy_port: int | None, ca_dir: Path | None
    ) -> None:
        from mock_crm.core.tls import CertificateError, default_directory, development_authority

        try:
            authority = development_authority(ca_dir or default_directory())
        except CertificateError as error:
            raise StateError(str(error), "Name another directory with --ca-dir.") from None
        self.ca = authority.certificate_path.resolve()
        self._tls = bind_or_explain(host, https_port)
        self._proxy_socket = bind_or_explain(host, proxy_port) if proxy_port is not None else None
        # The certificate is made out to the address as well, unless that stands for all of them.
        names = HOSTS if host in _ANYWHERE else (*HOSTS, host)
        self._listener: Listener = Listener(app, self._tls, authority.server_context(*names))
        self._proxy: ConnectProxy | None = None
        self.https_url = f"https://{_authority(self._tls)}"
        self.proxy_url = f"http://{_authority(self._proxy_socket)}" if self._proxy_socket else ""

    async def start(self, plain_port: int) -> None:
        """Take connections; requests without TLS that come to the proxy go to `plain_port`."""
        from mock_crm.core.proxy import ConnectProxy

        await self._listener.start()
        if self._proxy_socket is not None:
            host, port = _reachable(self._tls)
            self._proxy = ConnectProxy("a sandbox", HOSTS, plain=(host, plain_port), tls=(host, port))
            await self._proxy.start(self._proxy_socket)

    async def stop(self) -> None:
        if self._proxy is not None:
            await self._proxy.stop()
        elif self._proxy_socket is not None:
            self._proxy_socket.close()
        await self._listener.stop()


def _reachable(sock: socket.socket) -> tuple[str, int]:
    host, port = sock.getsockname()[:2]
    return _ANYWHERE.get(host, host), port


def _authority(sock: socket.socket) -> str:
    host, port = _reachable(sock)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
