"""From the bytes of a file to text that is safe to parse."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from ampsandbox.manifest.model import Position

MAX_SIZE = 4 * 1024 * 1024
"""Characters, or bytes, that a manifest may have."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


_BREAKS = re.compile("[\x85\u2028\u2029]")


class DecodeProblem(NamedTuple):
    """Why a text cannot be parsed: the rule, the place, the message and the way out."""

    rule: str
    position: Position
    message: str
    suggestion: str


def decode(data: str | bytes) -> tuple[str, DecodeProblem | None]:
    """The text with `\n` line ends and no byte order mark, and what stops it from being parsed."""
    if len(data) > MAX_SIZE:
        message = f"The file has {len(data):,} bytes; at most {MAX_SIZE:,} are read."
        return "", DecodeProblem(
            "file-too-large", Position(1, 1), message, "Split it, or remove what was generated."
        )
    text, problem = _text(data) if isinstance(data, bytes) else (data, None)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return text, problem or _control_character(text)


def without_odd_breaks(text: str) -> tuple[str, DecodeProblem | None]:
    """The text as it is parsed: U+0085, U+2028 and U+2029, line breaks to YAML 1.1 alone, become spaces.

    Editors do not count them as lines, so that every position after them would be wrong.
    """
    found = _BREAKS.search(text)
    if found is None:
        return text, None
    message = f"U+{ord(found[0]):04X} is a line break to some YAML parsers only; it is read as a space."
    problem = DecodeProblem("odd-line-break", _position(text, found.start()), message, "Remove it.")
    return _BREAKS.sub(" ", text), problem


def _text(data: bytes) -> tuple[str, DecodeProblem | None]:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"The file is not {encoding.upper()} text: byte {error.start} cannot be read."
        problem = DecodeProblem("file-encoding", Position(line, 1), message, "Save it as UTF-8.")
        return data.decode(encoding, errors="replace"), problem


def _control_character(text: str) -> DecodeProblem | None:
    found = _CONTROL.search(text)
    if found is None:
        return None
    message = f"The control character U+{ord(found[0]):04X} cannot stand in YAML."
    return DecodeProblem("file-encoding", _position(text, found.start()), message, "Remove it.")


def _position(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
