"""How a store's tables are named and laid out, and what their rows are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import msgspec

COLUMNS = "seq, id, document, created, modified, archived"
"""The columns of a record's table, in the order in which `read_row` takes them."""

RECORDS_PREFIX = "r:"
"""What the names of tables with records begin with; the store's own tables have no such beginning."""

BLOCK = 50
"""How many records `TableLayout.insert_block` takes."""

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
    """The SQL expression for a document's field; where it is declared, the store reads its column instead."""
    path = '$."' + field.replace('"', "") + '"'
    return "json_extract(document, '" + path.replace("'", "''") + "')"


def key_column(field: str) -> str:
    """The column that holds a declared field beside the document, as an SQL identifier."""
    return quoted(f"k:{field}")


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


class TableLayout:
    """How the table of one CRM object is laid out, with the statements that write it.

    Args:
        table: The object's name.
        fields: The declared fields, each of which has a column beside the document.

    Attributes:
        insert: Takes id, document, creation and last change, and the values of the fields.
        update: Takes a document, the values of the fields, the last change and the id.
        amend: Takes a document, the values of the fields and the id.
        has_value: By field, takes a value, and finds a row when a record has it that is not archived.
        has_any: By field, the same for any of several values, which it takes as a JSON array.
    """

    def __init__(self, table: str, fields: tuple[str, ...]) -> None:
        self.fields = fields
        self._replaced = [(field_sql(field), key_column(field)) for field in fields]
        columns = [column for _, column in self._replaced]
        name = table_name(table)
        inserted = ", ".join(["id", "document", "created", "modified", *columns])
        changed = ", ".join(f"{column} = ?" for column in ("document", *columns))
        self._row = f"(?, ?, ?, ?{', ?' * len(columns)})"
        self.insert = f"INSERT INTO {name} ({inserted}) VALUES {self._row}"
        self.update = f"UPDATE {name} SET {changed}, modified = ? WHERE id = ?"
        self.amend = f"UPDATE {name} SET {changed} WHERE id = ?"
        one, any_of = f"SELECT 1 FROM {name}", f"SELECT 1 FROM json_each(?) CROSS JOIN {name}"
        self.has_value = {
            field: f"{one} WHERE {column} = ? COLLATE NOCASE AND archived = 0 LIMIT 1"
            for field, column in zip(fields, columns, strict=True)
        }
        self.has_any = {
            field: f"{any_of} ON {column} = value COLLATE NOCASE WHERE archived = 0 LIMIT 1"
            for field, column in zip(fields, columns, strict=True)
        }

    @cached_property
    def insert_block(self) -> str:
        """The statement that takes what `insert` takes, for `BLOCK` records, one after the other."""
        return f"{self.insert}{f', {self._row}' * (BLOCK - 1)}"

    def values(self, rows: Sequence[tuple[str, dict[str, Any]]]) -> list[list[Any]]:
        """The values of the declared fields in (id, document) pairs, one list for each field."""
        return [[document.get(field) for _, document in rows] for field in self.fields]

    def on_columns(self, sql: str) -> str:
        """A condition or an order on the document, which reads the columns of the declared fields instead."""
        for expression, column in self._replaced:
            sql = sql.replace(expression, column)
        return sql


@lru_cache(maxsize=1_024)
def layout_of(table: str, fields: tuple[str, ...]) -> TableLayout:
    """The layout of such a table, which orgs share: making all of them took a sixth of a reset."""
    return TableLayout(table, fields)
