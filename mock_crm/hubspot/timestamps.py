"""Moments and days as HubSpot writes and reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?"
)
_DAY_MS = 86_400_000
# The years 1 to 9999, which are all that `datetime` knows.
_FIRST_MS = -62_135_596_800_000
_LAST_MS = 253_402_300_799_999
# A thousand years before and after 2026; clocks of sandboxes do not go far from there.
_EARLIEST_MS = -29_789_769_600_000
_LATEST_MS = 33_324_134_400_000


@lru_cache(64)
def iso_ms(epoch_ms: int) -> str:
    """A moment with exactly three digits of fraction, as in `createdAt`; 1970 itself has none."""
    if epoch_ms == 0:
        return "1970-01-01T00:00:00Z"
    moment = datetime.fromtimestamp(epoch_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


def iso_short(epoch_ms: int) -> str:
    """A moment as property values show it: no fraction when it is zero."""
    text = iso_ms(epoch_ms)
    return text.replace(".000Z", "Z")


@lru_cache(256)
def parse_timestamp(value: str) -> int | None:
    """Epoch milliseconds of what HubSpot takes for a datetime: milliseconds, ISO 8601, or a day alone."""
    text = value.strip()
    if re.fullmatch(r"-?\d{1,15}", text) and text.isascii():
        number = int(text)
        return number if _FIRST_MS <= number <= _LAST_MS else None
    match = _ISO.fullmatch(text)
    if match is None or not text.isascii():
        return None
    zone = match[8] or "Z"
    day = f"{match[1]}-{match[2]}-{match[3]}"
    clock = f"{match[4] or '00'}:{match[5] or '00'}:{match[6] or '00'}"
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone == 'Z' else zone}")
        whole = int(moment.timestamp())
    except (ValueError, OverflowError):
        return None
    return whole * 1000 + int((match[7] or "0").ljust(3, "0")[:3])


def within_a_thousand_years(epoch_ms: int) -> bool:
    """Whether a moment is one that HubSpot takes."""
    return _EARLIEST_MS <= epoch_ms <= _LATEST_MS


def is_midnight(epoch_ms: int) -> bool:
    """Whether a moment is the start of a day in UTC."""
    return epoch_ms % _DAY_MS == 0


def day_text(epoch_ms: int) -> str:
    """The day of a moment, as `YYYY-MM-DD`."""
    return datetime.fromtimestamp(epoch_ms // 1000, UTC).date().isoformat()


def time_of_day(epoch_ms: int) -> str:
    """Hours, minutes and seconds without padding, as HubSpot's messages show them."""
    seconds, fraction = divmod(epoch_ms % _DAY_MS, 1000)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60}:{rest % 60}.{fraction}"
