"""Where an org keeps its records: SQLite, in memory or in one file.

Each CRM object has a table `seq, id, document, created, modified, archived`. A document is a JSON object that
holds only the fields that have a value; what is derived (system fields, formulas) is added by the provider
when it reads. Declared fields have a column of their own beside the document, with an index that compares
without regard to ASCII case; conditions are written on the document, and read that column where there is one.
Moments are milliseconds since 1970. Field and table names come from a schema, values always travel as
parameters.

A store belongs to one thread at a time. Transactions nest, and must not be held across an `await`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from mock_crm.core import snapshots
from mock_crm.core.commit_group import CommitGroup
from mock_crm.core.counters import TABLE as COUNTERS
from mock_crm.core.counters import Counters
from mock_crm.core.tables import (
    BLOCK,
    COLUMNS,
    RECORDS_PREFIX,
    Row,
    TableLayout,
    Version,
    field_sql,
    key_column,
    layout_of,
    quoted,
    read_row,
    table_name,
)

T = TypeVar("T")

Document = dict[str, Any]
"""A record's fields."""

FORMAT = 2
"""The version of the tables, kept in SQLite's `user_version`; files of before it was kept say 0.

Before 2, a declared field had no column: its index was on the expression that takes it from the document.
"""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode

_SYSTEM_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS superseded (
    seq INTEGER PRIMARY KEY, object TEXT NOT NULL, id TEXT NOT NULL,
    document TEXT NOT NULL, modified INTEGER NOT NULL, archived INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS superseded_by_record ON superseded (object, id);
"""


class _Ends(NamedTuple):
    """The statements that end a block: those that keep what it did, and those that undo it."""

    keep: tuple[str, ...]
    undo: tuple[str, ...]


_OUTERMOST = _Ends(("COMMIT",), ("ROLLBACK",))
_NOTHING = _Ends((), ())


class NewerFormatError(sqlite3.DatabaseError):
    """The file was written by a version of the program that keeps records in another way."""


class Store:
    """The records, counters and settings of one org.

    Args:
        path: The database file; None keeps everything in memory.
        keep_history: Keep the earlier versions of changed records for `history`.
    """

    def __init__(self, path: Path | None = None, *, keep_history: bool = True) -> None:
        self._database = sqlite3.connect(
            path or ":memory:",
            timeout=0,  # who holds the file holds it until it ends
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        self._counters = Counters(self._database)
        self._keep_history = keep_history
        self._depth = 0
        self._is_file = path is not None
        self._baseline: bytes | None = None
        self._is_open_since_baseline = False
        self._group: CommitGroup | None = None
        self._group_ends = _NOTHING
        self._replaced = 0
        try:
            self._configure(is_file=self._is_file)
            self._load()
        except BaseException:
            self._database.close()  # nobody will have a store to close
            raise

    @property
    def _connection(self) -> sqlite3.Connection:
        """The database. Who is not of the open group finds what that did committed, or undone."""
        if self._group is not None and not self._depth:
            self._commit_group()
        return self._database

    # -- tables ----------------------------------------------------------------------------------------------

    def declare(self, table: str, indexed: Iterable[str] = ()) -> None:
        """Make sure that `table` exists, with an index on each of the `indexed` fields. Cheap to repeat."""
        known = self._need(table).fields
        for field in indexed:
            if field not in known:
                self._add_column(table, field)
                known = (*known, field)
                self._layouts[table] = layout_of(table, known)

    def index_changes(self, table: str) -> None:
        """Answer conditions on `modified` by an index from now on; every write then pays for it."""
        self._need(table)
        name = quoted(f"m:{table}")
        self._connection.execute(
            f"CREATE INDEX IF NOT EXISTS {name} ON {table_name(table)} (modified, archived)"
        )

    def drop(self, table: str) -> None:
        """Remove a table with its records."""
        self._connection.execute(f"DROP TABLE IF EXISTS {table_name(table)}")
        self._connection.execute("DELETE FROM superseded WHERE object = ?", (table,))
        self._load_tables()

    def tables(self) -> list[str]:
        """The names of all tables, in alphabetical order."""
        return sorted(self._layouts)

    def is_indexed(self, table: str, field: str) -> bool:
        """Whether `lookup` by this field is answered without reading every record."""
        return table in self._layouts and field in self._layouts[table].fields

    # -- transactions ----------------------------------------------------------------------------------------

    def transaction(self, *, is_one_statement: bool = False) -> AbstractContextManager[None]:
        """All of the block or, when it raises, nothing of it. Nested blocks roll back on their own.

        `is_one_statement` says that the block changes records by one statement, and ends with it: that undoes
        itself. Within a larger transaction it spares the savepoint, 3 % of an immediate write.
        """
        return _Transaction(self, is_one_statement=is_one_statement)

    def _begin(self, *, is_one_statement: bool) -> _Ends:
        """Begin a block, and say what ends it."""
        depth = self._depth
        # SQLite nests savepoints, not transactions; and without a file all since the baseline is one already.
        if not (depth or self._is_open_since_baseline):
            self._connection.execute("BEGIN IMMEDIATE")
            ends = _OUTERMOST
        elif is_one_statement:
            ends = _NOTHING
        else:
            self._connection.execute(f"SAVEPOINT s{depth}")
            # Going back to a savepoint does not release it.
            ends = _Ends((f"RELEASE s{depth}",), (f"ROLLBACK TO s{depth}", f"RELEASE s{depth}"))
        self._depth = depth + 1
        return ends

    def _keep(self, ends: _Ends) -> None:
        """Let what a block did stand, or nothing of it where that fails."""
        try:
            # Once, by the outermost: what a block inside took stays taken although it was rolled back.
            if not self._depth:
                self._counters.save()
            for statement in ends.keep:
                self._database.execute(statement)
        except sqlite3.Error:
            self._undo(ends)
            raise

    def _undo(self, ends: _Ends) -> None:
        if self._database.in_transaction:  # which some failures end
            for statement in ends.undo:
                self._database.execute(statement)
        # Tables and columns that the block made are gone again.
        self._load_tables()

    def in_group(self, work: Callable[[], T]) -> tuple[T, CommitGroup]:
        """Do work whose transactions are committed together with those of others.

        To commit takes a file twice as long as to insert a record.

        Returns:
            What the work returned, and the group, to be committed before anybody is told of it.
        """
        if self._group is None:
            self._group_ends = self._begin(is_one_statement=True)
            self._group = CommitGroup(self._commit_group)
        group, self._depth = self._group, 1
        try:
            return work(), group
        finally:
            self._depth = 0

    def _commit_group(self) -> None:
        group, self._group = self._group, None
        if group is not None:
            try:
                self._keep(self._group_ends)
            except sqlite3.Error as error:
                group.error = error

    # -- writing ---------------------------------------------------------------------------------------------

    def insert(
        self, table: str, record_id: str, document: dict[str, Any], at: int, *, modified: int | None = None
    ) -> None:
        """Add one record; `at` is its creation, and its last change unless `modified` says otherwise.

        Raises:
            sqlite3.IntegrityError: The id is taken.
        """
        self.insert_many(table, ((record_id, document),), at, modified=modified)

    def insert_many(
        self,
        table: str,
        rows: Iterable[tuple[str, Document]],
        at: int,
        *,
        modified: int | None = None,
        texts: Sequence[str] | None = None,
    ) -> None:
        """Add records given as (id, document) pairs, in order.

        `texts` are the documents as JSON, where somebody has them already.

        Raises:
            sqlite3.IntegrityError: An id is taken.
        """
        pairs = list(rows)
        ids = [record_id for record_id, _ in pairs]
        layout = self._need(table)
        changed = at if modified is None else modified
        self._insert(layout, ids, texts or _texts(pairs), at, changed, layout.values(pairs))

    def insert_columns(
        self,
        table: str,
        ids: Sequence[str],
        texts: Iterable[str],
        values: Mapping[str, Sequence[Any]],
        at: int,
    ) -> None:
        """Add records given by their ids, their documents as JSON, and values of theirs by field.

        Of the values, those of declared fields are needed.

        Raises:
            sqlite3.IntegrityError: An id is taken.
        """
        layout = self._need(table)
        columns = [values.get(field, repeat(None)) for field in layout.fields]
        self._insert(layout, ids, texts, at, at, columns)

    def update(self, table: str, record_id: str, document: Document, at: int) -> None:
        """Replace the document of a record."""
        self.update_many(table, ((record_id, document),), at)

    def update_many(
        self,
        table: str,
        rows: Iterable[tuple[str, Document]],
        at: int,
        *,
        texts: Sequence[str] | None = None,
    ) -> None:
        """Replace the documents of records given as (id, document) pairs; `texts` as for `insert_many`."""
        pairs = list(rows)
        ids = [record_id for record_id, _ in pairs]
        self._supersede(table, ids)
        layout = self._need(table)
        columns = layout.values(pairs)
        self._connection.executemany(
            layout.update, zip(texts or _texts(pairs), *columns, repeat(at), ids, strict=False)
        )

    def amend(self, table: str, record_id: str, document: Document) -> None:
        """Replace the document of a record as if it had always been so: no new version, no new moment."""
        layout = self._need(table)
        values = map(document.get, layout.fields)
        self._connection.execute(layout.amend, (_encode(document).decode(), *values, record_id))

    def archive(self, table: str, ids: Sequence[str], at: int, *, archived: bool = True) -> None:
        """Move records to the recycle bin, or out of it again."""
        self._supersede(table, ids)
        self._connection.executemany(
            f"UPDATE {table_name(table)} SET archived = ?, modified = ? WHERE id = ?",
            [(archived, at, record_id) for record_id in ids],
        )

    def delete(self, table: str, ids: Sequence[str]) -> None:
        """Remove records for good, with their history."""
        self._need(table)
        self._connection.executemany(
            f"DELETE FROM {table_name(table)} WHERE id = ?", [(record_id,) for record_id in ids]
        )
        self._connection.executemany(
            "DELETE FROM superseded WHERE object = ? AND id = ?", [(table, record_id) for record_id in ids]
        )

    # -- reading ---------------------------------------------------------------------------------------------

    def get(self, table: str, record_id: str) -> Row | None:
        """The record with this id, archived or not."""
        self._need(table)
        found = self._connection.execute(
            f"SELECT {COLUMNS} FROM {table_name(table)} WHERE id = ?", (record_id,)
        ).fetchone()
        return read_row(found) if found else None

    def get_many(self, table: str, ids: Iterable[str]) -> dict[str, Row]:
        """The records with these ids, archived or not, by id; unknown ids are left out."""
        self._need(table)
        # One parameter for all: the statement stays the same, and stays prepared, however many ids there are.
        found = self._connection.execute(
            f"SELECT {COLUMNS} FROM {table_name(table)} WHERE id IN (SELECT value FROM json_each(?))",
            (_encode(list(ids)).decode(),),
        )
        return {row.id: row for row in map(read_row, found)}

    def lookup(
        self, table: str, field: str, value: Any, *, limit: int = 2, archived: bool | None = False
    ) -> list[Row]:
        """Records whose `field` equals `value` (text without regard to ASCII case), oldest first.

        `archived` None takes both the archived and the others. Fast for fields that were declared as indexed.
        """
        return list(
            self.scan(
                table,
                where=f"{field_sql(field)} = ? COLLATE NOCASE",
                parameters=(value,),
                archived=archived,
                limit=limit,
            )
        )

    def has_any(self, table: str, field: str, values: Iterable[Any]) -> bool:
        """Whether `lookup` would find a record for one of these values of a declared field."""
        layout, wanted = self._need(table), list(values)
        if len(wanted) == 1:  # in five sixths of the time
            found = self._connection.execute(layout.has_value[field], wanted)
        else:
            found = self._connection.execute(layout.has_any[field], (_encode(wanted).decode(),))
        return found.fetchone() is not None

    def scan(
        self,
        table: str,
        *,
        where: str = "",
        parameters: Sequence[Any] = (),
        order: str = "seq",
        limit: int | None = None,
        offset: int = 0,
        archived: bool | None = False,
    ) -> Iterator[Row]:
        """Records in `order` that satisfy the SQL condition `where` (see `field_sql` for fields).

        `archived` False leaves out the recycle bin, True takes only it, None takes both. The records are read
        while iterating: do not change the table meanwhile.
        """
        order = self._need(table).on_columns(order)
        query = f"{self._select(COLUMNS, table, where, archived)} ORDER BY {order} LIMIT ? OFFSET ?"
        cursor = self._connection.execute(query, (*parameters, -1 if limit is None else limit, offset))
        return map(read_row, cursor)

    def count(
        self, table: str, *, where: str = "", parameters: Sequence[Any] = (), archived: bool | None = False
    ) -> int:
        """How many records there are, under the same conditions as for `scan`."""
        query = self._select("count(*)", table, where, archived)
        return int(self._connection.execute(query, tuple(parameters)).fetchone()[0])

    def satisfies(self, row: Row, where: str, parameters: Sequence[Any]) -> bool:
        """Whether a record satisfies a condition of `scan`; it need not be one that is in the store."""
        columns = "? AS seq, ? AS id, ? AS document, ? AS created, ? AS modified, ? AS archived"
        text = _encode(row.document).decode()
        values = (row.seq, row.id, text, row.created, row.modified, row.archived)
        query = f"SELECT 1 FROM (SELECT {columns}) WHERE {where}"
        return self._connection.execute(query, (*values, *parameters)).fetchone() is not None

    def is_empty(self, table: str) -> bool:
        """Whether a table has no records at all, archived ones included."""
        self._need(table)
        return self._connection.execute(f"SELECT 1 FROM {table_name(table)} LIMIT 1").fetchone() is None

    def history(self, table: str, record_id: str) -> list[Version]:
        """The versions of a record, oldest first, the current one last; empty for an unknown id."""
        current = self.get(table, record_id)
        if current is None:
            return []
        earlier = self._connection.execute(
            "SELECT document, modified, archived FROM superseded WHERE object = ? AND id = ? ORDER BY seq",
            (table, record_id),
        )
        versions = [Version(_decode(document), at, bool(gone)) for document, at, gone in earlier]
        return [*versions, Version(current.document, current.modified, current.archived)]

    def add_function(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """Make a function available to SQL conditions and orders; it must depend on its arguments alone."""
        self._connection.create_function(name, arguments, function, deterministic=True)

    # -- counters and settings -------------------------------------------------------------------------------

    def next_number(self, counter: str, step: int = 1) -> int:
        """Take `step` numbers from a counter that starts at 1, and return the first of them.

        Numbers taken in a transaction that is rolled back are not given out again, as in real CRMs.
        """
        first = self._counters.take(counter, step)
        if not self._depth:
            self._counters.save()
        return first

    def meta(self, key: str, default: Any = None) -> Any:
        """The JSON value kept under `key`."""
        found = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return msgspec.json.decode(found[0]) if found else default

    def set_meta(self, key: str, value: Any) -> None:
        """Keep a JSON value under `key`; None forgets it."""
        if value is None:
            self._connection.execute("DELETE FROM meta WHERE key = ?", (key,))
        else:
            self._connection.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, _encode(value).decode())
            )

    # -- whole states ----------------------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """Everything in the store as the bytes of one SQLite database."""
        self._counters.save()
        return snapshots.take(self._connection)

    def restore(self, snapshot: bytes) -> None:
        """Replace everything in the store by what `snapshot()` returned.

        Raises:
            sqlite3.DatabaseError: These bytes are not a snapshot; the store is as before.
        """
        self._end_open()
        snapshots.put_back(self._connection, snapshot)
        self._replaced += 1
        self._configure(is_file=False)
        self._load()

    @property
    def changes(self) -> int:
        """Grows with every change of a record, value or counter, and when all of them are replaced."""
        return self._connection.total_changes + self._counters.unsaved + self._replaced

    @property
    def baseline(self) -> bytes | None:
        """The snapshot that `reset` returns to, where one was marked."""
        return self._baseline

    def mark_baseline(self) -> None:
        """Make the present state the one that `reset` returns to."""
        self._end_open()
        self._baseline = self.snapshot()
        self._begin_open()

    def reset(self) -> None:
        """Return to the state of the last `mark_baseline`, or to an empty store."""
        if self._is_open_since_baseline:
            self._connection.execute("ROLLBACK")
            self._connection.execute("BEGIN")
            self._replaced += 1  # SQLite counts no rollback among its changes
            self._load()
            return
        if self._baseline is not None:
            self.restore(self._baseline)
            self._begin_open()
            return
        for table in self.tables():
            self.drop(table)
        self._connection.executescript("DELETE FROM meta; DELETE FROM counters; DELETE FROM superseded;")
        self._load()

    def close(self) -> None:
        """Write what is pending and close the database; safe to call twice."""
        try:
            with contextlib.suppress(sqlite3.OperationalError):
                self._counters.save()
        except sqlite3.ProgrammingError:
            return
        self._commit_group()
        self._database.close()

    # -- inside ----------------------------------------------------------------------------------------------

    def _begin_open(self) -> None:
        """Make everything from here on one transaction where nothing has to outlive the process.

        `reset` rolls it back, in a tenth of the time that putting back an image takes.
        """
        if not self._is_file:
            self._connection.execute("BEGIN")
            self._is_open_since_baseline = True

    def _end_open(self) -> None:
        """Let what was changed since the baseline stand."""
        if self._is_open_since_baseline:
            self._connection.execute("COMMIT")
            self._is_open_since_baseline = False

    def _configure(self, *, is_file: bool) -> None:
        if is_file:
            # Write-ahead with NORMAL survives a killed process, which is what a mock has to survive.
            # Two processes would give out the same ids. Without looking for others at each transaction, an
            # immediate write takes 4 % less.
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA temp_store = MEMORY")
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > FORMAT:
            raise NewerFormatError(
                f"a newer version wrote it (format {version}, this one knows {FORMAT}); upgrade to read it"
            )
        if version < FORMAT:
            self._take_up_older()
        self._connection.executescript(_SYSTEM_TABLES + COUNTERS)

    def _take_up_older(self) -> None:
        """Bring the tables of an older format, or those of a new file, to this one."""
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            self._load_tables()
            for table, layout in self._layouts.items():
                for field in layout.fields:
                    execute(f"DROP INDEX {quoted(f'i:{table}:{field}')}")
                    self._add_column(table, field)
            execute(f"PRAGMA user_version = {FORMAT}")
        except BaseException:
            execute("ROLLBACK")
            raise
        execute("COMMIT")

    def _load(self) -> None:
        self._load_tables()
        self._counters.load()

    def _load_tables(self) -> None:
        """Read which tables and indexes exist, after something may have changed them directly."""
        found: dict[str, list[str]] = {}
        listed = self._connection.execute(
            "SELECT type, name, tbl_name FROM sqlite_schema WHERE tbl_name LIKE 'r:%' ORDER BY type DESC"
        )
        for kind, name, table in listed:
            object_name = table.removeprefix(RECORDS_PREFIX)
            if kind == "table":
                found[object_name] = []
            elif name.startswith("i:"):
                found[object_name].append(name.removeprefix(f"i:{object_name}:"))
        self._layouts = {table: layout_of(table, tuple(fields)) for table, fields in found.items()}

    def _select(self, what: str, table: str, where: str, archived: bool | None) -> str:
        layout = self._need(table)
        conditions = [f"({layout.on_columns(where)})"] if where else []
        if archived is not None:
            conditions.append(f"archived = {int(archived)}")
        condition = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {what} FROM {table_name(table)}{condition}"

    def _need(self, table: str) -> TableLayout:
        """How a table is laid out, which is made when it is not there yet."""
        layout = self._layouts.get(table)
        if layout is None:
            self._connection.execute(
                f"CREATE TABLE {table_name(table)} (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, "
                "document TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL, "
                "archived INTEGER NOT NULL DEFAULT 0)"
            )
            layout = self._layouts[table] = layout_of(table, ())
        return layout

    def _add_column(self, table: str, field: str) -> None:
        """Give a field a column with an index, filled in for the records that are there.

        An index on the expression would need no column, but SQLite would read the whole document for it: 3 of
        the 8 µs that inserting a HubSpot contact took, which is a kilobyte.
        """
        execute = self._connection.execute
        column, value = key_column(field), field_sql(field)
        execute(f"ALTER TABLE {table_name(table)} ADD COLUMN {column}")
        execute(f"UPDATE {table_name(table)} SET {column} = {value} WHERE {value} IS NOT NULL")
        name = quoted(f"i:{table}:{field}")
        execute(f"CREATE INDEX {name} ON {table_name(table)} ({column} COLLATE NOCASE)")

    def _insert(
        self,
        layout: TableLayout,
        ids: Sequence[str],
        texts: Iterable[str],
        at: int,
        changed: int,
        columns: Iterable[Iterable[Any]],
    ) -> None:
        # Joined column by column, since a tuple with a rest in it takes four times as long to make.
        rows = zip(ids, texts, repeat(at), repeat(changed), *columns, strict=False)
        # A statement for each record takes half as long again as one for each block.
        for _ in range(len(ids) // BLOCK):
            self._connection.execute(layout.insert_block, list(chain.from_iterable(islice(rows, BLOCK))))
        self._connection.executemany(layout.insert, rows)

    def _supersede(self, table: str, ids: Sequence[str]) -> None:
        self._need(table)
        if self._keep_history:
            self._connection.executemany(
                "INSERT INTO superseded (object, id, document, modified, archived) "
                f"SELECT ?, id, document, modified, archived FROM {table_name(table)} WHERE id = ?",
                [(table, record_id) for record_id in ids],
            )


class _Transaction:
    """A block that is a transaction of a store; a generator took 2 % of an immediate write."""

    __slots__ = ("_ends", "_is_one_statement", "_store")

    def __init__(self, store: Store, *, is_one_statement: bool) -> None:
        self._store = store
        self._is_one_statement = is_one_statement

    def __enter__(self) -> None:
        self._ends = self._store._begin(is_one_statement=self._is_one_statement)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._store._depth -= 1
        if error is None:
            self._store._keep(self._ends)
        else:  # a request that is cancelled leaves nothing behind, either
            self._store._undo(self._ends)


def _texts(rows: Sequence[tuple[str, Document]]) -> list[str]:
    return [_encode(document).decode() for _, document in rows]


__all__ = ["Row", "Store", "Version", "field_sql"]
