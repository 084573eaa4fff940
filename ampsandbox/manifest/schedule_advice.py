"""What to say about a text that is no schedule: why not, in a sentence, and what was probably meant."""

from __future__ import annotations

import re

import msgspec

FORMATS = 'Use three words ("every 2 hours") or five cron fields ("0 */2 * * *").'
_RHYTHMS = {
    "minutely": "every 1 minutes",
    "hourly": "every 1 hours",
    "daily": "every 1 days",
    "nightly": "0 0 * * *",
    "midnight": "0 0 * * *",
    "weekly": "0 0 * * 0",
    "monthly": "0 0 1 * *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
    "weekdays": "0 9 * * 1-5",
}
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        (
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        )
    )
} | {"a": "1", "an": "1", "other": "2", "second": "2", "fifteen": "15", "thirty": "30"}
# The minutes of each unit, under every short form of its name.
_UNITS = {
    name: minutes
    for minutes, names in (
        (1, "m min mins minute minutes"),
        (60, "h hr hrs hour hours"),
        (1440, "d day days"),
        (10080, "w wk week weeks"),
    )
    for name in names.split()
}
_TOO_MANY = 1_000_000
_SECONDS = {"s", "sec", "secs", "second", "seconds"}
_INTERVAL = re.compile(
    r"@?(?:every|each|per)?\s*(?:(-?[\d.,]+)\s*|([a-z]+)\s+)?([a-z]+)", re.IGNORECASE | re.ASCII
)
_FIELDS = (
    ("minute", "from 0 to 59"),
    ("hour", "from 0 to 23"),
    ("day of the month", "from 1 to 31"),
    ("month", "from 1 to 12, or JAN to DEC"),
    ("day of the week", "from 0 (Sunday) to 6, or SUN to SAT"),
)
_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun"
_CRON_FIELD = re.compile(rf"(?:[\d*?/,#LW-]|(?:{_NAMES.replace(' ', '|')})[a-z]*)+", re.IGNORECASE | re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d")


class ScheduleAdvice(msgspec.Struct, frozen=True):
    """Why a text is no schedule, in a sentence; what to do; and the schedule that was meant, if known."""

    message: str
    suggestion: str
    meant: str | None = None


def is_cron(text: str) -> bool:
    """Whether a text has the look of five cron fields."""
    fields = text.split()
    return len(fields) == 5 and all(_CRON_FIELD.fullmatch(field) for field in fields)


def schedule_advice(text: str) -> ScheduleAdvice:
    """The advice on a text that is neither an interval nor five cron fields."""
    cleaned = " ".join(text.split())
    shown = f'"{cleaned[:60]}"'
    word = cleaned.lower().removeprefix("@").removeprefix("every ")
    fields = cleaned.split()
    if not cleaned:
        return ScheduleAdvice("The schedule is empty.", "Leave it out to write at once.")
    if word in ("once", "never", "now", "immediately", "at once", "realtime", "real-time"):
        return ScheduleAdvice(f"{shown} is no rhythm.", "Leave the schedule out to write at once.")
    if word in _RHYTHMS:
        return _meant(f"{shown} is a word for a rhythm, not a schedule.", _RHYTHMS[word])
    if match := _INTERVAL.fullmatch(cleaned):
        return _interval_advice(shown, match[1] or match[2] or "1", match[3].lower())
    if all(_CRON_FIELD.fullmatch(field) for field in fields):
        return _cron_advice(shown, fields)
    return ScheduleAdvice(f"{shown} is neither an interval nor a cron expression.", FORMATS)


def cron_field_advice(expression: str, index: int) -> ScheduleAdvice:
    """The advice on five cron fields of which one, counted from 0, cannot be read."""
    value, (name, values) = expression.split()[index], _FIELDS[index]
    if value == "?":
        meant = " ".join("*" if field == "?" else field for field in expression.split())
        return _meant(f'"{expression[:60]}" has a "?", which only Quartz cron knows.', meant)
    message = f'"{expression[:60]}" cannot be: "{value[:20]}" is no {name}.'
    return ScheduleAdvice(message, f"The {name} goes {values}; * stands for every one.")


def _interval_advice(shown: str, count: str, unit: str) -> ScheduleAdvice:
    try:
        number = float(_NUMBERS.get(count.lower(), count.replace(",", ".")))
    except ValueError:
        return ScheduleAdvice(f"{shown} is neither an interval nor a cron expression.", FORMATS)
    if unit in _SECONDS and unit not in _UNITS:
        meant = f"every {max(round(number / 60), 1)} minutes"
        return _meant(f"{shown} counts seconds; a minute is the least.", meant)
    if unit not in _UNITS:
        suggestion = 'The units are minutes, hours and days, as in "every 2 hours".'
        return ScheduleAdvice(f"{shown} counts in {unit[:20]}, which is no unit of a schedule.", suggestion)
    if number <= 0:
        suggestion = 'Write, for example, "every 1 hours", or leave the schedule out to write at once.'
        return ScheduleAdvice(f"{shown} is no interval: it must be 1 or more.", suggestion)
    if number > _TOO_MANY:
        return ScheduleAdvice(f"{shown} is longer than ten years.", "Use a shorter interval.")
    minutes = max(round(number * _UNITS[unit]), 1)
    for size, name in ((1440, "days"), (60, "hours"), (1, "minutes")):
        if minutes % size == 0:
            message = f"{shown} is not written as an interval is: every, a number, a unit in the plural."
            return _meant(message, f"every {minutes // size} {name}")
    raise AssertionError(minutes)


def _cron_advice(shown: str, fields: list[str]) -> ScheduleAdvice:
    names = "minute, hour, day of the month, month, day of the week"
    if len(fields) == 6 and _YEAR.fullmatch(fields[5]):
        return _meant(f"{shown} ends with a year, which cron has no field for.", " ".join(fields[:5]))
    if len(fields) in (6, 7):
        # Quartz and Spring begin with seconds, and may end with a year.
        rest = ["*" if field == "?" else field for field in fields[1:6]]
        message = f"{shown} has {len(fields)} fields, as Quartz cron has, which begins with seconds."
        if fields[0] in ("0", "*", "*/1"):
            return _meant(message, " ".join(rest))
        return ScheduleAdvice(message, f"Cron has five fields here: {names}.")
    count = f"{len(fields)} field" if len(fields) == 1 else f"{len(fields)} fields"
    suggestion = f"The fields are {names}."
    if len(fields) < 5 and fields[0] != "*":
        meant = " ".join([*fields, *["*"] * (5 - len(fields))])
        return ScheduleAdvice(f"{shown} has {count}; cron has five.", f"Did you mean `{meant}`? {suggestion}")
    return ScheduleAdvice(f"{shown} has {count}; cron has five.", suggestion)


def _meant(message: str, meant: str) -> ScheduleAdvice:
    return ScheduleAdvice(message, f"Write `{meant}`.", meant)
