"""`# amp:ignore` and `# amp:ignore[rule,…]`: comments that silence warnings for a key and what is below it.

A comment on its own line is about the next line, one at the end of a line about that line's key.
The syntax and the scope are those of the public validator. Errors cannot be silenced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ampsandbox.manifest.findings import Finding, Severity

_DIRECTIVE = re.compile(r"(?:^|\s)#\s*amp:ignore(?:\[([\w\s,-]*)\])?\s*(?:$|[^\w\[])")
_ITEM = re.compile(r"^\s*(?:- +)*")


@dataclass(frozen=True, slots=True)
class _Silence:
    first: int
    last: int
    rules: frozenset[str]

    def covers(self, finding: Finding) -> bool:
        inside = self.first <= finding.position.line <= self.last
        return inside and (not self.rules or finding.rule in self.rules)


def unsuppressed(findings: Iterable[Finding], text: str) -> list[Finding]:
    """The findings that no comment of the text silences."""
    silences = _silences(text) if "amp:ignore" in text else []
    return [
        finding
        for finding in findings
        if finding.severity is Severity.ERROR or not any(silence.covers(finding) for silence in silences)
    ]


def _silences(text: str) -> list[_Silence]:
    lines = text.split("\n")
    silences = []
    for number, line in enumerate(lines):
        directive = _DIRECTIVE.search(line)
        if directive is None:
            continue
        rules = frozenset(re.findall(r"[\w-]+", directive[1] or ""))
        if line.lstrip().startswith("#"):
            first, last = _block_below(lines, number)
        else:
            first, last = number, _end_of_key(lines, number)
        silences.append(_Silence(first + 1, last + 1, rules))
    return silences


def _block_below(lines: list[str], comment: int) -> tuple[int, int]:
    """The first line after a comment that is none, with everything below it."""
    for number in range(comment + 1, len(lines)):
        if lines[number].strip() and not lines[number].lstrip().startswith("#"):
            indent = len(lines[number]) - len(lines[number].lstrip())
            is_item = lines[number].lstrip().startswith("- ")
            return number, _end(lines, number, indent, takes_items=not is_item)
    return comment, comment


def _end_of_key(lines: list[str], number: int) -> int:
    """The last line of the value of the key in this line."""
    prefix = _ITEM.match(lines[number])
    return _end(lines, number, len(prefix[0]) if prefix else 0, takes_items=True)


def _end(lines: list[str], first: int, indent: int, *, takes_items: bool) -> int:
    """The last line that is indented deeper; list items of a key may stand in its own column."""
    last = first
    for number in range(first + 1, len(lines)):
        body = lines[number].lstrip()
        if not body or body.startswith("#"):
            continue
        depth = len(lines[number]) - len(body)
        if depth > indent or (takes_items and depth == indent and body.startswith("- ")):
            last = number
        else:
            break
    return last
