"""What the loader and the rules have to say about a manifest."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ampsandbox.manifest.model import Manifest, Position


class Severity(StrEnum):
    """How much a finding matters: an error stops the manifest from being used."""

    ERROR = "error"
    WARNING = "warning"


class Target(StrEnum):
    """What a manifest is checked for."""

    SANDBOX = "sandbox"
    """Errors are what the sandbox cannot run, and typos."""
    DEPLOY = "deploy"
    """Errors are what `amp deploy` or Ampersand's public validator rejects."""


class Fix(msgspec.Struct, frozen=True):
    """A safe edit of the text: replace what lies between two 1-based positions (end exclusive)."""

    start: Position
    end: Position
    replacement: str


class Finding(msgspec.Struct, frozen=True):
    """One thing to say about one place of a manifest.

    `is_typo` is set where a near miss makes an error of what would be a warning otherwise.
    """

    rule: str
    severity: Severity
    message: str
    position: Position
    suggestion: str = ""
    fix: Fix | None = None
    is_typo: bool = False


class LoadResult(msgspec.Struct, frozen=True):
    """A manifest as far as it could be read, what was found, and the text it was read from.

    `manifest` is None when an error makes it unusable; the findings then say why.
    """

    manifest: Manifest | None
    findings: tuple[Finding, ...]
    text: str
    source: str

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop the manifest from being used."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)
