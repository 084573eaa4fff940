"""Handled requests on disk, beside the journal: what a restart shows, and what is too old to be in memory."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from ampsandbox.engine.private_files import prepare_file
from ampsandbox.errors import StateError
from ampsandbox.secrets import Masker
from ampsandbox.service.handled_request import HandledRequest, without_secrets

FILE_NAME: Final = "requests.sqlite"
KEPT: Final = 100_000
BYTES_KEPT: Final = 512 * 1024 * 1024

_SAVED_EVERY_S: Final = 0.25
_WAKES_AT: Final = 250
"""How many unsaved requests are saved at once."""
_UNSAVED: Final = 4 * _WAKES_AT
"""How many may wait in memory."""
_CHUNK_BYTES: Final = 1024 * 1024
_CHUNKS_KEPT: Final = 100
"""Into how many chunks at least what is kept is divided: the oldest goes as a whole."""
_NO_SEQ: Final = 2**62
# A row holds the requests of one save, which takes a third of what a row and an index entry for each took.
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS chunks (
        first INTEGER PRIMARY KEY, last INTEGER NOT NULL, size INTEGER NOT NULL, data BLOB NOT NULL
    );
"""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[HandledRequest]).decode

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

    def __init__(
        self, path: Path, kept: int = KEPT, bytes_kept: int = BYTES_KEPT, masker: Masker | None = None
    ) -> None:
        self._masker = masker or Masker()
        self._kept, self._bytes_kept = kept, bytes_kept
        self._lock = threading.Lock()
        self._unsaved: deque[HandledRequest] = deque()
        self._wake = threading.Event()
        self._is_plenty = threading.Event()
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
        self._bytes: int = self._db.execute("SELECT coalesce(sum(size), 0) FROM chunks").fetchone()[0]
        self._thread = threading.Thread(target=self._save_all, name="request-store", daemon=True)
        self._thread.start()

    def save(self, request: HandledRequest) -> None:
        """Leave a request to the thread that stores them, or write it now where that one falls behind."""
        self._unsaved.append(request)
        unsaved = len(self._unsaved)
        if unsaved > _UNSAVED:  # the thread gets too little of the processor to keep up
            self._save_unsaved()
        elif not self._wake.is_set():
            self._wake.set()
        if unsaved == _WAKES_AT:
            self._is_plenty.set()

    def newest(self, limit: int, bytes_limit: int) -> list[HandledRequest]:
        """The newest requests, oldest first: at most so many, and bodies of at most so many bytes."""
        found: list[HandledRequest] = []
        for request in self._backwards():
            bytes_limit -= request.size
            if bytes_limit < 0 or len(found) == limit:
                break
            found.append(request)
        return found[::-1]

    def before(self, seq: int, limit: int) -> list[HandledRequest]:
        """The requests below a number, oldest first, at most the last so many of them."""
        below = (request for request in self._backwards("first < ?", seq) if request.seq < seq)
        return list(islice(below, limit))[::-1]

    def find(self, seq: int) -> HandledRequest | None:
        """The request of that number, while it is kept."""
        requests = self._backwards("first <= ? AND last >= ?", seq, seq)
        return next((each for each in requests if each.seq == seq), None)

    def of(self, operation_id: str) -> HandledRequest | None:
        """The request that an operation was made of, while it is kept."""
        requests = self._backwards("instr(data, ?)", operation_id.encode())
        return next((each for each in requests if each.operation_id == operation_id), None)

    def clear(self) -> None:
        """Forget all requests, those that wait to be written too."""
        with self._lock:
            self._unsaved.clear()
            self._db.execute("DELETE FROM chunks")
            self._bytes = 0

    def close(self) -> None:
        """Write what is not written yet, and close the file."""
        self._closing.set()
        self._wake.set()
        self._is_plenty.set()
        self._thread.join()
        self._db.close()

    def _backwards(self, where: str = "true", *values: object) -> Iterator[HandledRequest]:
        """The requests of the chunks that satisfy a condition, newest first."""
        self._save_unsaved()
        before = _NO_SEQ
        query = f"SELECT first, data FROM chunks WHERE first < ? AND {where} ORDER BY first DESC LIMIT 1"
        while True:
            with self._lock:
                try:
                    row = self._db.execute(query, (before, *values)).fetchone()
                except sqlite3.Error as error:
                    self._warn(f"Older requests cannot be read: {error}.")
                    return
            if row is None:
                return
            before, data = row
            yield from reversed(_decode(data))

    def _warn(self, what: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            _log.warning("%s The log on disk has gaps from now on.", what)

    def _save_all(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._is_plenty.wait(_SAVED_EVERY_S)
            self._wake.clear()
            self._is_plenty.clear()
            self._save_unsaved()

    def _save_unsaved(self) -> None:
        with self._lock:
            chunk: list[HandledRequest] = []
            chunk_size = 0
            for _ in range(len(self._unsaved)):
                request = self._unsaved.popleft()
                chunk.append(request)
                chunk_size += request.size
                if chunk_size > _CHUNK_BYTES or len(chunk) * _CHUNKS_KEPT > self._kept:
                    self._write(chunk, chunk_size)
                    chunk, chunk_size = [], 0
            if chunk:
                self._write(chunk, chunk_size)

    def _write(self, chunk: list[HandledRequest], size: int) -> None:
        before = self._bytes
        data = _encode(without_secrets(chunk, self._masker))
        try:
            self._db.execute("BEGIN")
            self._db.execute(
                "INSERT INTO chunks VALUES (?, ?, ?, ?)", (chunk[0].seq, chunk[-1].seq, size, data)
            )
            self._bytes += size
            gone = self._db.execute(
                "DELETE FROM chunks WHERE last <= ? RETURNING size", (chunk[-1].seq - self._kept,)
            ).fetchall()
            self._bytes -= sum(size for (size,) in gone)
            while self._bytes > self._bytes_kept:
                [(size,)] = self._db.execute(
                    "DELETE FROM chunks WHERE first = (SELECT min(first) FROM chunks) RETURNING size"
                ).fetchall()
                self._bytes -= size
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._bytes = before
            self._warn(f"Requests cannot be kept: {error}.")


def _open(path: Path) -> sqlite3.Connection:
    prepare_file(path)
    # Nobody waits for a write, and none is worth one to the disk: the journal has what must not be lost.
    # What is only appended needs no cache of two megabytes.
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.executescript(
            f"PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -256; {_SCHEMA}"
        )
    except BaseException:
        db.close()
        raise
    return db
