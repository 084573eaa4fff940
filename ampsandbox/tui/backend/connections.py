"""The part of the backend that says which org an installation writes to, and switches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ampsandbox.engine.crm import OrgIdentity, ProvisioningStep
    from ampsandbox.service.live import LivePreview
    from ampsandbox.settings.credentials import LiveConnection
    from ampsandbox.tui.backend.link import Link


class RunningConnections:
    """The connections of a runner's installations."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def identify(self, installation_id: str) -> OrgIdentity:
        """Ask the CRM whose org this is."""
        return await self._link.call(self._link.crm(installation_id).identify())

    async def known_way(self, installation_id: str) -> LiveConnection | None:
        """The way into a real org that the settings give an installation, if they do."""
        return self._link.service.live.known_way(installation_id)

    async def preview(self, installation_id: str, live: LiveConnection) -> LivePreview:
        """Whose org credentials lead to, and what installing would create there."""
        return await self._link.call(self._link.service.live.preview(installation_id, live))

    async def go_live(
        self,
        installation_id: str,
        live: LiveConnection,
        org: OrgIdentity,
        on_step: Callable[[ProvisioningStep], None],
    ) -> None:
        """Let an installation write to a real org."""
        await self._link.call(self._link.service.live.go_live(installation_id, live, org, on_step))

    async def go_mock(self, installation_id: str, on_step: Callable[[ProvisioningStep], None]) -> None:
        """Let an installation write to a mock org again."""
        await self._link.call(self._link.service.live.go_mock(installation_id, on_step))

    async def reconnect(self, installation_id: str, live: LiveConnection, org: OrgIdentity) -> None:
        """Give a live installation credentials again; what waits stays, nothing is provisioned."""
        await self._link.call(self._link.service.live.reconnect(installation_id, live, org))
