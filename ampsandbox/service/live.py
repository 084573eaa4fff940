"""Real orgs: switching an installation to one and back while the sandbox runs, and what was created there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ampsandbox.crm.cleanup import remove_created
from ampsandbox.crm.created import CreatedRecord
from ampsandbox.engine.crm import OrgIdentity, ProvisioningPlan
from ampsandbox.engine.installation_registry import OnStep, chosen_integrations
from ampsandbox.engine.model import Installation
from ampsandbox.errors import ConflictError
from ampsandbox.service.context import ServiceContext, ServiceGroup
from ampsandbox.service.count import Count
from ampsandbox.service.installations import InstallationService
from ampsandbox.settings.credentials import LiveConnection


class LivePreview(msgspec.Struct, frozen=True):
    """Whose org credentials lead to, and what installing would create in it."""

    org: OrgIdentity
    plan: ProvisioningPlan
    other_orgs: tuple[str, ...] = ()
    """The names of other orgs that the installation wrote to before."""


class LiveRecordView(msgspec.Struct, frozen=True, rename="camel"):
    """One record that the sandbox created in a real org; `url` is its page there, where the CRM told."""

    org_id: str
    org_name: str
    provider: str
    integration: str
    group: str
    object: str
    record_id: str
    url: str
    created_at: datetime


class NotRemovedView(msgspec.Struct, frozen=True, rename="camel"):
    """A record that could not be removed, and why."""

    record: LiveRecordView
    reason: str


class RemovalAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """How many records are gone from the org, and those that are not."""

    removed: int
    kept: list[NotRemovedView]


class LiveService(ServiceGroup):
    """Going live is deliberate: writes that wait for one org are never carried into another.

    Credentials that are given are kept in memory only. Without any, those of the settings are used.
    """

    name = "live"

    def __init__(self, context: ServiceContext, installations: InstallationService) -> None:
        super().__init__(context)
        self._installations = installations

    async def preview(self, installation_id: str, live: LiveConnection | None = None) -> LivePreview:
        """Whose org an installation would write to, and what going live would create there.

        Nothing is written, there or here.

        Raises:
            ConflictError: No credentials are given, and the settings have none.
            AmpSandboxError: The credentials are refused, or the org cannot be reached.
        """
        installation = self.context.installation(installation_id)
        [integration] = chosen_integrations(self.context.engine.manifest, installation.integration)
        connections = self.context.connections
        trial = connections.apart(live or self._way(installation))
        crm = trial.open_live(installation.provider, installation.integration, installation.group)
        try:
            org = await crm.identify()
            trial.allow_production(org.id)  # for these connections alone: looking changes nothing
            before = connections.created.orgs_of(installation.integration, installation.group)
            others = tuple(name for key, name in before.items() if key != org.id)
            return LivePreview(org, await crm.plan(integration.objects), others)
        finally:
            await crm.aclose()
            await trial.aclose()

    async def go_live(
        self,
        installation_id: str,
        live: LiveConnection | None = None,
        org: OrgIdentity | None = None,
        on_step: OnStep | None = None,
    ) -> Installation:
        """Let an installation write to a real org from now on, and provision that.

        Args:
            installation_id: The installation.
            live: The way into the org; that of the settings when None.
            org: Whose org a person saw and agreed to. A production org is allowed by this.
            on_step: Hears of each thing that was created or found.

        Raises:
            ConflictError: Writes wait for the connection as it is, or nothing says how to log in.
            AmpSandboxError: The org cannot be provisioned; the installation stays, live and failed.
        """
        item = self.context.installation(installation_id)
        way = live or self._way(item)
        self._refuse_while_writes_wait(item)
        await self._installations.uninstall(item.id)
        if live is not None:
            self.context.connections.add(way)
        if org is not None and org.is_production:
            self.context.connections.allow_production(org.id)
        [installed] = await self._installations.install(
            item.group, item.integration, on_step=on_step, connection="live"
        )
        return installed

    async def go_mock(self, installation_id: str, on_step: OnStep | None = None) -> Installation:
        """Let an installation write to a new mock org from now on, and forget credentials given for it.

        Raises:
            ConflictError: Writes wait for the connection as it is.
        """
        item = self.context.installation(installation_id)
        self._refuse_while_writes_wait(item)
        await self._installations.uninstall(item.id)
        self.context.connections.forget(item.integration, item.group)
        [installed] = await self._installations.install(
            item.group, item.integration, on_step=on_step, connection="mock"
        )
        return installed

    async def reconnect(
        self, installation_id: str, live: LiveConnection | None = None, org: OrgIdentity | None = None
    ) -> OrgIdentity:
        """Give a live installation credentials, without provisioning; what waits for its schedule stays.

        Raises:
            ConflictError: The installation writes to a mock org, or nothing says how to log in.
            AmpSandboxError: The org cannot be reached.
        """
        item = self.context.installation(installation_id)
        if item.connection != "live":
            raise ConflictError("This installation writes to a mock org.", "Go live with it instead.")
        if org is not None and org.is_production:
            self.context.connections.allow_production(org.id)
        await self.context.connections.reconnect(item, live or self._way(item))
        identity = await self.context.engine.installations.crm(item.id).identify()
        self.context.engine.installations.connection_mended(item.id)
        return identity

    async def created(self, limit: Count = 1000, offset: Count = 0) -> Sequence[LiveRecordView]:
        """Records that the sandbox created in real orgs and did not remove yet, oldest first."""
        return [_view(record) for record in self.context.connections.created.all(limit, offset)]

    async def remove_created(self, org_id: str, confirm: str) -> RemovalAnswer:
        """Remove from a real org what the sandbox created there; answers when all was tried.

        Args:
            org_id: The org.
            confirm: Its name, as a person typed it.

        Raises:
            NotFoundError: Nothing is noted for the org.
            ConflictError: That is not its name.
        """
        connections = self.context.connections
        removed, kept = await remove_created(connections.created, connections.open_live, org_id, confirm)
        return RemovalAnswer(removed, [NotRemovedView(_view(each.record), each.reason) for each in kept])

    def known_way(self, installation_id: str) -> LiveConnection | None:
        """The way into a real org that the settings give an installation, if they do."""
        item = self.context.installation(installation_id)
        return self.context.connections.find(item.provider, item.integration, item.group)

    def _way(self, item: Installation) -> LiveConnection:
        way = self.known_way(item.id)
        if way is None:
            raise ConflictError(
                f"Nothing says how to log in to a real org for {item.integration} of {item.group!r}.",
                "Name its connection in sandbox.yaml, or give credentials on the screen.",
            )
        return way

    def _refuse_while_writes_wait(self, item: Installation) -> None:
        """Writes were accepted for one org: a switch must not carry them into another, nor flush them."""
        batches = self.context.engine.batches.all(flushed=0)
        waiting = sum(batch.count for batch in batches if batch.installation_id == item.id)
        if waiting:
            raise ConflictError(
                f"{waiting:,} writes still wait for this connection.", "Flush or drop them, then switch."
            )


def _view(record: CreatedRecord) -> LiveRecordView:
    return LiveRecordView(
        record.org_id,
        record.org_name,
        record.provider,
        record.integration,
        record.group,
        record.object,
        record.record_id,
        record.url,
        datetime.fromisoformat(record.created_at),
    )
