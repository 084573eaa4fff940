"""How large groups are, counted somewhere else: in a CSV file, or in a recorded session."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from ampsandbox.errors import AmpSandboxError, UsageError
from ampsandbox.service.recording import read_header, recorded_calls

_MOST_BYTES: Final = 256 * 1024 * 1024
_MOST_ROWS: Final = 1_000_000


class GroupCounts(NamedTuple):
    """A count for each group: `names` and `counts` go together; a name is empty where none is known."""

    names: tuple[str, ...]
    counts: tuple[float, ...]

    @property
    def sizes(self) -> tuple[float, ...]:
        """The counts relative to their mean."""
        mean = math.fsum(self.counts) / len(self.counts)
        return tuple(count / mean for count in self.counts)


class CountsUnreadableError(AmpSandboxError):
    """The file with the counts cannot be read, or has none."""

    exit_code = 2


def csv_counts(path: Path, column: str | None) -> GroupCounts:
    """The counts in a column of a CSV file; its first column names the groups where it is another one.

    Args:
        path: UTF-8, with commas, semicolons or tabs between the cells, and a first row with names or without.
        column: The column's name; the last column when None.

    Raises:
        CountsUnreadableError: The file cannot be read, or a count is no number from 0 up.
    """
    rows = _csv_rows(path)
    place = _column(path, rows, column)
    # Where the first row has no number, it has the names of the columns.
    if rows and _number(_cell(rows[0][1], place)) is None:
        rows = rows[1:]
    names: list[str] = []
    counts: list[float] = []
    for number, row in rows:
        count = _number(_cell(row, place))
        if count is None:
            raise CountsUnreadableError(
                f"{path}:{number}: {_cell(row, place)!r:.60} is no count.",
                "A count is a number from 0 up, without thousands separators.",
            )
        counts.append(count)
        names.append("" if place % len(row) == 0 else row[0].strip())
    return _usable(path, names, counts)


def recording_counts(path: Path) -> GroupCounts:
    """How many writes each group sent in a recorded session.

    Raises:
        CountsUnreadableError: The file cannot be read, is no recording, or holds no write.
    """
    counts: Counter[str] = Counter()
    try:
        with _checked(path).open("rb") as file:
            for call in recorded_calls(read_header(file)[1]):
                if call.call in ("writes.submit", "writes.submit_batch"):
                    command = call.arguments["command"]
                    counts[str(command["group"])] += len(command.get("records", "1"))
    except OSError as error:
        raise CountsUnreadableError(f"{path} cannot be read: {_cause(error)}.") from None
    except (KeyError, TypeError, AttributeError):
        raise CountsUnreadableError(f"{path} has a write that is none.") from None
    except UsageError as error:
        raise CountsUnreadableError(f"{path}: {error.message}", error.hint) from None
    return _usable(path, list(counts), [float(count) for count in counts.values()])


def _checked(path: Path) -> Path:
    """The path of a plain file of a sane size; a pipe would never end."""
    if not path.is_file():
        raise CountsUnreadableError(
            f"There is no file {path}.", "The path starts from the traffic file's folder."
        )
    if path.stat().st_size > _MOST_BYTES:
        raise CountsUnreadableError(f"{path} has more than {_MOST_BYTES // 1024**2} MiB.")
    return path


def _csv_rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, with their numbers from 1."""
    try:
        text = _checked(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CountsUnreadableError(f"{path} cannot be read: {_cause(error)}.", "Save it as UTF-8.") from None
    # What the cells are divided by stands in the first line most often.
    divider = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = [
            (number, row)
            for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=divider), 1)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise CountsUnreadableError(f"{path} is no CSV file: {error}.") from None
    if len(rows) > _MOST_ROWS:
        raise CountsUnreadableError(f"{path} has {len(rows):,} rows; at most {_MOST_ROWS:,} are read.")
    return rows


def _column(path: Path, rows: Sequence[tuple[int, list[str]]], name: str | None) -> int:
    if name is None:
        return -1
    heads = [cell.strip() for cell in rows[0][1]] if rows else []
    if name not in heads:
        raise CountsUnreadableError(
            f"{path} has no column “{name:.60}”.", f"Its first row has: {', '.join(heads):.200}."
        )
    return heads.index(name)


def _cell(row: list[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= 1e12 else None


def _usable(path: Path, names: list[str], counts: list[float]) -> GroupCounts:
    if not any(counts):
        raise CountsUnreadableError(f"{path} counts nothing for any group.")
    return GroupCounts(tuple(names), tuple(counts))


def _cause(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
