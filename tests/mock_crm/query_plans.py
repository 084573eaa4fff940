"""How SQLite goes about what a store asks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mock_crm.core.store import Store


@contextmanager
def plans_of(store: Store) -> Iterator[list[str]]:
    """The plan of every SELECT of the block, filled in at its end."""
    connection = store._connection
    asked: list[str] = []
    plans: list[str] = []
    connection.set_trace_callback(asked.append)
    yield plans
    connection.set_trace_callback(None)
    for query in asked:
        if query.startswith("SELECT"):
            steps = connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
            plans.append("; ".join(step[3] for step in steps))
