"""Where readers and rules leave what they find."""

from __future__ import annotations

from ampsandbox.manifest.findings import Finding, Fix
from ampsandbox.manifest.model import Position
from ampsandbox.manifest.rules import RULES


class Report:
    """The findings of one manifest, in the order they were made."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(
        self, rule: str, position: Position, message: str, suggestion: str = "", fix: Fix | None = None
    ) -> None:
        """Note a finding under the severity of its rule."""
        self.findings.append(Finding(rule, RULES[rule].severity, message, position, suggestion, fix))
