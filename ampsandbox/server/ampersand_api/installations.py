"""Installations: creating, listing, changing, deleting."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ampsandbox.engine.model import Installation
from ampsandbox.server.ampersand_api.endpoint import Call, Operation
from ampsandbox.server.ampersand_api.problems import Issue, ProblemError


class NewConfig(msgspec.Struct, rename="camel"):
    """What the customer chose, and who chose it."""

    content: dict[str, Any]
    created_by: str | None = None


class CreateRequest(msgspec.Struct, rename="camel"):
    """Who installs (openapi: createInstallation)."""

    group_ref: str
    config: NewConfig
    connection_id: str | None = None


class UpdateRequest(msgspec.Struct, rename="camel"):
    """What changes (openapi: updateInstallation)."""

    update_mask: list[str]
    installation: dict[str, Any]


class PatchRequest(msgspec.Struct, rename="camel"):
    """How one object's config changes (openapi: patchObjectConfigContent)."""

    action: Literal["read", "write", "subscribe"]
    changes: list[dict[str, Any]]
    group_ref: str | None = None
    installation_id: str | None = None


async def _list(call: Call) -> Any:
    found = call.platform.installations(call.integration, call.query.get("groupRef"))
    return [call.api.views.installation(each) for each in found]


async def _list_all(call: Call) -> Any:
    found = call.platform.installations(group=call.query.get("groupRef"))
    return [call.api.views.installation(each) for each in found]


async def _create(call: Call) -> Any:
    asked: CreateRequest = call.body
    if not asked.group_ref:
        issue = Issue("body", "groupRef", "is empty", "Name the group that installs.")
        raise ProblemError(400, "groupRef is empty.", issue.remedy, (issue,))
    created = await call.platform.create_installation(
        call.integration,
        asked.group_ref,
        asked.config.content,
        asked.config.created_by or "api:create-installation",
        asked.connection_id,
        skip_sampling=_skips_sampling(call),
    )
    return call.api.views.installation(created)


async def _get(call: Call) -> Any:
    return call.api.views.installation(_named(call))


async def _update(call: Call) -> Any:
    asked: UpdateRequest = call.body
    if not asked.update_mask:
        issue = Issue(
            "body", "updateMask", "is empty", "Name what changes, such as config.content.write.objects."
        )
        raise ProblemError(400, "updateMask is empty: nothing would change.", issue.remedy, (issue,))
    updated = await call.platform.update_installation(
        _named(call), asked.installation, asked.update_mask, skip_sampling=_skips_sampling(call)
    )
    return call.api.views.installation(updated)


async def _delete(call: Call) -> None:
    await call.platform.delete_installation(_named(call))


async def _patch_object(call: Call) -> Any:
    asked: PatchRequest = call.body
    if asked.installation_id:
        found = call.platform.installation(asked.installation_id, call.integration)
    elif asked.group_ref:
        found = call.platform.installed(call.integration, asked.group_ref)
    else:
        issue = Issue("body", "groupRef", "is missing", "Give groupRef or installationId.")
        raise ProblemError(400, "Either groupRef or installationId is required.", issue.remedy, (issue,))
    if not asked.changes:
        issue = Issue("body", "changes", "is empty", "Give at least one change.")
        raise ProblemError(400, "changes is empty: nothing would change.", issue.remedy, (issue,))
    changed = await call.platform.patch_object(found, asked.action, call.path["object"], asked.changes)
    return call.api.views.installation(changed)


def _named(call: Call) -> Installation:
    return call.platform.installation(call.path["installation"], call.integration)


def _skips_sampling(call: Call) -> bool:
    return call.query.get("skipSampling") == "true"


_INTEGRATION = "/projects/{project}/integrations/{integration}"
_ALL = f"{_INTEGRATION}/installations"
_ONE = f"{_ALL}/{{installation}}"
OPERATIONS = (
    Operation("GET", "/projects/{project}/installations", "listInstallationsForProject", _list_all),
    Operation("GET", _ALL, "listInstallations", _list),
    Operation("POST", _ALL, "createInstallation", _create, CreateRequest, 201),
    Operation("GET", _ONE, "getInstallation", _get),
    Operation("PATCH", _ONE, "updateInstallation", _update, UpdateRequest),
    Operation("DELETE", _ONE, "deleteInstallation", _delete, status=204),
    Operation(
        "PATCH",
        f"{_INTEGRATION}/objects/{{object}}/config-content",
        "patchObjectConfigContent",
        _patch_object,
        PatchRequest,
    ),
)
