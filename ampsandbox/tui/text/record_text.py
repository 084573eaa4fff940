"""Records as text to take elsewhere: JSON, CSV, JSON Lines; and what of a record can be changed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import PurePath
from typing import Any, Final

from ampsandbox.errors import UsageError
from ampsandbox.tui.text.sanitize import as_text

Record = Mapping[str, Any]

SYSTEM: Final = frozenset(
    {"attributes", "isdeleted", "systemmodstamp", "lastmodifiedbyid", "createdbyid", "ownerid",
     "hs_object_id", "lastreferenceddate", "lastvieweddate", "lastactivitydate", "archived"}
)  # fmt: skip
"""Fields that CRMs fill by themselves and that say little, in lower case."""

MOMENTS: Final = frozenset(
    {"createddate", "lastmodifieddate", "createdate", "createdat", "updatedat", "hs_lastmodifieddate",
     "hs_createdate"}
)  # fmt: skip
"""Fields that say when a record was made and changed, in lower case."""

_EDITED: Final = 20_000
"""Characters of a value that an editor takes without making the keyboard wait."""

_NAMES: Final = ("dealname", "subject", "hs_name", "casenumber", "email")


def is_derived(name: str) -> bool:
    """Whether HubSpot works the property out by itself, as the beginning of its name says."""
    return name.startswith("hs_")


def record_id(record: Record) -> str:
    """The CRM's id of a record; empty where a query left it out."""
    return str(record.get("id") or record.get("Id") or "")


def named(record: Record) -> str:
    """What a person calls the record; empty when nothing in it says."""
    lower = {name.lower(): as_text(value) for name, value in record.items() if value}
    person = f"{lower.get('firstname', '')} {lower.get('lastname', '')}".strip()
    called = (lower.get("name"), person, *(lower.get(name) for name in _NAMES))
    return next(filter(None, called), "")


def changeable(record: Record) -> dict[str, Any]:
    """The values that a person might change: those that are set, not the CRM's own, and not endless."""
    own = SYSTEM | MOMENTS | {"id"}
    return {
        name: value
        for name, value in record.items()
        if name.lower() not in own and 0 < len(as_text(value)) <= _EDITED
    }


def changes(before: Record, after: Record) -> dict[str, Any]:
    """The fields to write so that `before` becomes `after`; what was taken away is emptied."""
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    return changed | {name: None for name in before if name not in after}


def as_json(records: Sequence[Record]) -> str:
    """One record as an object, several as a list."""
    found: Any = records[0] if len(records) == 1 else list(records)
    return json.dumps(found, indent=2, ensure_ascii=False, default=str)


def as_csv(records: Iterable[Record], names: Sequence[str] = ()) -> str:
    """A header line and a line a record, as spreadsheets read it; all fields where no names are given."""
    rows = list(records)
    columns = list(names) or list(dict.fromkeys(name for row in rows for name in row if name != "attributes"))
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([as_text(row.get(name)) for name in columns] for row in rows)
    return out.getvalue()


def as_lines(records: Iterable[Record]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in records)


def by_ending(path: str, records: Sequence[Record]) -> str:
    """The records in the form that the path's ending asks for.

    Raises:
        UsageError: The ending is none of these.
    """
    suffix = PurePath(path).suffix.lower()
    if suffix == ".csv":
        return as_csv(records)
    if suffix == ".json":
        return json.dumps(list(records), indent=2, ensure_ascii=False, default=str) + "\n"
    if suffix == ".jsonl":
        return as_lines(records)
    raise UsageError(
        f"“{suffix or 'no ending'}” is not a kind of file that is written.", "Use .csv, .json or .jsonl."
    )
