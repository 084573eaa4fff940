"""Records as the API shows them: their values, history and place in HubSpot's own interface."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from mock_crm.core.store import Row
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.portal import UI_DOMAIN
from mock_crm.hubspot.records import Draft, Sheet
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.timestamps import iso_ms

_ACTIVITIES = frozenset({"0-18", "0-46", "0-47", "0-48", "0-49", "0-116"})
# The filter `hs_object_id EQ {id}` as JSON, percent-encoded, before and after the id.
_ONE_RECORD = (
    "%5B%7B%22property%22%3A%22hs_object_id%22%2C%22operator%22%3A%22EQ%22%2C%22value%22%3A%22",
    "%22%7D%5D",
)


class RecordBody(msgspec.Struct, rename="camel"):
    """A record as the API shows it; what is unset is left out."""

    id: str
    properties: Any
    created_at: str
    updated_at: str
    archived: bool
    archived_at: str | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET
    properties_with_history: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    associations: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    new: bool | msgspec.UnsetType = msgspec.UNSET
    object_write_trace_id: str | msgspec.UnsetType = msgspec.UNSET


def of_rows(
    org: HubSpotContext, schema: TypeSchema, rows: Iterable[Row], names: Sequence[str]
) -> list[RecordBody]:
    """Records as the API shows them, with the properties of these names, null where they have no value."""
    return [of_row(org, schema, row, {name: row.document.get(name) for name in names}) for row in rows]


def of_drafts(org: HubSpotContext, schema: TypeSchema, drafts: Sequence[Draft]) -> list[RecordBody]:
    """Records that were just inserted together, which the API shows with all that they have."""
    if not drafts:
        return []
    return _new(org, schema, [(draft.id, draft.shown) for draft in drafts], drafts[0].at)


def of_sheet(org: HubSpotContext, schema: TypeSchema, sheet: Sheet) -> list[RecordBody]:
    """The same of records that came as a sheet."""
    return _new(org, schema, zip(sheet.ids, sheet.shown, strict=True), sheet.at)


def _new(
    org: HubSpotContext, schema: TypeSchema, records: Iterable[tuple[str, str]], at: int
) -> list[RecordBody]:
    before, after = _record_url(org.portal_id, schema.type.id)
    moment = iso_ms(at)
    return [
        RecordBody(record_id, msgspec.Raw(shown), moment, moment, False, url=f"{before}{record_id}{after}")
        for record_id, shown in records
    ]


def of_row(org: HubSpotContext, schema: TypeSchema, row: Row, properties: Any) -> RecordBody:
    """A record as the API shows it, around its properties."""
    before, after = _record_url(org.portal_id, schema.type.id)
    modified = iso_ms(row.modified)
    return RecordBody(
        row.id,
        properties,
        iso_ms(row.created),
        modified,
        row.archived,
        modified if row.archived else msgspec.UNSET,
        f"{before}{row.id}{after}",
    )


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


@lru_cache(1024)
def _record_url(portal_id: int, type_id: str) -> tuple[str, str]:
    """Where HubSpot shows a record itself, before and after its id (recorded for tasks and notes)."""
    account = f"contacts/{portal_id}"
    if type_id == "0-27":
        return f"https://{UI_DOMAIN}/tasks/{portal_id}/view/all/task/", ""
    if type_id in _ACTIVITIES:
        before, after = _ONE_RECORD
        return f"https://{UI_DOMAIN}/{account}/objects/{type_id}/views/all/list?filters={before}", after
    return f"https://{UI_DOMAIN}/{account}/record/{type_id}/", ""
