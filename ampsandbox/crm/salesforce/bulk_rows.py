"""The rows of a bulk job: records as CSV, and the results that come back for them."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ampsandbox.crm.salesforce.errors import verdict
from ampsandbox.engine.crm import Answer, AnswerLostError, Record, Verdict
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.model import Mode

_NULL: Final = "#N/A"
_ID: Final = "Id"
_LINE_ENDS: Final = ("\r\n", "\n")


class CsvTable(msgspec.Struct, frozen=True):
    """Records as CSV rows; a cell is empty where a record does not have the field.

    An absent field is left alone; a null or empty one is cleared by `#N/A`.
    """

    columns: list[str]
    rows: list[list[str]]

    @classmethod
    def of(cls, mode: Mode, records: Sequence[Record]) -> CsvTable:
        """The records under one header, with every column that any of them has."""
        has_id = mode is Mode.UPDATE
        cells = [_row(record, has_id=has_id) for record in records]
        columns = list(dict.fromkeys(name for row in cells for name in row))
        return cls(columns, [[row.get(name, "") for name in columns] for row in cells])

    def to_csv(self) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue().encode()

    def filled(self, column: str) -> list[bool]:
        """For each row whether it has a value in a column."""
        if column not in self.columns:
            return [False] * len(self.rows)
        index = self.columns.index(column)
        return [bool(row[index]) for row in self.rows]


class RowResults:
    """The results of a job's rows, by what identifies a row.

    That is the Id for updates, otherwise the values that come back with it. Salesforce may fold the case of
    names and line ends. Rows with equal values cannot be told apart by anyone, so their results go to them
    in order.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        names = [name.lower() for name in columns]
        self._names = ["id"] if "id" in names else names
        self._waiting: defaultdict[tuple[str, ...], list[Answer]] = defaultdict(list)
        self._count = 0

    def read(self, kind: str, text: str) -> None:
        """Take up a file of results, such as `successfulResults`."""
        reader = csv.reader(io.StringIO(text.replace(*_LINE_ENDS), newline=""))
        header = next(reader, [])
        places = self._places(header)
        encode = msgspec.json.Encoder().encode
        id_place = header.index("sf__Id") if "sf__Id" in header else None
        for row in reader:
            if row:
                # A cell for every column, and an empty one for columns that the file does not have.
                row += [""] * (len(header) + 1 - len(row))
                if kind == "successfulResults":
                    answer = Answer(Verdict.SUCCEEDED, None if id_place is None else row[id_place])
                else:
                    cells = dict(zip(header, row, strict=False))
                    answer = _unsuccessful(kind, cells, encode(cells).decode())
                self._waiting[tuple([row[place] for place in places])].append(answer)
                self._count += 1

    def match(self, sent: CsvTable) -> list[Answer]:
        """The result of every row that was sent.

        Raises:
            AnswerLostError: A row has no result.
        """
        places = self._places(sent.columns)
        try:
            return [self._of(tuple([row[place] for place in places])).pop(0) for row in sent.rows]
        except IndexError as error:
            words = f"({self._count} of {len(sent.rows)})"
            raise AnswerLostError(
                f"Salesforce's results do not cover the rows of the bulk job {words}."
            ) from error

    def _of(self, key: tuple[str, ...]) -> list[Answer]:
        """The results for a row, whose line ends may have been folded."""
        return self._waiting.get(key) or self._waiting[tuple([cell.replace(*_LINE_ENDS) for cell in key])]

    def _places(self, header: Sequence[str]) -> list[int]:
        """Where the identifying columns stand in a file; -1 for one that it does not have."""
        found = {name.lower(): index for index, name in enumerate(header)}
        return [found.get(name, -1) for name in self._names]


def _row(record: Record, *, has_id: bool) -> dict[str, str]:
    row = {_ID: record.id or ""} if has_id else {}
    for name, value in record.values.items():
        if name.lower() != "id":
            _fill(row, name, value)
    return row


def _fill(row: dict[str, str], name: str, value: Any) -> None:
    """Put a value into its cell; what names a parent goes into columns such as `Account.Ext__c`."""
    if isinstance(value, str):
        row[name] = value or _NULL
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _fill(row, f"{name}.{key}", inner)
    else:
        row[name] = _NULL if value is None else msgspec.json.encode(value).decode()


def _unsuccessful(kind: str, row: Mapping[str, str], raw: str) -> Answer:
    if kind == "failedResults":
        return verdict((_row_error(row.get("sf__Error", "")),), raw)
    error = ErrorDetail("The bulk job ended before this row's turn.", "UNPROCESSED")
    return Answer(Verdict.TRY_AGAIN, errors=(error,), raw=raw)


def _row_error(text: str) -> ErrorDetail:
    """The error of a result row, which Bulk API writes as `CODE:message:Field1, Field2 --`."""
    code, _, rest = text.removesuffix("--").strip().partition(":")
    message, _, names = rest.rpartition(":")
    fields = tuple(name.strip() for name in names.split(",") if name.strip())
    return ErrorDetail(message or rest or text, code, fields)
