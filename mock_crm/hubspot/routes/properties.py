"""Properties and property groups."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import (
    bodies,
    errors,
    guards,
    property_definitions,
    query,
    request_models,
    responses,
)
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.model import Property, PropertyGroup, property_body
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.scopes import schema_scopes

API = "crm/properties"
_ONE = "/{objectType}/{propertyName}"
_GROUPS = "/{objectType}/groups"
_GROUP_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", API, "/{objectType}", list_properties),
        Endpoint("POST", API, "/{objectType}", create),
        Endpoint("POST", API, "/{objectType}/batch/create", create_batch),
        Endpoint("POST", API, "/{objectType}/batch/read", read_batch),
        Endpoint("POST", API, "/{objectType}/batch/archive", archive_batch),
        Endpoint("GET", API, _GROUPS, list_groups),
        Endpoint("POST", API, _GROUPS, create_group),
        Endpoint("GET", API, f"{_GROUPS}/{{groupName}}", read_group),
        Endpoint("PATCH", API, f"{_GROUPS}/{{groupName}}", update_group),
        Endpoint("DELETE", API, f"{_GROUPS}/{{groupName}}", archive_group),
        Endpoint("GET", API, _ONE, read),
        Endpoint("PATCH", API, _ONE, update),
        Endpoint("DELETE", API, _ONE, archive),
    ]


def list_properties(request: Request, org: HubSpotContext) -> Response:
    """All properties of an object type."""
    schema = _schema(request, org, "read")
    return responses.answer({"results": [property_body(prop) for prop in _shown(request, schema).values()]})


def create(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, "write")
    prop = _add(org, schema, bodies.read(request, request_models.PropertyInput))
    return responses.created(request, property_body(prop), prop.name)


def create_batch(request: Request, org: HubSpotContext) -> Response:
    """Several new properties; those whose names are taken are reported, the others created."""
    schema = _schema(request, org, "write")
    inputs = bodies.need_at_most(bodies.read(request, request_models.PropertyBatch).inputs)
    results: list[Any] = []
    refused = []
    for given in inputs:
        try:
            results.append(property_body(_add(org, schema, given), is_batch=True))
        except HubSpotError as error:
            refused.append(error)
    if refused and not results and refused[0].status == 400:
        raise refused[0]
    return responses.batch_body(org, results, [error.item() for error in refused], status=201)


def read_batch(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, "read")
    given = bodies.read(request, request_models.NameBatch)
    source = schema.archived if given.archived else schema.properties
    results = [property_body(source[item.name]) for item in given.inputs if item.name in source]
    missing = [item.name for item in given.inputs if item.name not in source]
    refused = [errors.no_such_property(name, schema.type.plural).item() for name in missing]
    return responses.batch_body(org, results, refused)


def archive_batch(request: Request, org: HubSpotContext) -> Response:
    """Archive several properties; unknown names are no error."""
    schema = _schema(request, org, "write")
    names = [item.name for item in bodies.read(request, request_models.NameBatch).inputs]
    found = [schema.properties[name] for name in dict.fromkeys(names) if name in schema.properties]
    for prop in found:
        property_definitions.check_archivable(schema, prop)
    for prop in found:
        _bury(org, schema, prop)
    return responses.no_content()


def read(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, "read")
    source = _shown(request, schema)
    return responses.answer(property_body(_need(schema, source, request.params["propertyName"])))


def update(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, "write")
    prop = _need(schema, schema.properties, request.params["propertyName"])
    at = org.now_ms()
    changed = property_definitions.changed_property(
        schema, prop, bodies.read(request, request_models.PropertyChange), at
    )
    org.schema.save_property(schema, changed, at)
    return responses.answer(property_body(changed))


def archive(request: Request, org: HubSpotContext) -> Response:
    """Move a property to the recycle bin."""
    schema = _schema(request, org, "write")
    prop = _need(schema, schema.properties, request.params["propertyName"])
    property_definitions.check_archivable(schema, prop)
    _bury(org, schema, prop)
    return responses.no_content()


# -- groups --------------------------------------------------------------------------------------------------


def list_groups(request: Request, org: HubSpotContext) -> Response:
    """All property groups of an object type."""
    schema = _schema(request, org, "read")
    return responses.answer({"results": list(schema.groups.values())})


def create_group(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, "write")
    given = bodies.read(request, request_models.GroupInput)
    if _GROUP_NAME.fullmatch(given.name) is None:
        raise errors.invalid(f"{given.name!r} is not a valid name of a property group.")
    if given.name in schema.groups:
        raise errors.group_exists(given.name)
    group = PropertyGroup(given.name, given.label, -1 if given.display_order is None else given.display_order)
    org.schema.save_group(schema, group, org.now_ms())
    return responses.created(request, group, group.name)


def read_group(request: Request, org: HubSpotContext) -> Response:
    return responses.answer(_need_group(_schema(request, org, "read"), request))


def update_group(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, "write")
    group = _need_group(schema, request)
    given = bodies.read(request, request_models.GroupChange)
    changed = msgspec.structs.replace(
        group,
        label=group.label if given.label is None else given.label,
        display_order=group.display_order if given.display_order is None else given.display_order,
    )
    org.schema.save_group(schema, changed, org.now_ms())
    return responses.answer(changed)


def archive_group(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, "write")
    group = _need_group(schema, request)
    if any(prop.group_name == group.name for prop in schema.properties.values()):
        raise errors.group_in_use()
    org.schema.save_group(schema, msgspec.structs.replace(group, archived=True), org.now_ms())
    return responses.no_content()


# -- inside --------------------------------------------------------------------------------------------------


def _shown(request: Request, schema: TypeSchema) -> dict[str, Property]:
    """The properties that a reader asks for: living or archived ones, of one sensitivity."""
    found = schema.archived if query.flag_in(request, "archived") else schema.properties
    wanted = request.query.get("dataSensitivity", "non_sensitive")
    return {name: prop for name, prop in found.items() if prop.data_sensitivity == wanted}


def _schema(request: Request, org: HubSpotContext, access: str) -> TypeSchema:
    schema = org.schema.need(request.params["objectType"])
    guards.need_scope(request, schema_scopes(schema.type, access))
    return schema


def _need(schema: TypeSchema, source: dict[str, Property], name: str) -> Property:
    prop = source.get(name)
    if prop is None:
        raise errors.no_such_property(name, schema.type.plural)
    return prop


def _need_group(schema: TypeSchema, request: Request) -> PropertyGroup:
    group = schema.groups.get(request.params["groupName"])
    if group is None:
        raise errors.no_such_group(request.params["groupName"])
    return group


def _add(org: HubSpotContext, schema: TypeSchema, given: request_models.PropertyInput) -> Property:
    at = org.now_ms()
    prop = property_definitions.new_property(schema, given, org.edition, at)
    org.schema.save_property(schema, prop, at)
    return prop


def _bury(org: HubSpotContext, schema: TypeSchema, prop: Property) -> None:
    at = org.now_ms()
    org.schema.save_property(schema, msgspec.structs.replace(prop, archived_at=at), at)
