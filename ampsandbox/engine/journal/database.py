"""The SQLite file behind the journal: opening, locking, versions, copies, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from ampsandbox.engine.journal.schema import MIGRATIONS, VERSION
from ampsandbox.engine.private_files import prepare_file, prepare_folder, write_privately
from ampsandbox.errors import JournalUnavailableError, StateError
from ampsandbox.settings.engine import Durability

FILE_NAME = "journal.sqlite"
_PID_NAME = "journal.pid"
# Rows are appended and read in that order: twice as many in memory are no faster, not with a thousand batches
# either.
_CACHE_KIB = 1_024
# A checkpoint holds up the loop, for some milliseconds at this size.
_CHECKPOINT_PAGES = 1_000
# Reading as much takes a tenth of a second.
_CHECKED_BYTES = 32 * 1024 * 1024
# Bytes 18 and 19 of a database's header: 1 is a rollback journal, 2 is WAL, which memory cannot have.
_WAL_HEADER = slice(18, 20)


class Database:
    """One journal file, held exclusively, or one in memory when `folder` is None.

    Raises:
        StateError: The folder cannot be used, another process holds it, or a newer version wrote it.
    """

    def __init__(self, folder: Path | None, durability: Durability = Durability.NORMAL) -> None:
        self._folder = folder
        self._file = str(folder / FILE_NAME) if folder is not None else ""  # joined once, for every commit
        self._identity: tuple[int, int] | None = None
        self.connection = self._connect(durability)
        try:
            _migrate(self.connection)
        except sqlite3.Error as error:
            self.connection.close()
            raise self._refusal(error) from error
        except BaseException:
            self.connection.close()
            raise

    def _connect(self, durability: Durability) -> sqlite3.Connection:
        if self._folder is None:
            return _memory()
        path = self._folder / FILE_NAME
        try:
            # It holds what customers' CRMs are to hold: nobody else's business.
            prepare_folder(self._folder, FILE_NAME)
            self._check_not_emptied(path)
            prepare_file(path)
            connection = sqlite3.connect(path, timeout=0, isolation_level=None, cached_statements=256)
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise StateError(
                f"The state directory {self._folder} cannot be used: {reason}.",
                "Give another one with --state DIR, or use --ephemeral.",
            ) from error
        try:
            self._claim(connection, durability)
        except sqlite3.Error as error:
            connection.close()
            raise self._refusal(error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _claim(self, connection: sqlite3.Connection, durability: Durability) -> None:
        """Take SQLite's exclusive lock; it ends with the process, however that ends."""
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {durability.name}")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        # The mode alone takes no lock; the first transaction does, and keeps it.
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        self._check(connection)
        self._identity = self._identify()
        assert self._folder is not None
        try:
            write_privately(self._folder / _PID_NAME, f"{os.getpid()}\n".encode())
        except OSError as error:
            raise StateError(
                f"The state directory {self._folder} cannot be written: {error}.",
                "Give another one with --state DIR, or use --ephemeral.",
            ) from error

    def _check(self, connection: sqlite3.Connection) -> None:
        """Look for damage while nothing has been done yet; large journals are only read as they are used."""
        assert self._folder is not None
        if (self._folder / FILE_NAME).stat().st_size > _CHECKED_BYTES:
            return
        verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        if verdict != "ok":
            raise damaged(self._folder / FILE_NAME, verdict)

    def _check_not_emptied(self, path: Path) -> None:
        """Refuse a journal that was cut to nothing, which SQLite would take for a new one.

        Orgs appear after the journal has its tables, so a killed start leaves none beside an empty one.
        """
        wal = path.with_name(f"{path.name}-wal")
        files = [each for each in (path, wal) if each.exists()]
        if not files or any(each.stat().st_size for each in files):
            return
        if any(path.parent.glob("orgs/*.sqlite")):
            raise StateError(
                f"The journal {path} is empty (0 bytes), and beside it are orgs that an earlier run wrote.",
                f"Put a backup in its place, remove {path.parent} to start over, or give another directory "
                "with --state DIR.",
            )

    def _identify(self) -> tuple[int, int] | None:
        if self._folder is None:
            return None
        try:
            found = os.stat(self._file)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def check_still_there(self) -> None:
        """Make sure that what is stored will be found by the next start.

        Raises:
            JournalUnavailableError: Somebody moved, removed or replaced the file.
        """
        if self._folder is not None and self._identify() != self._identity:
            raise JournalUnavailableError(
                f"{self._folder / FILE_NAME} was moved, removed or replaced while the sandbox runs.",
                "Nothing is taken any more. Put it back, or stop the sandbox and start it again.",
            )

    def _refusal(self, error: sqlite3.Error) -> StateError:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return StateError(
                f"The state directory {self._folder} is held by another process{self._holder()}.",
                "Stop that one, or give another directory with --state DIR.",
            )
        if name.startswith("SQLITE_CORRUPT"):
            assert self._folder is not None
            return damaged(self._folder / FILE_NAME, str(error))
        if name == "SQLITE_NOTADB":
            return StateError(
                f"{FILE_NAME} in {self._folder} is no journal of the sandbox: {error}.",
                "Move the file away, or give another directory with --state DIR.",
            )
        return StateError(
            f"The journal in {self._folder} cannot be opened: {error}.",
            "Check its permissions and the space on its disk, or give another one with --state DIR.",
        )

    def _holder(self) -> str:
        assert self._folder is not None
        try:
            return f" (pid {int((self._folder / _PID_NAME).read_text(encoding='ascii'))})"
        except (OSError, ValueError):
            return ""

    def serialize(self) -> bytes:
        """The whole content as one database file."""
        copy = sqlite3.connect(":memory:")
        try:
            self.connection.backup(copy)
            return _image_of(copy)
        finally:
            copy.close()

    def start_over(self, statements: Sequence[tuple[str, Sequence[tuple[Any, ...]]]]) -> None:
        """Forget every row, and carry out the statements."""
        with unavailable_when_refused(), self.connection:
            self.connection.execute("BEGIN")
            tables = self.connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (table,) in tables:
                self.connection.execute(f"DELETE FROM {table}")
            for statement, rows in statements:
                self.connection.executemany(statement, rows)

    def deserialize(self, image: bytes) -> None:
        """Replace the whole content by what `serialize` gave, brought to the current version.

        Raises:
            StateError: The bytes are no journal, or one of a newer version.
        """
        source = _opened(image)
        try:
            with unavailable_when_refused():
                source.backup(self.connection)
        finally:
            source.close()

    def close(self) -> None:
        self.connection.close()
        if self._folder is not None:
            (self._folder / _PID_NAME).unlink(missing_ok=True)


def damaged(path: Path, reason: str) -> StateError:
    """The error for a journal that is none any more."""
    return StateError(
        f"The journal {path} is damaged: {reason}.",
        "Put a backup of the directory in its place, or give another one with --state DIR.",
    )


def _memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
    connection.execute("PRAGMA journal_mode = MEMORY")
    return connection


def _image_of(connection: sqlite3.Connection) -> bytes:
    image = bytearray(connection.serialize())
    image[_WAL_HEADER] = b"\x01\x01"
    return bytes(image)


@lru_cache(maxsize=1)
def _empty_image() -> bytes:
    """A journal without rows; making its tables anew took a third of a reset."""
    connection = _memory()
    try:
        _migrate(connection)
        return _image_of(connection)
    finally:
        connection.close()


class EditedImage:
    """A journal's image that is opened to be changed; `image` is what came of it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.image = b""


@contextmanager
def edit_image(image: bytes = b"") -> Iterator[EditedImage]:
    """Open an image, or an empty journal, and read it back at the end of the block.

    Raises:
        StateError: The bytes are no journal, or one of a newer version.
    """
    connection = _opened(image or _empty_image())
    try:
        edited = EditedImage(connection)
        yield edited
        edited.image = _image_of(connection)
    finally:
        connection.close()


def check_image(image: bytes) -> None:
    """Say whether `Database.deserialize` would take the bytes.

    Raises:
        StateError: They are no journal, or one of a newer version.
    """
    _opened(image).close()


def _opened(image: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.deserialize(image)
        # SQLite takes any bytes, and looks at them when something is read.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        _migrate(connection)
    except sqlite3.Error as error:
        connection.close()
        raise StateError(f"This is no snapshot of a sandbox: {error}.") from error
    except StateError:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to the current version, each step in a transaction of its own."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise StateError(
            f"The state was written by a newer version of ampsandbox (journal version {version}, "
            f"this one knows {VERSION}).",
            "Upgrade ampsandbox, or give another directory with --state DIR.",
        )
    while version < VERSION:
        script = MIGRATIONS[version]
        version += 1
        try:
            connection.executescript(f"BEGIN IMMEDIATE;{script};PRAGMA user_version = {version};COMMIT;")
        except sqlite3.Error as error:
            raise StateError(f"The journal could not be brought to version {version}: {error}.") from error


@contextmanager
def unavailable_when_refused() -> Iterator[None]:
    """Turn what SQLite says when it cannot store into the error that callers know."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise JournalUnavailableError(
            f"The journal cannot be written now: {error}.",
            "Free space on its disk or make its directory writable; writes are taken again then.",
        ) from error
