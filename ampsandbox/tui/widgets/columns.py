"""The columns of a list: what their cells are, how wide they come out, and how a text is cut to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from rich.cells import set_cell_size

Cell = str | tuple[str, str]
"""A text, or a text with one of the tones."""

TONES: Final = ("muted", "good", "bad", "warn", "accent", "strong", "changed")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `width` in cells, 0 for a share of the rest (`least` at least); `right` aligns numbers."""

    title: str
    width: int = 0
    least: int = 8
    right: bool = False


def least_width(columns: Sequence[Column]) -> int:
    """Below this width the columns do not fit."""
    return sum(column.width or column.least for column in columns) + max(0, len(columns) - 1)


def share_out(columns: Sequence[Column], room: int) -> list[int]:
    """The width of each column when there are `room` cells, gaps of one cell left out."""
    fixed = sum(column.width for column in columns)
    flexible = [column for column in columns if not column.width]
    left = max(0, room - fixed - (len(columns) - 1))
    share = left // len(flexible) if flexible else 0
    widths = [column.width or max(column.least, share) for column in columns]
    over = sum(widths) - fixed - left
    if flexible and over < 0:
        last = max(n for n, column in enumerate(columns) if not column.width)
        widths[last] -= over
    for index, column in enumerate(columns):
        if over > 0 and not column.width:  # some need more than a share: others give what they can spare
            spared = min(over, widths[index] - column.least)
            widths[index] -= spared
            over -= spared
    return widths


def starts(widths: Sequence[int]) -> list[int]:
    """Where each column begins."""
    return [0, *accumulate(width + 1 for width in widths)][: len(widths)]


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
