"""`subscribe` and `watchSchema` of 1.0.0: their public rules, and the objects to watch.

The sandbox runs neither.
"""

from __future__ import annotations

import re

from ampsandbox.manifest.model import Provider, SubscribeObject
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.read_actions import check_cron, check_duplicates
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.sections import Section

MAX_SALESFORCE_SUBSCRIPTIONS = 5
EVENTS = ("createEvent", "updateEvent", "deleteEvent", "associationChangeEvent")


def subscribe_objects(
    subscribe: Section, provider: str | None, *, has_read: bool, report: Report
) -> tuple[SubscribeObject, ...]:
    """The objects of a `subscribe`, with a finding for everything that `amp deploy` rejects or warns of."""
    items = subscribe.sections("objects")
    if not has_read:
        message = "`subscribe` needs a `read` beside it."
        report.add("subscribe-requires-read", subscribe.position, message, "Add `read:`.")
    if not items:
        position = subscribe.position_of("objects")
        report.add("subscribe-objects", position, "`subscribe` must contain an 'objects' list.")
    if provider == Provider.SALESFORCE and len(items) > MAX_SALESFORCE_SUBSCRIPTIONS:
        message = f"Salesforce lets an integration watch at most {MAX_SALESFORCE_SUBSCRIPTIONS} objects."
        report.add("salesforce-subscribe-limit", subscribe.position_of("objects"), message)
    check_duplicates(items, "duplicate-subscribe-object", report)
    for item in items:
        _check_object(item, report)
    return tuple(_subscribe_object(item, name) for item in items if (name := item.text("objectName")))


def check_watch_schema(watch_schema: Section, report: Report) -> None:
    """Report what a `watchSchema` cannot be, beyond what its format says."""
    if schedule := watch_schema.text("schedule"):
        check_cron(schedule, watch_schema.position_of("schedule"), "watch-schema", report)


def _subscribe_object(item: Section, name: str) -> SubscribeObject:
    update = item.section("updateEvent")
    return SubscribeObject(
        name,
        item.text("destination"),
        item.values.get("inheritFieldsAndMapping") is True,
        tuple(key for key in EVENTS if (event := item.section(key)) and event.text("enabled")),
        update.text("watchFieldsAuto") if update else None,
        tuple(update.values.get("requiredWatchFields", ())) if update else (),
        tuple(item.values.get("otherEvents", ())),
        item.position_of("objectName"),
        item.positions,
    )


def _check_object(item: Section, report: Report) -> None:
    events = [event for key in EVENTS if (event := item.section(key))]
    if events and item.values.get("inheritFieldsAndMapping") is not True:
        position = item.position_of("inheritFieldsAndMapping")
        message = "`inheritFieldsAndMapping` must be true for an object with events."
        report.add("subscribe-inherit-fields", position, message, "Add `inheritFieldsAndMapping: true`.")
    if "otherEvents" not in item.values and not any(event.text("enabled") for event in events):
        message = "No event of this object is enabled."
        report.add("subscribe-minimum-events", item.position, message, f"Add one of {', '.join(EVENTS)}.")
    update = item.section("updateEvent")
    if update is None:
        return
    fields, auto = update.values.get("requiredWatchFields"), update.text("watchFieldsAuto")
    if bool(fields) == (auto is not None):
        message = "`updateEvent` needs either `requiredWatchFields` or `watchFieldsAuto`."
        report.add("update-event-watch-fields", update.position, message)
    for name in fields or ():
        if re.search(r"[.\[\]]", name):
            message = f"{shown(name)} is a nested path; only fields of the object can be watched."
            report.add("watch-fields-no-nesting", update.position_of("requiredWatchFields"), message)
