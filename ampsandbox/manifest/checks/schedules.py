"""Schedules of writes: what they say, and whether that is likely meant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ampsandbox.manifest.model import Manifest, Position
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.schedule import (
    CronSchedule,
    NeverFiresError,
    Schedule,
    ScheduleError,
    parse_schedule,
    upcoming,
)

# A fixed Monday: the same file gives the same findings on every day.
_MIDNIGHT = datetime(2024, 1, 1, tzinfo=UTC)
_REFERENCE = _MIDNIGHT - timedelta(seconds=1)
_SINGULAR = re.compile(r"(every\s+\d+\s+)(minute|hour|day)", re.IGNORECASE)
_STEP = re.compile(r"\*/(\d+)")
_PERIODS = ((0, 60, "minute", "hour"), (1, 24, "hour", "day"))


def check(manifest: Manifest, report: Report) -> None:
    """Report schedules that cannot be read, never fire, or probably mean something else."""
    for integration in manifest.integrations:
        for item in integration.objects:
            if item.schedule is not None:
                check_schedule(item.schedule, item.positions.get("schedule", item.position), report)


def check_schedule(text: str, position: Position, report: Report) -> None:
    """Report what is wrong or odd about one schedule."""
    try:
        schedule = parse_schedule(text)
    except NeverFiresError as error:
        report.add("schedule-never-fires", position, error.message, error.hint)
        return
    except ScheduleError as error:
        fix = report.replacement(position, text, error.meant) if error.meant else None
        report.add("schedule-syntax", position, error.message, error.hint, fix)
        return
    _check_plural(schedule, text, position, report)
    _check_alias(schedule, text, position, report)
    first, second, third = upcoming(schedule, 3, _REFERENCE)
    if second - first == third - second == timedelta(minutes=1):
        message = f"The schedule {shown(text)} flushes every minute: {_times(schedule)}."
        report.add(
            "schedule-every-minute", position, message, "Leave the schedule out, or collect for longer."
        )
    elif isinstance(schedule, CronSchedule):
        _check_steps(schedule, text, position, report)


def _check_plural(schedule: Schedule, text: str, position: Position, report: Report) -> None:
    if _SINGULAR.fullmatch(text):
        message = (
            f"The last word of {shown(text)} is always plural: {shown(text + 's')}. "
            f"It is read so, and fires at {_times(schedule)} when installed at midnight."
        )
        fix = report.replacement(position, text, f"{text}s")
        report.add("schedule-singular", position, message, f"Write `{text}s`.", fix)


def _check_alias(schedule: Schedule, text: str, position: Position, report: Report) -> None:
    if text.startswith("@") and isinstance(schedule, CronSchedule):
        message = f"{shown(text)} is not in five fields. It is read as {shown(schedule.expression)}."
        fix = report.replacement(position, text, schedule.expression)
        report.add("schedule-alias", position, message, f"Write `{schedule.expression}`.", fix)


def _check_steps(schedule: CronSchedule, text: str, position: Position, report: Report) -> None:
    fields = schedule.expression.split()
    for index, size, unit, period in _PERIODS:
        step = _STEP.fullmatch(fields[index])
        if step and size % int(step[1]):
            message = (
                f"{shown(text)} starts anew with every {period}, so it is not every {step[1]} {unit}s: "
                f"it fires at {_times(schedule)}."
            )
            suggestion = f"Write `every {step[1]} {unit}s`, or a step that divides {size}."
            report.add("schedule-uneven", position, message, suggestion)


def _times(schedule: Schedule) -> str:
    """The first three times after a Monday's midnight, for cron from that midnight on."""
    start = _REFERENCE if isinstance(schedule, CronSchedule) else _MIDNIGHT
    moments = upcoming(schedule, 3, start)
    form = "%H:%M" if moments[-1] - start < timedelta(days=1) else "%a %H:%M"
    return ", ".join(format(moment, form) for moment in moments) + ", …"
