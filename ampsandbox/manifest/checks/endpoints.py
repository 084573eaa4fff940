"""Endpoints: one URL segment each, unique over the project."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ampsandbox.manifest.model import Manifest, Position
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report

_FORBIDDEN = re.compile(r"[/\\?#%\s\x00-\x1f]")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def check(manifest: Manifest, report: Report) -> None:
    """Report endpoints that cannot be, or should not be, the last segment of a URL, and those taken twice."""
    first: dict[str, Position] = {}
    for endpoint, position in _endpoints(manifest):
        _check_syntax(endpoint, position, report)
        if endpoint in first:
            _report_duplicate(endpoint, position, first[endpoint], report)
        first.setdefault(endpoint, position)


def _endpoints(manifest: Manifest) -> Iterator[tuple[str, Position]]:
    for integration in manifest.integrations:
        for item in integration.objects:
            if item.endpoint is not None:
                yield item.endpoint, item.positions.get("endpoint", item.position)
    for destination in manifest.destinations:
        if destination.type == "api" and destination.endpoint is not None:
            yield destination.endpoint, destination.position


def _check_syntax(endpoint: str, position: Position, report: Report) -> None:
    if _PLAIN.fullmatch(endpoint):
        return
    kebab = re.sub(r"[^A-Za-z0-9]+", "-", endpoint).strip("-")
    suggestion = f"Write, for example, `{kebab[:60]}`." if kebab else ""
    if endpoint in (".", "..") or _FORBIDDEN.search(endpoint):
        message = f"The endpoint {shown(endpoint)} cannot be the last segment of a URL."
        report.add("endpoint-syntax", position, message, suggestion)
    else:
        message = f"The endpoint {shown(endpoint)} has characters that some clients must escape."
        report.add("endpoint-style", position, message, suggestion)


def _report_duplicate(endpoint: str, position: Position, first: Position, report: Report) -> None:
    report.add(
        "duplicate-endpoint",
        position,
        f"The endpoint {shown(endpoint)} is already taken in line {first.line}; "
        "endpoints are unique over the project, across its integrations.",
        "Give each object its own endpoint.",
    )
