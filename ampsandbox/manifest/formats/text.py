"""Findings for people: place, message, the line with a caret, and what to do."""

from __future__ import annotations

from ampsandbox.manifest.findings import Finding, LoadResult
from ampsandbox.manifest.quoting import visible
from ampsandbox.manifest.rules import RULES

_WIDTH = 100


def render(result: LoadResult) -> str:
    """One block a finding, in file order; an empty text when there is none."""
    lines = result.text.split("\n")
    return "\n".join(_block(finding, lines, result.source) for finding in result.findings)


def summary(result: LoadResult) -> str:
    """How many errors and warnings there are, in one line."""
    errors = len(result.errors)
    warnings = len(result.findings) - errors
    if not result.findings:
        return f"{visible(result.source)}: nothing to complain about"
    return f"{visible(result.source)}: {_count(errors, 'error')}, {_count(warnings, 'warning')}"


def _block(finding: Finding, lines: list[str], source: str) -> str:
    at = finding.position
    head = (
        f"{visible(source)}:{at.line}:{at.column}: {finding.severity}: {finding.message} [{_rule(finding)}]"
    )
    parts = [head, *_quote(lines, at.line, at.column)]
    if finding.suggestion:
        parts.append(f"  = {finding.suggestion}")
    return "\n".join(parts) + "\n"


def _rule(finding: Finding) -> str:
    """The rule, with the public validator's name for it where that is another."""
    # Traffic files have rules of their own, of which the validator knows nothing.
    theirs = RULES[finding.rule].validator_rule if finding.rule in RULES else ""
    return f"{finding.rule}, validator: {theirs}" if theirs not in ("", finding.rule) else finding.rule


def _quote(lines: list[str], line: int, column: int) -> list[str]:
    """The line before, the line itself, and a caret below it."""
    quoted = []
    for number in (line - 1, line):
        if _has_text(lines, number):
            start = _start(column)
            quoted.append(f"{number:>5} | {visible(lines[number - 1][start : start + _WIDTH])}")
    if _has_text(lines, line):
        before = visible(lines[line - 1][_start(column) : column - 1])
        quoted.append(f"      | {' ' * len(before)}^")
    return quoted


def _has_text(lines: list[str], number: int) -> bool:
    if not 0 < number <= len(lines):
        return False
    line = lines[number - 1]
    return bool(line) and not line.isspace()


def _start(column: int) -> int:
    """Where to begin quoting, so that the column is in sight."""
    return 0 if column < _WIDTH else column - _WIDTH // 2


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
