"""A traffic file to begin with: plain assumptions about every object that a manifest writes to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from ampsandbox.manifest.model import Manifest, Provider

_WRITES_PER_DAY: Final = 500

_HEAD: Final = """\
# Traffic for `ampsandbox simulate`: plain assumptions, to be replaced by what you know of your customers.
# docs/capacity.md explains every key.
groups: 100
days: 7
start: 2026-01-05
time_zone: UTC
"""

_CRMS: Final = {
    Provider.SALESFORCE: "  - {provider: salesforce, edition: enterprise, licences: 10, share: 1}",
    Provider.HUBSPOT: "  - {provider: hubspot, edition: professional, app: public, share: 1}",
}


def starter_traffic(manifest: Manifest) -> str:
    """A traffic file for a manifest: 500 writes a day and object, in office hours, less at weekends."""
    served = [each for each in manifest.integrations if each.is_exercised and each.objects]
    crms = [_CRMS[provider] for provider in Provider if any(each.provider == provider for each in served)]
    return "\n".join(
        [
            _HEAD,
            "# 500 writes a day for each object, most of them in office hours.",
            "traffic:",
            *_entries(manifest),
            "",
            "# Most groups are small, and a few are large.",
            "sizes: {distribution: log-normal, sigma: 1}",
            "",
            "crms:",
            *crms,
            "",
        ]
    )


def _entries(manifest: Manifest) -> Iterator[str]:
    rhythm = (
        f"    writes_per_day: {_WRITES_PER_DAY}\n    hours: {{7-9: 1, 9-18: 3, 18-22: 1}}\n"
        "    weekdays: {sat-sun: 0.2}"
    )
    for endpoint in manifest.endpoints():
        yield f"  - endpoint: {json.dumps(endpoint)}\n{rhythm}"
    for integration, item in manifest.named_only():
        yield (
            f"  - integration: {json.dumps(integration.name)}\n    object: {json.dumps(item.name)}\n"
            f"    mode: insert\n{rhythm}"
        )
