"""Rows to seed a mock org with, from a CSV, JSON or YAML file, and the fields that its columns stand for."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ampsandbox.errors import UsageError
from ampsandbox.tui.user_files import path_of

if TYPE_CHECKING:
    from ampsandbox.engine.crm import CrmField
    from ampsandbox.tui.backend.views import SchemaView

LARGEST_BYTES: Final = 50_000_000
ENDINGS: Final = (".csv", ".json", ".jsonl", ".yaml", ".yml")
_DELIMITERS: Final = ",;\t|"


class SeedColumn(msgspec.Struct, frozen=True):
    """One column of a file: the field that it stands for, if any, and why it would rather be left out."""

    name: str
    field: CrmField | None
    example: Any = None

    @property
    def remark(self) -> str:
        """What is wrong with it; empty when nothing is."""
        if self.field is None:
            return "no such field"
        return "" if self.field.is_writable else "read only"


def read_rows(path: str) -> list[dict[str, Any]]:
    """The rows of a file: a CSV with a header line, or a list of objects in JSON, JSON Lines or YAML.

    Raises:
        UsageError: The file cannot be read, or does not hold such rows.
    """
    file = path_of(path)
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise UsageError(f"{path} is larger than {LARGEST_BYTES // 1_000_000} MB.", "Split it.")
        with file.open(encoding="utf-8-sig", newline="") as opened:
            text = opened.read()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"Cannot read {path}: {error}.", "Give the path of a .csv, .json, .jsonl or .yaml file."
        ) from error
    return parse_rows(text, file.suffix.lower())


def parse_rows(text: str, suffix: str) -> list[dict[str, Any]]:
    """The rows that a text of this kind spells.

    Raises:
        UsageError: The kind is unknown, or the text holds something else than rows.
    """
    if suffix == ".csv":
        return _csv_rows(text)
    document = _document(text, suffix)
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise UsageError(
            "Not a list of objects.", "Write one object with field names and values for each record."
        )
    return [{str(name): _plain(value) for name, value in row.items()} for row in document]


def match_columns(rows: Sequence[Mapping[str, Any]], schema: SchemaView | None) -> list[SeedColumn]:
    """The fields that the columns stand for: by API name, by the manifest's name or by label, in any case."""
    fields = schema.fields if schema else ()
    known = {field.label.lower(): field for field in fields} | {field.name.lower(): field for field in fields}
    for name, api_name in (schema.names if schema else {}).items():
        if api_name.lower() in known:
            known[name] = known[api_name.lower()]
    examples: dict[str, Any] = {}
    for row in rows:
        for name, value in row.items():
            examples[name] = examples.get(name) or value
    return [SeedColumn(name, known.get(name.strip().lower()), value) for name, value in examples.items()]


def renamed(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[SeedColumn], left_out: set[str]
) -> list[dict[str, Any]]:
    """The rows under the API names of the fields, without what was left out and what is empty."""
    names = {c.name: c.field.name if c.field else c.name for c in columns if c.name not in left_out}
    return [
        {names[name]: value for name, value in row.items() if name in names and value not in (None, "")}
        for row in rows
    ]


def _csv_rows(text: str) -> list[dict[str, Any]]:
    header = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header.count)
    try:
        found = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [{name: value or "" for name, value in row.items() if name} for row in found]
    except csv.Error as error:
        raise UsageError(f"Not CSV: {error}.", "Close every quote, and keep a value under 128 KB.") from error


def _document(text: str, suffix: str) -> Any:
    if suffix in (".json", ".jsonl"):
        try:
            if suffix == ".jsonl":
                return [json.loads(line) for line in text.splitlines() if line.strip()]
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"Not JSON: {error}.") from error
    if suffix in (".yaml", ".yml"):
        import yaml

        try:
            return yaml.safe_load(text)
        except (yaml.YAMLError, RecursionError) as error:
            raise UsageError(f"Not YAML: {error}.") from error
    raise UsageError(
        f"“{suffix or 'no ending'}” is not a kind of file that is read.", "Use .csv, .json, .jsonl or .yaml."
    )


def _plain(value: Any) -> Any:
    """A value as a CRM takes it over HTTP: moments as text, and no half characters."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
