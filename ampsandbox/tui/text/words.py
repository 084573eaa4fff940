"""Time and speed in the words of people: what is typed into the clock, and what is shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from ampsandbox.errors import UsageError

_UNITS: Final = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600,
    "d": 86400, "day": 86400, "w": 604800, "week": 604800,
}  # fmt: skip
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*(am|pm)?")
_NAMED_TIMES: Final = {"midnight": (0, 0, 0), "noon": (12, 0, 0)}
_EXAMPLES: Final = "Try “2 hours”, “+90m”, “tomorrow 9:00”, “friday 5pm” or “2026-12-01 09:00”."


def countdown(left: timedelta) -> str:
    """How long is left, short enough for a table: `04:12`, `1:04:12`, `2d 04h`; `due` at the end."""
    seconds = int(left.total_seconds())
    if seconds <= 0:
        return "due"
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d {hour:02}h"
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute:02}:{second:02}"


def speed_label(speed: float) -> str:
    """The clock's speed: `frozen`, `×1`, `×60`."""
    return "frozen" if speed == 0 else f"×{speed:g}"


def parse_moment(text: str, now: datetime) -> datetime:
    """The moment that `text` means, seen from `now` (aware, UTC). Times of day are UTC.

    Raises:
        UsageError: The words are not understood, or the moment is not in the future.
    """
    words = " ".join(text.lower().replace(",", " ").split())
    moment = _span(words, now) or _stamp(words) or _day(words, now)
    if moment is None:
        raise UsageError(f"“{text}” is not a time that is understood.", _EXAMPLES)
    if moment <= now:
        raise UsageError(f"{moment:%Y-%m-%d %H:%M:%S} UTC has passed.", "The clock only moves forward.")
    return moment


def _span(words: str, now: datetime) -> datetime | None:
    rest = words.removeprefix("in ").removeprefix("+").strip()
    if not re.fullmatch(rf"(?:{_SPAN.pattern}(?: and)?\s*)+", rest):
        return None
    seconds = 0.0
    for amount, name in _SPAN.findall(rest):
        unit = _UNITS.get(name) or _UNITS.get(name.removesuffix("s"))
        if unit is None:
            return None
        seconds += float(amount) * unit
    try:
        return now + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _stamp(words: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(words.upper())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _day(words: str, now: datetime) -> datetime | None:
    first, _, rest = words.removeprefix("next ").partition(" ")
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if first in ("today", "tomorrow"):
        day = today + timedelta(days=first == "tomorrow")
    elif (weekday := _weekday(first)) is not None:
        day = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    else:
        time = _time(words.removeprefix("at "))
        if time is None:
            return None
        moment = today + time
        return moment if moment > now else moment + timedelta(days=1)
    time = _time(rest.removeprefix("at "), bare_hour=True) if rest else timedelta()
    return None if time is None else day + time


def _weekday(word: str) -> int | None:
    if len(word) < 3:
        return None
    return next((number for number, name in enumerate(_DAYS) if name.startswith(word)), None)


def _time(words: str, *, bare_hour: bool = False) -> timedelta | None:
    """A time of day; a lone number is one only where a day stands before it."""
    if words in _NAMED_TIMES:
        hour, minute, second = _NAMED_TIMES[words]
        return timedelta(hours=hour, minutes=minute, seconds=second)
    match = _TIME.fullmatch(words)
    if not match or not (match[2] or match[4] or bare_hour):
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[4] == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second)
