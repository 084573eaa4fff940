"""Where readers and rules leave what they find."""

from __future__ import annotations

from ampsandbox.manifest.findings import Finding, Fix, Severity, Target
from ampsandbox.manifest.model import Position
from ampsandbox.manifest.quoting import visible
from ampsandbox.manifest.rules import RULES

MAX_FINDINGS = 1_000
"""Findings that are kept; of what comes after them, only the first error is."""


class Report:
    """The findings of one manifest, in the order they were made.

    Args:
        text: The manifest as the user wrote it, in which fixes are made.
        target: What the manifest is checked for.
    """

    def __init__(self, text: str = "", target: Target = Target.SANDBOX) -> None:
        self.text = text
        self.target = target
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
        return [
            *self._findings,
            Finding(rule.id, Severity.WARNING, message, position, "Fix the others first."),
        ]

    @property
    def is_full(self) -> bool:
        """Whether further findings are only counted, so that suggestions for them are wasted."""
        return len(self._findings) >= MAX_FINDINGS

    def add(
        self,
        rule: str,
        position: Position,
        message: str,
        suggestion: str = "",
        fix: Fix | None = None,
        *,
        is_typo: bool = False,
        at_most: Severity = Severity.ERROR,
    ) -> None:
        """Note a finding under the severity that its rule has for the target.

        Args:
            rule: The id of the rule.
            position: Where.
            message: What is wrong.
            suggestion: What to do.
            fix: A safe edit that does it.
            is_typo: Whether a near miss shows what was meant: for the sandbox an error, whatever the rule.
            at_most: The severity that the finding cannot exceed, typo or not.
        """
        severity = RULES[rule].severity(self.target)
        if severity is None:
            return
        is_typo = is_typo and self.target is Target.SANDBOX and severity is Severity.WARNING
        if is_typo:
            severity = Severity.ERROR
        elif at_most is Severity.WARNING:
            severity = Severity.WARNING
        is_first_error = severity is Severity.ERROR and not self._has_error
        if self.is_full and not is_first_error:
            self._left_out += 1
            return
        self._has_error |= severity is Severity.ERROR
        # The one gate for text of the user's: what passes it is safe to show anywhere.
        self._findings.append(
            Finding(rule, severity, visible(message), position, visible(suggestion), fix, is_typo)
        )

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


class UnservedReport(Report):
    """A report on parts that the sandbox does not run: for the sandbox, warnings and typos alone."""

    def __init__(self, target_report: Report) -> None:
        super().__init__(target_report.text, target_report.target)
        self._report = target_report

    @property
    def is_full(self) -> bool:
        """Whether the other report is full."""
        return self._report.is_full

    def add(
        self,
        rule: str,
        position: Position,
        message: str,
        suggestion: str = "",
        fix: Fix | None = None,
        *,
        is_typo: bool = False,
        at_most: Severity = Severity.ERROR,
    ) -> None:
        """Note a finding, for the sandbox as a warning unless it is a typo."""
        if self.target is Target.SANDBOX:
            at_most = Severity.WARNING
        self._report.add(rule, position, message, suggestion, fix, is_typo=is_typo, at_most=at_most)
