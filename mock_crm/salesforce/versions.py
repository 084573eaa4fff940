"""The API versions that an org answers: v31.0, the oldest not retired, to the newest, three a year."""

from __future__ import annotations

import re
from functools import cache, lru_cache

OLDEST, NEWEST = 31, 68
_FIRST = 7
_SEASONS = ("Winter", "Spring", "Summer")
_PATTERN = re.compile(r"v(\d{2})\.0")


@lru_cache(maxsize=64)
def number(segment: str) -> int | None:
    """The version that a path segment such as `v60.0` means; None when the org has no such version."""
    found = _PATTERN.fullmatch(segment)
    version = int(found.group(1)) if found else 0
    return version if OLDEST <= version <= NEWEST else None


def is_retired(segment: str) -> bool:
    """Whether a path segment means a version that there was once."""
    found = re.fullmatch(r"v(\d{1,2})\.0", segment)
    return found is not None and _FIRST <= int(found.group(1)) < OLDEST


def label(version: int) -> str:
    """The release's name: version 60 is Spring '24, and versions go on through the seasons."""
    season = (version - 59) % 3
    year = 24 + (version - 59) // 3
    return f"{_SEASONS[season]} '{year}"


@cache
def versions() -> list[dict[str, str]]:
    """What `/services/data` lists, oldest first as clients rely on."""
    return [
        {"label": label(version), "url": f"/services/data/v{version}.0", "version": f"{version}.0"}
        for version in range(OLDEST, NEWEST + 1)
    ]
