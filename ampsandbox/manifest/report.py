"""Where readers and rules leave what they find."""

from __future__ import annotations

from ampsandbox.manifest.findings import Finding, Fix, Severity
from ampsandbox.manifest.model import Position
from ampsandbox.manifest.quoting import visible
from ampsandbox.manifest.rules import RULES

MAX_FINDINGS = 1_000
"""Findings that are kept; of what comes after them, only the first error is."""


class Report:
    """The findings of one manifest, in the order they were made.

    Args:
        text: The manifest as the user wrote it, in which fixes are made.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text
        self._findings: list[Finding] = []
        self._has_error = False
        self._left_out = 0
        self._lines: list[str] | None = None

    @property
    def findings(self) -> list[Finding]:
        """What was kept, and a last finding that counts what was not."""
        if not self._left_out:
            return list(self._findings)
        rule = RULES["too-many-findings"]
        message = f"{self._left_out:,} more findings are not shown."
        position = max((f.position for f in self._findings), key=lambda at: (at.line, at.column))
        return [*self._findings, Finding(rule.id, rule.severity, message, position, "Fix the others first.")]

    @property
    def is_full(self) -> bool:
        """Whether further findings are only counted, so that suggestions for them are wasted."""
        return len(self._findings) >= MAX_FINDINGS

    def add(
        self, rule: str, position: Position, message: str, suggestion: str = "", fix: Fix | None = None
    ) -> None:
        """Note a finding under the severity of its rule."""
        self.note(RULES[rule].severity, rule, position, message, suggestion, fix)

    def note(
        self,
        severity: Severity,
        rule: str,
        position: Position,
        message: str,
        suggestion: str,
        fix: Fix | None,
    ) -> None:
        """Note a finding under a severity of its own."""
        is_first_error = severity is Severity.ERROR and not self._has_error
        if self.is_full and not is_first_error:
            self._left_out += 1
            return
        self._has_error |= severity is Severity.ERROR
        # The one gate for text of the user's: what passes it is safe to show anywhere.
        found = Finding(rule, severity, visible(message), position, visible(suggestion), fix)
        self._findings.append(found)

    def replacement(self, position: Position, old: str, new: str) -> Fix | None:
        """The fix that puts `new` in the place of `old`, keeping quotes; None unless `old` stands there."""
        if self._lines is None:
            self._lines = self.text.split("\n")
        line = self._lines[position.line - 1] if position.line <= len(self._lines) else ""
        start = position.column - 1 + (line[position.column - 1 : position.column] in ("'", '"'))
        end = start + len(old)
        if not old or not line.startswith(old, start) or line[end : end + 1] not in "'\": \t\r,}]":
            return None
        first = Position(position.line, start + 1)
        return Fix(first, Position(position.line, start + 1 + len(old)), new)


class SoftReport(Report):
    """A report on parts that the sandbox does not exercise: adds to another one, and warnings only."""

    def __init__(self, target: Report) -> None:
        super().__init__(target.text)
        self._target = target

    @property
    def is_full(self) -> bool:
        """Whether the other report is full."""
        return self._target.is_full

    def add(
        self, rule: str, position: Position, message: str, suggestion: str = "", fix: Fix | None = None
    ) -> None:
        """Note a warning, whatever the rule."""
        self._target.note(Severity.WARNING, rule, position, message, suggestion, fix)
