"""Rows to seed a mock org with, from a CSV, JSON or YAML file."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

from ampsandbox.errors import UsageError

LARGEST_BYTES: Final = 50_000_000


def read_rows(path: str) -> list[dict[str, Any]]:
    """The rows of a file: a CSV with a header line, or a list of objects in JSON or YAML.

    Raises:
        UsageError: The file cannot be read, or does not hold such rows.
    """
    file = Path(path).expanduser()
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise UsageError(f"{path} is larger than {LARGEST_BYTES // 1_000_000} MB.", "Split it.")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"Cannot read {path}: {error}.", "Give the path of a .csv, .json or .yaml file."
        ) from error
    return parse_rows(text, file.suffix.lower())


def parse_rows(text: str, suffix: str) -> list[dict[str, Any]]:
    """The rows that a text of this kind spells.

    Raises:
        UsageError: The kind is unknown, or the text holds something else than rows.
    """
    if suffix == ".csv":
        found = csv.DictReader(text.splitlines())
        return [{name: value for name, value in row.items() if name and value} for row in found]
    document = _document(text, suffix)
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise UsageError(
            "Not a list of objects.", "Write one object with field names and values for each record."
        )
    return document


def _document(text: str, suffix: str) -> Any:
    if suffix == ".json":
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"Not JSON: {error}.") from error
    if suffix in (".yaml", ".yml"):
        import yaml

        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise UsageError(f"Not YAML: {error}.") from error
    raise UsageError(
        f"“{suffix or 'no ending'}” is not a kind of file that is read.", "Use .csv, .json or .yaml."
    )
