"""The rules that look at a manifest as a whole, once it has been read."""

from __future__ import annotations

from ampsandbox.manifest.checks import endpoints, fields, names, objects, prompts, schedules
from ampsandbox.manifest.model import Manifest
from ampsandbox.manifest.report import Report


def check(manifest: Manifest, report: Report) -> None:
    """Run every rule."""
    for module in (names, objects, endpoints, schedules, fields, prompts):
        module.check(manifest, report)
