"""Names and sentences cut where a reader would cut them, for places that are too narrow."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-. ]")
_GAP = re.compile(r"[_\-. ]")


def fit_name(name: str, room: int) -> str:
    """The name in at most `room` cells, cut between two of its words where that leaves most of it."""
    if cell_len(name) <= room:
        return name
    cut = set_cell_size(name, max(room - 1, 0)).rstrip()
    ends = [match.start() for match in _HUMP.finditer(name) if room * 3 // 5 <= match.start() <= len(cut)]
    return (cut[: ends[-1]] if ends else cut) + "…"


def fit_ends(name: str, room: int) -> str:
    """The name in at most `room` cells; what tells names of one kind apart, their last words, stays."""
    if cell_len(name) <= room:
        return name
    slash = name.rfind("/")  # `integration/object`: the object says more.
    if slash > 0 and len(name) - slash <= room * 2 // 3:
        return fit_name(name[:slash] + "…", room - cell_len(name[slash:])).rstrip("…") + "…" + name[slash:]
    least = len(name) - room // 3
    start = next((match.start() for match in _GAP.finditer(name) if match.start() >= least), len(name))
    tail = name[start:]
    head = fit_name(name[:start] + "…" * bool(tail), room - len(tail))
    return f"{head.rstrip('…')}…{tail}"


def fit_best(texts: Sequence[str], room: int) -> str:
    """The first of the texts that is not too long; the last one cut where all are."""
    return next((text for text in texts if cell_len(text) <= room), fit_words(texts[-1], room))


def fit_parts(text: str, room: int) -> str:
    """As many of the parts, parted by ` · `, as there is room for; the first one is cut where it must be."""
    while cell_len(text) > room and " · " in text:
        text = text.rpartition(" · ")[0]
    return fit_words(text, room)


def fit_words(text: str, room: int) -> str:
    """The sentence in at most `room` cells, cut after a word."""
    if cell_len(text) <= room:
        return text
    cut = set_cell_size(text, max(room - 1, 0))
    words, _, _ = cut.rpartition(" ")
    return (words or cut).rstrip(" ·,:;") + "…"
