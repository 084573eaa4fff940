"""Records as the API shows them: their values, history and place in HubSpot's own interface."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mock_crm.core.store import Row
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.portal import UI_DOMAIN
from mock_crm.hubspot.records import Draft
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.timestamps import iso_ms

_ACTIVITIES = frozenset({"0-18", "0-46", "0-47", "0-48", "0-49", "0-116"})
# The filter `hs_object_id EQ {id}` as JSON, percent-encoded but for the id.
_ONE_RECORD = (
    "%5B%7B%22property%22%3A%22hs_object_id%22%2C%22operator%22%3A%22EQ%22%2C%22value%22%3A%22{id}%22%7D%5D"
)


def of_rows(
    org: HubSpotContext, schema: TypeSchema, rows: Iterable[Row], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Records as the API shows them, with the properties of these names, null where they have no value."""
    return [of_row(org, schema, row, {name: row.document.get(name) for name in names}) for row in rows]


def of_drafts(org: HubSpotContext, schema: TypeSchema, drafts: Iterable[Draft]) -> list[dict[str, Any]]:
    """Records that were just inserted, which the API shows with all that they have."""
    url = _record_url(org, schema.type.id)
    is_contact = schema.type.id == "0-1"
    return [
        _body(
            draft.id,
            msgspec.Raw(_document_of_contact(draft) if is_contact else draft.document),
            draft.at,
            draft.at,
            url,
            archived=False,
        )
        for draft in drafts
    ]


def of_row(org: HubSpotContext, schema: TypeSchema, row: Row, properties: Any) -> dict[str, Any]:
    """A record as the API shows it, around its properties."""
    url = _record_url(org, schema.type.id)
    return _body(row.id, properties, row.created, row.modified, url, archived=row.archived)


def _body(
    record_id: str, properties: Any, created: int, modified: int, url: str, *, archived: bool
) -> dict[str, Any]:
    body = {
        "id": record_id,
        "properties": properties,
        "createdAt": iso_ms(created),
        "updatedAt": iso_ms(modified),
        "archived": archived,
    }
    if archived:
        body["archivedAt"] = iso_ms(modified)
    body["url"] = url.replace("{id}", record_id)
    return body


def _document_of_contact(draft: Draft) -> str:
    """The values of a new contact; the date of its lifecycle stage is milliseconds here alone (recorded)."""
    name = f"hs_lifecyclestage_{draft.values.get('lifecyclestage')}_date"
    date = draft.values.get(name)
    return draft.document.replace(f'"{name}":"{date}"', f'"{name}":"{draft.at}"', 1)


def shown_names(schema: TypeSchema, asked: Sequence[str] | None) -> list[str]:
    """The properties that a reader gets: those asked for that exist, and those that always come."""
    kind = schema.type
    if not asked:
        return [name for name in kind.defaults if name in schema.properties]
    known = {name for name in asked if name in schema.properties}
    return sorted(known | {kind.created, kind.modified, "hs_object_id"})


def history(org: HubSpotContext, schema: TypeSchema, record_id: str, names: Sequence[str]) -> dict[str, Any]:
    """`propertiesWithHistory` of a record: the values that properties have had, newest first."""
    versions = org.store.history(schema.type.id, record_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for name in names:
        if name not in schema.properties:
            continue
        entries: list[dict[str, Any]] = []
        previous: str | None = None
        for version in versions:
            value = version.document.get(name)
            if value != previous:
                entries.append(
                    {
                        "value": value or "",
                        "timestamp": iso_ms(version.modified),
                        "sourceType": "INTEGRATION",
                        "sourceId": org.app_id,
                    }
                )
            previous = value
        found[name] = entries[::-1]
    return found


def _record_url(org: HubSpotContext, type_id: str) -> str:
    """Where HubSpot's own interface shows a record, `{id}` for its id (recorded for tasks and notes)."""
    account = f"contacts/{org.portal_id}"
    if type_id == "0-27":
        return f"https://{UI_DOMAIN}/tasks/{org.portal_id}/view/all/task/{{id}}"
    if type_id in _ACTIVITIES:
        return f"https://{UI_DOMAIN}/{account}/objects/{type_id}/views/all/list?filters={_ONE_RECORD}"
    return f"https://{UI_DOMAIN}/{account}/record/{type_id}/{{id}}"
