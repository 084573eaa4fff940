"""From the text of a query to tokens, each with its offset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mock_crm.salesforce.soql.errors import syntax

END = "<EOF>"
"""What an error message calls the end of the query."""

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}))
  | (?P<date>\d{4}-\d{2}-\d{2}(?![\dT]))
  | (?P<time>\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))
  | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<symbol><=|>=|!=|<>|[=<>(),.:])
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)

# A moment has to name its zone; the "+" of an offset that was not percent-encoded arrives as a blank.
_ZONELESS = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?!\d|Z|[+-]\d|[:.]\d)", re.IGNORECASE
)

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_PLAIN_ESCAPES = frozenset("nNrRtTbBfF\"'\\_%")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, literal or symbol.

    `kind` is the name of a group of the lexer's pattern, or `end`. The text of a string has no quotes.
    """

    kind: str
    text: str
    at: int

    @property
    def keyword(self) -> str:
        """The word in capitals when it can be a keyword or a symbol; empty for literals."""
        return self.text.upper() if self.kind in ("name", "symbol") else ""


def tokenize(text: str) -> Iterator[Token]:
    """Split `text`, and end with a token of kind `end`.

    Raises:
        SoqlError: A character starts no token, or a string is not closed or holds a wrong escape.
    """
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or (match.lastgroup == "number" and _ZONELESS.match(text, at)):
            raise _no_token(text, at)
        kind = str(match.lastgroup)
        if kind == "string":
            yield Token(kind, _checked_string(match.group()[1:-1], at), at)
        elif kind != "space":
            yield Token(kind, match.group(), at)
        at = match.end()
    yield Token("end", END, len(text))


def _no_token(text: str, at: int) -> Exception:
    zoneless = _ZONELESS.match(text, at)
    is_open = text[at] == "'"
    at = zoneless.end() if zoneless else len(text) if is_open else at
    place = f"line {text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at) - 1}"
    if is_open:
        return syntax(f"{place} mismatched character '{END}' expecting '''", at)
    return syntax(f"{place} no viable alternative at character '{text[at : at + 1] or END}'", at)


def _checked_string(body: str, at: int) -> str:
    for escape in _ESCAPE.finditer(body):
        if len(escape.group(1)) == 1 and escape.group(1) not in _PLAIN_ESCAPES:
            raise syntax(
                f"Invalid string literal '{body}'. Illegal character sequence '{escape.group()}' in string "
                "literal.",
                at,
            )
    return body


_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def unescape(body: str) -> str:
    r"""The characters that the inside of a string literal stands for (`\'` is a quote, `\n` a line feed)."""
    return _ESCAPE.sub(lambda match: _escaped_character(match.group(1)), body) if "\\" in body else body


def _escaped_character(code: str) -> str:
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _CONTROL.get(code.lower(), code)


def like_pattern(body: str) -> re.Pattern[str]:
    r"""The expression for LIKE: `%` any characters, `_` one, `\%` and `\_` themselves, in any case."""
    out: list[str] = []
    at = 0
    while at < len(body):
        escape = _ESCAPE.match(body, at)
        if escape is not None:
            out.append(re.escape(_escaped_character(escape.group(1))))
            at = escape.end()
            continue
        out.append({"%": ".*", "_": "."}.get(body[at]) or re.escape(body[at]))
        at += 1
    return re.compile("".join(out), re.IGNORECASE | re.DOTALL)
