"""What stands between the engine and a real org: consent for production, and the dry run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence, Set

from ampsandbox.clock import Clock
from ampsandbox.crm.client import CrmClient
from ampsandbox.crm.curl import outgoing_as_curl
from ampsandbox.crm.http import Outgoing
from ampsandbox.crm.secrets import Masker
from ampsandbox.crm.session import Token
from ampsandbox.engine.crm import (
    Answer,
    CrmErrorDetail,
    CrmObject,
    CrmRefusedError,
    Method,
    OrgIdentity,
    Plan,
    Record,
    Step,
    Target,
)
from ampsandbox.engine.model import Installation
from ampsandbox.errors import LiveRefusedError
from ampsandbox.manifest.model import Mode, WriteObject

DRY_RUN = "DRY_RUN"


class ProductionRefusedError(LiveRefusedError, CrmRefusedError):
    """The org may hold a customer's real data, and nobody allowed it by name."""


class NotConnectedError(LiveRefusedError, CrmRefusedError):
    """An installation is live, but nothing says how its org is reached."""


class NoTokens:
    """The tokens of a live installation that the settings do not mention: there are none."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    async def current(self) -> Token:
        """Refuse.

        Raises:
            NotConnectedError: Always.
        """
        words = f"{self._installation.integration} is live for {self._installation.group}, but not connected."
        error = NotConnectedError(CrmErrorDetail(words, "NOT_CONNECTED"))
        error.hint = "Name it under “connections” in sandbox.yaml, or uninstall it and install it as a mock."
        raise error

    async def renew(self, stale: Token) -> Token | None:
        """None: there is nothing to renew."""
        return None


class LiveCrm:
    """A client of a real org that first finds out whose it is; an `ampsandbox.crm.client.CrmClient`.

    Args:
        crm: Speaks to the org.
        clock: The sandbox's.
        allowed: Names and ids of production orgs that may be used, in lower case; may grow meanwhile.
        masker: Keeps secrets out of what a dry run shows.
        is_dry_run: Whether writes are shown instead of sent.
    """

    def __init__(
        self, crm: CrmClient, clock: Clock, allowed: Set[str], masker: Masker, *, is_dry_run: bool
    ) -> None:
        self.provider = crm.provider
        self.limits = crm.limits
        self._crm = crm
        self._clock = clock
        self._allowed = allowed
        self._masker = masker
        self._is_dry_run = is_dry_run
        self._identity: OrgIdentity | None = None
        self._lock = asyncio.Lock()

    async def identify(self) -> OrgIdentity:
        """Say whose org this is; asks the CRM anew, so that the remaining requests are true."""
        self._identity = await self._crm.identify()
        return self._identity

    async def plan(self, objects: Sequence[WriteObject]) -> Plan:
        """Say what `provision` would do, without doing it."""
        return await (await self._admitted()).plan(objects)

    async def provision(self, objects: Sequence[WriteObject], on_step: Callable[[Step], None]) -> None:
        """Create what is missing; on a dry run report the plan's steps and create nothing."""
        crm = await self._admitted()
        if not self._is_dry_run:
            await crm.provision(objects, on_step)
            return
        for step in (await crm.plan(objects)).steps:
            on_step(Step(step.action, step.kind, step.name, f"dry run, not done: {step.detail}"))

    async def resolve(self, item: WriteObject) -> Target:
        """Translate the names of a manifest object against the org's schema."""
        return await (await self._admitted()).resolve(item)

    async def describe(self, object_name: str) -> CrmObject:
        """The schema of an object by its API name."""
        return await (await self._admitted()).describe(object_name)

    def forget_schema(self) -> None:
        """Read the schema anew at the next need."""
        self._crm.forget_schema()

    def remember_schema(self) -> None:
        """Make the schema that is cached now what `recall_schema` returns to."""
        self._crm.remember_schema()

    def recall_schema(self) -> None:
        """Return to the schema that was remembered."""
        self._crm.recall_schema()

    async def write(
        self, object_name: str, mode: Mode, records: Sequence[Record], method: Method
    ) -> list[Answer]:
        """Write the records; on a dry run refuse them with the requests as curl in the error's `raw`."""
        crm = await self._admitted()
        if not self._is_dry_run:
            return await crm.write(object_name, mode, records, method)
        shown = [
            outgoing_as_curl(outgoing, self._masker)
            for outgoing in await crm.requests(object_name, mode, records, method)
        ]
        error = CrmRefusedError(
            CrmErrorDetail("This is a dry run: the request was not sent.", DRY_RUN), "\n\n".join(shown)
        )
        error.hint = "Start without --dry-run to send it."
        raise error

    async def requests(
        self, object_name: str, mode: Mode, records: Sequence[Record], method: Method
    ) -> list[Outgoing]:
        """The exact write requests that `write` would send, without sending them."""
        return await self._crm.requests(object_name, mode, records, method)

    async def record_url(self, object_name: str, record_id: str) -> str:
        """Where a person finds the record in the CRM's own pages."""
        return await self._crm.record_url(object_name, record_id)

    async def delete(self, object_name: str, record_id: str) -> None:
        """Remove a record; one that is gone already is no error."""
        crm = await self._admitted()
        if self._is_dry_run:
            raise CrmRefusedError(CrmErrorDetail("This is a dry run: nothing is deleted.", DRY_RUN))
        await crm.delete(object_name, record_id)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._crm.aclose()

    async def _admitted(self) -> CrmClient:
        """The client, once the org is known to be harmless or allowed by name.

        Raises:
            ProductionRefusedError: It is neither.
        """
        if self._identity is None:
            with self._clock.waiting():
                await self._lock.acquire()
            try:
                self._identity = self._identity or await self._crm.identify()
            finally:
                self._lock.release()
        org = self._identity
        if org.is_production and not {org.name.lower(), org.id.lower()} & self._allowed:
            raise _production_refused(org)
        return self._crm


def _production_refused(org: OrgIdentity) -> ProductionRefusedError:
    words = f"“{org.name}” ({org.id}, {org.type or 'unknown type'}) is a production org."
    error = ProductionRefusedError(CrmErrorDetail(words, "PRODUCTION_REFUSED"))
    error.hint = f"Allow it by name with --allow-production “{org.name}”, or connect a sandbox instead."
    return error
