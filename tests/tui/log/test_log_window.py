"""Which rows of the log are shown while others keep coming."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ampsandbox.tui.backend.views import LogRow
from ampsandbox.tui.text.log_filter import parse_filter
from ampsandbox.tui.widgets.log_window import WINDOW, LogWindow

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def rows(*numbers: int) -> list[LogRow]:
    return [
        LogRow(n, NOON, "write", "POST", "/x", 200 if n % 2 else 422, 1.0, group=f"g{n}") for n in numbers
    ]


def shown(book: LogWindow) -> list[int]:
    return [row.seq for row in book.shown]


def filled(numbers: Iterable[int], kept: int = 5_000) -> LogWindow:
    book = LogWindow(kept)
    book.add(rows(*numbers))
    return book


def test_the_window_ends_with_the_newest_row_while_it_is_followed() -> None:
    book = filled(range(1, 2_001))
    assert (shown(book)[0], shown(book)[-1], len(book.shown)) == (1_001, 2_000, WINDOW)
    book.add(rows(2_001))
    assert shown(book)[-1] == 2_001


def test_a_window_that_stands_still_only_grows_below_until_it_is_full() -> None:
    book = filled(range(1, 991))
    book.follow(False)
    book.add(rows(*range(991, 1_101)))
    assert (shown(book)[0], shown(book)[-1]) == (1, 1_000)
    assert book.newer_than(990) == 110


def test_rows_that_are_shown_stay_although_the_book_forgets_them() -> None:
    book = filled(range(1, 101), kept=100)
    book.follow(False)
    book.add(rows(*range(101, 1_201)))
    assert shown(book)[:100] == list(range(1, 101))
    assert len(book.entries) == 100
    book.follow(True)
    assert shown(book) == list(range(1_101, 1_201))


def test_every_row_is_reached_by_sliding_and_nothing_is_shown_twice() -> None:
    book = filled(range(1, 3_001))
    book.follow(False)
    seen = set(shown(book))
    moved = [book.slide(-1) for _ in range(5)]
    assert moved == [500, 500, 500, 500, 0]
    assert shown(book) == list(range(1, 1_001))
    while book.slide(1) < 0:
        seen |= set(shown(book))
        assert shown(book) == sorted(set(shown(book)))
    assert shown(book)[-1] == 3_000
    assert seen | set(range(1, 1_001)) == set(range(1, 3_001))


def test_a_new_filter_keeps_a_window_that_stands_still_where_it_was() -> None:
    book = filled(range(1, 5_001))
    book.follow(False)
    book.go(to_first=True)
    book.apply(parse_filter("status:422"), around=3_000)
    assert shown(book)[0] <= 3_000 <= shown(book)[-1]
    assert all(number % 2 == 0 for number in shown(book))
    book.follow(True)
    assert shown(book)[-1] == 5_000
    book.apply(parse_filter("group:g4999"))
    assert shown(book) == [4_999]


def test_rows_are_forgotten_up_to_a_number() -> None:
    book = filled(range(1, 11))
    book.forget(4)
    assert shown(book) == list(range(5, 11))
    book.forget(10)
    assert (shown(book), book.entries, book.matches) == ([], [], [])


def test_a_hundred_thousand_rows_leave_no_more_than_are_kept() -> None:
    book = LogWindow()
    book.apply(parse_filter("status:422"))
    for start in range(1, 100_001, 1_000):
        book.add(rows(*range(start, start + 1_000)))
    assert (len(book.entries), len(book.matches), len(book.shown)) == (5_000, 2_500, 1_000)


def test_a_book_knows_whether_rows_were_given_up() -> None:
    assert not filled(range(1, 11), kept=10).has_dropped
    book = filled(range(1, 12), kept=10)
    assert book.has_dropped
    book.forget(11)
    gone = book.has_dropped
    assert not gone


def test_older_rows_stay_until_the_newest_is_followed_again() -> None:
    book = filled(range(11, 21), kept=10)
    book.follow(False)
    book.add_older(rows(*range(1, 11)))
    assert [book.place(1), book.neighbour(11, -1)] == [(1, 20), rows(10)[0]]
    book.add(rows(21))
    assert [row.seq for row in book.entries] == list(range(2, 22))
    book.follow(True)
    book.add(rows(22))
    assert [row.seq for row in book.entries] == list(range(13, 23))
