"""Secret values that cannot be printed by accident, and the mask that keeps them out of everything shown."""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus
from weakref import WeakSet

MASK: Final = "***"

# Replacing shorter values would garble ordinary text, and nothing that short is a working credential.
_SHORTEST_SECRET: Final = 4

# The same for a line of a secret that has several, and for a secret's characters within base64.
_SHORTEST_LINE: Final = 16
_SHORTEST_CODED: Final = 8

_NAMES: Final = (
    "access_token|refresh_token|id_token|client_secret|password|assertion|code_verifier|signature|"
    "sessionId|tokenKey|token|accessToken|refreshToken"
)
_JSON = re.compile(rf'("(?:{_NAMES})"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE)
_FORM = re.compile(rf"((?:^|[&?])(?:{_NAMES})=)[^&\s]*", re.IGNORECASE)
_XML = re.compile(r"(<(?:\w+:)?(?:sessionId|password)>)[^<]*", re.IGNORECASE)
_TOKEN_PATH = re.compile(r"(/oauth/[^/]+/(?:access|refresh)-tokens/)[^/?#]+")
_NAMED: Final = rb"[^\"=&?]*(?:authorization|api-?_?key|secret|password|token)[^\"=&?]*"
_IN_QUERY: Final = re.compile(rb"([?&]" + _NAMED + rb"=)[^&]*", re.IGNORECASE)
_IN_BODY: Final = re.compile(rb"(\"" + _NAMED + rb"\"\s*:\s*\")(?:[^\"\\]|\\.)*", re.IGNORECASE)
# Clients send the same headers over and over; the bound is for those who send new ones each time.
_HEADERS_KEPT: Final = 256
_HEADERS: Final = frozenset(
    {"authorization", "x-sfdc-session", "cookie", "set-cookie", "proxy-authorization"}
)

_maskers: WeakSet[Masker] = WeakSet()
"""Those of the sandboxes of this process."""


class _LogFilter(logging.Filter):
    """httpx logs every URL, and one of HubSpot's carries the access token."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _TOKEN_PATH.sub(rf"\g<1>{MASK}", str(item)) if _TOKEN_PATH.search(str(item)) else item
                for item in record.args
            )
        return True


logging.getLogger("httpx").addFilter(_LogFilter())


def log_defect(logger: logging.Logger, what: str, error: Exception) -> None:
    """Log where the program failed on what came from outside, without the error's text: it may quote it."""
    place = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", what, type(error).__name__, place)


class MaskingFormatter(logging.Formatter):
    """Formats a line of a log, its traceback included, without any secret that this process knows."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        text = super().format(record)
        for masker in tuple(_maskers):
            text = masker.values(text)
        return text


class Secret:
    """A value that is only given out by `reveal`, so that no repr, traceback or log shows it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that needs it."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


def forms_of(value: str) -> set[str]:
    """A secret as texts carry it: plain, in the escapes of Python, JSON, URLs and XML, and within base64."""
    forms = {
        value,
        value.strip(),
        *(line.strip() for line in value.splitlines() if len(line) > _SHORTEST_LINE),
    }
    for plain in list(forms):
        forms |= {repr(plain)[1:-1], json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1]}
        forms |= {form.replace("/", r"\/") for form in (json.dumps(plain)[1:-1], plain)}
        forms |= {html.escape(plain), html.escape(plain, quote=False)}
        for quoted in (quote(plain, safe=""), quote(plain), quote_plus(plain)):
            forms |= {quoted, quote(quoted, safe=""), re.sub("%..", lambda code: code[0].lower(), quoted)}
        forms.update(_within_base64(plain.encode("utf-8", "replace")))
    return {form for form in forms if len(form) >= _SHORTEST_SECRET}


def _within_base64(value: bytes) -> Iterator[str]:
    """What base64 makes of a value wherever it stands in a longer one, such as `user:secret`.

    Three bytes become four characters, so there are three ways; the characters that also depend on the
    neighbours are left out.
    """
    for before in range(3):
        first = -(-before * 4 // 3)
        last = (before + len(value)) * 4 // 3
        coded = base64.b64encode(bytes(before) + value).decode()[first:last]
        if len(coded) >= _SHORTEST_CODED:
            yield coded
            yield coded.replace("+", "-").replace("/", "_")


def trimmed(value: str) -> str:
    """A credential without what editors, shells and copying leave around it."""
    return value.strip(" \t\r\n\v\f\0\ufeff\u200b\u2060\u00a0")


def is_header_value(value: str) -> bool:
    """Whether a token can stand in an HTTP header: visible ASCII characters."""
    return bool(value) and all("!" <= char <= "~" for char in value)


class Masker:
    """Replaces secrets in what is shown: by their place in a message, and by value wherever they appear.

    The real orgs of a sandbox share one, through which all that they say goes before it is kept, logged or
    shown: what one connection logs in with is masked in the answers of all.

    Args:
        beyond: Another one, whose secrets are masked as well.
    """

    def __init__(self, beyond: Masker | None = None) -> None:
        # The longest first: one secret may be part of another.
        self._values: list[str] = []
        self._bytes: list[bytes] = []
        self._headers: dict[tuple[str, str], tuple[str, str]] = {}
        self._seen = 0
        self._beyond = beyond
        _maskers.add(self)

    def __repr__(self) -> str:
        return f"Masker({len(self._values)} secrets)"

    def learn(self, secret: Secret) -> None:
        """Mask this value from now on, in every form in which texts carry it."""
        known = {*self._values, *forms_of(secret.reveal())}
        self._values = sorted(known, key=len, reverse=True)
        self._bytes = [each.encode("utf-8", "surrogatepass") for each in self._values]

    @property
    def known(self) -> int:
        """How many spellings are masked; what was masked when it was lower may hold a secret."""
        return len(self._values) + (self._beyond.known if self._beyond else 0)

    def is_in(self, body: bytes) -> bool:
        """Whether a body holds a secret that is known by value."""
        for value in self._bytes:  # no generator: each header of each request is looked at
            if body.find(value) >= 0:  # `in` would try a number first, which takes longer than the search
                return True
        return self._beyond is not None and self._beyond.is_in(body)

    def text(self, text: str) -> str:
        """A body or message without secrets."""
        for pattern in (_JSON, _FORM, _XML, _TOKEN_PATH):
            text = pattern.sub(rf"\g<1>{MASK}", text)
        return self.values(text)

    def values(self, text: str) -> str:
        """A text without the secrets that are known by value, and otherwise as it is."""
        for value in self._values:
            text = text.replace(value, MASK)
        return self._beyond.values(text) if self._beyond else text

    def body(self, body: bytes) -> bytes:
        """A body without the secrets that are known by value, and otherwise as it is."""
        if not self.is_in(body):
            return body
        return self.values(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def stray_body(self, body: bytes) -> bytes:
        """A body that was meant for who knows what: without what is named like a secret, either."""
        return self.body(_IN_BODY.sub(rb"\1" + MASK.encode(), body))

    def target(self, target: bytes) -> bytes:
        """The target of a request without secrets, in its query or elsewhere."""
        if b"?" in target:
            target = _IN_QUERY.sub(rb"\1" + MASK.encode(), target)
        return self.body(target)

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers without secrets; the scheme of an authorization stays readable."""
        seen = self.known
        if seen != self._seen:  # a secret was learned since
            self._seen, self._headers = seen, {}
        masked = self._headers.get  # nearly all are the same in each request
        return tuple([masked(each) or self._keep_masked(each) for each in headers])

    def _keep_masked(self, header: tuple[str, str]) -> tuple[str, str]:
        masked = self._masked(*header)
        if len(self._headers) < _HEADERS_KEPT:
            self._headers[header] = masked
        return masked

    def _masked(self, name: str, value: str) -> tuple[str, str]:
        if name.lower() in _HEADERS:
            scheme, _, rest = value.partition(" ")
            return name, f"{scheme} {MASK}" if rest and "ookie" not in name else MASK
        return name, self.values(value)
