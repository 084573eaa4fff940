"""Where readers and rules leave what they find."""

from __future__ import annotations

from ampsandbox.manifest.findings import Finding, Fix, Severity
from ampsandbox.manifest.model import Position
from ampsandbox.manifest.quoting import visible
from ampsandbox.manifest.rules import RULES


class Report:
    """The findings of one manifest, in the order they were made.

    Args:
        text: The manifest as the user wrote it, in which fixes are made.
    """

    def __init__(self, text: str = "") -> None:
        self.findings: list[Finding] = []
        self.text = text
        self._lines: list[str] | None = None

    def add(
        self, rule: str, position: Position, message: str, suggestion: str = "", fix: Fix | None = None
    ) -> None:
        """Note a finding under the severity of its rule."""
        self._note(RULES[rule].severity, rule, position, message, suggestion, fix)

    def _note(
        self,
        severity: Severity,
        rule: str,
        position: Position,
        message: str,
        suggestion: str,
        fix: Fix | None,
    ) -> None:
        # The one gate for text of the user's: what passes it is safe to show anywhere.
        found = Finding(rule, severity, visible(message), position, visible(suggestion), fix)
        self.findings.append(found)

    def replacement(self, position: Position, old: str, new: str) -> Fix | None:
        """The fix that puts `new` in the place of `old`, keeping quotes; None unless `old` stands there."""
        if self._lines is None:
            self._lines = self.text.split("\n")
        line = self._lines[position.line - 1] if position.line <= len(self._lines) else ""
        start = position.column - 1 + (line[position.column - 1 : position.column] in ("'", '"'))
        if (
            not old
            or line[start : start + len(old)] != old
            or line[start + len(old) :][:1] not in "'\": \t\r,}]"
        ):
            return None
        first = Position(position.line, start + 1)
        return Fix(first, Position(position.line, start + 1 + len(old)), new)


class SoftReport(Report):
    """A report on parts that the sandbox does not exercise: adds to another one, and warnings only."""

    def __init__(self, target: Report) -> None:
        super().__init__(target.text)
        self.findings = target.findings

    def add(
        self, rule: str, position: Position, message: str, suggestion: str = "", fix: Fix | None = None
    ) -> None:
        """Note a warning, whatever the rule."""
        self._note(Severity.WARNING, rule, position, message, suggestion, fix)
