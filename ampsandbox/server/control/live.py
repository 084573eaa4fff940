"""What the sandbox created in real orgs: the list, and its removal."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ampsandbox.crm.cleanup import remove_created
from ampsandbox.crm.created import CreatedRecord
from ampsandbox.server.control.endpoint import Call, Count, Endpoint


class LiveRecordsQuery(msgspec.Struct, rename="camel"):
    """Which part of the list."""

    limit: Count = 1000
    offset: Count = 0


class LiveRecordView(msgspec.Struct, rename="camel"):
    """One record that the sandbox created in a real org; `url` is its page there, where the CRM told."""

    org_id: str
    org_name: str
    provider: str
    integration: str
    group: str
    object: str
    record_id: str
    url: str
    created_at: datetime


class RemovalBody(msgspec.Struct, rename="camel"):
    """The org whose created records are removed; `confirm` is its name, as a person typed it."""

    org_id: str
    confirm: str


class KeptView(msgspec.Struct, rename="camel"):
    """A record that could not be removed, and why."""

    record: LiveRecordView
    reason: str


class RemovalAnswer(msgspec.Struct, rename="camel"):
    """How many records are gone from the org, and those that are not."""

    removed: int
    kept: list[KeptView]


def _view(record: CreatedRecord) -> LiveRecordView:
    return LiveRecordView(
        record.org_id,
        record.org_name,
        record.provider,
        record.integration,
        record.group,
        record.object,
        record.record_id,
        record.url,
        datetime.fromisoformat(record.created_at),
    )


async def _list(call: Call) -> list[LiveRecordView]:
    return [
        _view(record) for record in call.server.connections.created.all(call.query.limit, call.query.offset)
    ]


async def _remove(call: Call) -> RemovalAnswer:
    connections = call.server.connections
    body: RemovalBody = call.body
    removed, kept = await remove_created(
        connections.created, connections.open_live, body.org_id, body.confirm
    )
    return RemovalAnswer(removed, [KeptView(_view(each.record), each.reason) for each in kept])


ENDPOINTS = (
    Endpoint(
        "GET",
        "/live-records",
        "listLiveRecords",
        "Records that the sandbox created in real orgs and did not remove yet, oldest first.",
        _list,
        query=LiveRecordsQuery,
        answer=list[LiveRecordView],
    ),
    Endpoint(
        "POST",
        "/live-records/remove",
        "removeLiveRecords",
        "Remove from a real org what the sandbox created there; answers when all was tried.",
        _remove,
        body=RemovalBody,
        answer=RemovalAnswer,
    ),
)
