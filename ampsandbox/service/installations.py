"""Integrations installed for groups, and where the CRM of each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec

from ampsandbox.crm.live import RECONNECT
from ampsandbox.engine.config import ConfigInvalidError, InstallationConfig, config_issues
from ampsandbox.engine.crm import OrgIdentity, ProvisioningPlan
from ampsandbox.engine.installation_registry import OnStep, chosen_integrations
from ampsandbox.engine.model import Installation
from ampsandbox.errors import LiveRefusedError
from ampsandbox.service.awaited import awaited
from ampsandbox.service.context import ServiceContext, ServiceGroup
from ampsandbox.service.recorded import recorded

CRM_ROOT = "/_crm"
"""Where the mock CRMs are served."""

Group = Annotated[str, msgspec.Meta(min_length=1)]


class CrmAccess(msgspec.Struct, frozen=True, rename="camel"):
    """How to reach a mock CRM with any client: its base URL, and a token that it always accepts."""

    url: str
    access_token: str


class OrgView(msgspec.Struct, frozen=True, rename="camel"):
    """Whose org a live installation writes to; `is_production` marks what may hold a customer's real data."""

    id: str
    name: str
    type: str
    is_production: bool
    api_version: str
    time_zone: str
    remaining_requests: int | None
    scopes: tuple[str, ...]


class InstallationView(msgspec.Struct, frozen=True, rename="camel"):
    """One integration installed for one group.

    `crm` is None for a live connection, `org` for a mock and until the org has told who it is.
    """

    installation: Installation
    crm: CrmAccess | None
    org: OrgView | None


class InstallationService(ServiceGroup):
    """Installations: list, plan, install, configure, uninstall."""

    name = "installations"

    async def list(self) -> Sequence[InstallationView]:
        """All installations, with the way to each mock CRM."""
        return [installation_view(self.context, item) for item in self.context.engine.installations.all()]

    async def get(self, installation_id: str) -> InstallationView:
        """One installation, with the way to its mock CRM.

        Raises:
            NotFoundError: There is none of that id.
        """
        return installation_view(self.context, self.context.installation(installation_id))

    @awaited
    async def plan(self, group: Group, integration: str | None = None) -> Mapping[str, ProvisioningPlan]:
        """What installing would create in a group's CRM, by the integration's name. Nothing is changed.

        Args:
            group: The customer.
            integration: One integration; all that have a CRM here when None.

        Raises:
            NotFoundError: The manifest has no such integration.
            ConflictError: There is no manifest, or no CRM for the integration's provider.
        """
        engine, connections = self.context.engine, self.context.connections
        plans: dict[str, ProvisioningPlan] = {}
        for each in chosen_integrations(engine.manifest, integration):
            connection = connections.kind(each.provider, each.name, group)
            plans |= await engine.installations.plan(group, each.name, connection=connection)
        return plans

    @recorded
    @awaited
    async def install(
        self,
        group: Group,
        integration: str | None = None,
        config: tuple[str, dict[str, Any]] | None = None,
        on_step: OnStep | None = None,
        connection: Literal["mock", "live"] | None = None,
    ) -> Sequence[Installation]:
        """Install for a group, creating the custom objects and fields in its CRM; idempotent.

        Args:
            group: The customer.
            integration: One integration; all that have a CRM here when None.
            config: Who chose the config, and its content; without it everything is ticked.
            on_step: Hears of each thing that was created or found.
            connection: Where a new installation writes to; when None, a real org where the settings name
                one, else a mock.

        Raises:
            NotFoundError: The manifest has no such integration.
            ConflictError: There is no manifest, or no CRM for the integration's provider.
            LiveRefusedError: The installation is live, and nothing says how to log in to its org; or it is a
                mock of earlier, and stays one until it is switched, though the settings name a real org.
            ConflictError: The CRM has something in the way.
            AmpSandboxError: The CRM refused or could not be reached; the installation stays as failed, and
                installing again goes on with it.
        """
        engine, connections = self.context.engine, self.context.connections
        installed: list[Installation] = []
        for each in chosen_integrations(engine.manifest, integration):
            self._refuse_cut_off(group, each.name)
            where = connection or connections.kind(each.provider, each.name, group)
            installed += await engine.installations.install(
                group, each.name, connection=where, on_step=on_step, config=config
            )
            if where == "live" and installed[-1].connection == "mock":
                raise _passed_over(installed[-1])
        return installed

    def _refuse_cut_off(self, group: str, integration: str) -> None:
        """A live installation whose credentials are not known stays as it is, and waits for them."""
        for item in self.context.engine.installations.all():
            is_meant = (item.group, item.integration) == (group, integration)
            if is_meant and self.context.connections.is_cut_off(item):
                raise LiveRefusedError(f"{integration} is live for {group}, but not connected.", RECONNECT)

    @recorded
    async def configure(
        self, installation_id: str, created_by: str, content: Mapping[str, Any]
    ) -> InstallationConfig:
        """Let an installation have another config, from its next write on.

        Raises:
            NotFoundError: There is no such installation.
            ConfigInvalidError: The config cannot be; the error names everything that is wrong with it.
        """
        item, manifest = self.context.installation(installation_id), self.context.engine.manifest
        integration = manifest.find_integration(item.integration) if manifest else None
        if integration is not None and (issues := config_issues(dict(content), integration)):
            raise ConfigInvalidError(issues)
        return await self.context.engine.installations.configure(installation_id, created_by, dict(content))

    @recorded
    async def uninstall(self, installation_id: str) -> None:
        """Flush what waits, and uninstall. The records stay in the CRM.

        Raises:
            NotFoundError: There is no such installation.
            ConflictError: The clock stands still, and the CRM does not take what waits now.
        """
        item = self.context.installation(installation_id)
        await self.context.engine.installations.uninstall(item.group, item.integration)


def _passed_over(item: Installation) -> LiveRefusedError:
    """The settings name a real org, but the installation is of a time before that."""
    return LiveRefusedError(
        f"{item.integration} for {item.group} still writes to its mock: it was installed before the settings "
        "named a real org for it.",
        f"To switch: ampsandbox ctl installation {item.id} --go-live, or on the screen: connections, L.",
    )


def installation_view(context: ServiceContext, installation: Installation) -> InstallationView:
    """An installation with the way to its mock CRM."""
    org = context.connections.org(installation.id)
    path = crm_path(installation.integration, installation.group)
    access = CrmAccess(context.url + path, org.token) if org else None
    return InstallationView(installation, access, _org_view(context.connections.identity(installation.id)))


def crm_path(integration: str, group: str) -> str:
    """Where the mock CRM of an installation is served."""
    return f"{CRM_ROOT}/{quote(integration, safe='')}/{quote(group, safe='')}"


def _org_view(org: OrgIdentity | None) -> OrgView | None:
    if org is None:
        return None
    return OrgView(
        org.id,
        org.name,
        org.type,
        org.is_production,
        org.api_version,
        org.time_zone,
        org.remaining_requests,
        org.scopes,
    )
