"""The rules that look at a manifest as a whole, once it has been read."""

from __future__ import annotations

from ampsandbox.manifest.checks import (
    destinations,
    endpoints,
    fields,
    names,
    objects,
    prompts,
    providers,
    schedules,
)
from ampsandbox.manifest.model import Manifest
from ampsandbox.manifest.report import Report


def check(manifest: Manifest, report: Report) -> None:
    """Run every rule that looks at the model; those that look at single values were run when it was read."""
    for module in (names, providers, objects, endpoints, schedules, fields, prompts, destinations):
        module.check(manifest, report)
