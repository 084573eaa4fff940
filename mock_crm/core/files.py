"""Records from files and into files: CSV, JSON, and Salesforce's tree form."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from mock_crm.core.errors import CrmError
from mock_crm.core.org import Org


def seed_file(org: Org, path: Path, object_name: str = "") -> list[str]:
    """Put the records of a file into an org, all of them or none, and return their ids.

    A CSV file has a header of field names; empty cells are left out. A JSON file holds a list of records, or
    an object with a list for each CRM object, or `{"records": […]}` in the form of `sf data export tree`.

    Args:
        org: Where they go.
        path: The file; its suffix tells its form.
        object_name: The CRM object of the records, where the file does not say it; the file's stem if empty.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not in one of these forms.
        CrmError: The CRM refuses one of the records.
    """
    name = object_name or path.stem
    if path.suffix.lower() == ".csv":
        return org.seed(name, _csv_rows(path))
    try:
        content = msgspec.json.decode(path.read_bytes())
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    with org.store.transaction():
        return _seed_content(org, content, name, path)


def _seed_content(org: Org, content: Any, name: str, path: Path) -> list[str]:
    if isinstance(content, list):
        return org.seed(name, _checked(content, path))
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds neither a list nor an object.")
    if set(content) == {"records"} and isinstance(content["records"], list):
        return org.seed_tree(content["records"])
    ids: list[str] = []
    for object_name, rows in content.items():
        ids += org.seed(object_name, _checked(rows, path))
    return ids


def _checked(rows: Any, path: Path) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{path} holds something that is no list of records.")
    return rows


def _csv_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not CSV: {error}") from error
    if any(None in row for row in rows):
        raise ValueError(f"{path} has a row with more cells than its header.")
    return [{name: value for name, value in row.items() if value} for row in rows]


def export(org: Org, objects: Iterable[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """The records of the named objects, or of all that have any, without their empty fields.

    Raises:
        CrmError: There is no object of one of the names.
    """
    names = list(objects) or [name for name in org.objects() if org.count(name)]
    return {
        name: [{key: v for key, v in record.items() if v is not None} for record in org.records(name)]
        for name in names
    }


__all__ = ["CrmError", "export", "seed_file"]
