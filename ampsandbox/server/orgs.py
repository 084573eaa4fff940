"""Finding the mock CRM that a group's writes go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ampsandbox.engine.model import Installation
from ampsandbox.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from ampsandbox.server.sandbox_server import SandboxServer
    from mock_crm.core.org import Org


def find_installation_of(server: SandboxServer, group: str, integration: str | None = None) -> Installation:
    """The installation of a group; `integration` says which one where it has several.

    Raises:
        NotFoundError: The group is not installed, or not for that integration.
        ConflictError: It has several, and none is named.
    """
    installed = server.sandbox.installations
    found = [item for item in installed if item.group == group and integration in (None, item.integration)]
    if not found:
        what = (
            f"group {group!r}" if integration is None else f"integration {integration!r} and group {group!r}"
        )
        groups = ", ".join(sorted({item.group for item in installed})) or "none"
        raise NotFoundError(f"Nothing is installed for {what}.", f"Installed groups: {groups}.")
    if len(found) > 1:
        names = ", ".join(item.integration for item in found)
        raise ConflictError(
            f"The group {group!r} has several CRMs: {names}.", "Say which integration you mean."
        )
    return found[0]


def org_of(server: SandboxServer, installation: Installation) -> Org:
    """The mock CRM of an installation.

    Raises:
        ConflictError: Its connection is a live one.
    """
    org = server.connections.org(installation.id)
    if org is None:
        what = f"The CRM of {installation.integration} for {installation.group!r} is a live one."
        raise ConflictError(what, "Look at its records in the CRM itself.")
    return org
