"""Object metadata: describing objects, and creating custom fields."""

from __future__ import annotations

from typing import Any

import msgspec

from ampsandbox.crm.field_definitions import FieldDefinition, FieldUpsert
from ampsandbox.manifest.model import Integration
from ampsandbox.server.ampersand_api import models
from ampsandbox.server.ampersand_api.endpoint import ApiCall, ApiEndpoint
from ampsandbox.server.ampersand_api.problems import ApiIssue, ProblemError
from ampsandbox.server.ampersand_api.views import object_fields
from ampsandbox.service.metadata import describe, upsert_fields


class UpsertMetadataRequest(msgspec.Struct, rename="camel"):
    """The custom fields that objects are to have (openapi: UpsertMetadataRequest)."""

    group_ref: str
    fields: dict[str, list[FieldDefinition]]


async def _describe_installed(call: ApiCall) -> Any:
    integration = call.integration
    call.platform.installed(integration, _group(call))
    return await _described(call, integration)


async def _describe_connected(call: ApiCall) -> Any:
    return await _described(call, call.platform.integration_of(call.path["provider"], _group(call)))


async def _described(call: ApiCall, integration: Integration) -> Any:
    async with call.platform.look(integration, _group(call)) as crm:
        found = await describe(crm, integration.provider, call.path["object"], integration)
    without_read_only = call.query.get("excludeReadOnly") == "true"
    return models.ObjectMetadata(
        name=found.name,
        display_name=found.label,
        mapped_object_name=found.mapped_name,
        fields=object_fields(integration.provider, found.described, without_read_only=without_read_only),
    )


async def _upsert_installed(call: ApiCall) -> Any:
    asked: UpsertMetadataRequest = call.body
    integration = call.integration
    call.platform.installed(integration, asked.group_ref)
    return await _upserted(call, integration)


async def _upsert_connected(call: ApiCall) -> Any:
    asked: UpsertMetadataRequest = call.body
    integration = call.platform.integration_of(call.path["provider"], asked.group_ref)
    answer = await _upserted(call, integration)
    await call.platform.remember_fields(
        call.path["provider"], asked.group_ref, msgspec.to_builtins(asked.fields)
    )
    return answer


async def _upserted(call: ApiCall, integration: Integration) -> models.MetadataUpsert:
    asked: UpsertMetadataRequest = call.body
    async with call.platform.look(integration, asked.group_ref) as crm:
        results = await upsert_fields(crm, integration.provider, asked.fields)
    refused = [(name, each) for name, all_ in results.items() for each in all_ if each.error]
    if refused:
        issues = tuple(ApiIssue("body", f"fields.{name}.{each.name}", each.error) for name, each in refused)
        causes = tuple(f"{name}.{each.name}: {each.error}" for name, each in refused)
        raise ProblemError(
            400,
            f"The CRM refused {len(refused)} of the fields: {'; '.join(causes)}",
            "Mend these definitions, and send all of them again: what exists as wanted is left alone.",
            issues,
            causes,
        )
    fields = {name: {each.name: _upsert(each) for each in all_} for name, all_ in results.items()}
    return models.MetadataUpsert(success=True, fields=fields)


def _upsert(each: FieldUpsert) -> models.UpsertedField:
    return models.UpsertedField(
        field_name=each.name,
        action=each.action,
        metadata=each.metadata or None,
        warnings=list(each.warnings) or None,
    )


def _group(call: ApiCall) -> str:
    group = call.query.get("groupRef", "")
    if not group:
        issue = ApiIssue("query", "groupRef", "is missing", "Add ?groupRef=… to the URL.")
        raise ProblemError(400, "The query parameter groupRef is missing.", issue.remedy, (issue,))
    return group


_INTEGRATION = "/projects/{project}/integrations/{integration}"
_PROVIDER = "/projects/{project}/providers/{provider}"
OPERATIONS = (
    ApiEndpoint(
        "GET",
        f"{_INTEGRATION}/objects/{{object}}/metadata",
        "getObjectMetadataForInstallation",
        _describe_installed,
    ),
    ApiEndpoint(
        "GET",
        f"{_PROVIDER}/objects/{{object}}/metadata",
        "getObjectMetadataForConnection",
        _describe_connected,
    ),
    ApiEndpoint(
        "PUT",
        f"{_INTEGRATION}/object-metadata",
        "upsertMetadataForInstallation",
        _upsert_installed,
        UpsertMetadataRequest,
    ),
    ApiEndpoint(
        "PUT",
        f"{_PROVIDER}/object-metadata",
        "upsertMetadataForConnection",
        _upsert_connected,
        UpsertMetadataRequest,
    ),
)
