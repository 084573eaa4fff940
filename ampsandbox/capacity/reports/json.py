"""The format `json` of `ampsandbox simulate`: the summary for programs."""

from __future__ import annotations

import msgspec

from ampsandbox.capacity.summary import Summary


def render(summary: Summary) -> str:
    """The `Summary` as a JSON object, its keys in camel case, times in ISO 8601 and spans in seconds."""
    return msgspec.json.format(msgspec.json.encode(summary), indent=2).decode()
