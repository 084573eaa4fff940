"""JSON text in colours that tell names, texts and numbers apart."""

from __future__ import annotations

import re
from typing import Final

from textual.content import Content, Span

_TOKEN: Final = re.compile(
    r'("(?:[^"\\\n]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|\b(true|false|null)\b'
)


def coloured(text: str) -> Content:
    """The text with names in the accent, strings in green, other values in yellow."""
    return Content(
        text, spans=[Span(match.start(), match.end(), _style(match)) for match in _TOKEN.finditer(text)]
    )


def _style(match: re.Match[str]) -> str:
    if match[1]:
        return "$text-primary" if match[2] else "$text-success"
    return "$text-warning"
