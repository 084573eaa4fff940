"""Destinations, which only the project on Ampersand's side knows."""

from __future__ import annotations

from ampsandbox.manifest.model import Manifest
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report


def check(manifest: Manifest, report: Report) -> None:
    seen: set[str] = set()
    for integration in manifest.integrations:
        reads = [(item.destination, item.positions) for item in integration.reads]
        watched = [(item.destination, item.positions) for item in integration.subscriptions]
        for name, positions in reads + watched:
            if name is not None and name not in seen:
                seen.add(name)
                message = f"Whether the destination {shown(name)} exists cannot be told from here."
                suggestion = "Create it in the project before the deploy."
                report.add("destination-exists", positions["destination"], message, suggestion)
