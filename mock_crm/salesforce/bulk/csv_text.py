"""CSV as the Bulk APIs read and write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from mock_crm.salesforce.bulk.refusals import client_input, invalid_batch

DELIMITERS = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}

NULL = "#N/A"
"""A cell that sets its field to null; an empty cell leaves it alone."""

ROW_CHARS_LIMIT = 400_000
"""Characters that a row may have (evidence/salesforce.md#limits)."""


def read_csv(body: bytes, delimiter: str = ",") -> tuple[list[str], list[list[str]]]:
    """The header, and the rows without blank lines.

    Raises:
        BulkError: The text is not UTF-8 or not CSV.
    """
    try:
        text = body.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = _rows_of(reader)
    except UnicodeDecodeError as error:
        raise invalid_batch(f"Failed to parse CSV. The content is not UTF-8: {error.reason}") from error
    except csv.Error as error:
        if "field larger" in str(error):
            raise invalid_batch(f"Row is longer than {ROW_CHARS_LIMIT} characters") from error
        raise invalid_batch(
            "Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote"
        ) from error
    if not rows:
        raise invalid_batch("Failed to parse CSV. The content has no header")
    return [name.strip() for name in rows[0]], rows[1:]


def _rows_of(reader: Iterable[list[str]]) -> list[list[str]]:
    """All rows but blank lines; the limit of a cell is the whole process's, and not ours to keep."""
    before = csv.field_size_limit(ROW_CHARS_LIMIT)
    try:
        return list(filter(None, reader))
    finally:
        csv.field_size_limit(before)


def check_line_ending(body: bytes, line_ending: str) -> None:
    """Make sure that the header ends as the job announced.

    Raises:
        BulkError: It ends in the other way.
    """
    end = body.find(b"\n")
    if end < 0:
        return
    found = "CRLF" if body[end - 1 : end] == b"\r" else "LF"
    if found != line_ending:
        raise client_input(f"LineEnding is invalid on user data. Current LineEnding setting is {line_ending}")


class CsvWriter:
    """CSV with every value in quotes, written row by row.

    Args:
        header: The first row; none when empty.
        delimiter: Between values.
        line_ending: After rows.
        sent: Further names of the header, as the client sent them: these are not quoted [A].
    """

    def __init__(
        self,
        header: Sequence[str],
        delimiter: str = ",",
        line_ending: str = "\n",
        sent: Sequence[str] = (),
    ) -> None:
        self._between = f'"{delimiter}"'
        self._end = f'"{line_ending}'
        self._lines: list[str] = []
        if sent:
            out = io.StringIO(newline="")
            csv.writer(out, delimiter=delimiter, lineterminator=line_ending).writerow(sent)
            quoted = f'"{self._between.join(header)}"{delimiter}' if header else ""
            self._lines.append(quoted + out.getvalue())
        elif header:
            self.write(header)

    def write(self, cells: Sequence[str]) -> None:
        # A csv.writer looks at each character by itself, which was an eighth of a bulk job.
        joined = self._between.join(cells)
        if joined.count('"') > 2 * len(cells) - 2:
            joined = self._between.join([cell.replace('"', '""') for cell in cells])
        self._lines.append(f'"{joined}{self._end}')

    def text(self) -> str:
        return "".join(self._lines)


def write_csv(
    header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",", line_ending: str = "\n"
) -> str:
    writer = CsvWriter(header, delimiter, line_ending)
    for cells in rows:
        writer.write(cells)
    return writer.text()
