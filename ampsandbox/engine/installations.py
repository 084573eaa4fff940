"""What can be asked of installations: installing, configuring and uninstalling them, and how each stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

from ampsandbox.engine.authorizations import Authorization
from ampsandbox.engine.batches import Batches
from ampsandbox.engine.config import InstallationConfig
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.crm import Crm, ProvisioningPlan
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.installation_registry import (
    InstallationRegistry,
    Installed,
    OnStep,
    chosen_integrations,
)
from ampsandbox.engine.journal import JournalEntry
from ampsandbox.engine.model import ConnectionView, FlushReason, Installation, QuotaView
from ampsandbox.engine.pending_batches import PendingBatches
from ampsandbox.engine.write_rules import WriteRules
from ampsandbox.errors import ConflictError, NotFoundError
from ampsandbox.manifest.model import Integration, Manifest


class Installations:
    """The installations of a running engine, as `Engine.installations`.

    Args:
        manifest: The current manifest, asked for at each call.
    """

    def __init__(
        self,
        context: EngineContext,
        installations: InstallationRegistry,
        pending_batches: PendingBatches,
        delivery: Delivery,
        batches: Batches,
        manifest: Callable[[], Manifest | None],
    ) -> None:
        self._context = context
        self._installations = installations
        self._pending_batches = pending_batches
        self._delivery = delivery
        self._batches = batches
        self._manifest = manifest

    def all(self) -> list[Installation]:
        """The installations that were not uninstalled, oldest first, failed ones included."""
        return self._installations.views()

    def find(self, group: str, integration_name: str) -> Installation | None:
        """The installation of an integration for a group, if writes are taken for it."""
        found = self._installations.find(group, integration_name)
        return found.installation if found is not None and found.is_ready else None

    def crm(self, installation_id: str) -> Crm:
        """The client of an installation, for looking at its org and schema.

        Raises:
            NotFoundError: There is no such installation.
        """
        return self._installations.by_id(installation_id).connection.crm

    async def plan(
        self, group: str, integration: str | None = None, *, connection: Literal["mock", "live"] = "mock"
    ) -> dict[str, ProvisioningPlan]:
        """What `install` would create in the CRM, by the integration's name. Nothing is changed.

        Args:
            group: The customer.
            integration: One integration; all that the sandbox has a CRM for when None.
            connection: Whose org is asked where there is no installation yet.

        Raises:
            NotFoundError: The manifest has no such integration.
            UsageError: There is no manifest, or no CRM for the integration's provider.
        """
        return {
            each.name: await self._installations.plan(each, group, connection)
            for each in chosen_integrations(self._manifest(), integration)
        }

    async def install(
        self,
        group: str,
        integration: str | None = None,
        *,
        connection: Literal["mock", "live"] = "mock",
        on_step: OnStep | None = None,
        config: tuple[str, dict[str, Any]] | None = None,
    ) -> list[Installation]:
        """Install integrations for a group, provisioning their objects and fields. Idempotent.

        Args:
            group: The customer.
            integration: One integration; all that the sandbox has a CRM for when None.
            connection: Where a new installation writes to; an existing one keeps its own.
            on_step: Hears of each thing that was created or found.
            config: Who chose the config, and its content; without it everything is ticked.

        Raises:
            NotFoundError: The manifest has no such integration.
            UsageError: There is no manifest, or no CRM for the integration's provider.
            ConflictError: The CRM has something in the way.
            AmpSandboxError: The CRM refused or could not be reached; the installation stays as failed, and
                installing again goes on with it.
        """
        return [
            await self._installations.install(each, group, connection, on_step, config)
            for each in chosen_integrations(self._manifest(), integration)
        ]

    def config(self, installation_id: str) -> InstallationConfig:
        """The config that holds for an installation; number 0 where nobody chose one.

        Raises:
            NotFoundError: There is no such installation, or the manifest does not have its integration.
        """
        each = self._installations.by_id(installation_id)
        return each.config_for(self._integration_of(each))

    async def configure(
        self, installation_id: str, created_by: str, content: dict[str, Any]
    ) -> InstallationConfig:
        """Let an installation have another config, from its next write on.

        Raises:
            NotFoundError: There is no such installation.
            JournalUnavailableError: It could not be stored; the old one holds.
        """
        return await self._installations.configure(
            self._installations.by_id(installation_id), created_by, content
        )

    def write_rules(self, installation_id: str, name: str) -> WriteRules:
        """What holds for writes to the object that a request calls `name`.

        Raises:
            NotFoundError: The manifest has no such object, or the customer did not choose it.
        """
        each = self._installations.by_id(installation_id)
        return each.rules(self._integration_of(each), name)

    def look(
        self, integration: Integration, group: str, connection: Literal["mock", "live"] = "mock"
    ) -> AbstractAsyncContextManager[Crm]:
        """The CRM of an installation; for a group without one, the CRM that it would get."""
        return self._installations.look(integration, group, connection)

    @property
    def authorizations(self) -> list[Authorization]:
        """What groups consented to, oldest first."""
        return list(self._installations.authorizations)

    async def authorize(self, authorization: Authorization) -> None:
        """Keep a group's consent, so that integrations can be installed for it."""
        entry = JournalEntry(statements=[])
        self._installations.authorizations.keep(authorization, entry)
        await self._context.journal.store(entry)

    async def revoke(self, provider: str, group: str) -> None:
        """Forget a group's consent. Installations that use it are uninstalled first, by `uninstall`."""
        entry = JournalEntry(statements=[])
        self._installations.authorizations.forget(provider, group, entry)
        await self._context.journal.store(entry)

    async def uninstall(self, group: str, integration: str | None = None) -> None:
        """Flush what waits for a group's installations, then forget them. Their records stay in the CRM.

        Raises:
            NotFoundError: There is no such installation.
            ConflictError: The clock stands still, and the CRM does not take what waits now.
        """
        gone = [
            each
            for each in self._installations
            if each.installation.group == group and integration in (None, each.installation.integration)
        ]
        if not gone:
            raise NotFoundError(f"{integration or 'Nothing'} is not installed for group {group}.")
        for each in gone:
            await self._uninstall(each)

    async def _uninstall(self, each: Installed) -> None:
        name, group = each.installation.integration, each.installation.group
        if each.is_leaving:
            raise ConflictError(f"{name} is being uninstalled for group {group!r} already.")
        each.is_leaving = True
        try:
            # Every write that is being accepted gets to its batch, or on its way, before they are counted.
            self._context.journal.commit()
            await asyncio.sleep(0)
            waiting = [b for b in self._pending_batches if b.path.installation == each.number]
            await self._batches.deliver([b for b in waiting if b.is_open], FlushReason.UNINSTALL)
            await self._batches.finished(waiting, each.number)
            is_left = any(self._pending_batches.get(batch.number) is not None for batch in waiting)
            if is_left or self._delivery.singles_to(each.number):
                raise ConflictError(
                    f"The CRM of {group!r} does not take what waits, and the clock stands.",
                    "Advance the clock for the retries, or drop the writes.",
                )
            await self._installations.remove(each)
        finally:
            each.is_leaving = False

    def quota(self) -> list[QuotaView]:
        """The request ledger of every connection."""
        return [each.connection.quota() for each in self._installations]

    def requests_by_minute(self, since: int) -> Mapping[str, Mapping[int, tuple[int, int]]]:
        """The CRM requests of every connection by the minute since 1970, from a minute on.

        Beside them what the same traffic would have taken with one request per write.
        """
        ids = {each.number: each.installation.id for each in self._installations}
        found: dict[str, dict[int, tuple[int, int]]] = {id_: {} for id_ in ids.values()}
        unsaved = (row for each in self._installations for row in each.connection.ledger.unsaved)
        for row in (*self._context.journal.read.quota(since), *unsaved):
            if row.installation in ids and row.minute >= since:
                minutes = found[ids[row.installation]]
                requests, unbatched = minutes.get(row.minute, (0, 0))
                minutes[row.minute] = (requests + row.requests, unbatched + row.unbatched)
        return found

    def connection_state(self, installation_id: str) -> ConnectionView:
        """The health of an installation's connection.

        Raises:
            NotFoundError: There is no such installation.
        """
        return self._installations.by_id(installation_id).connection.view()

    def connection_mended(self, installation_id: str) -> None:
        """Try the CRM of an installation again at once, however long its circuit would have rested.

        Raises:
            NotFoundError: There is no such installation.
        """
        self._installations.by_id(installation_id).connection.circuit.succeeded()

    def _integration_of(self, each: Installed) -> Integration:
        name = each.installation.integration
        manifest = self._manifest()
        found = manifest.find_integration(name) if manifest else None
        if found is None:
            raise NotFoundError(f"The manifest has no integration {name} any more.", "Uninstall it.")
        return found
