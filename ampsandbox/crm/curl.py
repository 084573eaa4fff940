"""HTTP requests as curl commands, for the clipboard and the terminal: secrets masked, nothing interpreted."""

from __future__ import annotations

import re
import shlex
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from ampsandbox.crm.http import SHOWN_BYTES, HttpRequest
from ampsandbox.engine.crm import Exchange
from ampsandbox.secrets import Masker

# What curl or the connection adds by itself.
_IMPLIED: Final = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "user-agent", "transfer-encoding"}
)

# Characters that a terminal acts on, or that reorder text; `$'…'` carries them through a shell.
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def exchange_as_curl(exchange: Exchange, origin: str | None = None) -> str:
    """The request of an exchange, whose secrets are masked already.

    Args:
        exchange: What was observed.
        origin: Scheme, host and path prefix to send it to instead, such as those of the sandbox's server for
            a mock org.
    """
    url = _moved(exchange.url, origin) if origin else exchange.url
    return _render(exchange.method, url, exchange.request_headers, exchange.request_body)


def outgoing_as_curl(outgoing: HttpRequest, masker: Masker) -> str:
    """A request that was not sent, with its secrets masked; the body is cut as in the log."""
    headers = tuple(masker.header(name, value) for name, value in outgoing.headers)
    body = masker.values(outgoing.body.decode("utf-8", "replace"))
    shown = body.encode()[:SHOWN_BYTES].decode("utf-8", "ignore")
    return _render(outgoing.method, masker.text(outgoing.url), headers, shown)


def _render(method: str, url: str, headers: tuple[tuple[str, str], ...], body: str) -> str:
    parts = [f"curl -X {_quoted(method)} {_quoted(url)}"]
    parts += [f"-H {_quoted(f'{name}: {value}')}" for name, value in headers if name.lower() not in _IMPLIED]
    if body:
        parts.append(f"--data-raw {_quoted(body)}")
    return " \\\n  ".join(parts)


def _moved(url: str, origin: str) -> str:
    old, new = urlsplit(url), urlsplit(origin)
    return urlunsplit((new.scheme, new.netloc, new.path.rstrip("/") + old.path, old.query, ""))


def _quoted(text: str) -> str:
    unsafe = _UNSAFE.search(text.replace("\n", ""))
    if unsafe is None:
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    # NUL cannot be an argument of any program, so it is shown as the picture of it.
    escaped = escaped.replace("\x00", "\N{SYMBOL FOR NULL}")
    return "$'" + _UNSAFE.sub(_escape, escaped) + "'"


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
