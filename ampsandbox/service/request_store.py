"""Handled requests on disk, beside the journal: what a restart shows, and what is too old to be in memory."""

from __future__ import annotations

import logging
import re
import sqlite3
import threading
from collections import deque
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from ampsandbox.engine.private_files import prepare_file
from ampsandbox.errors import StateError
from ampsandbox.service.handled_request import HandledRequest, Headers
from ampsandbox.snippets import MASK, is_secret

FILE_NAME: Final = "requests.sqlite"
KEPT: Final = 100_000
BYTES_KEPT: Final = 512 * 1024 * 1024

_SAVED_EVERY_S: Final = 0.25
_UNSAVED: Final = 1_000
"""How many may wait in memory."""

_TRIMMED_BY: Final = 1_000
MASKED: Final = MASK.encode()
"""What stands for a secret."""

_SECRET: Final = rb"[^\"=&?]*(?:authorization|api-?_?key|secret|password|token)[^\"=&?]*"
_IN_QUERY: Final = re.compile(rb"([?&]" + _SECRET + rb"=)[^&]*", re.IGNORECASE)
_IN_JSON: Final = re.compile(rb"(\"" + _SECRET + rb"\"\s*:\s*\")(?:[^\"\\]|\\.)*", re.IGNORECASE)
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS requests (
        seq INTEGER PRIMARY KEY, operation TEXT NOT NULL, size INTEGER NOT NULL, data BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS requests_of_operations ON requests (operation) WHERE operation <> '';
"""


_log = logging.getLogger(__name__)


class RequestStore:
    """A file of handled requests, secrets masked, bounded in number and bytes.

    `save` only remembers: a thread of its own writes a quarter of a second's requests at once, so that no
    request waits for it, unless more come than the thread can write. What a kill loses of the log is not lost
    of the writes: they are in the journal. So it is with a full disk: those requests are missing in the log,
    which is said once, and nothing else stops.

    Raises:
        StateError: The file cannot be opened.
    """

    def __init__(self, path: Path, kept: int = KEPT, bytes_kept: int = BYTES_KEPT) -> None:
        self._kept, self._bytes_kept = kept, bytes_kept
        self._lock = threading.Lock()
        self._unsaved: deque[HandledRequest] = deque()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._has_warned = False
        try:
            self._db = _open(path)
        except sqlite3.DatabaseError as error:
            if not error.sqlite_errorname.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
                raise StateError(
                    f"The log of requests cannot be kept in {path}: {error}.",
                    "Free space on its disk, give another directory with --state DIR, or use --ephemeral.",
                ) from error
            path.unlink()  # Half a file, or one of another program: the log is not worth a halt.
            self._db = _open(path)
        self._bytes: int = self._db.execute("SELECT coalesce(sum(size), 0) FROM requests").fetchone()[0]
        self._thread = threading.Thread(target=self._save_all, name="request-store", daemon=True)
        self._thread.start()

    def save(self, request: HandledRequest) -> None:
        """Have a request written, soon."""
        self._unsaved.append(request)
        if len(self._unsaved) > _UNSAVED:  # the thread gets too little of the processor to keep up
            self._save_unsaved()
        elif not self._wake.is_set():
            self._wake.set()

    def newest(self, limit: int, bytes_limit: int) -> list[HandledRequest]:
        """The newest requests, oldest first: at most so many, and bodies of at most so many bytes."""
        with self._lock:
            oldest = None
            for seq, size in self._db.execute(
                "SELECT seq, size FROM requests ORDER BY seq DESC LIMIT ?", (limit,)
            ):
                bytes_limit -= size
                if bytes_limit < 0:
                    break
                oldest = seq
            return self._read("seq >= ? ORDER BY seq", oldest) if oldest is not None else []

    def before(self, seq: int, limit: int) -> list[HandledRequest]:
        """The requests below a number, oldest first, at most the last so many of them."""
        with self._lock:
            return self._read("seq < ? ORDER BY seq DESC LIMIT ?", seq, limit)[::-1]

    def find(self, seq: int) -> HandledRequest | None:
        """The request of that number, while it is kept."""
        with self._lock:
            return next(iter(self._read("seq = ?", seq)), None)

    def of(self, operation_id: str) -> HandledRequest | None:
        """The request that an operation was made of, while it is kept."""
        with self._lock:
            return next(iter(self._read("operation = ? ORDER BY seq DESC LIMIT 1", operation_id)), None)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._unsaved.clear()
            self._db.execute("DELETE FROM requests")
            self._bytes = 0

    def close(self) -> None:
        """Write what is not written yet, and close the file."""
        self._closing.set()
        self._wake.set()
        self._thread.join()
        self._db.close()

    def _read(self, where: str, *values: object) -> list[HandledRequest]:
        try:
            rows = self._db.execute(f"SELECT data FROM requests WHERE {where}", values).fetchall()
        except sqlite3.Error as error:
            self._warn(f"Older requests cannot be read: {error}.")
            return []
        return [msgspec.msgpack.decode(data, type=HandledRequest) for (data,) in rows]

    def _warn(self, what: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            _log.warning("%s The log on disk has gaps from now on.", what)

    def _save_all(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._closing.wait(_SAVED_EVERY_S)
            self._wake.clear()
            self._save_unsaved()

    def _save_unsaved(self) -> None:
        with self._lock:
            new = [_without_secrets(self._unsaved.popleft()) for _ in range(len(self._unsaved))]
            if not new:
                return
            before = self._bytes
            try:
                self._write(new)
            except sqlite3.Error as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self._bytes = before
                self._warn(f"Requests cannot be kept: {error}.")

    def _write(self, new: list[HandledRequest]) -> None:
        rows = [(each.seq, each.operation_id, each.size, msgspec.msgpack.encode(each)) for each in new]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?)", rows)
        self._bytes += sum(each.size for each in new)
        oldest = new[-1].seq - self._kept
        while self._bytes > self._bytes_kept or oldest > 0:
            gone = self._db.execute(
                "DELETE FROM requests WHERE seq <= ? OR seq IN (SELECT seq FROM requests ORDER BY seq "
                "LIMIT ?) RETURNING size",
                (oldest, _TRIMMED_BY if self._bytes > self._bytes_kept else 0),
            ).fetchall()
            self._bytes -= sum(size for (size,) in gone)
            oldest = 0
            if not gone:
                break
        self._db.execute("COMMIT")


def _open(path: Path) -> sqlite3.Connection:
    prepare_file(path)
    # Nobody waits for a write, and none is worth one to the disk: the journal has what must not be lost.
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; {_SCHEMA}")
    return db


@lru_cache(maxsize=1_024)
def _names_secret(name: bytes) -> bool:
    """Whether a header of that name holds a secret; asking each time took half of a save."""
    return is_secret(name.decode("latin-1"))


def _without_secrets(request: HandledRequest) -> HandledRequest:
    """A request as it may reach a disk.

    The body of an accepted write is in the journal as it is; in others, what is named like a secret is
    masked, as what missed the endpoints may have been meant for another program.
    """

    def masked(headers: Headers) -> Headers:
        return [(name, MASKED if _names_secret(name) else value) for name, value in headers]

    return msgspec.structs.replace(
        request,
        headers=masked(request.headers),
        response_headers=masked(request.response_headers),
        target=_IN_QUERY.sub(rb"\1" + MASKED, request.target) if b"?" in request.target else request.target,
        request_body=request.request_body
        if request.operation_id
        else _IN_JSON.sub(rb"\1" + MASKED, request.request_body),
    )
