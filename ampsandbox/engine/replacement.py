"""Replacing journal and mock orgs as a whole, as a restore and a reset do: all of it or nothing.

Several database files cannot change in one transaction. So what they are going to hold is written down
first, in one file that appears at once. From then on the replacement is as good as done: when the process
ends before every database has it, the next start puts it in place before it reads anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from ampsandbox.engine.journal import Journal, Row, edit_image
from ampsandbox.engine.private_files import write_privately
from ampsandbox.errors import JournalUnavailableError, StateError

FILE_NAME = "replacement.msgpack"


class MockOrgs(Protocol):
    """The mock orgs behind the installations, as far as they are replaced together with the journal."""

    def baselines(self) -> dict[str, bytes]:
        """What a reset returns each org to, by installation id."""

    def replace(self, images: Mapping[str, bytes]) -> None:
        """Make the open orgs what these images are; those without one are thrown away."""

    def replace_files(self, images: Mapping[str, bytes]) -> None:
        """The same on disk, before any org is opened."""


class _Content(msgspec.Struct):
    journal: bytes
    orgs: dict[str, bytes] | None


class Replacement:
    """Puts a new state in the place of the present one.

    Args:
        folder: The state directory; None where everything is in memory, and ends with the process anyway.
        journal: The open journal.
        orgs: The mock orgs; None where somebody else looks after them.
    """

    def __init__(self, folder: Path | None, journal: Journal, orgs: MockOrgs | None) -> None:
        self._file = folder / FILE_NAME if folder else None
        self._journal = journal
        self._orgs = orgs

    def finish_interrupted(self) -> bool:
        """Put in place what the last run could not; says whether there was anything.

        Raises:
            StateError: It cannot be read, or not be put in place.
        """
        if self._file is None or not self._file.exists():
            return False
        try:
            content = msgspec.msgpack.decode(self._file.read_bytes(), type=_Content)
            self._journal.deserialize(content.journal)
            if self._orgs is not None and content.orgs is not None:
                self._orgs.replace_files(content.orgs)
            self._file.unlink()
        except (OSError, msgspec.DecodeError, JournalUnavailableError) as error:
            raise StateError(
                f"A reset or restore was interrupted and cannot be finished: {error}.",
                f"Make {self._file} readable and its disk writable, or give another --state DIR.",
            ) from error
        return True

    def start_over(
        self, statements: Sequence[tuple[str, Sequence[Row]]], orgs: Mapping[str, bytes] | None
    ) -> None:
        """Replace the journal by one that holds what the statements put into an empty one; see `put`."""
        if self._file is None:  # half a replacement would end with the process, so rows may go one by one
            if self._orgs is not None and orgs is not None:
                self._orgs.replace(orgs)
            self._journal.start_over(statements)
            return
        with edit_image() as edited:
            for statement, rows in statements:
                edited.connection.executemany(statement, rows)
        self.put(edited.image, orgs)

    def put(self, journal: bytes, orgs: Mapping[str, bytes] | None) -> None:
        """Replace the journal, and the orgs where they are given.

        Raises:
            JournalUnavailableError: The disk does not take it; everything is as before.
            StateError: It could be replaced in part only; the next start finishes it.
        """
        if self._file is not None:
            self._write(_Content(journal, None if orgs is None else dict(orgs)))
        try:
            if self._orgs is not None and orgs is not None:
                self._orgs.replace(orgs)
            self._journal.deserialize(journal)
            if self._file is not None:
                self._file.unlink()
        except (OSError, StateError, JournalUnavailableError) as error:
            raise StateError(
                f"The state could not be replaced as a whole: {error}", "Start again: that finishes it first."
            ) from error

    def _write(self, content: _Content) -> None:
        assert self._file is not None
        draft = self._file.with_suffix(".draft")
        try:
            write_privately(draft, msgspec.msgpack.encode(content))
            draft.replace(self._file)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise JournalUnavailableError(
                f"The state cannot be replaced: {draft} cannot be written: {error.strerror or error}.",
                "Free space on its disk or make its directory writable.",
            ) from error
