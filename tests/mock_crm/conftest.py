"""The mocks' tests share no store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _databases_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test that leaves a database open, on every Python and not in whatever test comes later.

    From 3.13 on it warns when it is collected, which is an error in the test that is running then.
    """
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noted(*arguments: Any, **more: Any) -> sqlite3.Connection:
        opened.append(connect(*arguments, **more))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    yield
    left = [each for each in opened if _is_open(each)]
    for each in left:
        each.close()
    assert left == []


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.total_changes  # noqa: B018 - refuses when it is closed
    except sqlite3.ProgrammingError as error:
        return "closed" not in str(error)
    return True
