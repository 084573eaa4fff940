"""What stands between the engine and a real org: consent for production, and the dry run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence, Set
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from ampsandbox.clock import Clock
from ampsandbox.crm.client import CrmClient
from ampsandbox.crm.created import CreatedRecord, CreatedRecords
from ampsandbox.crm.field_definitions import FieldDefinition, FieldUpsert
from ampsandbox.crm.http import HttpRequest
from ampsandbox.crm.session import AccessToken
from ampsandbox.engine.crm import (
    Answer,
    CrmRefusedError,
    CrmUnavailableError,
    Method,
    ObjectDescription,
    ObjectMapping,
    OrgIdentity,
    ProvisioningPlan,
    ProvisioningStep,
    Record,
    Verdict,
)
from ampsandbox.engine.model import Installation
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.errors import AmpSandboxError, LiveRefusedError, StateError
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.model import Mode, WriteObject
from ampsandbox.secrets import Masker, log_defect
from ampsandbox.snippets import as_curl

_log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

DRY_RUN = "DRY_RUN"
RECONNECT = (
    "Name it under “connections” in sandbox.yaml, give its credentials on the screen (connections, c), or "
    "uninstall it and install it as a mock."
)

Show = Callable[[str], None]
"""Takes the requests of a dry run, as curl."""


class ProductionRefusedError(LiveRefusedError, CrmRefusedError):
    """The org may hold a customer's real data, and nobody allowed it by name."""


class NotConnectedError(LiveRefusedError, CrmUnavailableError):
    """An installation is live, but nothing says how its org is reached, so far."""


def _understood(ask: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Turn what a client cannot make of an answer into an outage: no answer may stop the sandbox."""

    @wraps(ask)
    async def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await ask(*args, **kwargs)
        except AmpSandboxError:
            raise
        except Exception as error:  # noqa: BLE001 - logged, and told as an outage
            log_defect(_log, "An answer could not be read", error)
            reason = f"The answer could not be read ({type(error).__name__})."
            raise CrmUnavailableError(ErrorDetail(reason, "UNREADABLE_ANSWER")) from None

    return asked


class NoTokens:
    """The tokens of a live installation that the settings do not mention: there are none."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    async def current(self) -> AccessToken:
        """Refuse, as no live org is connected.

        Raises:
            NotConnectedError: Always.
        """
        words = f"{self._installation.integration} is live for {self._installation.group}, but not connected."
        error = NotConnectedError(ErrorDetail(words, "NOT_CONNECTED"))
        error.hint = RECONNECT
        raise error

    async def renew(self, stale: AccessToken) -> AccessToken | None:
        """None: there is nothing to renew."""
        return None


class LiveCrm:
    """A client of a real org that first finds out whose it is; an `ampsandbox.crm.client.CrmClient`.

    Args:
        crm: Speaks to the org.
        installation: Whose writes it carries.
        clock: The sandbox's.
        created: Where the records that it creates are noted.
        allowed: Names and ids of production orgs that may be used, in lower case; may grow meanwhile.
        masker: Keeps secrets out of what a dry run shows.
        show: Shows the requests that a dry run would send; None sends them.

    Attributes:
        identity: Whose org it is, once the org was asked.
    """

    def __init__(
        self,
        crm: CrmClient,
        installation: Installation,
        clock: Clock,
        created: CreatedRecords,
        allowed: Set[str],
        masker: Masker,
        show: Show | None = None,
    ) -> None:
        self.provider = crm.provider
        self.limits = crm.limits
        self.sender = crm.sender
        self._crm = crm
        self._clock = clock
        self._allowed = allowed
        self._masker = masker
        self._installation = installation
        self._created = created
        self._show = show
        self.identity: OrgIdentity | None = None
        self._lock = asyncio.Lock()

    async def take_over(self, other: LiveCrm) -> None:
        """Use the login of another client of the same installation from now on, which is used up by it."""
        before = self._crm
        self._crm, self._masker, self.identity = other._crm, other._masker, None
        await before.aclose()

    @_understood
    async def identify(self) -> OrgIdentity:
        """Say whose org this is; asks the CRM anew, so that the remaining requests are true."""
        self.identity = await self._crm.identify()
        return self.identity

    @_understood
    async def plan(self, objects: Sequence[WriteObject]) -> ProvisioningPlan:
        """Say what `provision` would do, without doing it."""
        return await (await self._admitted()).plan(objects)

    @_understood
    async def provision(
        self, objects: Sequence[WriteObject], on_step: Callable[[ProvisioningStep], None]
    ) -> None:
        """Create what is missing; on a dry run report the plan's steps and create nothing."""
        crm = await self._admitted()
        if self._show is None:
            await crm.provision(objects, on_step)
            return
        for step in (await crm.plan(objects)).steps:
            on_step(ProvisioningStep(step.action, step.kind, step.name, f"dry run, not done: {step.detail}"))

    @_understood
    async def resolve(self, item: WriteObject) -> ObjectMapping:
        """Translate the names of a manifest object against the org's schema."""
        return await (await self._admitted()).resolve(item)

    @_understood
    async def describe(self, object_name: str) -> ObjectDescription:
        """The schema of an object by its API name."""
        return await (await self._admitted()).describe(object_name)

    def forget_schema(self) -> None:
        """Read the schema anew at the next need."""
        self._crm.forget_schema()

    def mark_baseline(self) -> None:
        """Make the schema that is cached now what `return_to_baseline` returns to."""
        self._crm.mark_baseline()

    def return_to_baseline(self) -> None:
        """Return to the schema that was remembered."""
        self._crm.return_to_baseline()

    def record_key(self, item: WriteObject, record_id: str) -> str:
        """What tells a record of the org from others, however its id is spelled."""
        return self._crm.record_key(item, record_id)

    async def write(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[Answer]:
        """Write the records, and note those that are created; on a dry run show the requests instead.

        A dry run refuses every record; the first answer's `raw` holds the requests as curl.
        """
        crm = await self._admitted()
        if self._show is not None:
            shown = "\n\n".join(
                as_curl(
                    each.method, self._masker.text(each.url), self._masker.values(each.text), each.headers
                )
                for each in await crm.requests(object_name, mode, records, method, options)
            )
            self._show(shown)
            return _not_sent(shown, len(records))
        answers = await crm.write(object_name, mode, records, method, options)
        if mode is Mode.INSERT:
            ids = [each.record_id for each in answers if each.verdict is Verdict.SUCCEEDED and each.record_id]
            await self._note(object_name, ids)
        return answers

    async def _note(self, object_name: str, record_ids: Sequence[str]) -> None:
        """Note created records. They exist whatever happens here, so that no failure is passed on."""
        org = self.identity
        assert org is not None
        where = self._installation
        now = self._clock.now().isoformat()
        rows: list[CreatedRecord] = []
        for record_id in record_ids:
            url = await self._url(object_name, record_id)
            owner = (where.provider, where.integration, where.group, org.name)
            rows.append(CreatedRecord(org.id, object_name, record_id, url, *owner, now))
        try:
            self._created.add(rows)
        except StateError as error:
            _log.error("%s Not noted in %s: %s", error.message, org.name, ", ".join(record_ids))

    async def _url(self, object_name: str, record_id: str) -> str:
        try:
            return await self._crm.record_url(object_name, record_id)
        except Exception:  # noqa: BLE001 - the record exists, and only its address is not known
            return ""

    async def requests(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[HttpRequest]:
        """The exact write requests that `write` would send, without sending them."""
        return await self._crm.requests(object_name, mode, records, method, options)

    async def record_url(self, object_name: str, record_id: str) -> str:
        """Where a person finds the record in the CRM's own pages."""
        return await self._crm.record_url(object_name, record_id)

    @_understood
    async def delete(self, object_name: str, record_ids: Sequence[str]) -> list[Answer]:
        """Remove records in one request; a dry run refuses."""
        crm = await self._admitted()
        if self._show is not None:
            raise CrmRefusedError(ErrorDetail("This is a dry run: nothing is deleted.", DRY_RUN))
        return await crm.delete(object_name, record_ids)

    @_understood
    async def fetch(
        self, object_name: str, record_id: str, fields: Sequence[str]
    ) -> Mapping[str, Any] | None:
        """The record's values of these fields; None where there is no such record."""
        return await (await self._admitted()).fetch(object_name, record_id, fields)

    @_understood
    async def search(self, object_name: str, filters: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
        """The records whose fields have these values, as the CRM gives them: one page."""
        return await (await self._admitted()).search(object_name, filters)

    @_understood
    async def upsert_fields(
        self, object_name: str, definitions: Sequence[FieldDefinition]
    ) -> list[FieldUpsert]:
        """Create the custom fields that are missing and change those that differ; a dry run refuses."""
        crm = await self._admitted()
        if self._show is not None:
            raise CrmRefusedError(ErrorDetail("This is a dry run: no field is created.", DRY_RUN))
        return await crm.upsert_fields(object_name, definitions)

    async def aclose(self) -> None:
        await self._crm.aclose()

    async def _admitted(self) -> CrmClient:
        """The client, once the org is known to be harmless or allowed by name.

        Raises:
            ProductionRefusedError: It is neither.
        """
        if self.identity is None:
            with self._clock.waiting():
                await self._lock.acquire()
            try:
                self.identity = self.identity or await self._crm.identify()
            finally:
                self._lock.release()
        org = self.identity
        if org.is_production and not {org.name.lower(), org.id.lower()} & self._allowed:
            words = f"“{org.name}” ({org.id}, {org.type or 'unknown type'}) is a production org."
            error = ProductionRefusedError(ErrorDetail(words, "PRODUCTION_REFUSED"))
            error.hint = (
                f"Allow it by name with --allow-production “{org.name}”, or connect a sandbox instead."
            )
            raise error
        return self._crm


def _not_sent(shown: str, count: int) -> list[Answer]:
    """Answers for records of one request, which is told once: each of many would repeat it all."""
    words = "This is a dry run: the request was not sent. Start without --dry-run to send it."
    first = Answer(Verdict.REFUSED, errors=(ErrorDetail(words, DRY_RUN),), raw=shown)
    together = "This is a dry run: the request was not sent; the first write of it shows the request."
    other = Answer(Verdict.REFUSED, errors=(ErrorDetail(together, DRY_RUN),))
    return [first, *[other] * (count - 1)]
