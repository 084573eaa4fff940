"""ActivityHistories and OpenActivities: the tasks and events of a record, read only by a subquery [D].

An account lists the activities of its contacts and opportunities as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from mock_crm.core.store import Row
from mock_crm.salesforce.model import SObject
from mock_crm.salesforce.soql.catalog import Child, Entity, EntityField
from mock_crm.salesforce.values import format_moment

_LISTS: Final = {"ActivityHistories": "ActivityHistory", "OpenActivities": "OpenActivity"}
TABLES: Final = ("Task", "Event")
"""Where the records of the lists lie."""
_FIELDS: Final = (
    "Id", "AccountId", "WhoId", "WhatId", "Subject", "ActivityDate", "OwnerId", "Status", "Priority",
    "IsHighPriority", "IsAllDayEvent", "DurationInMinutes", "Location", "Description", "IsDeleted",
    "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp",
    "CallDurationInSeconds", "CallType", "CallDisposition", "CallObject", "ReminderDateTime",
    "IsReminderSet", "StartDateTime", "EndDateTime", "CompletedDateTime",
)  # fmt: skip


def lists_below(name: str, task: SObject) -> dict[str, Child]:
    """The lists that an object's records have, by lower-case name.

    The objects that they consist of have a tilde before their names, so that no other query finds them.
    """
    links = ("AccountId",) if name == "Account" else ("WhoId", "WhatId")
    fields = (field for link in links if (field := task.field(link)) and name in field.reference_to)
    return {
        listed.lower(): Child(listed, f"~{entity}", field.name)
        for field in fields
        for listed, entity in _LISTS.items()
    }


def entity_of(name: str, task: Entity, event: Entity) -> Entity | None:
    """The object behind such a name, with fields of tasks and of events."""
    if not name.startswith("~"):
        return None
    own = {
        "ActivityType": EntityField("ActivityType", "Activity Type", "picklist", _kind),
        "IsTask": EntityField("IsTask", "Task", "boolean", lambda row: _kind(row) == "Task"),
    }
    known = {field: task.field(field) or event.field(field) for field in _FIELDS}
    fields = {name.lower(): field for name, field in {**known, **own}.items() if field is not None}
    parents = {f.relationship.lower(): f for f in fields.values() if f.relationship}
    return Entity(name[1:], name[1:], "", fields, {}, parents)


def is_list(entity: Entity) -> bool:
    """Whether the records of an object are tasks and events."""
    return entity.name in _LISTS.values()


def listed(entity: Entity, rows: Iterator[Row], now: datetime) -> Iterator[Row]:
    """Those of the tasks and events that the list is of: closed or past ones, or the others."""
    moment = format_moment(now)
    for row in rows:
        document = row.document
        is_over = (
            document.get("IsClosed") if _kind(row) == "Task" else str(document.get("EndDateTime")) < moment
        )
        if bool(is_over) == (entity.name == "ActivityHistory"):
            yield row


def _kind(row: Row) -> str:
    return "Task" if row.id.startswith("00T") else "Event"
