from __future__ import annotations

import csv
import io

import pytest

from mock_crm.salesforce.bulk.csv_text import CsvWriter

ROWS = [["plain", ""], ['"', 'a "b" c'], ["a,b;c\td", "two\nlines\r\n"], ["one"]]


@pytest.mark.parametrize("delimiter", [",", "\t", "^"])
@pytest.mark.parametrize("line_ending", ["\n", "\r\n"])
def test_rows_are_written_as_the_standard_library_writes_them(delimiter: str, line_ending: str) -> None:
    expected = io.StringIO(newline="")
    csv.writer(expected, delimiter=delimiter, lineterminator=line_ending, quoting=csv.QUOTE_ALL).writerows(
        ROWS
    )
    writer = CsvWriter([], delimiter, line_ending)
    for row in ROWS:
        writer.write(row)
    assert writer.text() == expected.getvalue()
