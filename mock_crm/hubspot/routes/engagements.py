"""The legacy API of activities, which old tools still use: notes, tasks, calls, emails, meetings in one."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.core.store import Row
from mock_crm.hubspot import bodies, errors, guards, request_models, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.records import Change, Draft
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.timestamps import parse_timestamp

_TYPES = {"NOTE": "notes", "TASK": "tasks", "CALL": "calls", "EMAIL": "emails", "MEETING": "meetings"}
# Names of metadata by the properties that hold them.
_METADATA = {
    "notes": {"body": "hs_note_body"},
    "tasks": {
        "body": "hs_task_body",
        "subject": "hs_task_subject",
        "status": "hs_task_status",
        "priority": "hs_task_priority",
    },
    "calls": {
        "body": "hs_call_body",
        "title": "hs_call_title",
        "status": "hs_call_status",
        "toNumber": "hs_call_to_number",
        "fromNumber": "hs_call_from_number",
        "durationMilliseconds": "hs_call_duration",
    },
    "emails": {"subject": "hs_email_subject", "text": "hs_email_text", "html": "hs_email_html"},
    "meetings": {
        "body": "hs_meeting_body",
        "title": "hs_meeting_title",
        "startTime": "hs_meeting_start_time",
        "endTime": "hs_meeting_end_time",
    },
}
_LINKED = {"contactIds": "contacts", "companyIds": "companies", "dealIds": "deals", "ticketIds": "tickets"}


class Engagement(msgspec.Struct, rename="camel"):
    """What kind of activity, whose, and when."""

    type: str = ""
    timestamp: int | None = None
    owner_id: int | str | None = None


class EngagementInput(msgspec.Struct):
    """An activity with the records that it belongs to."""

    engagement: Engagement
    associations: dict[str, list[int | str]] = {}
    metadata: dict[str, Any] = {}


class EngagementChange(msgspec.Struct):
    """What an activity is to become."""

    engagement: Engagement = msgspec.field(default_factory=Engagement)
    metadata: dict[str, Any] = {}


def endpoints() -> list[Endpoint]:
    note = "the common members of notes, tasks, calls, emails and meetings"
    one = "/engagements/{engagementId}"
    return [
        Endpoint("POST", "engagements", "/engagements", create, ("v1",), "simplified", note),
        Endpoint("GET", "engagements", one, read, ("v1",), "simplified", note),
        Endpoint("PATCH", "engagements", one, update, ("v1",), "simplified", note),
        Endpoint("DELETE", "engagements", one, archive, ("v1",), "simplified", note),
    ]


def create(request: Request, org: HubSpotContext) -> Response:
    guards.need_scope(request, ("crm.objects.contacts.write",))
    given = bodies.read(request, EngagementInput)
    plural = _TYPES.get(given.engagement.type)
    if plural is None:
        raise errors.invalid(f"Unknown engagement type {given.engagement.type}.")
    schema = org.schema.need(plural)
    values = _values(plural, given.engagement, given.metadata)
    values.setdefault("hs_timestamp", org.now_ms())
    if plural == "emails":
        values.setdefault("hs_email_direction", "EMAIL")
    with org.store.transaction():
        (draft,) = org.records.draft(schema, [(values, _links(org, schema, given.associations))])
        if not isinstance(draft, Draft):
            raise draft
        org.records.insert(schema, [draft])
    return responses.answer(_body(org, schema, draft.row()))


def read(request: Request, org: HubSpotContext) -> Response:
    guards.need_scope(request, ("crm.objects.contacts.read",))
    return responses.answer(_body(org, *_need(request, org)))


def update(request: Request, org: HubSpotContext) -> Response:
    guards.need_scope(request, ("crm.objects.contacts.write",))
    schema, row = _need(request, org)
    given = bodies.read(request, EngagementChange)
    values = _values(schema.type.plural, given.engagement, given.metadata)
    with org.store.transaction():
        (change,) = org.records.plan(schema, [(row, values)])
        if not isinstance(change, Change):
            raise change
        (changed,) = org.records.apply(schema, [change])
    return responses.answer(_body(org, schema, changed))


def archive(request: Request, org: HubSpotContext) -> Response:
    """Move an activity to the recycle bin."""
    guards.need_scope(request, ("crm.objects.contacts.write",))
    schema, row = _need(request, org)
    org.archive_records(schema, [row.id])
    return responses.no_content()


def _need(request: Request, org: HubSpotContext) -> tuple[TypeSchema, Row]:
    for plural in _TYPES.values():
        schema = org.schema.need(plural)
        row = org.records.get(schema, request.params["engagementId"])
        if row is not None:
            return schema, row
    raise errors.not_found()


def _values(plural: str, engagement: Engagement, metadata: dict[str, Any]) -> dict[str, Any]:
    names = _METADATA[plural]
    values = {names[name]: value for name, value in metadata.items() if name in names and _is_scalar(value)}
    if engagement.timestamp is not None:
        values["hs_timestamp"] = engagement.timestamp
    if engagement.owner_id is not None:
        values["hubspot_owner_id"] = str(engagement.owner_id)
    return values


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _links(
    org: HubSpotContext, schema: TypeSchema, given: dict[str, list[int | str]]
) -> list[request_models.InlineAssociation]:
    links = []
    for name, ids in given.items():
        if name not in _LINKED:
            continue
        target = org.schema.need(_LINKED[name]).type
        kind = org.association_types.default(schema.type.id, target.id)
        if kind is not None:
            spec = request_models.SpecInput(kind.category, kind.id)
            links += [
                request_models.InlineAssociation(request_models.Id(record_id), [spec]) for record_id in ids
            ]
    return links


def _body(org: HubSpotContext, schema: TypeSchema, row: Row) -> dict[str, Any]:
    plural = schema.type.plural
    owner = row.document.get("hubspot_owner_id")
    linked = {
        name: [int(other.id) for _, other in org.associations.neighbours(schema.type.id, row.id, target.id)]
        for name, target in ((n, org.schema.need(t).type) for n, t in _LINKED.items())
    }
    engagement: dict[str, Any] = {
        "id": int(row.id),
        "portalId": org.portal_id,
        "active": True,
        "createdAt": row.created,
        "lastUpdated": row.modified,
        "type": next(name for name, known in _TYPES.items() if known == plural),
        "timestamp": parse_timestamp(row.document.get("hs_timestamp", "")),
    }
    if owner is not None:
        engagement["ownerId"] = int(owner)
    metadata = {name: row.document[prop] for name, prop in _METADATA[plural].items() if prop in row.document}
    return {"engagement": engagement, "associations": linked, "attachments": [], "metadata": metadata}
