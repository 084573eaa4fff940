"""`# amp:ignore` and `# amp:ignore[rule,…]`: comments that suppress warnings for a key and what is below it.

A comment on its own line is about the next line, one at the end of a line about that line's key.
The syntax and the scope are those of the public validator. Errors cannot be suppressed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from ampsandbox.manifest.findings import Finding, Severity

_DIRECTIVE = re.compile(r"(?:^|\s)#\s*amp:ignore(?:\[([\w\s,-]*)\])?\s*(?:$|[^\w\[])")
_KEY_COLUMN = re.compile(r"\s*(?:- +)*")
_EVERY_RULE = "*"
_WORK_BUDGET = 5_000_000
"""Lines that may be looked at to find how far comments reach; those beyond it silence their own line only."""


class _Suppression(msgspec.Struct, frozen=True):
    """The 0-based lines, first and last, on which a comment suppresses rules."""

    first: int
    last: int
    rules: tuple[str, ...]


class _ContentLine(NamedTuple):
    """A line with something on it: its number, its indentation, and whether it begins a list item."""

    number: int
    depth: int
    is_item: bool


def unsuppressed(findings: Iterable[Finding], text: str) -> list[Finding]:
    """The findings that no comment of the text suppresses."""
    if "amp:ignore" not in text:
        return list(findings)
    suppressions = list(_Directives(text.split("\n")).suppressions())
    begins = sorted(suppressions, key=lambda suppression: suppression.first, reverse=True)
    ends = sorted(suppressions, key=lambda suppression: suppression.last, reverse=True)
    active: Counter[str] = Counter()
    heard = []
    for finding in sorted(findings, key=lambda finding: finding.position.line):
        line = finding.position.line - 1
        while begins and begins[-1].first <= line:
            active.update(begins.pop().rules)
        while ends and ends[-1].last < line:
            active.subtract(ends.pop().rules)
        is_error = finding.severity is Severity.ERROR and not finding.is_typo
        if is_error or not (active[_EVERY_RULE] or active[finding.rule]):
            heard.append(finding)
    return heard


class _Directives:
    """Finds the comments of a text, and how far each reaches."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.content = list(_content(lines))
        self.numbers = [line.number for line in self.content]
        self.budget = _WORK_BUDGET

    def suppressions(self) -> Iterator[_Suppression]:
        """One suppression a comment, in file order."""
        for number, line in enumerate(self.lines):
            directive = _DIRECTIVE.search(line) if "amp:ignore" in line else None
            if directive is None:
                continue
            rules = tuple(set(re.findall(r"[\w-]+", directive[1] or ""))) or (_EVERY_RULE,)
            if line.lstrip().startswith("#"):
                yield self._below(number, rules)
            else:
                yield self._beside(number, rules)

    def _below(self, comment: int, rules: tuple[str, ...]) -> _Suppression:
        """About the next line with content, and everything below it."""
        index = bisect_left(self.numbers, comment)
        if index == len(self.content):
            return _Suppression(comment, comment, rules)
        line = self.content[index]
        return _Suppression(line.number, self._end(index, line.depth, takes_items=not line.is_item), rules)

    def _beside(self, number: int, rules: tuple[str, ...]) -> _Suppression:
        """About the key in the line, and its value."""
        prefix = _KEY_COLUMN.match(self.lines[number])
        column = len(prefix[0]) if prefix else 0
        index = bisect_left(self.numbers, number)
        return _Suppression(number, self._end(index, column, takes_items=True), rules)

    def _end(self, index: int, depth: int, *, takes_items: bool) -> int:
        """The last line that is indented deeper; list items of a key may stand in its own column."""
        last = self.content[index].number
        for position in range(index + 1, len(self.content)):
            line = self.content[position]
            self.budget -= 1
            is_below = line.depth > depth or (takes_items and line.depth == depth and line.is_item)
            if not is_below or self.budget < 0:
                break
            last = line.number
        return last


def _content(lines: list[str]) -> Iterator[_ContentLine]:
    """The lines that are neither blank nor a comment alone."""
    for number, line in enumerate(lines):
        body = line.lstrip()
        if body and not body.startswith("#"):
            yield _ContentLine(number, len(line) - len(body), body.startswith("- "))
