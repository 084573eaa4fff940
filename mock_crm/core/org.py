"""What an org of either provider is: its records, faults and quota, and the two ways in, HTTP and Python.

A provider derives from `Org`, hands in its router, and implements the abstract methods. The upper half of
them is for hosts (the sandbox, tests, the command line); the lower half shapes answers for `App`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec

from mock_crm.core.app import App
from mock_crm.core.browsing import Browsing, Reading, Related
from mock_crm.core.clock import Clock
from mock_crm.core.errors import CrmError
from mock_crm.core.faults import Faults, Rule
from mock_crm.core.http import BodyError, Request, Response, json_response
from mock_crm.core.quota import Quota, Window
from mock_crm.core.routing import Route, Router
from mock_crm.core.store import Store


class OrgSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an org behaves where real ones differ from each other.

    Attributes:
        limits: Whether rate limits and quotas are enforced; they are always counted.
        permissions: `strict` keeps new custom fields invisible until someone is permitted to see them, as
            Salesforce does; `relaxed` shows them at once.
        edition: The provider's edition or tier, which decides about limits; its own default when empty.
        daily_requests: Requests per day, instead of the edition's.
        burst_requests: Requests per short window, instead of the edition's, where the provider has one.
        tokens: Access tokens that are accepted beside the issued ones. When any of `tokens`, `logins` and
            `clients` is given, everything that is not named is refused.
        logins: Passwords (with the security token appended, where there is one) by user name.
        clients: Client secrets by client id; an empty secret stands for a public client.
        scopes: What tokens are allowed, where the provider has scopes; everything when empty.
        token_lifetime_s: How long an access token lives on the org's clock; the provider's own when None.
        bulk_job_s: How long a bulk job takes on the org's clock, where the provider has them; until then it
            is seen waiting and in progress. 0 shows it complete at the next look.
        keep_history: Keep the earlier versions of changed records.
        search_lag_s: For how many seconds a changed record stays out of searches, where the provider's
            searches lag behind its writes.
    """

    limits: bool = True
    permissions: Literal["strict", "relaxed"] = "strict"
    edition: str = ""
    daily_requests: int | None = None
    burst_requests: int | None = None
    tokens: tuple[str, ...] = ()
    logins: Mapping[str, str] = {}
    clients: Mapping[str, str] = {}
    scopes: tuple[str, ...] = ()
    token_lifetime_s: float | None = None
    bulk_job_s: float = 0
    keep_history: bool = True
    search_lag_s: float = 0.0

    @property
    def names_credentials(self) -> bool:
        """Whether only named credentials are accepted."""
        return bool(self.tokens or self.logins or self.clients)


class SnapshotError(Exception):
    """These bytes are not a snapshot of an org of this provider."""


class Org(ABC):
    """One tenant of a mock CRM.

    Args:
        name: Tells orgs apart; part of what ids and tokens are drawn from.
        random_seed: What ids and tokens are drawn from; the same seed and inputs give the same org.
        clock: Whose time the org lives in.
        path: The database file; None keeps the org in memory.
        settings: How it behaves.

    Attributes:
        app: The ASGI application that serves the org's real paths; give it a `root_path` to mount it deeper.
        token: An access token that is always accepted.
        faults: Failures on demand.
        quota: What was counted, and what is left.
        store: The records as they are kept; for the providers' own modules.
    """

    provider: ClassVar[str]
    max_body_bytes: ClassVar[int] = 160 * 2**20

    router: Router[Any]
    token: str

    def __init__(
        self, name: str, random_seed: int | str, clock: Clock, path: Path | None, settings: OrgSettings
    ) -> None:
        self.name = name
        self.random_seed = random_seed
        self.clock = clock
        self.settings = settings
        self.store = Store(path, keep_history=settings.keep_history)
        self.faults = Faults(clock, random_seed)
        self.quota = Quota(self.quota_windows(), self.extra_windows(), enforced=settings.limits)
        self.quota.load(self.store.meta("quota", {}))
        self.app = App(self)
        self._at_baseline: tuple[int, int] | None = None

    # -- for hosts -------------------------------------------------------------------------------------------

    @abstractmethod
    def objects(self) -> list[str]:
        """API names of all objects, standard ones first."""

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
        self._reload()

    def reset(self) -> None:
        """Return to the state in which the org was first opened; forget fault rules and counts."""
        self.faults.clear()
        if self._at_baseline == (self.store.changes, self.app.served):
            return
        self.store.reset()
        self._reload()
        self._at_baseline = (self.store.changes, self.app.served)

    def close(self) -> None:
        """Write what is pending and close the database; safe to call twice.

        A disk that is full costs the quota's last counts, and the numbers that nobody was given.
        """
        try:
            with contextlib.suppress(sqlite3.OperationalError):
                self.store.set_meta("quota", self.quota.dump())
        except sqlite3.ProgrammingError:
            return
        self.store.close()

    def _reload(self) -> None:
        self.quota.clear()
        self.quota.load(self.store.meta("quota", {}))
        self.forget_caches()

    # -- for the app -----------------------------------------------------------------------------------------

    def quota_windows(self) -> list[Window]:
        """The windows that every counted request passes."""
        return []

    def extra_windows(self) -> list[Window]:
        """The windows of which routes may name some."""
        return []

    def forget_caches(self) -> None:  # noqa: B027 - a hook
        """Read again what is derived from the store, which has been replaced."""

    def prepare(self, request: Request) -> None:  # noqa: B027 - a hook
        """Change a request before it is routed, as for a method that is overridden in the query."""

    def object_of(self, request: Request) -> str | None:
        """Which object a request is about, where its path says so; for fault rules."""
        return None

    def guard(self, request: Request, route: Route[Any]) -> Response | None:
        """Refuse a request without a valid access token; otherwise keep who it is in `request.user`."""
        return None

    def finish(self, request: Request, response: Response) -> Response:
        """Add what all answers of the provider carry, refusals too."""
        return response

    def refused(self, request: Request, error: CrmError) -> Response:
        """The answer for a `CrmError` that a handler raised."""
        return json_response({"code": error.code, "message": error.message}, 400)

    @abstractmethod
    def no_route(self, request: Request, allowed: list[str]) -> Response:
        """The answer for an unknown path, or a known one that takes only the `allowed` methods."""

    def spend(self, request: Request, route: Route[Any]) -> Window | None:
        """Count a request against the quota, or say which window refuses it."""
        return self.quota.take(route.windows)

    @abstractmethod
    def limited(self, request: Request, window: Window) -> Response:
        """The answer when a quota window is spent."""

    @abstractmethod
    def unreadable(self, request: Request, error: BodyError) -> Response:
        """The answer for a body that is not what the endpoint reads."""

    @abstractmethod
    def fault(self, request: Request, rule: Rule) -> Response:
        """The answer of a fault rule of kind error, rate-limit, expired-token, outage, row-lock or alike."""


__all__ = ["CrmError", "Org", "OrgSettings", "SnapshotError"]
