"""The legacy API of activities, which old tools still use: notes, tasks, calls, emails, meetings in one.

Members as in recordings of 2016 to 2022 (captaincontrat/hubspot-api-ruby); numbers and times among the
metadata are JSON numbers there, unlike the properties that hold them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.core.store import Row
from mock_crm.hubspot import bodies, errors, guards, query, request_models, responses
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
        "taskType": "hs_task_type",
        "forObjectType": "hs_task_for_object_type",
    },
    "calls": {
        "body": "hs_call_body",
        "title": "hs_call_title",
        "status": "hs_call_status",
        "disposition": "hs_call_disposition",
        "recordingUrl": "hs_call_recording_url",
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
        "meetingOutcome": "hs_meeting_outcome",
        "internalMeetingNotes": "hs_internal_meeting_notes",
    },
}
# The people of an email, kept together as JSON in a property.
_PEOPLE = ("from", "to", "cc", "bcc", "sender")
_HEADERS = "hs_email_headers"
_UID = "hs_unique_id"
_FILES = "hs_attachment_ids"
_LINKED = {
    "contactIds": "contacts",
    "companyIds": "companies",
    "dealIds": "deals",
    "ticketIds": "tickets",
    "quoteIds": "quotes",
}
_NEVER_LINKED = (
    "ownerIds", "workflowIds", "contentIds", "marketingEventIds", "partnerClientIds", "orderIds", "cartIds",
)  # fmt: skip
# What every meeting has beside its own values (n8n-io/n8n#18606, August 2025).
_OF_MEETINGS: dict[str, Any] = {
    "source": "CRM_UI",
    "preMeetingProspectReminders": [],
    "attendeeOwnerIds": [],
    "guestEmails": [],
}
_SCHEDULED = ("tasks", "meetings")
_MOST_PER_PAGE = 250


class Engagement(msgspec.Struct, rename="camel"):
    """What kind of activity, whose, and when; `uid` is the client's own name for it, shown as it came."""

    type: str = ""
    timestamp: int | None = None
    owner_id: int | str | None = None
    uid: int | str | None = None


class Attachment(msgspec.Struct):
    """A file that an activity has; the mock has no files, and takes any id."""

    id: int


class EngagementInput(msgspec.Struct):
    """An activity with the records that it belongs to; `null` among their ids is left out (recorded)."""

    engagement: Engagement
    associations: dict[str, list[int | str | None]] = {}
    attachments: list[Attachment] = []
    metadata: dict[str, Any] | None = None


class EngagementChange(msgspec.Struct):
    """What an activity is to become."""

    engagement: Engagement = msgspec.field(default_factory=Engagement)
    metadata: dict[str, Any] = {}


def endpoints() -> list[Endpoint]:
    note = "the common members of notes, tasks, calls, emails and meetings"
    one = "/engagements/{engagementId}"
    return [
        Endpoint("POST", "engagements", "/engagements", create, ("v1",), "simplified", note),
        Endpoint("GET", "engagements", "/engagements/paged", list_paged, ("v1",), "simplified", note),
        Endpoint(
            "GET", "engagements", "/engagements/recent/modified", list_recent, ("v1",), "simplified", note
        ),
        Endpoint("GET", "engagements", "/engagements/modified/after", list_modified_after, ("v1",),
                 "simplified", note),
        Endpoint("GET", "engagements", one, read, ("v1",), "simplified", note),
        Endpoint("PATCH", "engagements", one, update, ("v1",), "simplified", note),
        Endpoint("DELETE", "engagements", one, archive, ("v1",), "simplified", note),
    ]  # fmt: skip


def create(request: Request, org: HubSpotContext) -> Response:
    guards.need_scope(request, ("crm.objects.contacts.write",))
    given = bodies.read(request, EngagementInput)
    plural = _TYPES.get(given.engagement.type)
    if plural is None:
        raise errors.invalid(f"Unknown engagement type {given.engagement.type}.")
    if given.metadata is None:
        raise errors.no_metadata()
    schema = org.schema.need(plural)
    values = _values(plural, given.engagement, given.metadata)
    values.setdefault("hs_timestamp", org.now_ms())
    if given.attachments:
        values[_FILES] = ";".join(str(file.id) for file in given.attachments)
    if plural == "emails":
        values.setdefault("hs_email_direction", "EMAIL")
    # HubSpot takes it when an activity is made, and the property that holds it is read-only.
    own = {} if given.engagement.uid is None else {_UID: str(given.engagement.uid)}
    with org.store.transaction():
        (draft,) = org.records.draft(schema, [(values, _links(org, schema, given.associations))], own)
        if not isinstance(draft, Draft):
            raise draft
        org.records.insert(schema, [draft])
    body = _body(org, schema, draft.row())
    body["associationCreateFailures"] = []
    return responses.answer(body)


def list_paged(request: Request, org: HubSpotContext) -> Response:
    """A page of all activities, oldest first."""
    return _page(request, org, lambda row: row.created, newest_first=False)


def list_recent(request: Request, org: HubSpotContext) -> Response:
    """A page of all activities, those changed last first."""
    return _page(request, org, lambda row: row.modified, newest_first=True)


def list_modified_after(request: Request, org: HubSpotContext) -> Response:
    """A page of the activities changed since a moment in milliseconds, or behind the `after` of a page."""
    guards.need_scope(request, ("crm.objects.contacts.read",))
    limit = query.limit_in(request, 100, _MOST_PER_PAGE)
    since, _, last = request.query.get("after", "").partition(".")
    start = (query.parse_cursor(since), query.parse_cursor(last))
    found = [pair for pair in _all(org) if (pair[1].modified, int(pair[1].id)) > start]
    found.sort(key=lambda pair: (pair[1].modified, int(pair[1].id)))
    page = found[:limit]
    body: dict[str, Any] = {
        "results": [_body(org, schema, row) for schema, row in page],
        "hasMore": len(found) > limit,
    }
    if page:
        body["after"] = f"{page[-1][1].modified}.{page[-1][1].id}"
    return responses.answer(body)


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


def _page(
    request: Request, org: HubSpotContext, key: Callable[[Row], int], *, newest_first: bool
) -> Response:
    guards.need_scope(request, ("crm.objects.contacts.read",))
    limit = query.limit_in(request, 100, _MOST_PER_PAGE)
    offset = query.parse_cursor(request.query.get("offset", ""))
    found = _all(org)
    found.sort(key=lambda pair: (key(pair[1]), int(pair[1].id)), reverse=newest_first)
    page = found[offset : offset + limit]
    end = offset + len(page)
    body = {
        "results": [_body(org, schema, row) for schema, row in page],
        "hasMore": end < len(found),
        "offset": end,
    }
    return responses.answer(body | {"total": len(found)} if newest_first else body)


def _all(org: HubSpotContext) -> list[tuple[TypeSchema, Row]]:
    return [
        (schema, row)
        for schema in (org.schema.need(plural) for plural in _TYPES.values())
        for row in org.store.scan(schema.type.id)
    ]


def _need(request: Request, org: HubSpotContext) -> tuple[TypeSchema, Row]:
    for plural in _TYPES.values():
        schema = org.schema.need(plural)
        row = org.records.get(schema, request.params["engagementId"])
        if row is not None:
            return schema, row
    raise errors.not_found()


def _values(plural: str, engagement: Engagement, metadata: dict[str, Any]) -> dict[str, Any]:
    names = _METADATA[plural]
    values = {
        names[name]: value
        for name, value in metadata.items()
        if name in names and (value is None or isinstance(value, str | int | float | bool))
    }
    people = {name: metadata[name] for name in _PEOPLE if name in metadata}
    if plural == "emails" and people:
        values[_HEADERS] = msgspec.json.encode(people).decode()
    if engagement.timestamp is not None:
        values["hs_timestamp"] = engagement.timestamp
    if engagement.owner_id is not None:
        values["hubspot_owner_id"] = str(engagement.owner_id)
    return values


def _links(
    org: HubSpotContext, schema: TypeSchema, given: dict[str, list[int | str | None]]
) -> list[request_models.InlineAssociation]:
    links = []
    for name, ids in given.items():
        if name not in _LINKED:
            continue
        target = org.schema.need(_LINKED[name]).type
        kind = org.association_types.default(schema.type.id, target.id)
        if kind is not None:
            spec = request_models.SpecInput("HUBSPOT_DEFINED", kind.id)
            links += [
                request_models.InlineAssociation(request_models.Id(record_id), [spec])
                for record_id in ids
                if record_id is not None
            ]
    return links


def _body(org: HubSpotContext, schema: TypeSchema, row: Row) -> dict[str, Any]:
    values = row.document
    plural = schema.type.plural
    linked: dict[str, list[int]] = {
        name: [int(other.id) for other in org.associations.neighbours(schema.type.id, row.id, target.id)]
        for name, target in ((n, org.schema.need(t).type) for n, t in _LINKED.items())
    }
    linked |= {name: [] for name in _NEVER_LINKED}
    engagement: dict[str, Any] = {
        "id": int(row.id),
        "portalId": org.portal_id,
        "active": True,
        "createdAt": row.created,
        "lastUpdated": row.modified,
        "type": next(name for name, known in _TYPES.items() if known == plural),
        "timestamp": parse_timestamp(values.get("hs_timestamp", "")),
        "allAccessibleTeamIds": [],
        "queueMembershipIds": [],
    }
    if preview := values.get("hs_body_preview"):
        engagement["bodyPreview"] = preview
        engagement["bodyPreviewHtml"] = values.get("hs_body_preview_html", "")
        engagement["bodyPreviewIsTruncated"] = values.get("hs_body_preview_is_truncated") == "true"
    if owner := values.get("hubspot_owner_id"):
        engagement["ownerId"] = int(owner)
    if uid := values.get(_UID):
        engagement["uid"] = uid
    metadata: dict[str, Any] = {
        name: _typed(schema, prop, values[prop])
        for name, prop in _METADATA[plural].items()
        if values.get(prop)
    }
    if plural == "emails" and values.get(_HEADERS):
        metadata |= msgspec.json.decode(values[_HEADERS])
    if plural == "meetings":
        metadata |= _OF_MEETINGS
    files = [{"id": int(file)} for file in values.get(_FILES, "").split(";") if file.isdigit()]
    body = {"engagement": engagement, "associations": linked, "attachments": files, "metadata": metadata}
    return body | {"scheduledTasks": []} if plural in _SCHEDULED else body


def _typed(schema: TypeSchema, name: str, value: str) -> Any:
    """A value as metadata show it: numbers as numbers, times as milliseconds."""
    kind = schema.properties[name].type
    if kind in ("datetime", "date"):
        return parse_timestamp(value)
    if kind == "number":
        return int(value) if value.lstrip("+-").isdigit() else float(value)
    return value
