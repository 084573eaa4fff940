"""Findings as annotations of GitHub Actions (workflow commands)."""

from __future__ import annotations

from ampsandbox.manifest.findings import Finding, LoadResult


def render(result: LoadResult) -> str:
    return "\n".join(_command(finding, result.source) for finding in result.findings)


def _command(finding: Finding, source: str) -> str:
    at = finding.position
    place = f"file={_property(source)},line={at.line},col={at.column},title={_property(finding.rule)}"
    return f"::{finding.severity} {place}::{_data(' '.join((finding.message, finding.suggestion)).strip())}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
