"""The part of the backend that says which org an installation writes to, and switches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ampsandbox.engine.model import Installation
from ampsandbox.tui.backend.faults import RunningFaults
from ampsandbox.tui.backend.views import InstallationView

if TYPE_CHECKING:
    from ampsandbox.engine.crm import OrgIdentity, ProvisioningStep
    from ampsandbox.service.live import LivePreview
    from ampsandbox.settings.credentials import LiveConnection


class RunningConnections(RunningFaults):
    """The connections of a runner's installations."""

    def _installation(self, item: Installation) -> InstallationView:
        connections = self.runner.service.context.connections
        org = self.runner.org(item.id) or connections.identity(item.id)
        health = self.runner.sandbox.connection_state(item.id)
        return InstallationView(
            item.id, item.integration, item.group, item.provider, item.connection, item.state.value,
            org.name if org is not None else "", health.circuit.value.replace("_", " "),
            needs_credentials=connections.is_cut_off(item), error=item.error,
            rests_until=health.until, failure=health.reason,
        )  # fmt: skip

    async def identify(self, installation_id: str) -> OrgIdentity:
        """Ask the CRM whose org this is."""
        return await self.runner.call(self._crm(installation_id).identify())

    async def known_way(self, installation_id: str) -> LiveConnection | None:
        """The way into a real org that the settings give an installation, if they do."""
        return self.runner.service.live.known_way(installation_id)

    async def look(self, installation_id: str, live: LiveConnection) -> LivePreview:
        """Whose org credentials lead to, and what installing would create there."""
        return await self.runner.call(self.runner.service.live.preview(installation_id, live))

    async def go_live(
        self,
        installation_id: str,
        live: LiveConnection,
        org: OrgIdentity,
        on_step: Callable[[ProvisioningStep], None],
    ) -> None:
        """Let an installation write to a real org."""
        await self.runner.call(self.runner.service.live.go_live(installation_id, live, org, on_step))

    async def go_mock(self, installation_id: str, on_step: Callable[[ProvisioningStep], None]) -> None:
        """Let an installation write to a mock org again."""
        await self.runner.call(self.runner.service.live.go_mock(installation_id, on_step))

    async def reconnect(self, installation_id: str, live: LiveConnection, org: OrgIdentity) -> None:
        """Give a live installation credentials again; what waits stays, nothing is provisioned."""
        await self.runner.call(self.runner.service.live.reconnect(installation_id, live, org))
