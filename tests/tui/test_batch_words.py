"""A batch in words: what it waits for, and what its delivery costs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ampsandbox.tui.text.batch_words import bar, in_full

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend


def test_an_auto_batch_says_at_what_size_and_when_it_is_flushed(backend: FakeBackend) -> None:
    batch = backend.add_batch(
        schedule="", next_fires=(), flush_size=100, is_operation=True, count=50,
        flush_at=backend.now + timedelta(minutes=4, seconds=59),
    )  # fmt: skip
    assert in_full(batch, backend.now).startswith("auto-batch: at 100 writes or in 04:59 · ")
    assert bar(batch, 8) == "━━━━╌╌╌╌"


def test_a_batch_that_came_as_one_request_is_not_told_of_a_lost_schedule(backend: FakeBackend) -> None:
    batch = backend.add_batch(schedule="", next_fires=(), is_operation=True, flush_at=None)
    assert in_full(batch, backend.now).startswith("one request with many records · ")


def test_a_batch_that_lost_its_schedule_says_the_way_out(backend: FakeBackend) -> None:
    batch = backend.add_batch(schedule="", next_fires=(), flush_at=None)
    assert in_full(batch, backend.now).startswith("no schedule any more: {flush-batch} flushes it by hand")
