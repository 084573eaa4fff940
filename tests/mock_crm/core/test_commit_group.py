"""Group commit: what several callers do to a store is committed together, before anybody is told of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from mock_crm.core.store import Store


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    found = Store(tmp_path / "org.db" if request.param == "file" else None)
    found.declare("Contact")
    yield found
    found.close()


def add(store: Store, record_id: str, *, fails: bool = False) -> None:
    with store.transaction():
        store.insert("Contact", record_id, {"Number": store.next_number("contact")}, 1)
        if fails:
            raise LookupError


def unfit(store: Store) -> Callable[[], object]:
    """Work that SQLite refuses to commit."""
    database = store._database
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("CREATE TABLE a (id INTEGER PRIMARY KEY)")
    database.execute("CREATE TABLE b (a REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
    return lambda: database.execute("INSERT INTO b VALUES (1)")


def statements(store: Store, work: Callable[[], object]) -> list[str]:
    """What SQLite is asked to do for the work."""
    asked: list[str] = []
    store._database.set_trace_callback(asked.append)
    work()
    store._database.set_trace_callback(None)
    return asked


def test_those_of_a_group_share_one_commit(store: Store) -> None:
    def all_three() -> None:
        groups = {store.in_group(partial(add, store, record_id))[1] for record_id in "abc"}
        for group in groups:
            group.commit()
            group.commit()

    asked = statements(store, all_three)
    assert [each for each in asked if each in ("BEGIN IMMEDIATE", "COMMIT")] == ["BEGIN IMMEDIATE", "COMMIT"]
    assert sum("INTO counters" in each for each in asked) == 1
    assert store.count("Contact") == 3


def test_one_that_fails_undoes_only_itself(store: Store) -> None:
    store.in_group(partial(add, store, "a"))
    with pytest.raises(LookupError):
        store.in_group(partial(add, store, "b", fails=True))
    _, group = store.in_group(partial(add, store, "c"))
    group.commit()
    assert [(row.id, row.document["Number"]) for row in store.scan("Contact")] == [("a", 1), ("c", 3)]


@pytest.mark.parametrize(
    "look",
    [
        lambda store: store.count("Contact"),
        lambda store: store.insert("Contact", "z", {}, 1),
        lambda store: store.snapshot(),
        lambda store: store.mark_baseline(),
    ],
)
def test_others_find_what_a_group_did_committed(store: Store, look: Callable[[Store], object]) -> None:
    _, group = store.in_group(partial(add, store, "a"))
    asked = statements(store, lambda: look(store))
    assert asked.count("COMMIT") >= 1
    assert asked.index("COMMIT") <= 2
    group.commit()
    assert store.get("Contact", "a") is not None


def test_closing_commits_what_a_group_did(tmp_path: Path) -> None:
    store = Store(tmp_path / "org.db")
    store.in_group(partial(add, store, "a"))
    store.close()
    again = Store(tmp_path / "org.db")
    assert (again.count("Contact"), again.next_number("contact")) == (1, 2)
    again.close()


def test_a_commit_that_fails_undoes_all_of_its_group_and_says_so_each_time(store: Store) -> None:
    store.in_group(unfit(store))
    _, group = store.in_group(partial(add, store, "a"))
    store.in_group(lambda: store.declare("Lead", ["Email"]))
    for _ in range(2):
        with pytest.raises(sqlite3.IntegrityError):
            group.commit()
    assert (store.count("Contact"), store.tables()) == (0, ["Contact"])
    _, later = store.in_group(partial(add, store, "b"))
    later.commit()
    assert [row.document["Number"] for row in store.scan("Contact")] == [2]


def test_a_commit_that_fails_ends_its_transaction(store: Store) -> None:
    work = unfit(store)

    def more() -> None:
        store.declare("Lead", ["Email"])
        work()

    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        more()
    add(store, "a")
    assert (store.count("Contact"), store.tables()) == (1, ["Contact"])


def test_nothing_is_committed_before_a_reset(store: Store) -> None:
    store.mark_baseline()
    _, group = store.in_group(partial(add, store, "a"))
    group.commit()
    assert store.count("Contact") == 1
    store.reset()
    assert store.count("Contact") == 0
