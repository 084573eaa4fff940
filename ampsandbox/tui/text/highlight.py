"""JSON and SOQL in colours that tell names, texts and numbers apart.

A token of either never goes over the end of a line, so each line is coloured by itself: an editor colours
what it shows, however long the text is. Textual can carry no grammar for SOQL, and one for JSON would be a
compiled dependency for three kinds of token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from textual.content import Content, Span

Language = Literal["json", "soql"]

_JSON: Final = re.compile(
    r'(?P<name>"(?:[^"\\\n]|\\.)*"(?=\s*:))|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b|\b(?:true|false|null)\b)"
)
_KEYWORDS: Final = (
    "select from where and or not in like includes excludes order by asc desc nulls first last limit offset "
    "group having rollup cube using scope with for view reference update typeof when then else end all rows"
)
_SOQL: Final = re.compile(
    rf"(?P<string>'(?:[^'\\\n]|\\.)*'?)|(?P<name>\b(?:{'|'.join(_KEYWORDS.split())})\b(?!\s*\.))"
    r"|(?P<number>\b\d[\w.:+-]*\b|\b(?:true|false|null|(?:last|this|next|n_)\w*?[_:][\w:]+|today|yesterday|tomorrow)\b)",
    re.IGNORECASE,
)
_PATTERNS: Final[Mapping[Language, re.Pattern[str]]] = {"json": _JSON, "soql": _SOQL}

STYLES: Final = {"name": "$text-primary", "string": "$text-success", "number": "$text-warning"}
"""How each kind of token looks: names and keywords, texts, and other values."""


class Token(NamedTuple):
    """A part of a text; `kind` is a key of `STYLES`."""

    start: int
    end: int
    kind: str


def tokens(text: str, language: Language) -> Iterator[Token]:
    """The parts of a text that have a colour, in their order."""
    for match in _PATTERNS[language].finditer(text):
        assert match.lastgroup is not None
        yield Token(match.start(), match.end(), match.lastgroup)


def coloured(text: str, language: Language = "json") -> Content:
    """The text in colours."""
    return Content(
        text, spans=[Span(start, end, STYLES[kind]) for start, end, kind in tokens(text, language)]
    )
