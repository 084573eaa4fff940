"""The endpoints of Ampersand's API for projects, integrations and revisions."""

from __future__ import annotations

from typing import Any

from ampsandbox.engine.crm import ObjectDescription
from ampsandbox.manifest.content import integration_content
from ampsandbox.manifest.model import Integration, Provider
from ampsandbox.server.ampersand_api import models
from ampsandbox.server.ampersand_api.endpoint import ApiCall, ApiEndpoint
from ampsandbox.server.ampersand_api.problems import ProblemError
from ampsandbox.server.ampersand_api.views import object_fields
from ampsandbox.service.metadata import describe_all, object_label

_READ_MEMBERS = ("mapToName", "mapToDisplayName", "optionalFieldsAuto", "backfill")


async def _projects(call: ApiCall) -> Any:
    return [call.api.views.project(_app_name(call))]


async def _project(call: ApiCall) -> Any:
    has_entitlements = call.query.get("includeEntitlements") == "true"
    return call.api.views.project(_app_name(call), has_entitlements=has_entitlements)


async def _integrations(call: ApiCall) -> Any:
    return [call.api.views.integration(each) for each in call.platform.integrations]


async def _integration(call: ApiCall) -> Any:
    return call.api.views.integration(call.integration)


async def _hydrate(call: ApiCall) -> Any:
    """The manifest with what the CRM of a connection says of its objects and fields."""
    integration = call.integration
    if call.path["revision"] != call.platform.revision_id(integration):
        raise ProblemError(
            404,
            f"Revision not found: {call.path['revision']}.",
            "The manifest has changed since; take latestRevision.id of the integration anew.",
        )
    group = _group_of(call)
    if group is None or integration.provider not in set(Provider):
        return call.api.views.revision(integration, integration_content(integration))
    return call.api.views.revision(integration, await _hydrated(call, integration, group))


def _group_of(call: ApiCall) -> str | None:
    """Whose CRM is asked: that of the connection, or that of the only one there is."""
    if (connection_id := call.query.get("connectionId")) is not None:
        return call.platform.authorization(connection_id).group
    known = call.platform.authorizations(call.integration.provider)
    return known[0].group if known else None


async def _hydrated(call: ApiCall, integration: Integration, group: str) -> dict[str, Any]:
    content = integration_content(integration)
    names = [*(each.name for each in integration.reads), *(each.name for each in integration.objects)]
    async with call.platform.look(integration, group) as crm:
        described = await describe_all(crm, integration.provider, names)
    if integration.reads:
        listed = [each for each in content["read"]["objects"] if each.get("objectName") in described]
        objects = [_read(integration, each, described[each["objectName"]]) for each in listed]
        content["read"] = {"objects": objects}
    if integration.objects:
        content["write"] = {
            "objects": [
                {
                    "objectName": each.name,
                    "displayName": object_label(integration.provider, each.name, described[each.name]),
                }
                for each in integration.objects
            ]
        }
    return content


def _read(
    integration: Integration, read: dict[str, Any], described: ObjectDescription | None
) -> dict[str, Any]:
    provider = Provider(integration.provider)
    name = read["objectName"]
    found: dict[str, Any] = {
        "objectName": name,
        "displayName": object_label(provider, name, described),
        "destination": read.get("destination", ""),
        "schedule": read.get("schedule", ""),
    }
    found |= {key: read[key] for key in _READ_MEMBERS if key in read}
    if described is None:
        return found | {"error": f"{provider.label} has no object {name!r} that the connected user can see."}
    fields = object_fields(provider, described)
    for kind in ("requiredFields", "optionalFields"):
        found[kind] = [_field(each, fields) for each in read.get(kind) or [] if isinstance(each, dict)]
    # Deprecated in the schema, and what the React component of 2.16 fills its lists of fields from.
    listed = [{"fieldName": each.field_name, "displayName": each.display_name} for each in fields.values()]
    return found | {"allFieldsMetadata": fields, "allFields": listed}


def _field(field: dict[str, Any], fields: dict[str, models.FieldMetadata]) -> dict[str, Any]:
    """A field with its label, unless it is for the customer to map."""
    if (name := field.get("fieldName")) is None:
        return field
    known = fields.get(str(name).lower())
    return field | {"displayName": known.display_name if known else name}


def _app_name(call: ApiCall) -> str | None:
    manifest = call.api.service.context.engine.manifest
    return manifest.app_name if manifest else None


OPERATIONS = (
    ApiEndpoint("GET", "/projects", "listProjects", _projects),
    ApiEndpoint("GET", "/projects/{project}", "getProject", _project),
    ApiEndpoint("GET", "/projects/{project}/integrations", "listIntegrations", _integrations),
    ApiEndpoint("GET", "/projects/{project}/integrations/{integration}", "getIntegration", _integration),
    ApiEndpoint(
        "GET",
        "/projects/{project}/integrations/{integration}/revisions/{revision}:hydrate",
        "getHydratedRevision",
        _hydrate,
    ),
)
