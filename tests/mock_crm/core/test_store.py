"""The store: records, transactions, lookups, history, snapshots."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_crm.core.store import Store, field_sql
from mock_crm.core.tables import BLOCK
from tests.mock_crm.query_plans import plans_of


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    found = Store(tmp_path / "org.db" if request.param == "file" else None)
    yield found
    found.close()


def test_a_record_is_found_by_its_id_and_by_a_field_in_any_case(store: Store) -> None:
    store.declare("Contact", ("Email",))
    store.insert("Contact", "1", {"Email": "Ann@Example.com", "Name": "Änn"}, 5)
    row = store.lookup("Contact", "Email", "ann@example.COM")[0]
    assert (row.id, row.document["Name"], row.created, row.modified, row.archived) == (
        "1",
        "Änn",
        5,
        5,
        False,
    )
    assert store.get("Contact", "2") is None


def test_an_indexed_lookup_does_not_read_every_record(store: Store) -> None:
    store.declare("Contact", ("Email",))
    with plans_of(store) as plans:
        store.lookup("Contact", "Email", "x")
    assert "USING INDEX i:Contact:Email" in plans[0]


def test_a_declared_field_is_found_whenever_it_was_declared_and_however_it_was_written(store: Store) -> None:
    store.insert_many("A", [("1", {"x": "one"}), ("2", {"y": 1}), ("3", {"x": 3})], 0)
    store.declare("A", ("x",))
    store.insert_many("A", [("4", {"x": "four"})], 0, texts=['{"x":"four"}'])
    store.update_many("A", [("2", {"x": "two"})], 1, texts=['{"x":"two"}'])
    store.amend("A", "1", {"x": "first"})
    store.update("A", "3", {}, 1)

    def found(value: object) -> list[str]:
        return [row.id for row in store.lookup("A", "x", value)]

    assert [found(each) for each in ("one", "FIRST", "two", 3, "four")] == [[], ["1"], ["2"], [], ["4"]]
    in_order = store.scan("A", where=f"{field_sql('x')} IS NOT NULL", order=f"{field_sql('x')} DESC")
    assert [row.id for row in in_order] == ["2", "4", "1"]


@pytest.mark.parametrize("count", [BLOCK - 1, BLOCK, 2 * BLOCK + 1])
def test_however_many_are_inserted_at_once_all_are_there_in_order(store: Store, count: int) -> None:
    store.declare("A", ("x",))
    documents = [(f"a{n}", {"x": f"X{n}", "y": n}) for n in range(count)]
    store.insert_many("A", documents, 5, modified=6)
    texts = (f'{{"x":"X{n}"}}' for n in range(count))
    store.insert_columns(
        "A", [f"b{n}" for n in range(count)], texts, {"x": [f"X{n}" for n in range(count)]}, 7
    )
    store.insert_columns("A", ["c"], ["{}"], {}, 8)
    rows = list(store.scan("A"))
    assert [row.seq for row in rows] == list(range(1, 2 * count + 2))
    assert [(row.id, row.document) for row in rows[:count]] == documents
    assert [(row.id, row.document) for row in rows[count:-1]] == [
        (f"b{n}", {"x": f"X{n}"}) for n in range(count)
    ]
    assert {(row.created, row.modified) for row in rows} == {(5, 6), (7, 7), (8, 8)}
    last = f"x{count - 1}"
    assert [row.id for row in store.lookup("A", "x", last)] == [f"a{count - 1}", f"b{count - 1}"]
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.insert_many("A", [*((f"d{n}", {}) for n in range(count - 1)), ("c", {})], 0)
    assert store.count("A") == 2 * count + 1


@pytest.mark.parametrize("others", [[], ["other"]])
def test_whether_a_value_is_taken_is_told_as_by_a_lookup(store: Store, others: list[str]) -> None:
    store.declare("A", ("x",))
    store.insert_many("A", [("1", {"x": "Living"}), ("2", {"x": "archived"})], 0)
    store.archive("A", ["2"], 1)
    assert store.has_any("A", "x", [*others, "LIVING"])
    assert not store.has_any("A", "x", [*others, "archived"])
    assert not store.has_any("A", "x", others)
    with plans_of(store) as plans:
        store.has_any("A", "x", [*others, "z"])
    assert any("USING INDEX i:A:x" in plan for plan in plans)


def in_format_1(path: Path) -> None:
    """A file in which declared fields had an index on the document, and no column."""
    with sqlite3.connect(path) as connection:
        connection.executescript("""
            CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE "r:Contact" (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
                document TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
                archived INTEGER NOT NULL DEFAULT 0);
            CREATE INDEX "i:Contact:Email" ON "r:Contact"
                (json_extract(document, '$."Email"') COLLATE NOCASE);
            INSERT INTO "r:Contact" (id, document, created, modified) VALUES
                ('1', '{"Email":"Ann@x.io"}', 5, 5), ('2', '{"Name":"Bob"}', 5, 5);
            PRAGMA user_version = 1;
        """)
    connection.close()


@pytest.mark.parametrize("way", ["opened", "restored"])
def test_a_store_of_the_format_before_columns_is_taken_up(tmp_path: Path, way: str) -> None:
    in_format_1(tmp_path / "org.db")
    store = Store(tmp_path / "org.db" if way == "opened" else None)
    if way == "restored":
        store.restore((tmp_path / "org.db").read_bytes())
    with plans_of(store) as plans:
        assert [row.id for row in store.lookup("Contact", "Email", "ann@X.io")] == ["1"]
    assert "USING INDEX i:Contact:Email" in plans[0]
    store.update("Contact", "2", {"Email": "bob@x.io"}, 6)
    assert [row.id for row in store.lookup("Contact", "Email", "BOB@x.io")] == ["2"]
    store.close()


def test_an_id_is_given_once(store: Store) -> None:
    store.insert("Contact", "1", {}, 0)
    with pytest.raises(sqlite3.IntegrityError):
        store.insert("Contact", "1", {}, 0)


def test_a_failed_transaction_leaves_nothing_and_a_nested_one_only_undoes_itself(store: Store) -> None:
    counted: list[tuple[int, int]] = []

    def inner() -> None:
        with store.transaction():
            store.insert("B", "1", {}, 0)
            raise KeyError

    def outer() -> None:
        with store.transaction():
            store.insert("A", "1", {}, 0)
            with pytest.raises(KeyError):
                inner()
            counted.append((store.count("A"), store.count("B")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()
    assert counted == [(1, 0)]
    assert store.count("A") == 0


def test_numbers_are_not_given_out_again_after_a_rollback(store: Store) -> None:
    def take_and_fail() -> None:
        with store.transaction():
            assert store.next_number("id", 5) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        take_and_fail()
    assert store.next_number("id") == 6


def test_archived_records_are_left_out_unless_asked_for(store: Store) -> None:
    store.insert_many("A", [("1", {}), ("2", {})], 0)
    store.archive("A", ["1"], 9)
    assert [row.id for row in store.scan("A")] == ["2"]
    assert [row.id for row in store.scan("A", archived=True)] == ["1"]
    assert [row.id for row in store.scan("A", archived=None)] == ["1", "2"]
    assert (store.count("A"), store.count("A", archived=None)) == (1, 2)


def test_history_holds_every_version_in_order(store: Store) -> None:
    store.insert("A", "1", {"x": 1}, 10)
    store.update("A", "1", {"x": 2}, 20)
    store.archive("A", ["1"], 30)
    versions = [(v.document["x"], v.modified, v.archived) for v in store.history("A", "1")]
    assert versions == [(1, 10, False), (2, 20, False), (2, 30, True)]
    store.delete("A", ["1"])
    assert store.history("A", "1") == []


def test_a_store_without_history_keeps_the_present_only() -> None:
    store = Store(keep_history=False)
    store.insert("A", "1", {"x": 1}, 10)
    store.update("A", "1", {"x": 2}, 20)
    assert [v.document for v in store.history("A", "1")] == [{"x": 2}]
    store.close()


def test_scanning_takes_conditions_order_and_pages(store: Store) -> None:
    store.insert_many("A", [(str(n), {"n": n}) for n in range(10)], 0)
    rows = store.scan(
        "A", where="json_extract(document, '$.n') >= ?", parameters=(3,), order="seq DESC", limit=2, offset=1
    )
    assert [row.id for row in rows] == ["8", "7"]


def test_a_snapshot_moves_from_a_file_to_memory_and_back(tmp_path: Path) -> None:
    in_file = Store(tmp_path / "a.db")
    in_file.insert("A", "1", {"x": "é"}, 0)
    in_file.set_meta("k", {"v": [1]})
    in_file.next_number("n", 3)
    in_memory = Store()
    in_memory.restore(in_file.snapshot())
    assert in_memory.get("A", "1") == in_file.get("A", "1")
    assert in_memory.meta("k") == {"v": [1]}
    assert in_memory.next_number("n") == 4
    in_memory.insert("A", "2", {}, 0)
    in_file.restore(in_memory.snapshot())
    in_memory.close()
    in_file.close()
    again = Store(tmp_path / "a.db")
    assert again.count("A") == 2
    again.close()


def test_bytes_that_are_no_snapshot_change_nothing(store: Store) -> None:
    store.insert("A", "1", {}, 0)
    with pytest.raises(sqlite3.DatabaseError):
        store.restore(b"garbage" * 1000)
    assert store.count("A") == 1


def test_a_file_survives_a_process_that_did_not_close_it(tmp_path: Path) -> None:
    (tmp_path / "left").mkdir()
    first = Store(tmp_path / "a.db")
    with first.transaction():
        first.insert("A", "1", {}, 0)
        first.next_number("n")
    for each in tmp_path.glob("a.db*"):
        shutil.copy(each, tmp_path / "left")
    second = Store(tmp_path / "left" / "a.db")
    assert (second.count("A"), second.next_number("n")) == (1, 2)
    first.close()
    second.close()


def test_a_file_belongs_to_one_store_at_a_time(tmp_path: Path) -> None:
    first = Store(tmp_path / "a.db")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        Store(tmp_path / "a.db")
    first.close()
    Store(tmp_path / "a.db").close()


def test_reset_returns_to_the_baseline_whatever_came_between(store: Store) -> None:
    store.insert("A", "1", {"n": 1}, 0)
    store.next_number("n")
    store.mark_baseline()
    for table in ("B", "C"):
        store.declare(table, ("n",))
        store.insert_many(table, [(str(n), {"n": n}) for n in range(100)], 0)
        store.update("A", "1", {"n": 2}, 1)
        store.set_meta("changed", table)
        store.next_number("n")
        with pytest.raises(sqlite3.IntegrityError), store.transaction():
            store.insert_many("B", [("x", {}), ("x", {})], 0)
        taken = store.snapshot()
        store.reset()
        assert store.tables() == ["A"]
        assert [row.document for row in store.scan("A")] == [{"n": 1}]
        assert len(store.history("A", "1")) == 1
        assert (store.meta("changed"), store.next_number("n")) == (None, 2)
    store.restore(taken)
    assert (store.count("C"), store.meta("changed"), store.next_number("n")) == (100, "C", 4)
    with pytest.raises(sqlite3.DatabaseError):
        store.restore(b"no snapshot")
    assert store.count("C") == 100
    store.reset()
    assert store.tables() == ["A"]


def test_hostile_names_and_values_stay_data(store: Store) -> None:
    evil = "x\"'); DROP TABLE meta; --"
    store.declare(evil, (evil.replace("'", ""),))
    store.insert(evil, "1", {evil: evil}, 0)
    assert [row.document for row in store.lookup(evil, evil.replace('"', ""), "none")] == []
    assert store.get(evil, "1") is not None
    assert store.meta("absent", 3) == 3


def test_closing_twice_is_safe(store: Store) -> None:
    store.close()
    store.close()
