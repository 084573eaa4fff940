"""From the 2023 format to `specVersion: 1.0.0`, and what is lost on the way.

Today's manifest names the objects to write to and nothing else: what the 2023 format says about them has
moved to the requests, to other APIs, or is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import yaml

from ampsandbox.manifest.crm_names import crm_field_name, crm_object_name
from ampsandbox.manifest.model import Integration, Manifest, Mode, ObjectKind, WriteObject
from ampsandbox.manifest.schedule import CronSchedule, parse_schedule, upcoming

MAX_DELAY_MINUTES = 1440
"""The longest delay of today's `autoBatchPolicy`."""

_REFERENCE = datetime(2024, 1, 1, tzinfo=UTC)
_WRITE_URL = "https://write.withampersand.com/v1/projects/<project>"


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the converted manifest does not say, and how to get the same today."""

    line: int
    what: str
    today: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """The converted manifest, as YAML, and what it could not carry over, in file order."""

    text: str
    losses: tuple[Loss, ...]


def convert(manifest: Manifest) -> Conversion:
    """Write a manifest anew in today's format. Comments are not carried over."""
    losses: list[Loss] = []
    if manifest.app_name:
        losses.append(
            Loss(1, f"appName: {manifest.app_name}", "Set the name of the app in Ampersand's dashboard.")
        )
    integrations = [_integration(item, losses) for item in manifest.integrations]
    for part in manifest.inert:
        name = part.content.get("name", "?") if isinstance(part.content, dict) else "?"
        today = "Create it in Ampersand's dashboard under the same name."
        losses.append(Loss(part.position.line, f"destination {name}", today))
    document = {"specVersion": "1.0.0", "integrations": [item for item in integrations if len(item) > 3]}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return Conversion(text, tuple(sorted(losses, key=lambda loss: loss.line)))


def _integration(integration: Integration, losses: list[Loss]) -> dict[str, Any]:
    converted: dict[str, Any] = {
        "name": integration.name,
        "displayName": integration.display_name,
        "provider": integration.provider,
    }
    for action in integration.inert:
        if action.type in ("proxy", "watchSchema") or _is_of_today(action.content):
            converted[action.type] = action.content
        elif action.type == "read" and (objects := _reads(action.content)):
            converted["read"] = {"objects": objects}
        else:
            today = "Write it anew after the manifest reference."
            losses.append(Loss(action.position.line, f"the action `{action.type}`", today))
    names = dict.fromkeys(_todays_name(integration.provider, item) for item in integration.objects)
    if names:
        converted["write"] = {"objects": [{"objectName": name} for name in names]}
    else:
        losses += _nothing_to_write(integration, converted)
    for item in integration.objects:
        losses += _object_losses(integration, item)
    return converted


def _todays_name(provider: str, item: WriteObject) -> str:
    """The CRM's own name; names of today's format stay, as they may be mapped ones."""
    return crm_object_name(provider, item) if item.mode else item.name


def _is_of_today(content: Any) -> bool:
    return isinstance(content, dict) and "type" not in content and "objects" in content


def _nothing_to_write(integration: Integration, converted: dict[str, Any]) -> list[Loss]:
    if len(converted) > 3:
        return []
    today = "An integration needs at least one of read, write, subscribe and proxy."
    return [Loss(integration.position.line, f"the integration {integration.name}, which is left out", today)]


def _reads(content: Any) -> list[dict[str, Any]]:
    """The standard objects of a 2023 read action, as far as today's format has the same."""
    items = content.get("standardObjects") if isinstance(content, dict) else None
    schedule = _read_schedule(content.get("schedule")) if items else None
    return [_read(item, schedule) for item in items or () if isinstance(item, dict) and "objectName" in item]


def _read(item: dict[str, Any], schedule: str | None) -> dict[str, Any]:
    read: dict[str, Any] = {
        "objectName": item["objectName"],
        "destination": item.get("destination", "webhook"),
    }
    if schedule:
        read["schedule"] = schedule
    for key in ("requiredFields", "optionalFields"):
        fields = item.get(key)
        names = (
            [f.get("fieldName") for f in fields if isinstance(f, dict)] if isinstance(fields, list) else []
        )
        if any(names):
            read[key] = [{"fieldName": name} for name in names if name]
    return read


def _read_schedule(text: Any) -> str | None:
    """Cron as it is; intervals as the cron that comes nearest; None for `once` and what is no schedule."""
    if not isinstance(text, str) or text == "once":
        return None
    minutes = _minutes(text)
    if isinstance(parse_schedule(text), CronSchedule):
        return text
    if minutes < 60:
        return f"*/{max(minutes, 10)} * * * *"
    return f"0 */{minutes // 60} * * *" if minutes < MAX_DELAY_MINUTES else "0 0 * * *"


def _object_losses(integration: Integration, item: WriteObject) -> list[Loss]:
    losses = []
    name = crm_object_name(integration.provider, item)
    if item.endpoint:
        body = "`type: create` and `record`" if item.mode is Mode.INSERT else "`type: update` and `record.id`"
        url = f"{_WRITE_URL}/integrations/{integration.name}/objects/{name}"
        losses.append(_loss(item, "endpoint", item.endpoint, f"POST {url} with `groupRef`, {body}."))
    if item.schedule:
        minutes = min(_minutes(item.schedule), MAX_DELAY_MINUTES)
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


def _minutes(schedule: str) -> int:
    """The longest of the first gaps between two fires, at least one minute."""
    moments = upcoming(parse_schedule(schedule), 6, _REFERENCE)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    return max(max(gaps) // timedelta(minutes=1), 1)
