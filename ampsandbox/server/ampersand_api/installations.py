"""The endpoints of Ampersand's API for installations."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final, Literal

import msgspec

from ampsandbox.engine.model import Installation
from ampsandbox.server.ampersand_api.endpoint import ApiCall, ApiEndpoint
from ampsandbox.server.ampersand_api.problems import ApiIssue, ProblemError
from ampsandbox.server.write_api_v1_bodies import operation_content

_PAGE_SIZE: Final = 200
_MAX_PAGE_SIZE: Final = 1_000


class NewConfig(msgspec.Struct, rename="camel"):
    """What the customer chose, and who chose it."""

    content: dict[str, Any]
    created_by: str | None = None


class CreateInstallationRequest(msgspec.Struct, rename="camel"):
    """The body of createInstallation: who installs, and the config chosen."""

    group_ref: str
    config: NewConfig
    connection_id: str | None = None


class UpdateInstallationRequest(msgspec.Struct, rename="camel"):
    """The body of updateInstallation: the members to change, and their new values."""

    update_mask: list[str]
    installation: dict[str, Any]


class PatchRequest(msgspec.Struct, rename="camel"):
    """How one object's config changes (openapi: patchObjectConfigContent)."""

    action: Literal["read", "write", "subscribe"]
    changes: list[dict[str, Any]]
    group_ref: str | None = None
    installation_id: str | None = None


async def _list(call: ApiCall) -> Any:
    found = call.platform.installations(call.integration, call.query.get("groupRef"))
    return [call.api.views.installation(each) for each in found]


async def _list_all(call: ApiCall) -> Any:
    found = call.platform.installations(group=call.query.get("groupRef"))
    return [call.api.views.installation(each) for each in found]


async def _create(call: ApiCall) -> Any:
    asked: CreateInstallationRequest = call.body
    if not asked.group_ref:
        issue = ApiIssue("body", "groupRef", "is empty", "Name the group that installs.")
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


async def _get(call: ApiCall) -> Any:
    return call.api.views.installation(_named(call))


async def _update(call: ApiCall) -> Any:
    asked: UpdateInstallationRequest = call.body
    if not asked.update_mask:
        issue = ApiIssue(
            "body", "updateMask", "is empty", "Name what changes, such as config.content.write.objects."
        )
        raise ProblemError(400, "updateMask is empty: nothing would change.", issue.remedy, (issue,))
    updated = await call.platform.update_installation(
        _named(call), asked.installation, asked.update_mask, skip_sampling=_skips_sampling(call)
    )
    return call.api.views.installation(updated)


async def _delete(call: ApiCall) -> None:
    await call.platform.delete_installation(_named(call))


async def _patch_object(call: ApiCall) -> Any:
    asked: PatchRequest = call.body
    if asked.installation_id:
        found = call.platform.installation(asked.installation_id, call.integration)
    elif asked.group_ref:
        found = call.platform.installed(call.integration, asked.group_ref)
    else:
        issue = ApiIssue("body", "groupRef", "is missing", "Give groupRef or installationId.")
        raise ProblemError(400, "Either groupRef or installationId is required.", issue.remedy, (issue,))
    if not asked.changes:
        issue = ApiIssue("body", "changes", "is empty", "Give at least one change.")
        raise ProblemError(400, "changes is empty: nothing would change.", issue.remedy, (issue,))
    changed = await call.platform.patch_object(found, asked.action, call.path["object"], asked.changes)
    return call.api.views.installation(changed)


def _named(call: ApiCall) -> Installation:
    return call.platform.installation(call.path["installation"], call.integration)


def _skips_sampling(call: ApiCall) -> bool:
    return call.query.get("skipSampling") == "true"


_INTEGRATION = "/projects/{project}/integrations/{integration}"
_ALL = f"{_INTEGRATION}/installations"
_ONE = f"{_ALL}/{{installation}}"


async def _list_operations(call: ApiCall) -> Any:
    installation = call.platform.installation(call.path["installation"], call.integration)
    size = _page_size(call.query.get("pageSize", str(_PAGE_SIZE)))
    found = call.platform.operations.of_installation(installation.id, call.query.get("pageToken"))
    page = list(islice(found, size + 1))
    ids = call.platform.ids_of(installation.id)
    pagination: dict[str, Any] = {"done": len(page) <= size}
    if not pagination["done"]:
        pagination["nextPageToken"] = page[size - 1].id
    return {"results": [operation_content(each, ids) for each in page[:size]], "pagination": pagination}


def _page_size(text: str) -> int:
    if text.isdecimal() and 1 <= len(text) <= 4 and 1 <= int(text) <= _MAX_PAGE_SIZE:
        return int(text)
    rule = f"must be a whole number from 1 to {_MAX_PAGE_SIZE}"
    issue = ApiIssue("query", "pageSize", rule, "Leave it out for 200.", text)
    raise ProblemError(400, f"pageSize {rule}.", issue.remedy, (issue,))


OPERATIONS = (
    ApiEndpoint("GET", f"{_ONE}/operations", "listOperations", _list_operations),
    ApiEndpoint("GET", "/projects/{project}/installations", "listInstallationsForProject", _list_all),
    ApiEndpoint("GET", _ALL, "listInstallations", _list),
    ApiEndpoint("POST", _ALL, "createInstallation", _create, CreateInstallationRequest, 201),
    ApiEndpoint("GET", _ONE, "getInstallation", _get),
    ApiEndpoint("PATCH", _ONE, "updateInstallation", _update, UpdateInstallationRequest),
    ApiEndpoint("DELETE", _ONE, "deleteInstallation", _delete, status=204),
    ApiEndpoint(
        "PATCH",
        f"{_INTEGRATION}/objects/{{object}}/config-content",
        "patchObjectConfigContent",
        _patch_object,
        PatchRequest,
    ),
)
