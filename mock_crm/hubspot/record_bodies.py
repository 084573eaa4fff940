"""Records as the API shows them: their values, history and place in HubSpot's own interface."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from mock_crm.core.store import Row
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.portal import UI_DOMAIN
from mock_crm.hubspot.records import Draft
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.timestamps import iso_ms, iso_short

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


def of_drafts(org: HubSpotContext, schema: TypeSchema, drafts: Sequence[Draft]) -> list[dict[str, Any]]:
    """Records that were just inserted together, which the API shows with all that they have."""
    if not drafts:
        return []
    url = _record_url(org, schema.type.id)
    moment = iso_ms(drafts[0].at)
    is_contact = schema.type.id == "0-1"
    return [
        _body(
            draft.id,
            msgspec.Raw(_document_of_contact(draft) if is_contact else draft.document),
            moment,
            moment,
            url,
        )
        for draft in drafts
    ]


def of_row(org: HubSpotContext, schema: TypeSchema, row: Row, properties: Any) -> dict[str, Any]:
    """A record as the API shows it, around its properties."""
    url = _record_url(org, schema.type.id)
    created, modified = iso_ms(row.created), iso_ms(row.modified)
    return _body(row.id, properties, created, modified, url, modified if row.archived else "")


def _body(
    record_id: str, properties: Any, created: str, modified: str, url: str, archived: str = ""
) -> dict[str, Any]:
    body = {
        "id": record_id,
        "properties": properties,
        "createdAt": created,
        "updatedAt": modified,
        "archived": bool(archived),
    }
    if archived:
        body["archivedAt"] = archived
    body["url"] = url.replace("{id}", record_id)
    return body


def _document_of_contact(draft: Draft) -> bytes:
    """The values of a new contact; the date of its lifecycle stage is milliseconds here alone (recorded)."""
    return draft.document.replace(*_stage_date(draft.values.get("lifecyclestage"), draft.at), 1)


@lru_cache(64)
def _stage_date(stage: str | None, at: int) -> tuple[bytes, bytes]:
    """The date of the lifecycle stage in which a contact is created: as it is kept, and as it is shown."""
    name = f"hs_lifecyclestage_{stage}_date"
    return f'"{name}":"{iso_short(at)}"'.encode(), f'"{name}":"{at}"'.encode()


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
