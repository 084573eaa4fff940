"""A forward proxy for clients that insist on the real host names: those go to the mock, all else is refused.

It never connects anywhere but to the mock, so it cannot be used to reach another host.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from mock_crm.core.hosts import is_below

_HEAD_TIMEOUT_S: Final = 30
_CHUNK_BYTES: Final = 65536
_HOP_HEADERS: Final = (b"connection:", b"proxy-connection:", b"proxy-authorization:", b"keep-alive:")

Address = tuple[str, int]


class ConnectProxy:
    """An HTTP proxy in front of one server on this machine.

    Args:
        leads_to: What it leads to, as its refusals name it.
        domains: The hosts that are sent there, with all below them.
        plain: Where the server takes HTTP.
        tls: Where the server takes HTTPS.
    """

    def __init__(self, leads_to: str, domains: Sequence[str], *, plain: Address, tls: Address) -> None:
        self._leads_to = leads_to
        self._domains = domains
        self._plain = plain
        self._tls = tls
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Take connections on a socket that is bound already."""
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=_CHUNK_BYTES)

    async def stop(self) -> None:
        """Close the port and every connection that is still open."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            async with asyncio.timeout(_HEAD_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n\r\n")
            await self._route(head, reader, writer)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # The client went away or sends no HTTP: there is nobody to tell.
        except asyncio.CancelledError:
            pass  # Python 3.11 logs a traceback for a connection that ends as cancelled.
        finally:
            self._connections.discard(task)
            writer.close()

    async def _route(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request_line = head.partition(b"\r\n")[0].decode("latin-1")
        method, target = [*request_line.split(" "), ""][:2]
        tunnel = method == "CONNECT"
        host = target.rpartition(":")[0] if tunnel else _host_of(target)
        if not is_below(self._domains, host):
            await self._refuse(host or request_line, writer)
            return
        mock_reader, mock_writer = await asyncio.open_connection(*(self._tls if tunnel else self._plain))
        if tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            mock_writer.write(_origin_form(head, target))
        await _join(reader, writer, mock_reader, mock_writer)

    async def _refuse(self, host: str, writer: asyncio.StreamWriter) -> None:
        hosts = " and ".join(f"*.{domain}" for domain in self._domains)
        body = (
            f"This proxy leads to {self._leads_to} and takes only {hosts}; it refuses {host}.\n"
            "List other hosts in NO_PROXY.\n"
        ).encode()
        writer.write(
            b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        await writer.drain()


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme == "http" else ""


def _origin_form(head: bytes, target: str) -> bytes:
    """Turn the head of a proxy request into that of a plain one, which ends its connection.

    One request a connection, because the next one on it could name another host.
    """
    request_line, *headers = head.rstrip(b"\r\n").split(b"\r\n")
    path = "/" + target.partition("//")[2].partition("/")[2]
    opening = request_line.replace(target.encode("latin-1"), path.encode("latin-1"), 1)
    kept = [line for line in headers if not line.lower().startswith(_HOP_HEADERS)]
    return b"\r\n".join([opening, *kept, b"Connection: close", b"", b""])


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    mock_reader: asyncio.StreamReader,
    mock_writer: asyncio.StreamWriter,
) -> None:
    try:
        await asyncio.gather(_copy(reader, mock_writer), _copy(mock_reader, writer))
    finally:
        mock_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
