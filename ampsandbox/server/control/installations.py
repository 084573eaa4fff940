"""Installations: list, plan, install, uninstall, and where each one's CRM is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from ampsandbox.engine.model import Installation
from ampsandbox.errors import NotFoundError
from ampsandbox.server.app import crm_path
from ampsandbox.server.control.endpoint import Call, Endpoint

if TYPE_CHECKING:
    from ampsandbox.engine.crm import OrgIdentity
    from ampsandbox.server.sandbox_server import SandboxServer


class CrmAccess(msgspec.Struct, rename="camel"):
    """How to reach a mock CRM with any client: its base URL, and a token that it always accepts."""

    url: str
    access_token: str


class OrgView(msgspec.Struct, rename="camel"):
    """Whose org a live installation writes to; `is_production` marks what may hold a customer's real data."""

    id: str
    name: str
    type: str
    is_production: bool
    api_version: str
    time_zone: str
    remaining_requests: int | None
    scopes: tuple[str, ...]


class InstallationView(msgspec.Struct, rename="camel"):
    """One integration installed for one group.

    `crm` is None for a live connection, `org` for a mock and until the org has told who it is.
    """

    installation: Installation
    crm: CrmAccess | None
    org: OrgView | None


class InstallBody(msgspec.Struct, rename="camel"):
    """For whom to install, and what: all integrations that have a CRM here when none is named."""

    group: Annotated[str, msgspec.Meta(min_length=1)]
    integration: str | None = None
    dry_run: bool = False


class StepView(msgspec.Struct, rename="camel"):
    """One line of a provisioning plan."""

    integration: str
    action: str
    kind: str
    name: str
    detail: str


class InstallAnswer(msgspec.Struct, rename="camel"):
    """What is installed now, or, for a dry run, what would be created."""

    installations: list[InstallationView]
    plan: list[StepView]


def view(server: SandboxServer, installation: Installation) -> InstallationView:
    """An installation with the way to its mock CRM."""
    org = server.connections.org(installation.id)
    path = crm_path(installation.integration, installation.group)
    access = CrmAccess(server.url + path, org.token) if org else None
    return InstallationView(installation, access, _org(server.connections.identity(installation.id)))


def _org(found: OrgIdentity | None) -> OrgView | None:
    if found is None:
        return None
    return OrgView(
        found.id,
        found.name,
        found.type,
        found.is_production,
        found.api_version,
        found.time_zone,
        found.remaining_requests,
        found.scopes,
    )


async def _list(call: Call) -> list[InstallationView]:
    return [view(call.server, installation) for installation in call.server.sandbox.installations]


async def _install(call: Call) -> InstallAnswer:
    body: InstallBody = call.body
    if body.dry_run:
        plans = await call.server.plan(body.group, body.integration)
        steps = [
            StepView(integration, step.action.value, step.kind, step.name, step.detail)
            for integration, plan in plans.items()
            for step in plan.steps
        ]
        return InstallAnswer([], steps)
    installed = await call.server.install(body.group, body.integration)
    return InstallAnswer([view(call.server, installation) for installation in installed], [])


async def _uninstall(call: Call) -> None:
    installation = find(call, call.path["id"])
    await call.server.sandbox.uninstall(installation.group, installation.integration)


def find(call: Call, installation_id: str) -> Installation:
    """The installation of that id.

    Raises:
        NotFoundError: There is none.
    """
    for installation in call.server.sandbox.installations:
        if installation.id == installation_id:
            return installation
    raise NotFoundError(
        f"There is no installation {installation_id!r}.", "GET /_sandbox/v1/installations lists them."
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/installations",
        "listInstallations",
        "All installations, with the way to each mock CRM.",
        _list,
        answer=list[InstallationView],
    ),
    Endpoint(
        "POST",
        "/installations",
        "install",
        "Install for a group, creating the custom objects and fields in its CRM; idempotent.",
        _install,
        body=InstallBody,
        answer=InstallAnswer,
        status=201,
    ),
    Endpoint(
        "DELETE",
        "/installations/{id}",
        "uninstall",
        "Flush what waits, and uninstall.",
        _uninstall,
        status=204,
    ),
)
