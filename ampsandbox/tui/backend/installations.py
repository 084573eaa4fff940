"""The part of the backend that installs integrations for groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ampsandbox.engine.model import Installation
from ampsandbox.errors import NotFoundError
from ampsandbox.tui.backend.views import InstallationStatus

if TYPE_CHECKING:
    from ampsandbox.engine.crm import ProvisioningPlan, ProvisioningStep
    from ampsandbox.manifest.model import Integration
    from ampsandbox.tui.backend.link import Link


class RunningInstallations:
    """The installations of a runner."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def view(self, item: Installation) -> InstallationStatus:
        """An installation as the screen shows it. Called on the runner's loop."""
        connections = self._link.service.context.connections
        org = self._link.runner.org(item.id) or connections.identity(item.id)
        health = self._link.engine.installations.connection_state(item.id)
        return InstallationStatus(
            item.id, item.integration, item.group, item.provider, item.connection, item.state.value,
            org.name if org is not None else "", health.circuit.value.replace("_", " "),
            needs_credentials=connections.is_cut_off(item), error=item.error,
            rests_until=health.until, failure=health.reason, config=self._config_number(item.id),
        )  # fmt: skip

    def _config_number(self, installation_id: str) -> int:
        try:
            return self._link.engine.installations.config(installation_id).number
        except NotFoundError:  # The manifest of now has no such integration.
            return 0

    async def config(self, installation_id: str) -> Mapping[str, Any]:
        """What the customer chose at installation."""
        return await self._link.read(lambda: self._link.engine.installations.config(installation_id).content)

    async def configure(self, installation_id: str, content: Mapping[str, Any]) -> None:
        """Let an installation have another config."""
        work = self._link.service.installations.configure(installation_id, "builder:screen", content)
        await self._link.call(work)

    async def plan(self, integration: str, group: str) -> ProvisioningPlan:
        """What installing would create in the CRM."""
        plans = await self._link.call(self._link.service.installations.plan(group, integration))
        return plans[integration]

    async def install(
        self, integration: str, group: str, on_step: Callable[[ProvisioningStep], None]
    ) -> InstallationStatus:
        """Install an integration for a group."""
        work = self._link.service.installations.install(group, integration, on_step=on_step)
        (installed,) = await self._link.call(work)
        return self.view(installed)

    async def uninstall(self, integration: str, group: str) -> None:
        """Uninstall an integration for a group."""
        [item] = self._link.service.context.installations_of(group, integration)
        await self._link.call(self._link.service.installations.uninstall(item.id))

    async def preview_html(self, integration: Integration, group: str) -> str:
        """The installer prompts as a self-contained HTML page."""
        from ampsandbox.manifest.preview import previews
        from ampsandbox.manifest.preview.html import render

        manifest = self._link.engine.manifest
        if manifest is None:
            raise NotFoundError("No manifest is loaded.")
        return render(previews(integration, manifest, group=group))
