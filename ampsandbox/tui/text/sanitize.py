"""The one way by which a string from YAML, HTTP or a CRM reaches the screen.

Such text is hostile: it may hold markup, terminal escapes, NUL, direction overrides or a megabyte of one
line. Nothing here interprets it; what cannot be shown is shown by a visible stand-in.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from textual.content import Content

LINE_LIMIT: Final = 400
"""Characters of one line that a list or a label shows."""

TEXT_LIMIT: Final = 20_000
"""Characters of a body that a detail view shows."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]"
)
_BREAKS = re.compile(r"\r\n|\r|\n")


def line(value: object, limit: int = LINE_LIMIT) -> str:
    """The value as one line without anything that a terminal would obey, cut at `limit` characters."""
    text = value if isinstance(value, str) else as_text(value)
    cut = text[: limit + 1]
    shown = _UNSEEN.sub(_stand_in, _BREAKS.sub("⏎", cut).replace("\t", " "))
    return shown[: limit - 1] + "…" if len(shown) > limit else shown


def block(value: object, limit: int = TEXT_LIMIT) -> str:
    """The value with its line breaks kept, otherwise as `line`; says how much was left out."""
    text = value if isinstance(value, str) else as_text(value)
    shown = _UNSEEN.sub(_stand_in, _BREAKS.sub("\n", text[:limit]).replace("\t", "    "))
    left = len(text) - limit
    return f"{shown}\n… {left:,} more characters" if left > 0 else shown


def plain(value: object, style: str = "", limit: int = LINE_LIMIT) -> Content:
    """`line` as content for a widget, with an optional style of ours."""
    return Content.styled(line(value, limit), style)


def as_text(value: object) -> str:
    """A value of a record or a body in words: JSON for what is not a string, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return repr(type(value))


def pretty(text: str) -> str:
    """A body indented when it is JSON, as it stands otherwise."""
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps(document, indent=2, ensure_ascii=False)


def json_text(value: object, indent: int | None = 2) -> str:
    """A value as JSON to be edited or copied; what a terminal would obey is escaped, so nothing is lost."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, default=str)
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _stand_in(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"‹U+{code:04X}›"
