"""From the bytes of a file to text that is safe to parse."""

from __future__ import annotations

import codecs
import re

from ampsandbox.manifest.model import Position
from ampsandbox.manifest.report import Report

MAX_SIZE = 4 * 1024 * 1024
"""Characters, or bytes, that a manifest may have."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def decode(data: str | bytes, report: Report) -> str:
    """The text without byte order mark; what stops it from being parsed is reported."""
    if len(data) > MAX_SIZE:
        report.add(
            "file-too-large",
            Position(1, 1),
            f"The file has {len(data):,} bytes; at most {MAX_SIZE:,} are read.",
        )
        return ""
    text = _text(data, report) if isinstance(data, bytes) else data
    text = text.removeprefix("\ufeff")
    if control := _CONTROL.search(text):
        _report_control(text, control, report)
    return text


def _text(data: bytes, report: Report) -> str:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        report.add(
            "file-encoding",
            Position(line, 1),
            f"The file is not {encoding.upper()} text: byte {error.start} cannot be read.",
            "Save it as UTF-8.",
        )
        return data.decode(encoding, errors="replace")


def _report_control(text: str, control: re.Match[str], report: Report) -> None:
    start = control.start()
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    code = f"U+{ord(control[0]):04X}"
    report.add(
        "file-encoding",
        Position(line, column),
        f"The control character {code} cannot stand in YAML.",
        "Remove it.",
    )
