"""From the 2023 format to `specVersion: 1.0.0`, and what is lost on the way.

Today's manifest names the objects to write to and nothing else: what the 2023 format says about them has
moved to the requests, to other APIs, or is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from ampsandbox.manifest.crm_names import crm_field_name, crm_object_name
from ampsandbox.manifest.format_keys import WRITE_OBJECT_V1
from ampsandbox.manifest.model import Dialect, Integration, Manifest, Mode, ObjectKind, WriteObject
from ampsandbox.manifest.schedule import CronSchedule, ScheduleError, parse_schedule, upcoming
from ampsandbox.manifest.yaml_writer import Commented, write_yaml

MAX_DELAY_MINUTES = 1440
"""The longest delay of today's `autoBatchPolicy`."""

_REFERENCE = datetime(2024, 1, 1, tzinfo=UTC)
_WRITE_URL = "https://write.withampersand.com/v1/projects/<project>"
_ACTIONS = ("read", "write", "subscribe", "proxy")


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the converted manifest does not say, and how to get the same today."""

    line: int
    what: str
    today: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """The converted manifest, as YAML, and what it could not carry over, in file order.

    `text` is empty when nothing is left of the manifest.
    """

    text: str
    losses: tuple[Loss, ...]


def convert(manifest: Manifest) -> Conversion:
    """Write a manifest anew in today's format. Comments are not carried over."""
    losses: list[Loss] = []
    if manifest.app_name:
        losses.append(
            Loss(1, f"appName: {manifest.app_name}", "Set the name of the app in Ampersand's dashboard.")
        )
    for destination in manifest.destinations:
        today = "Create it in Ampersand's dashboard under the same name."
        losses.append(Loss(destination.position.line, f"destination {destination.name or '?'}", today))
    integrations = []
    for integration in manifest.integrations:
        converted = _integration(integration, manifest.dialect, losses)
        if any(action in converted for action in _ACTIONS):
            integrations.append(converted)
        else:
            what = f"the integration {integration.name}, which is left out"
            today = "An integration needs at least one of read, write, subscribe and proxy."
            losses.append(Loss(integration.position.line, what, today))
    document = {"specVersion": "1.0.0", "integrations": integrations}
    text = write_yaml(document) if integrations else ""
    return Conversion(text, tuple(sorted(losses, key=lambda loss: loss.line)))


def _integration(integration: Integration, dialect: Dialect, losses: list[Loss]) -> dict[str, Any]:
    content = integration.content
    converted: dict[str, Any] = {
        "name": integration.name,
        "displayName": integration.display_name,
        "provider": integration.provider,
    }
    reads = [_draft_read(item) for item in _maps(content.get("read"), "objects")]
    for action in integration.other_actions:
        if action.type == "read" and (items := _old_reads(action.content)):
            reads += items
        else:
            today = "Write it anew after the manifest reference."
            losses.append(Loss(action.position.line, f"the action `{action.type}`", today))
    writes: dict[str, dict[str, Any]] = {}
    for item in integration.objects:
        # The CRM's own name; names of today's format stay, as they may be mapped ones.
        name = crm_object_name(integration.provider, item) if item.mode else item.name
        writes.setdefault(name, {"objectName": name})
        losses += _object_losses(integration, item)
    for entry in _maps(content.get("write"), "objects"):
        kept = {key: value for key, value in entry.items() if key in WRITE_OBJECT_V1.keys}
        if "objectName" in kept:
            writes[str(kept["objectName"])] = kept
        if dialect is Dialect.V1_1:
            losses += _draft_losses(integration, entry)
    for entry in _maps(content.get("write"), "mappedObjects"):
        what = f"the mapped object {entry.get('mapToName') or entry.get('objectName') or '?'}"
        today = "Read the object with `mapToName`, and write to it with `inheritMapping: true`."
        losses.append(Loss(integration.positions["write"].line, what, today))
    if reads:
        converted["read"] = {"objects": reads}
    if writes:
        converted["write"] = {"objects": list(writes.values())}
    return converted | {
        key: content[key] for key in ("module", "subscribe", "proxy", "watchSchema") if key in content
    }


def _maps(owner: Any, key: str) -> list[dict[str, Any]]:
    """The mappings of a list in a mapping, as far as these are what they should be."""
    items = owner.get(key) if isinstance(owner, Mapping) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _draft_read(item: dict[str, Any]) -> dict[str, Any]:
    """A read object of today's format, or of the drafts, whose schedules were freer."""
    schedule = item.get("schedule")
    return {**item, "schedule": _read_schedule(schedule)} if isinstance(schedule, str) else item


def _old_reads(content: Any) -> list[dict[str, Any]]:
    """The standard objects of a 2023 read action, as far as today's format has the same."""
    schedule = content.get("schedule") if isinstance(content, dict) else None
    reads = []
    for item in _maps(content, "standardObjects"):
        if not isinstance(item.get("objectName"), str):
            continue
        read = {"objectName": item["objectName"], "destination": item.get("destination", "webhook")}
        if isinstance(schedule, str):
            read["schedule"] = _read_schedule(schedule)
        for key in ("requiredFields", "optionalFields"):
            names = [
                field["fieldName"] for field in _maps(item, key) if isinstance(field.get("fieldName"), str)
            ]
            if names:
                read[key] = [{"fieldName": name} for name in names]
        reads.append(read)
    return reads


def _read_schedule(text: str) -> str | Commented:
    """Cron as it is; another rhythm as the cron that comes nearest, or none, with a comment that says so."""
    try:
        schedule = parse_schedule(text)
    except ScheduleError:
        return Commented(None, f"{text} (not carried over: today a read needs five-field cron)")
    cron = schedule.as_cron()
    if cron is None:
        return Commented(None, f"{text} (not carried over: five-field cron has no such interval)")
    is_same = isinstance(schedule, CronSchedule) and cron == text
    return cron if is_same else Commented(cron, f"was: {text}")


def _draft_losses(integration: Integration, item: dict[str, Any]) -> Iterator[Loss]:
    name, line = item.get("objectName") or item.get("mapToName") or "?", integration.positions["write"].line
    if "objectName" not in item:
        yield Loss(line, f"the write object {name}, which has no `objectName`", "Add its `objectName`.")
    for key in item.keys() - WRITE_OBJECT_V1.keys.keys():
        yield Loss(line, f"{key} of the write object {name}", "Today each request says how it writes.")


def _object_losses(integration: Integration, item: WriteObject) -> list[Loss]:
    losses = []
    name = crm_object_name(integration.provider, item)
    if item.endpoint:
        body = "`type: create` and `record`" if item.mode is Mode.INSERT else "`type: update` and `record.id`"
        url = f"{_WRITE_URL}/integrations/{integration.name}/objects/{name}"
        losses.append(_loss(item, "endpoint", item.endpoint, f"POST {url} with `groupRef`, {body}."))
    if item.schedule:
        # The longest of the first gaps between two fires, at least one minute.
        moments = upcoming(parse_schedule(item.schedule), 6, _REFERENCE)
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        minutes = min(max(max(gaps) // timedelta(minutes=1), 1), MAX_DELAY_MINUTES)
        policy = f"`autoBatchPolicy: {{maxDelayMinutes: {minutes}}}`"
        today = f"Send `mode: asynchronous` and {policy} with each request."
        losses.append(_loss(item, "schedule", item.schedule, today))
    if item.kind is ObjectKind.CUSTOM:
        today = (
            f"Ampersand no longer creates objects: create {name} through the CRM's own API at installation."
        )
        losses.append(Loss(item.position.line, f"custom object {item.name}", today))
    if item.prompt:
        losses.append(
            _loss(item, "prompt", item.prompt, "The installer shows a checkbox for the object, no text.")
        )
    for field in item.custom_fields:
        today = (
            f"PUT …/integrations/{integration.name}/object-metadata with `fieldName: "
            f"{crm_field_name(integration.provider, field.name)}`, `displayName`, `valueType: string`"
            f"{' and the prompt as `description`' if field.prompt else ''}."
        )
        losses.append(Loss(field.position.line, f"custom field {field.name} of {item.name}", today))
    return losses


def _loss(item: WriteObject, key: str, value: str, today: str) -> Loss:
    position = item.positions.get(key, item.position)
    return Loss(position.line, f"{key} {value!r} of {item.name}", today)
