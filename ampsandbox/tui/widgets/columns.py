"""The columns of a list: what their cells are, how wide they come out, and how a text is cut to fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

import msgspec
from rich.cells import cell_len, set_cell_size

from ampsandbox.tui.text.sanitize import line

Cell = str | tuple[str, str]
"""A text, or a text with one of the tones."""

TONES: Final = ("muted", "good", "bad", "warn", "accent", "strong", "changed")


class Column(msgspec.Struct, frozen=True):
    """One column: as wide as its title and its cells ask for.

    Args:
        title: What the header says.
        least: It is never narrower, so that it does not move while its first cells come.
        right: Whether it is read from the right, as numbers are.
        is_flexible: Whether its cells may be cut down to `least` where there is no room for all columns.
        preferred: Columns with a rank are left out before a flexible one is cut to less than this.
        cut: Cuts a text that is too long; at its end if None.
        rank: The column with the highest rank is left out first where there is no room; 0 always stays.
    """

    title: str
    least: int = 0
    right: bool = False
    is_flexible: bool = False
    preferred: int = 0
    cut: Callable[[str, int], str] | None = None
    rank: int = 0


def arrange(columns: Sequence[Column], wanted: Sequence[int], room: int) -> list[int]:
    """The width of each column when there are `room` cells; 0 for one that is left out.

    Args:
        columns: The columns, with a gap of one cell between them.
        wanted: What the longest cell of each takes.
        room: The cells that there are. What the columns do not ask for is left free at the end.
    """
    asked = [
        max(column.least, width, cell_len(line(column.title)))
        for column, width in zip(columns, wanted, strict=True)
    ]
    widths = [
        min(max(column.least, column.preferred, 1), width) if column.is_flexible else width
        for column, width in zip(columns, asked, strict=True)
    ]
    left = room + 1 - sum(width + 1 for width in widths)
    for n in sorted(range(len(columns)), key=lambda n: -columns[n].rank):
        if left < 0 and columns[n].rank:
            left += widths[n] + 1
            widths[n] = 0
    for n, column in enumerate(columns):
        if left < 0 and widths[n] and column.is_flexible:
            spared = min(-left, max(0, widths[n] - column.least))
            widths[n] -= spared
            left += spared
    _spread(left, widths, asked)
    return widths


def _spread(left: int, widths: list[int], asked: Sequence[int]) -> None:
    """Give what is left to the columns that ask for more, as evenly as they can take it."""
    while left > 0 and (hungry := [n for n, width in enumerate(widths) if 0 < width < asked[n]]):
        share = max(1, left // len(hungry))
        for n in hungry:
            more = min(share, asked[n] - widths[n], left)
            widths[n] += more
            left -= more


def total_width(widths: Sequence[int]) -> int:
    """The cells that columns of these widths take, with their gaps."""
    return max(0, sum(width + 1 for width in widths if width) - 1)


def starts(widths: Sequence[int]) -> list[int]:
    """Where each column begins; one that is left out begins where the next one does."""
    return [0, *accumulate(width + 1 if width else 0 for width in widths)][: len(widths)]


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` cells of the text, with an ellipsis where it was cut."""
    if len(text) <= width and text.isascii():
        return text.rjust(width) if right else text.ljust(width)
    cut = set_cell_size(text, width)
    if cut.rstrip() != text.rstrip() and width > 1:
        return set_cell_size(text, width - 1) + "…"
    if right:
        stripped = cut.rstrip()
        return " " * (len(cut) - len(stripped)) + stripped
    return cut
