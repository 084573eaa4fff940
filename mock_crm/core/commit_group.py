"""Group commit: what several callers do to a store, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable


class CommitGroup:
    """The transaction that some callers share.

    Args:
        commit: Commits it, if nobody has yet.

    Attributes:
        error: Why it could not be committed, so that nothing of it happened.
    """

    def __init__(self, commit: Callable[[], None]) -> None:
        self._commit = commit
        self.error: sqlite3.Error | None = None

    def commit(self) -> None:
        """Commit it, unless it is; nobody may be told before of what was done.

        Raises:
            sqlite3.Error: It could not be, now or before.
        """
        self._commit()
        if self.error is not None:
            raise self.error
