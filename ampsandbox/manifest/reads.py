"""The read side of an integration, as far as writes, installers and proxies depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ampsandbox.manifest.model import Integration


@dataclass(frozen=True, slots=True)
class ReadField:
    """A field that is read: one of the CRM (`field_name`), or one that the customer maps (no `field_name`).

    `map_to_name` is what the app calls it; `default` the CRM's field that a mapping begins with.
    """

    field_name: str | None
    map_to_name: str | None
    default: str | None = None
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class ReadObject:
    """An object that is read; `map_to_name` is what the app calls it."""

    name: str
    map_to_name: str | None
    fields: tuple[ReadField, ...]
    content: dict[str, Any]


def read_objects(integration: Integration) -> tuple[ReadObject, ...]:
    """The objects of `read`, in the order of the file; what is malformed is left out."""
    return tuple(
        ReadObject(
            item["objectName"],
            _text(item.get("mapToName")),
            (*_fields(item, "requiredFields", required=True), *_fields(item, "optionalFields")),
            item,
        )
        for item in _maps(action_content(integration, "read").get("objects"))
        if isinstance(item.get("objectName"), str)
    )


def action_content(integration: Integration, kind: str) -> dict[str, Any]:
    """What the manifest says under `read`, `subscribe`, `proxy` …; empty when it does not have it."""
    found = next((part.content for part in integration.inert if part.type == kind), None)
    return found if isinstance(found, dict) else {}


def has_proxy(integration: Integration) -> bool:
    """Whether the app may pass requests through to the CRM."""
    return action_content(integration, "proxy").get("enabled") is True


def _fields(item: dict[str, Any], key: str, *, required: bool = False) -> list[ReadField]:
    return [
        ReadField(
            _text(each.get("fieldName")), _text(each.get("mapToName")), _text(each.get("default")), required
        )
        for each in _maps(item.get(key))
    ]


def _maps(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
