"""Applying the safe fixes of findings to the text they were found in, keeping comments and layout."""

from __future__ import annotations

import codecs
import os
import shutil
from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path

from ampsandbox.errors import ManifestError
from ampsandbox.manifest.findings import Finding, Fix
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.quoting import visible

# Should two fixes ever undo each other, this ends it.
_MAX_PASSES = 10


def fixed_text(text: str, source: str) -> str:
    """The text after all safe fixes, and after those that only these made possible."""
    for _ in range(_MAX_PASSES):
        result = parse_manifest(text, source)
        better = apply(result.text, result.findings)
        if better == result.text:
            break
        text = better
    return text


def apply(text: str, findings: Iterable[Finding]) -> str:
    """The text with the fixes of the findings; of fixes that overlap, the first counts."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    parts: list[str] = []
    done = 0
    for fix in sorted((finding.fix for finding in findings if finding.fix), key=_start):
        first = starts[fix.start.line - 1] + fix.start.column - 1
        last = starts[fix.end.line - 1] + fix.end.column - 1
        if first >= done:
            parts += (text[done:first], fix.replacement)
            done = last
    return "".join([*parts, text[done:]])


def diff(before: str, after: str, source: str) -> str:
    """A unified diff, safe for a terminal; empty when nothing changed."""
    lines = unified_diff(
        before.splitlines(), after.splitlines(), f"{source} (before)", f"{source} (after)", lineterm=""
    )
    return "\n".join(visible(line) for line in lines)


def rewrite(path: Path, before: bytes, text: str) -> None:
    """Put a text into a file at once, with the encoding and the line ends that the file had.

    Raises:
        ManifestError: The file cannot be written.
    """
    if b"\r\n" in before or b"\r\x00\n" in before:
        text = text.replace("\n", "\r\n")
    target = path.resolve()
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        scratch.write_bytes(text.encode(_encoding(before)))
        shutil.copymode(target, scratch)
        scratch.replace(target)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise ManifestError(f"{path}: {error.strerror or error}", "Check the permissions.") from None


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"


def _start(fix: Fix) -> tuple[int, int]:
    return fix.start.line, fix.start.column
