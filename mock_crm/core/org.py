"""An org of either provider as hosts hold it: the sandbox, tests, the command line.

There are two ways in: over HTTP through `Org.app`, and in Python through the methods, under the same rules.
A provider derives from `Org` and implements the abstract methods over the parts of its own `OrgContext`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from mock_crm.core.app import App
from mock_crm.core.browsing import Browsing, Reading, Related
from mock_crm.core.context import OrgContext
from mock_crm.core.errors import CrmError
from mock_crm.core.middleware import Middleware
from mock_crm.core.routing import Router


class SnapshotError(Exception):
    """These bytes are not a snapshot of an org of this provider."""


class Org(ABC):
    """One tenant of a mock CRM.

    Args:
        context: The parts that it is made of.
        router: The provider's endpoints.
        middleware: What happens around them.

    Attributes:
        app: The ASGI application that serves the org's real paths; give it a `root_path` to mount it deeper.
        token: An access token that is always accepted.
        faults: Failures on demand.
        quota: What was counted, and what is left.
        store: The records as they are kept.
    """

    provider: ClassVar[str]
    token: str

    def __init__(self, context: OrgContext, router: Router[Any], middleware: Middleware) -> None:
        self._context = context
        self.name = context.name
        self.clock = context.clock
        self.store = context.store
        self.faults = context.faults
        self.quota = context.quota
        self.app = App(context, router, middleware)
        self._at_baseline: tuple[int, int] | None = None

    @abstractmethod
    def objects(self) -> list[str]:
        """API names of all objects, standard ones first."""

    @abstractmethod
    def object_name(self, name: str) -> str:
        """The name in `objects` of an object that is named in any case, singular or plural.

        Raises:
            CrmError: There is no such object.
        """

    @abstractmethod
    def describe(self, object_name: str) -> dict[str, Any]:
        """The schema of an object, in the provider's own describe form.

        Object names are taken in any case, singular or plural where the CRM has both, here and below.

        Raises:
            CrmError: There is no such object; so do all methods below.
        """

    @abstractmethod
    def records(
        self, object_name: str, limit: int | None = None, offset: int = 0, archived: bool = False
    ) -> list[dict[str, Any]]:
        """Records as flat dicts with their id and all their fields, oldest first."""

    @abstractmethod
    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        """One record as a flat dict; None when there is none or it is in the recycle bin."""

    @abstractmethod
    def reading(self, object_name: str) -> Reading:
        """How the records of an object are read from the store."""

    def browse(
        self, object_name: str, search: str = "", sort: str = "", *, descending: bool = False,
        archived: bool = False,
    ) -> Browsing:  # fmt: skip
        """The records that hold a text, in the order of a field, to be read in steps and windows."""
        reading = self.reading(object_name)
        return Browsing(self.store, reading, search, sort, descending=descending, archived=archived)

    @abstractmethod
    def related(self, object_name: str, record_id: str) -> list[Related]:
        """The records that a record points to or is associated with, and those that point to it."""

    @abstractmethod
    def create(self, object_name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Create a record under the same rules as over HTTP, and return it.

        Raises:
            CrmError: The CRM refuses it.
        """

    @abstractmethod
    def update(self, object_name: str, record_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change fields of a record under the same rules as over HTTP, and return it.

        Raises:
            CrmError: The CRM refuses it.
        """

    @abstractmethod
    def delete(self, object_name: str, record_id: str) -> None:
        """Move a record to the recycle bin.

        Raises:
            CrmError: The CRM refuses it.
        """

    @abstractmethod
    def undelete(self, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin.

        Raises:
            CrmError: It is not there.
        """

    @abstractmethod
    def query(self, search: Any) -> list[dict[str, Any]]:
        """The records that match a query in the provider's own language: SOQL text, a HubSpot search body.

        Raises:
            CrmError: The query is not valid.
        """

    def ask(self, search: Any, limit: int) -> tuple[list[dict[str, Any]], int]:
        """The first records that `query` would give, and how many there are of them in all.

        Raises:
            CrmError: The query is not valid.
        """
        found = self.query(search)
        return found[:limit], len(found)

    @abstractmethod
    def history(self, object_name: str, record_id: str) -> list[dict[str, Any]]:
        """The versions of a record, oldest first: `{"at": ISO moment, "archived": …, "fields": {…}}`."""

    @abstractmethod
    def seed(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Put many records in, all or none, under the same rules as over HTTP, and return their ids.

        Raises:
            CrmError: The CRM refuses one of them; the message says which.
        """

    @abstractmethod
    def create_each(self, object_name: str, rows: Sequence[Mapping[str, Any]]) -> list[str | CrmError]:
        """Create records, each for itself: its id, or why the CRM refuses it, in the order of the rows."""

    def seed_tree(self, records: list[Any]) -> list[str]:
        """Put records with their children in, all or none, and return their ids, parents first.

        Raises:
            CrmError: The provider has no such form, or refuses one of the records.
        """
        raise CrmError("NOT_SUPPORTED", f"{self.provider} has no trees of records.")

    @abstractmethod
    def count(self, object_name: str) -> int:
        """How many records there are, without those in the recycle bin."""

    def snapshot(self) -> bytes:
        """Schema, records, history, counters, tokens and quota as bytes; fault rules stay out."""
        self.store.set_meta("quota", self.quota.dump())
        self.store.set_meta("provider", self.provider)
        return self.store.snapshot()

    def mark_baseline(self) -> None:
        """Let `reset` return to the org as it is now."""
        self.store.set_meta("provider", self.provider)
        self.store.mark_baseline()

    def restore(self, snapshot: bytes) -> None:
        """Return to a snapshot.

        Raises:
            SnapshotError: It is not one, or one of the other provider; the org is as before.
        """
        before = self.store.snapshot()
        self._at_baseline = None
        try:
            self.store.restore(snapshot)
        except sqlite3.DatabaseError as error:
            raise SnapshotError(f"Not a snapshot of an org: {error}.") from error
        found = self.store.meta("provider")
        if found != self.provider:
            self.store.restore(before)
            raise SnapshotError(f"A snapshot of {found or 'something else'}, not of {self.provider}.")
        self._context.reload()

    def reset(self) -> None:
        """Return to the state in which the org was first opened; forget fault rules and counts."""
        self.faults.clear()
        if self._at_baseline == (self.store.changes, self.app.served):
            return
        self.store.reset()
        self._context.reload()
        self._at_baseline = (self.store.changes, self.app.served)

    def close(self) -> None:
        """Write what is pending and close the database; safe to call twice.

        A disk that is full costs the quota's last counts, and the numbers that nobody was given.
        """
        try:
            with contextlib.suppress(sqlite3.OperationalError):
                self.store.set_meta("quota", self.quota.dump())
        except sqlite3.ProgrammingError:
            return  # the database is closed already
        self.store.close()
