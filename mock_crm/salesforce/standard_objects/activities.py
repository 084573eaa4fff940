"""Tasks and events."""

from __future__ import annotations

from datetime import datetime, timedelta

from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.standard_objects.behaviour import (
    Behaviour,
    Document,
    has_changed,
    is_given,
    owned,
    parent_of,
)
from mock_crm.salesforce.state import OrgState
from mock_crm.salesforce.values import format_moment

_DAY = 24 * 60
_LONGEST_EVENT = 14 * _DAY


def _task(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    new["IsClosed"] = str(new.get("Status")).lower() == "completed"
    new["IsHighPriority"] = str(new.get("Priority")).lower() == "high"
    if has_changed("Status", new, old):
        new["CompletedDateTime"] = format_moment(state.clock.now()) if new["IsClosed"] else None
    _account(new, state)


def _event(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    """Start, end and duration follow from each other; ActivityDateTime and ActivityDate repeat the start.

    Days are those of UTC. An all-day event ends at the midnight at which its last day begins.
    """
    _account(new, state)
    is_whole_day = bool(new.get("IsAllDayEvent"))
    start = next(
        (new[name] for name in ("StartDateTime", "ActivityDateTime") if is_given(name, new, old)),
        new.get("StartDateTime"),
    )
    if is_whole_day and is_given("ActivityDate", new, old):
        start = new["ActivityDate"]
    if start is None:
        return
    if is_whole_day:
        start = f"{start[:10]}T00:00:00.000+0000"
    if not (is_given("StartDateTime", new, old) and is_given("ActivityDateTime", new, old)):
        new["StartDateTime"] = new["ActivityDateTime"] = start
    new["ActivityDate"] = start[:10]
    begins = datetime.fromisoformat(start)
    last_day = timedelta(days=1 if is_whole_day else 0)
    minutes, ends_at = new.get("DurationInMinutes"), new.get("EndDateTime")
    if is_whole_day and minutes is None and ends_at is None:
        minutes = new["DurationInMinutes"] = _DAY
    if ends_at and is_given("EndDateTime", new, old) and not is_given("DurationInMinutes", new, old):
        ends = datetime.fromisoformat(ends_at) + last_day
        new["DurationInMinutes"] = round((ends - begins).total_seconds() / 60)
    elif minutes is not None and not is_given("EndDateTime", new, old):
        new["EndDateTime"] = format_moment(begins + timedelta(minutes=minutes) - last_day)
    new["EndDate"] = (new.get("EndDateTime") or start)[:10]


def _account(new: Document, state: OrgState) -> None:
    """An activity belongs to the account of what it is about."""
    new["AccountId"] = None
    for reference in (new.get("WhatId"), new.get("WhoId")):
        target = state.schema.by_prefix(reference[:3]) if reference else None
        if target is None or reference is None:
            continue
        if target.name == "Account":
            new["AccountId"] = reference
        elif target.field("AccountId"):
            new["AccountId"] = parent_of(state, target.name, {"Id": reference}, "Id").get("AccountId")
        if new["AccountId"]:
            return


def _check_task(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    problems = _check_relations(new) or owned("task")(new, old, state)
    if problems or not new.get("IsRecurrence"):
        return problems
    if new.get("ActivityDate"):
        return [errors.due_date_of_series()]
    if not (new.get("RecurrenceType") or new.get("RecurrenceRegeneratedType")):
        return [errors.recurrence_without_type()]
    if new.get("RecurrenceType") == "RecursMonthly" and new.get("RecurrenceDayOfWeekMask"):
        return [errors.days_of_week_of_monthly()]
    return []


def _check_event(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    problems = _check_relations(new) or owned("event")(new, old, state)
    if problems:
        return problems
    if new.get("StartDateTime") is None:
        names = ("ActivityDate",) if new.get("IsAllDayEvent") else ("DurationInMinutes", "ActivityDateTime")
        return [errors.required_fields_missing([name for name in names if new.get(name) is None])]
    if new.get("EndDateTime") is None:
        return [errors.required_fields_missing(["EndDateTime"])]
    if new["StartDateTime"] != new["ActivityDateTime"]:
        return [errors.times_of_event("StartDateTime", "ActivityDateTime")]
    last_day = timedelta(days=1 if new.get("IsAllDayEvent") else 0)
    begins, ends = (datetime.fromisoformat(new[name]) for name in ("StartDateTime", "EndDateTime"))
    minutes = round((ends + last_day - begins).total_seconds() / 60)
    if minutes != new["DurationInMinutes"]:
        return [errors.times_of_event("EndDateTime", "DurationInMinutes")]
    return [] if 0 <= minutes <= _LONGEST_EVENT else [errors.duration_of_event(_LONGEST_EVENT)]


def _check_relations(new: Document) -> list[SalesforceError]:
    is_about_lead = str(new.get("WhoId")).startswith("00Q")
    return [errors.lead_with_related_record()] if is_about_lead and new.get("WhatId") else []


BEHAVIOURS = {"Task": Behaviour(_task, _check_task), "Event": Behaviour(_event, _check_event)}
