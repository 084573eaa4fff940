"""How a store's tables are named and laid out, and what their rows are."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

COLUMNS = "seq, id, document, created, modified, archived"
"""The columns of a record's table, in the order in which `read_row` takes them."""

RECORDS_PREFIX = "r:"
"""What the names of tables with records begin with; the store's own tables have no such beginning."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Row(NamedTuple):
    """One stored record. `seq` grows with insertion; `created` and `modified` are epoch milliseconds."""

    seq: int
    id: str
    document: dict[str, Any]
    created: int
    modified: int
    archived: bool


class Version(NamedTuple):
    """What a record looked like from `modified` (epoch milliseconds) on."""

    document: dict[str, Any]
    modified: int
    archived: bool


def field_sql(field: str) -> str:
    """The SQL expression for a document's field, the one its index is built on."""
    path = '$."' + field.replace('"', "") + '"'
    return "json_extract(document, '" + path.replace("'", "''") + "')"


def read_row(found: tuple[Any, ...]) -> Row:
    """The row that a SELECT of `COLUMNS` has found."""
    seq, record_id, document, created, modified, archived = found
    return Row(seq, record_id, _decode(document), created, modified, archived == 1)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def table_name(name: str) -> str:
    """The table of a CRM object's records, as an SQL identifier."""
    return quoted(RECORDS_PREFIX + name)
