"""`read` of 1.0.0: its public rules, and the objects and fields to read.

The sandbox does not run reads. Writes may inherit their mappings, and the installer asks for them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from ampsandbox.manifest.model import Backfill, Position, ReadDelivery, ReadField, ReadObject
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.schedule import CronSchedule, ScheduleError, parse_schedule, upcoming
from ampsandbox.manifest.schedule_advice import cron_field_advice
from ampsandbox.manifest.sections import Section

PAGE_SIZES = range(50, 501)
LARGE_BACKFILL_DAYS = 180
MAX_GOOGLE_CALENDAR_DAYS = 28
_MIN_INTERVAL = timedelta(minutes=10)
_FREQUENT = timedelta(minutes=5)
_REFERENCE = datetime(2024, 1, 1, tzinfo=UTC)


def read_objects(read: Section, provider: str | None, report: Report) -> tuple[ReadObject, ...]:
    """The objects of a `read`, with a finding for everything that `amp deploy` rejects or warns of."""
    items = read.sections("objects")
    if not items and "objects" not in read.values:
        report.add("read-objects", read.position, "`read` must contain an 'objects' list.")
    elif not items:
        report.add("read-objects", read.position_of("objects"), "`read` needs at least one object.")
    check_duplicates(items, "duplicate-read-object", report)
    for item in items:
        _check_object(item, provider, report)
    return tuple(_read_object(item, name) for item in items if (name := item.text("objectName")))


def check_duplicates(items: list[Section], rule: str, report: Report) -> None:
    """Report each object that stands in a list a second time."""
    first: dict[str, Position] = {}
    for item in items:
        name, position = item.text("objectName"), item.position_of("objectName")
        if name is not None and name in first:
            message = f"The object {shown(name)} is already in line {first[name].line}."
            report.add(rule, position, message, "Remove one of them.")
        elif name is not None:
            first[name] = position


def check_cron(text: str, position: Position, rule: str, report: Report) -> CronSchedule | None:
    """The five-field cron that a schedule of today's format must be; what it is else is reported."""
    # What Ampersand's cron has and ours has not: `?` for any, and the working day next to a day.
    fields = [re.sub(r"^(\d+)W$", r"\1", "*" if field == "?" else field) for field in text.split()]
    expression = " ".join(fields)
    try:
        schedule = parse_schedule(expression)
        if "LW" in fields:
            raise ScheduleError(cron_field_advice(expression, fields.index("LW")))
    except ScheduleError as error:
        cron = parse_schedule(error.meant).as_cron() if error.meant else None
        suggestion = f"Write `{cron}`." if cron else "Use five-field cron, such as `0 */2 * * *`."
        fix = report.replacement(position, text, cron) if cron else None
        report.add(rule, position, error.message, suggestion, fix)
        return None
    if isinstance(schedule, CronSchedule) and schedule.expression == expression:
        return schedule
    cron = schedule.as_cron()
    suggestion = f"Write `{cron}`." if cron else "Use cron, such as `0 */2 * * *`."
    message = f"The schedule of a read is five-field cron, not {shown(text)}."
    report.add(
        rule, position, message, suggestion, report.replacement(position, text, cron) if cron else None
    )
    return None


def _read_object(item: Section, name: str) -> ReadObject:
    delivery, backfill = item.section("delivery"), item.section("backfill")
    period = backfill.section("defaultPeriod") if backfill else None
    return ReadObject(
        name,
        item.text("destination"),
        item.text("schedule"),
        item.text("mapToName"),
        item.text("mapToDisplayName"),
        tuple(
            ReadField(
                field.text("fieldName"),
                field.text("mapToName"),
                field.text("mapToDisplayName"),
                field.text("default"),
                field.text("prompt"),
                key == "requiredFields",
                field.position,
            )
            for key in ("requiredFields", "optionalFields")
            for field in item.sections(key)
            if field.text("fieldName") or field.text("mapToName")
        ),
        item.text("optionalFieldsAuto") == "all",
        Backfill(period.values.get("days"), period.values.get("fullHistory")) if period else None,
        ReadDelivery(delivery.text("mode"), delivery.values.get("pageSize")) if delivery else None,
        item.text("enabled") == "always",
        item.position_of("objectName"),
        item.positions,
    )


def _check_object(item: Section, provider: str | None, report: Report) -> None:
    if schedule := item.text("schedule"):
        _check_schedule(schedule, item.position_of("schedule"), report)
    if delivery := item.section("delivery"):
        _check_delivery(delivery, report)
    if backfill := item.section("backfill"):
        _check_backfill(backfill, item.text("objectName"), provider, report)
    if item.text("enabled") == "always":
        _check_always_enabled(item, report)
    _check_fields(item, report)


def _check_schedule(text: str, position: Position, report: Report) -> None:
    schedule = check_cron(text, position, "schedule-syntax", report)
    if schedule is None:
        return
    shortest = min(later - earlier for earlier, later in pairwise(upcoming(schedule, 13, _REFERENCE)))
    if shortest < _MIN_INTERVAL:
        message = f"{shown(text)} reads more often than every 10 minutes."
        report.add("schedule-minimum-interval", position, message, "Use `*/10 * * * *` or less often.")
    if shortest <= _FREQUENT:
        message = f"{shown(text)} reads every {shortest // timedelta(minutes=1)} minutes."
        report.add("frequent-schedule-risk", position, message, "Mind the rate limits of the provider.")


def _check_delivery(delivery: Section, report: Report) -> None:
    mode, size = delivery.text("mode"), delivery.values.get("pageSize")
    position = delivery.position_of("pageSize")
    if mode == "auto" and size is not None:
        report.add("delivery-mode", position, "`pageSize` cannot be set with `mode: auto`.")
    if mode == "onRequest" and size not in PAGE_SIZES:
        message = f"`mode: onRequest` needs a `pageSize` from {PAGE_SIZES[0]} to {PAGE_SIZES[-1]}."
        report.add("delivery-mode", position, message)


def _check_backfill(backfill: Section, name: str | None, provider: str | None, report: Report) -> None:
    period = backfill.section("defaultPeriod") or Section(backfill.position)
    days, full = period.values.get("days"), period.values.get("fullHistory")
    position = period.position_of("fullHistory" if days is None else "days")
    if (days is None) == (full is None):
        message = "`backfill` needs `defaultPeriod` with either `days` or `fullHistory`."
        report.add("backfill-config", period.position, message, "Write, for example, `days: 30`.")
    elif days is not None and days < 0:
        report.add("backfill-config", position, "`days` must be 0 or more.")
    if provider == "googlecalendar" and name == "events" and (full or (days or 0) > MAX_GOOGLE_CALENDAR_DAYS):
        message = f"Google Calendar gives events at most {MAX_GOOGLE_CALENDAR_DAYS} days back."
        report.add(
            "google-calendar-backfill", position, message, f"Write `days: {MAX_GOOGLE_CALENDAR_DAYS}`."
        )
    if provider == "snowflake" and days is not None:
        report.add(
            "snowflake-backfill", position, "Snowflake is read as a whole.", "Write `fullHistory: true`."
        )
    if full or (days or 0) > LARGE_BACKFILL_DAYS:
        message = "A backfill this large may take very long."
        report.add("large-backfill-risk", position, message, "Try a shorter period first.")


def _check_always_enabled(item: Section, report: Report) -> None:
    rule = "always-enabled-fields"
    if not item.values.get("requiredFields"):
        message = "An object that is always read needs `requiredFields`."
        report.add(rule, item.position_of("requiredFields"), message, "Add at least one `fieldName`.")
    for field in item.sections("requiredFields"):
        if field.text("mapToName"):
            message = "A field of an object that is always read cannot be mapped."
            report.add(rule, field.position_of("mapToName"), message, "Use `fieldName` alone.")
    if not item.text("schedule"):
        message = "An object that is always read needs a `schedule`."
        report.add(rule, item.position_of("schedule"), message, 'Add `schedule: "0 */12 * * *"`.')


def _check_fields(item: Section, report: Report) -> None:
    first: dict[str, Position] = {}
    for key in ("requiredFields", "optionalFields"):
        for field in item.sections(key):
            name, position = field.text("mapToName"), field.position_of("mapToName")
            if name is None and field.text("fieldName") is None:
                message = "A field needs a `fieldName`, or the `mapToName` of one that the customer maps."
                report.add("field-name", field.position, message, "Add `fieldName: …`.")
            elif name is not None and name in first:
                message = f"{shown(name)} is already mapped to in line {first[name].line}."
                report.add("field-mapping-unique", position, message, "Give each field its own `mapToName`.")
            elif name is not None:
                first[name] = position
