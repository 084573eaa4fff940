"""The rows of a Bulk 1.0 batch in each of its content types."""

from __future__ import annotations

from typing import Any, TypeAlias
from xml.etree.ElementTree import Element

import msgspec

from mock_crm.salesforce.bulk.csv_text import read_csv
from mock_crm.salesforce.bulk.refusals import invalid_batch
from mock_crm.salesforce.bulk.rows import values_of
from mock_crm.salesforce.soap.document import XmlError, is_true, parse

Row: TypeAlias = dict[str, Any]


def read_rows(content_type: str, content: bytes) -> tuple[list[str], list[Row]]:
    """The columns that have to be fields, and the rows.

    Args:
        content_type: The job's: CSV, JSON or XML.
        content: The batch's body.

    Raises:
        BulkError: The content cannot be read.
    """
    if content_type == "CSV":
        header, rows = read_csv(content)
        return header, values_of(header, rows)
    rows_read = _json_rows(content) if content_type == "JSON" else _xml_rows(content)
    columns: dict[str, None] = {}
    for row in rows_read:
        columns.update(dict.fromkeys(name for name, value in row.items() if not isinstance(value, dict)))
    return list(columns), rows_read


def _json_rows(content: bytes) -> list[Row]:
    try:
        rows = msgspec.json.decode(content, type=list[Row])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid_batch(f"Failed to parse JSON. {error}") from error
    return [{name: value for name, value in row.items() if name != "attributes"} for row in rows]


def _xml_rows(content: bytes) -> list[Row]:
    try:
        root = parse(content)
    except XmlError as error:
        raise invalid_batch(f"Failed to parse XML. {error}") from error
    return [_xml_row(element) for element in root if element.tag == "sObject"]


def _xml_row(element: Element) -> Row:
    """Fields by name; a parent holds an `sObject` with the field that names it."""
    row: Row = {}
    for child in element:
        parent = child.find("sObject")
        if parent is not None:
            row[child.tag] = _xml_row(parent)
        elif child.tag == "type":
            row["attributes"] = {"type": (child.text or "").strip()}
        else:
            row[child.tag] = None if is_true(child.get("nil", "")) else child.text or ""
    return {name: value for name, value in row.items() if value != ""}
