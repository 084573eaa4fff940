"""Date literals (`TODAY`, `LAST_N_DAYS:30`) as half-open ranges of days, and the date functions.

Days begin at midnight UTC, weeks on Sunday, and the fiscal year is the calendar year, as in a new org.
Source: Salesforce's SOQL reference, "Date Formats and Date Literals" and "Date Functions".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

DayRange = tuple[date, date]
"""The first day, and the day after the last."""

_LITERAL = re.compile(
    r"(?P<word>TODAY|YESTERDAY|TOMORROW|LAST_90_DAYS|NEXT_90_DAYS)"
    r"|(?P<which>THIS|LAST|NEXT)_(?:FISCAL_)?(?P<period>WEEK|MONTH|QUARTER|YEAR)"
    r"|(?P<span>LAST|NEXT)_N_(?:FISCAL_)?(?P<units>DAY|WEEK|MONTH|QUARTER|YEAR)S:(?P<count>\d{1,6})"
    r"|N_(?:FISCAL_)?(?P<ago_units>DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO:(?P<ago>\d{1,6})",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(LAST|NEXT)_N_\w+S|N_\w+S_AGO", re.IGNORECASE)
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def is_date_word(name: str) -> bool:
    """Whether a date literal begins with this word: `TODAY`, or `LAST_N_DAYS` with a number after it."""
    return _LITERAL.fullmatch(name) is not None or _COUNTED.fullmatch(name) is not None


def day_range(literal: str, today: date) -> DayRange | None:
    """The days that a date literal means, or None when there is no such literal.

    Raises:
        OverflowError: The range leaves the calendar (year 1 to 9999).
    """
    match = _LITERAL.fullmatch(literal)
    if match is None:
        return None
    part = {name: (text or "").upper() for name, text in match.groupdict().items()}
    try:
        return _range_of(part, today)
    except ValueError as error:
        raise OverflowError(f"{literal} leaves the calendar") from error


def _range_of(part: dict[str, str], today: date) -> DayRange:
    if part["word"]:
        return _named(part["word"], today)
    if part["which"]:
        return _period(part["period"], today, {"THIS": 0, "LAST": -1, "NEXT": 1}[part["which"]])
    if part["ago"]:
        return _period(part["ago_units"], today, -int(part["ago"]))
    count = int(part["count"])
    if part["span"] == "LAST":
        # The last n days reach up to now; the last n weeks, months… end before the present one.
        last = 0 if part["units"] == "DAY" else -1
        return _period(part["units"], today, -count)[0], _period(part["units"], today, last)[1]
    return _period(part["units"], today, 1)[0], _period(part["units"], today, count)[1]


def _named(word: str, today: date) -> DayRange:
    if word == "LAST_90_DAYS":
        return today - timedelta(days=90), today + timedelta(days=1)
    if word == "NEXT_90_DAYS":
        return today + timedelta(days=1), today + timedelta(days=91)
    return _period("DAY", today, {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}[word])


def _period(unit: str, today: date, shift: int) -> DayRange:
    """The unit that lies `shift` units after the one holding today."""
    if unit == "DAY":
        start = today + timedelta(days=shift)
        return start, start + timedelta(days=1)
    if unit == "WEEK":
        start = today - timedelta(days=today.isoweekday() % 7) + timedelta(weeks=shift)
        return start, start + timedelta(weeks=1)
    months = _MONTHS[unit]
    first = (today.year * 12 + today.month - 1) // months + shift
    return _month_start(first * months), _month_start((first + 1) * months)


def _month_start(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _week_in_month(day: date) -> int:
    return (day.day - 1) // 7 + 1


DATE_FUNCTIONS: dict[str, Callable[[date], int]] = {
    "CALENDAR_MONTH": lambda day: day.month,
    "CALENDAR_QUARTER": lambda day: (day.month + 2) // 3,
    "CALENDAR_YEAR": lambda day: day.year,
    "DAY_IN_MONTH": lambda day: day.day,
    "DAY_IN_WEEK": lambda day: day.isoweekday() % 7 + 1,
    "DAY_IN_YEAR": lambda day: day.timetuple().tm_yday,
    "FISCAL_MONTH": lambda day: day.month,
    "FISCAL_QUARTER": lambda day: (day.month + 2) // 3,
    "FISCAL_YEAR": lambda day: day.year,
    "WEEK_IN_MONTH": _week_in_month,
    "WEEK_IN_YEAR": lambda day: (day.timetuple().tm_yday - 1) // 7 + 1,
}
"""Functions of a day, each giving a number."""
