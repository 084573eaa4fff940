"""The request log on disk: it outlives a restart, holds no secret, and is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from ampsandbox.errors import StateError
from ampsandbox.service.handled_request import HandledRequest, Headers
from ampsandbox.service.request_log import RequestLog
from ampsandbox.service.request_store import RequestStore

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "requests.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[RequestStore]:
    opened = RequestStore(path)
    yield opened
    opened.close()


def request(seq: int, body: bytes = b"{}", operation: str = "op1", headers: Headers = ()) -> HandledRequest:
    return HandledRequest(seq, AT, "POST", "/a", 200, "a", "demo", operation, body, b"{}", 1.0, headers)


def filled(path: Path, *requests: HandledRequest, kept: int = 100, bytes_kept: int = 1_000_000) -> None:
    store = RequestStore(path, kept, bytes_kept)
    for each in requests:
        store.save(each)
    store.close()


def test_what_was_saved_is_there_after_a_restart(path: Path) -> None:
    filled(path, *(request(n, operation=f"op{n}") for n in range(1, 8)))
    log = RequestLog(kept=3)
    store = RequestStore(path)
    log.keep_in(store)
    assert [item.seq for item in log.since(0)] == [1, 2, 3, 4, 5, 6, 7]
    assert [item.seq for item in log.since(1, 2)] == [6, 7]
    assert [item.seq for item in log.before(5, 2)] == [3, 4]
    assert [item.operation_id for item in (log.find(2), log.of("op1")) if item] == ["op2", "op1"]
    assert log.find(9) is None
    log.add(AT, "POST", "/a", 200, ("a", "demo", "op8"), (b"", b""), 1.0)
    assert log.since(7)[0].seq == 8
    log.close()
    filled(path)
    again = RequestStore(path)
    assert [item.seq for item in again.newest(2, 1_000)] == [7, 8]
    again.close()


def test_no_secret_reaches_the_disk(path: Path) -> None:
    headers = ((b"x-api-key", b"hunter2"), (b"Authorization", b"Bearer hunter2"), (b"x-trace", b"7"))
    stray = request(1, b'{"clientSecret": "hunter2\\"", "name": "A"}', operation="", headers=headers)
    missed = structs.replace(request(2, operation=""), target=b"/a?api_key=hunter2&b=1")
    filled(path, stray, missed)
    for file in path.parent.iterdir():
        assert b"hunter2" not in file.read_bytes()
    store = RequestStore(path)
    first, second = store.newest(2, 1_000)
    assert path.stat().st_mode & 0o077 == 0
    assert first.headers[2] == (b"x-trace", b"7")
    assert first.request_body.endswith(b'"name": "A"}')
    assert second.target.endswith(b"&b=1")
    store.close()


def test_the_body_of_an_accepted_write_is_kept_as_it_came(path: Path) -> None:
    body = b'{"fields": {"tokenCount": "3"}}'
    filled(path, request(1, body))
    store = RequestStore(path)
    assert store.newest(1, 1_000)[0].request_body == body
    store.close()


def test_the_oldest_go_when_there_are_too_many_requests_or_bytes(path: Path) -> None:
    filled(path, *(request(n) for n in range(1, 21)), kept=5)
    store = RequestStore(path)
    assert [item.seq for item in store.newest(100, 1_000)] == [16, 17, 18, 19, 20]
    assert [item.seq for item in store.newest(100, 9)] == [19, 20]
    store.close()
    filled(path, request(21, b"x" * 2_000), bytes_kept=1_000)
    store = RequestStore(path)
    assert store.newest(100, 10_000) == []
    store.close()


def test_a_file_that_is_no_log_is_begun_anew(path: Path) -> None:
    path.write_bytes(b"half a file" * 200)
    filled(path, request(1))
    store = RequestStore(path)
    assert [item.seq for item in store.newest(10, 1_000)] == [1]
    store.close()


def test_clearing_forgets_what_is_on_disk_and_what_is_on_its_way(store: RequestStore) -> None:
    store.save(request(1))
    store.clear()
    assert store.newest(10, 1_000) == []


def test_a_full_disk_leaves_a_gap_that_is_told_once_and_stops_nothing(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = RequestStore(path)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(1, 4):
        store.save(request(number, b"x" * 50_000))
        store._save_unsaved()
    store._db.execute("PRAGMA max_page_count = 100000")
    store.save(request(4))
    store.close()
    assert [each.message.partition(":")[0] for each in caplog.records] == ["Requests cannot be kept"]
    again = RequestStore(path)
    assert [item.seq for item in again.newest(9, 1_000_000)] == [4]
    again.close()


def test_the_file_is_closed_to_others_whatever_it_was_and_no_link_is_followed(path: Path) -> None:
    path.touch(0o644)
    filled(path, request(1))
    assert path.stat().st_mode & 0o777 == 0o600
    link = path.with_name("link.sqlite")
    link.symlink_to(path.with_name("elsewhere"))
    with pytest.raises(StateError, match="symbolic link"):
        RequestStore(link)
    assert not path.with_name("elsewhere").exists()
