"""Switching an installation between its mock org and a real one while the sandbox runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ampsandbox.engine.crm import OrgIdentity, ProvisioningPlan
from ampsandbox.engine.installations import OnStep, chosen_integrations
from ampsandbox.errors import ConflictError

if TYPE_CHECKING:
    from ampsandbox.engine.model import Installation
    from ampsandbox.server.sandbox_server import SandboxServer
    from ampsandbox.settings.credentials import LiveConnection


@dataclass(frozen=True, slots=True)
class Look:
    """Whose org credentials lead to, and what installing would create in it."""

    org: OrgIdentity
    plan: ProvisioningPlan
    other_orgs: tuple[str, ...] = ()
    """The names of other orgs that the installation wrote to before."""


async def look(server: SandboxServer, installation: Installation, live: LiveConnection) -> Look:
    """Look at a real org with the given credentials. Nothing is written, there or here.

    Raises:
        AmpSandboxError: The credentials are refused, or the org cannot be reached.
    """
    [integration] = chosen_integrations(server.sandbox.manifest, installation.integration)
    trial = server.connections.apart(live)
    crm = trial.open_live(installation.provider, installation.integration, installation.group)
    try:
        org = await crm.identify()
        trial.allow_production(org.id)  # for these connections alone: looking changes nothing
        before = server.connections.created.orgs_of(installation.integration, installation.group)
        others = tuple(name for key, name in before.items() if key != org.id)
        return Look(org, await crm.plan(integration.objects), others)
    finally:
        await crm.aclose()
        await trial.aclose()


async def go_live(
    server: SandboxServer, installation: Installation, live: LiveConnection, org: OrgIdentity, on_step: OnStep
) -> Installation:
    """Let an installation write to a real org from now on, and provision that.

    The credentials are kept in memory only. A production org is allowed by this.

    Raises:
        ConflictError: Writes wait for the connection as it is.
        AmpSandboxError: The org cannot be provisioned; the installation stays, live and failed.
    """
    _refuse_while_writes_wait(server, installation)
    group, name = installation.group, installation.integration
    await server.sandbox.uninstall(group, name)
    server.connections.add(live)
    if org.is_production:
        server.connections.allow_production(org.id)
    [installed] = await server.sandbox.install(group, name, connection="live", on_step=on_step)
    return installed


async def reconnect(
    server: SandboxServer, installation: Installation, live: LiveConnection, org: OrgIdentity
) -> None:
    """Give a live installation credentials, without provisioning; what waits for its schedule stays.

    The credentials are kept in memory only. A production org is allowed by this.

    Raises:
        ConflictError: The installation writes to a mock org.
        AmpSandboxError: The org cannot be reached.
    """
    if installation.connection != "live":
        raise ConflictError("This installation writes to a mock org.", "Go live with it instead.")
    if org.is_production:
        server.connections.allow_production(org.id)
    await server.connections.reconnect(installation, live)
    await server.sandbox.crm(installation.id).identify()
    server.sandbox.connection_mended(installation.id)


async def go_mock(server: SandboxServer, installation: Installation, on_step: OnStep) -> Installation:
    """Let an installation write to a new mock org from now on, and forget credentials given for it.

    Raises:
        ConflictError: Writes wait for the connection as it is.
    """
    _refuse_while_writes_wait(server, installation)
    group, name = installation.group, installation.integration
    await server.sandbox.uninstall(group, name)
    server.connections.forget(name, group)
    [installed] = await server.sandbox.install(group, name, connection="mock", on_step=on_step)
    return installed


def _refuse_while_writes_wait(server: SandboxServer, installation: Installation) -> None:
    """Writes were accepted for one org; a switch must not carry them into another, or flush them unasked."""
    found = [batch for batch in server.sandbox.batches(flushed=0) if batch.installation_id == installation.id]
    waiting = sum(batch.count for batch in found)
    if waiting:
        raise ConflictError(
            f"{waiting:,} writes still wait for this connection.", "Flush or drop them, then switch."
        )
