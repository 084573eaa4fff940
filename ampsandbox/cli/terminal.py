"""What is written to the terminal: text of others, JSON, tables."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

_CELL: Final = 60


def harmless(text: str) -> str:
    """Names that come from files and CRMs: what a terminal would act on is shown as its code."""
    return "".join(char if char == "\n" or char.isprintable() else f"\\u{{{ord(char):x}}}" for char in text)


def is_utf8() -> bool:
    """Whether the output takes every character."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON with its characters as they are, where the output takes them and a terminal only shows them."""
    text = json.dumps(
        value, indent=indent, ensure_ascii=not is_utf8(), separators=None if indent else (",", ":")
    )
    return harmless_json(text)


def harmless_json(text: str) -> str:
    """The same JSON, in which is escaped what turns a terminal's text around, or steers it."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() or char.isprintable() else json.dumps(char)[1:-1] for char in text)


def table(value: Any) -> str:
    """JSON as lines for people: a row for each object of a list, a line for each member of one object."""
    lines: list[tuple[str, ...]]
    if isinstance(value, dict):
        lines = [(name, _cell(content)) for name, content in value.items()]
    elif isinstance(value, list) and all(isinstance(each, dict) for each in value):
        names = dict.fromkeys(name for each in value for name, content in each.items() if _cell(content))
        lines = [tuple(names), *(tuple(_cell(each.get(name)) for name in names) for each in value)]
    else:
        lines = [(_cell(each),) for each in (value if isinstance(value, list) else [value])]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ("  ".join(map(str.ljust, line, widths)) for line in lines)
    return "\n".join(row.rstrip() for row in rows)


def _cell(content: Any) -> str:
    """What a cell shows of a value; nothing for none, and only the beginning of much."""
    if content in (None, "", [], {}):
        return ""
    text = harmless(content if isinstance(content, str) else json_text(content)).replace("\n", "\\u{a}")
    return text if len(text) <= _CELL else f"{text[: _CELL - 3]}..."
