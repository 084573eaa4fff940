"""Requests and answers as the providers' handlers see them: bytes, decoded once, no framework in between."""

from __future__ import annotations

import zlib
from codecs import BOM_UTF8
from collections.abc import Awaitable, Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import msgspec

from mock_crm.core.faults import Strike

JSON = "application/json;charset=UTF-8"
MAX_URL_BYTES = 16_384

_HEADER_SAFE = "".join(map(chr, range(32, 127)))

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


class BodyError(Exception):
    """A request's body cannot be read; the message says why, in the words of the decoder."""


class Request:
    """One HTTP request to an org.

    Attributes:
        method: Upper-case HTTP method; a HEAD arrives at handlers as GET.
        path: Decoded path below the org's root.
        segments: The path's segments, each decoded on its own, so `%2F` stays inside its segment.
        params: What the route's `{name}` segments matched.
        body: The body, already unzipped.
        root: Scheme, host and path prefix under which the client reached the org, without a slash at the end.
        strike: What fault rules do to this request's records, or None.
        user: Whatever the provider's guard found out about the caller.
        answer_inner: Answers a request that came inside this one; set by the app.
        is_inner: Whether it came inside another one, whose session it shares.
    """

    __slots__ = ("_headers", "_query", "answer_inner", "body", "is_inner", "method", "params",
                 "path", "query_string", "root", "segments", "strike", "user")  # fmt: skip

    def __init__(
        self,
        method: str,
        segments: list[str],
        *,
        root: str = "",
        query_string: str = "",
        headers: Iterable[tuple[bytes, bytes]] = (),
        body: bytes = b"",
    ) -> None:
        self.method = method
        self.segments = segments
        self.path = "/" + "/".join(segments)
        self.root = root
        self.query_string = query_string
        self.body = body
        self.params: dict[str, str] = {}
        self.strike: Strike | None = None
        self.user: Any = None
        self.is_inner = False
        self.answer_inner: Callable[[Request], Response | Awaitable[Response]]
        self._headers = dict(headers)
        self._query: dict[str, str] | None = None

    def header(self, name: str, default: str = "") -> str:
        """A header's value by its name in lower case, as which names come."""
        value = self._headers.get(name.encode())
        return default if value is None else str(value, "latin-1")

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of repeated ones the last."""
        if self._query is None:
            self._query = dict(parse_qsl(self.query_string, keep_blank_values=True))
        return self._query

    def query_list(self, name: str) -> list[str]:
        """All values of a repeated query parameter."""
        return [value for key, value in parse_qsl(self.query_string, keep_blank_values=True) if key == name]

    def form(self) -> dict[str, str]:
        """The fields of an `application/x-www-form-urlencoded` body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def json(self, shape: Any = Any) -> Any:
        """The body as JSON, checked against a msgspec type.

        Raises:
            BodyError: It is not JSON, or not of this type.
        """
        try:
            return _decode(self.body.removeprefix(BOM_UTF8), type=shape)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise BodyError(str(error)) from error

    def content_type(self) -> str:
        """The media type of the body, lower-case, without its parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def url(self, path: str) -> str:
        """An absolute URL, for a path that begins with a slash, as this client can reach it."""
        return self.root + path


class Response:
    """One answer. `headers` are (lower-case name, value) pairs beside `content-type` and `content-length`."""

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(
        self,
        status: int = 200,
        body: bytes = b"",
        content_type: str = JSON,
        headers: list[tuple[str, str]] | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = headers if headers is not None else []


def json_response(value: Any, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Response:
    """An answer with a JSON body; `value` may be anything msgspec encodes."""
    return Response(status, _encode(value), JSON, headers)


def url_too_long() -> Response:
    """The answer of the web server in front of both CRMs to a URL of more than `MAX_URL_BYTES`."""
    page = b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>"
    return Response(414, page, "text/html;charset=iso-8859-1")


def head_too_large(path: str) -> Response:
    """The answer to a URL and headers that are too large together (REST guide; sfdx-hardis issue 1743)."""
    what = "Request Header Fields Too Large"
    rows = (("URI:", escape(path)), ("STATUS:", "431"), ("MESSAGE:", what))
    table = "\n".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    page = f"""<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>
<title>Error 431 {what}</title>
</head>
<body>
<h2>HTTP ERROR 431 {what}</h2>
<table>
{table}
</table>
</body>
</html>
"""
    return Response(431, page.encode("latin-1", "xmlcharrefreplace"), "text/html;charset=iso-8859-1")


def encoded_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as bytes; what HTTP cannot carry in a value is percent-encoded."""
    # Looking at each value on its own took 1.4 % of the instructions of a single create.
    values = "".join([value for _, value in headers])
    if values.isascii() and values.isprintable():
        return [(name.encode(), value.encode()) for name, value in headers]
    return [(name.encode(), quote(value, safe=_HEADER_SAFE).encode()) for name, value in headers]


def split_path(path: str) -> list[str]:
    """The decoded segments of an undecoded path; a slash at the end makes no difference."""
    segments = path.strip("/").split("/") if path.strip("/") else []
    return [unquote(segment) for segment in segments] if "%" in path else segments


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo a `Content-Encoding` of gzip or deflate.

    Raises:
        BodyError: The body is damaged, longer than `limit` bytes when unpacked, or in another encoding.
    """
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise BodyError(f"content encoding {encoding} is not supported")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise BodyError(f"damaged {encoding} body: {error}") from error
    if len(unpacked) > limit:
        raise BodyError(f"body is longer than {limit} bytes")
    if not unpacker.eof:
        raise BodyError(f"{encoding} body ends too early")
    return unpacked


def deflate(body: bytes) -> bytes:
    """The body in gzip form; fast rather than small, since it mostly crosses a loopback."""
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(body) + packer.flush()
