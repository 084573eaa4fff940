"""A new manifest from a few answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ampsandbox.errors import UsageError
from ampsandbox.manifest.model import MANIFEST_MODES, Mode, Provider
from ampsandbox.manifest.schedule import ScheduleError, parse_schedule
from ampsandbox.manifest.standard_objects import nearest_standard_object, standard_object, words
from ampsandbox.manifest.yaml_writer import scalar, write_yaml


@dataclass(frozen=True, slots=True)
class NewWrite:
    """One object to write to: its manifest name, how, and when (None: at once)."""

    object_name: str
    mode: Mode
    schedule: str | None = None


def parse_write(text: str, provider: Provider) -> NewWrite:
    """Read `object`, `object:mode` or `object:mode:schedule`; the mode is `insert` by default.

    Raises:
        UsageError: A part is not known; the hint names what is near.
    """
    name, _, rest = text.partition(":")
    mode, _, schedule = rest.partition(":")
    known = standard_object(provider, name.strip())
    if known is None:
        near = nearest_standard_object(provider, name.strip())
        hint = f"Did you mean {near}?" if near else "Custom objects are added to the file by hand."
        raise UsageError(f"{provider.label} has no standard object {name.strip()!r}.", hint)
    if mode.strip() not in ("", *MANIFEST_MODES):
        raise UsageError(f"{mode.strip()!r} is not a mode.", "The modes are insert and update.")
    try:
        written = " ".join(schedule.split())
        if written:
            parse_schedule(written)
    except ScheduleError as error:
        raise UsageError(error.message, error.hint) from None
    return NewWrite(known.manifest_name, Mode(mode.strip() or Mode.INSERT), written or None)


def new_manifest(app_name: str, writes: Sequence[tuple[Provider, Sequence[NewWrite]]]) -> str:
    """A manifest of the 2023 format with one integration a provider, which `check` finds clean."""
    stem = kebab(app_name) or "my-app"
    prefixes = len(writes) > 1
    lines = ["specVersion: 0.1.0", f"appName: {scalar(app_name)}", "", "integrations:"]
    for provider, objects in writes:
        lines += [
            f"  - name: {stem}-{provider}",
            f"    displayName: {scalar(f'{app_name} for {provider.label}')}",
            f"    api: {provider}",
            "    actions:",
            "      - type: write",
            "        standardObjects:",
        ]
        taken: set[str] = set()
        for write in objects:
            lines += _object(write, _endpoint(write, f"{provider}-" if prefixes else "", taken))
    return "\n".join(lines) + "\n"


def new_todays_manifest(app_name: str, writes: Sequence[tuple[Provider, Sequence[NewWrite]]]) -> str:
    """A manifest of `specVersion: 1.0.0` with one integration a provider; names are the CRM's."""
    integrations = []
    for provider, objects in writes:
        known = (standard_object(provider, write.object_name) for write in objects)
        names = dict.fromkeys(item.api_name for item in known if item)
        integrations.append(
            {
                "name": f"{kebab(app_name) or 'my-app'}-{provider}",
                "displayName": f"{app_name} for {provider.label}",
                "provider": provider.value,
                "write": {"objects": [{"objectName": name} for name in names]},
            }
        )
    return write_yaml({"specVersion": "1.0.0", "integrations": integrations})


def kebab(text: str) -> str:
    """A name of letters, digits and dashes: `Desk Otter` → `desk-otter`."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))


def _endpoint(write: NewWrite, prefix: str, taken: set[str]) -> str:
    verb = "create" if write.mode is Mode.INSERT else "update"
    stem = endpoint = f"{prefix}{verb}-{'-'.join(word.lower() for word in words(write.object_name))}"
    number = 2
    while endpoint in taken:
        endpoint, number = f"{stem}-{number}", number + 1
    taken.add(endpoint)
    return endpoint


def _object(write: NewWrite, endpoint: str) -> list[str]:
    lines = [
        f"          - objectName: {write.object_name}",
        f"            mode: {write.mode}",
        f"            endpoint: {endpoint}",
    ]
    if write.schedule:
        lines.append(f"            schedule: {scalar(write.schedule)}")
    return lines
