"""Custom object schemas: definition, labels, display properties and associations of object types."""

from __future__ import annotations

import re
from collections.abc import Iterable
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
from mock_crm.hubspot.model import AssociationType, ObjectType, PropertyGroup, property_body
from mock_crm.hubspot.portal import USER_ID
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.timestamps import iso_ms

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
_MOST_CHARACTERS = 50
# What of a definition names properties, and the reason that a wrong name is refused for.
_NAMING = {
    "primaryDisplayProperty": "ObjectSchemasSandboxesSyncErrorType.INVALID_PRIMARY_DISPLAY_PROPERTY",
    "secondaryDisplayProperties": "ObjectSchemasSandboxesSyncErrorType.INVALID_SECONDARY_DISPLAY_PROPERTY",
    "requiredProperties": "InvalidPropertiesError.INVALID_REQUIRED_PROPERTIES",
    "searchableProperties": "ObjectSchemasSandboxesSyncErrorType.INVALID_SEARCHABLE_PROPERTIES",
}
# Activities can be logged on every object (documented).
_ACTIVITIES = ("0-48", "0-49", "0-47", "0-46", "0-27", "0-18", "0-116")


def endpoints() -> list[Endpoint]:
    found = []
    for api in ("crm-object-schemas/schemas", "crm/schemas"):
        found += [
            Endpoint("GET", api, "", list_schemas),
            Endpoint("POST", api, "", create),
            Endpoint("GET", api, "/{objectType}", read),
            Endpoint("PATCH", api, "/{objectType}", update),
            Endpoint("DELETE", api, "/{objectType}", delete),
            Endpoint("POST", api, "/{objectType}/associations", associate),
            Endpoint("DELETE", api, "/{objectType}/associations/{associationIdentifier}", dissociate),
        ]
    return found


def list_schemas(request: Request, org: HubSpotContext) -> Response:
    _need_scope(request, org, "read")
    archived = query.flag_in(request, "archived")  # those that are not are listed as well (live)
    kinds = [kind for kind in org.schema.all_types() if kind.is_custom and (archived or not kind.archived)]
    return responses.answer({"results": [schema_body(org, org.schema.of(kind)) for kind in kinds]})


def create(request: Request, org: HubSpotContext) -> Response:
    """A new custom object, with its first properties and the associations it asks for."""
    _need_scope(request, org, "write")
    given = bodies.read(request, request_models.SchemaInput)
    targets = [org.schema.need(name).type for name in given.associated_objects or ()]
    display = _check_new(org, given)
    at = org.now_ms()
    try:
        with org.store.transaction():
            _remove_archived(org, given.name)
            schema = _define(org, given, display, targets, at)
    except errors.HubSpotError:
        org.schema.forget()
        org.association_types.forget()
        raise
    return responses.created(request, schema_body(org, schema), schema.type.id)


def read(request: Request, org: HubSpotContext) -> Response:
    """One object type; standard ones have a schema too."""
    _need_scope(request, org, "read")
    return responses.answer(schema_body(org, _schema(request, org)))


def update(request: Request, org: HubSpotContext) -> Response:
    """Change a custom object; the answer leaves properties and associations out."""
    _need_scope(request, org, "write")
    schema = _schema(request, org)
    given = bodies.read(request, request_models.SchemaChange)
    kind, labels = schema.type, given.labels
    if kind.allows_sensitive and given.allows_sensitive_properties is False:
        raise errors.sensitive_stays()
    singular, plural = kind.labels
    changed = msgspec.structs.replace(
        kind,
        labels=((labels.singular or singular, labels.plural or plural) if labels else kind.labels),
        required=_or(given.required_properties, kind.required),
        display=given.primary_display_property or kind.display,
        secondary=_or(given.secondary_display_properties, kind.secondary),
        searchable=_or(given.searchable_properties, kind.searchable),
        description="" if given.clear_description else _or(given.description, kind.description),
        updated_at=org.now_ms(),
    )
    _check_named(schema, changed)
    org.schema.save_type(changed, org.now_ms())
    return responses.answer(_definition(changed))


def delete(request: Request, org: HubSpotContext) -> Response:
    """Remove a custom object without records; `archived=true` removes an archived one for good."""
    _need_scope(request, org, "write")
    kind = _type_to_delete(request, org)
    if query.flag_in(request, "archived"):
        if not kind.archived:
            raise errors.no_archived_schema()
        _remove(org, kind)
        return responses.no_content()
    if org.store.count(kind.id):
        raise errors.schema_in_use(kind.id)
    org.schema.save_type(msgspec.structs.replace(kind, archived=True), org.now_ms())
    return responses.no_content()


def associate(request: Request, org: HubSpotContext) -> Response:
    """Let a custom object be associated with another object type."""
    _need_scope(request, org, "write")
    _schema(request, org)
    given = bodies.read(request, request_models.SchemaAssociationInput)
    source = org.schema.need(given.from_object_type_id).type
    target = org.schema.need(given.to_object_type_id).type
    kind = _link_types(org, source, target, given.name or "", "USER_DEFINED", org.now_ms())
    return responses.answer(_association_body(kind, org.now_ms()), 201)


def dissociate(request: Request, org: HubSpotContext) -> Response:
    """Take back a way in which a custom object may be associated; an unknown one is no error."""
    _need_scope(request, org, "write")
    schema = _schema(request, org)
    wanted = request.params["associationIdentifier"]
    for kind in org.association_types.touching(schema.type.id):
        if wanted in (str(kind.id), kind.name) and kind.category == "USER_DEFINED":
            org.association_types.remove(kind)
    return responses.no_content()


# -- bodies --------------------------------------------------------------------------------------------------


def schema_body(org: HubSpotContext, schema: TypeSchema) -> dict[str, Any]:
    """An object type with its properties and associations, as the API shows it."""
    kind = schema.type
    links = sorted(org.association_types.touching(kind.id), key=lambda a: a.id)
    return _definition(kind) | {
        "properties": [property_body(prop) for prop in schema.properties.values()],
        # Not one of 1,310 associations that were read in 2021 and 2022 said when it was defined.
        "associations": [_association_body(link, None) for link in links],
        "name": kind.name,
    }


def _definition(kind: ObjectType) -> dict[str, Any]:
    user = USER_ID if kind.is_custom else None
    singular, plural = kind.labels
    return {
        "labels": {"singular": singular, "plural": plural},
        "requiredProperties": kind.required,
        "searchableProperties": kind.searchable,
        "primaryDisplayProperty": kind.display,
        "secondaryDisplayProperties": kind.secondary,
        "description": kind.description or None,
        "allowsSensitiveProperties": kind.is_custom and kind.allows_sensitive,
        "archived": kind.archived,
        "restorable": True,
        "metaType": "PORTAL_SPECIFIC" if kind.is_custom else "HUBSPOT",
        "id": kind.id.partition("-")[2],
        "fullyQualifiedName": kind.fully_qualified_name,
        "createdAt": iso_ms(kind.created_at),
        "updatedAt": iso_ms(kind.updated_at),
        "createdByUserId": user,
        "updatedByUserId": user,
        "objectTypeId": kind.id,
        "name": kind.name,
    }


def _association_body(kind: AssociationType, at: int | None) -> dict[str, Any]:
    moment = None if at is None else iso_ms(at)
    return {
        "fromObjectTypeId": kind.source,
        "toObjectTypeId": kind.target,
        "name": kind.name,
        "cardinality": "ONE_TO_MANY",
        "inverseCardinality": "ONE_TO_MANY",
        "id": str(kind.id),
        "createdAt": moment,
        "updatedAt": moment,
    }


# -- defining ------------------------------------------------------------------------------------------------


def _check_new(org: HubSpotContext, given: request_models.SchemaInput) -> str:
    """Refuse a definition that HubSpot does not take; the property that it shows its records by."""
    if _NAME.fullmatch(given.name) is None:
        raise errors.schema_name_invalid(given.name)
    for label in (given.labels.singular, given.labels.plural):
        if label and len(label) > _MOST_CHARACTERS:
            raise errors.invalid(f"The label {label} is longer than {_MOST_CHARACTERS} characters.")
    if not given.primary_display_property:
        raise errors.no_display_property()
    custom = [kind for kind in org.schema.types() if kind.is_custom]
    if any(kind.name.lower() == given.name.lower() for kind in custom):
        raise errors.schema_exists(given.name)
    if len(custom) >= org.edition.custom_objects:
        raise errors.schema_limit(org.edition.custom_objects)
    return given.primary_display_property


def _remove_archived(org: HubSpotContext, name: str) -> None:
    """Drop an archived custom object whose name is wanted (live)."""
    for kind in org.schema.all_types():
        if kind.is_custom and kind.archived and kind.name.lower() == name.lower():
            _remove(org, kind)


def _remove(org: HubSpotContext, kind: ObjectType) -> None:
    org.association_types.forget_type(kind.id)
    org.schema.remove_type(kind)


def _define(
    org: HubSpotContext,
    given: request_models.SchemaInput,
    display: str,
    targets: Iterable[ObjectType],
    at: int,
) -> TypeSchema:
    number = 10_000_000 + org.store.next_number("custom objects") + org.portal_id % 1_000_000 * 10
    singular = given.labels.singular or given.name
    kind = ObjectType(
        id=f"2-{number}",
        name=given.name,
        plural=given.name,
        singular=given.name,
        labels=(singular, given.labels.plural or singular),
        group=f"{given.name.lower()}_information",
        display=display,
        scope="custom",
        fully_qualified_name=f"p{org.portal_id}_{given.name}",
        secondary=list(given.secondary_display_properties or []),
        searchable=list(given.searchable_properties or ["hs_object_id"]),
        required=list(given.required_properties or []),
        is_custom=True,
        description=given.description or "",
        allows_sensitive=given.allows_sensitive_properties is not False,
        created_at=at,
        updated_at=at,
    )
    org.schema.save_type(kind, at)
    schema = org.schema.of(kind)
    if kind.group not in schema.groups:
        org.schema.save_group(schema, PropertyGroup(kind.group, f"{singular} Information"), at)
    for item in given.properties or ():
        _define_property(org, schema, item, at)
    _check_named(schema, kind)
    for target in targets:
        _link_types(org, kind, target, "", "USER_DEFINED", at)
    for activity in _ACTIVITIES:
        _link_types(org, kind, org.schema.need(activity).type, "", "HUBSPOT_DEFINED", at)
    return schema


def _define_property(
    org: HubSpotContext, schema: TypeSchema, item: request_models.SchemaPropertyInput, at: int
) -> None:
    values = {name: getattr(item, name) for name in item.__struct_fields__}
    group = values.pop("group_name") or schema.type.group
    if group not in schema.groups:
        org.schema.save_group(schema, PropertyGroup(group, group.replace("_", " ").capitalize()), at)
    given = request_models.PropertyInput(**values, group_name=group)
    org.schema.save_property(schema, property_definitions.new_property(schema, given, org.edition, at), at)


def _check_named(schema: TypeSchema, kind: ObjectType) -> None:
    """Refuse a definition that names properties which do not exist."""
    named = ([kind.display], kind.secondary, kind.required, kind.searchable)
    for (member, code), names in zip(_NAMING.items(), named, strict=True):
        if any(name not in schema.properties for name in names):
            raise errors.schema_names_unknown(member, names, code)


def _link_types(
    org: HubSpotContext, source: ObjectType, target: ObjectType, name: str, category: str, at: int
) -> AssociationType:
    here = org.association_types.next_id()
    there = here if source.id == target.id else org.association_types.next_id()
    label = name or f"{source.name}_to_{target.name}".lower()
    kind = AssociationType(here, source.id, target.id, label, None, there, category)
    org.association_types.save(kind, at)
    if there != here:
        back = f"{target.name}_to_{source.name}".lower()
        org.association_types.save(
            AssociationType(there, target.id, source.id, back, None, here, category), at
        )
    return kind


def _schema(request: Request, org: HubSpotContext) -> TypeSchema:
    found = org.schema.find(request.params["objectType"])
    if found is None:
        raise errors.unknown_object_type(request.params["objectType"])
    return found


def _type_to_delete(request: Request, org: HubSpotContext) -> ObjectType:
    wanted = request.params["objectType"].lower()
    archived = query.flag_in(request, "archived")
    for kind in org.schema.all_types():
        names = (kind.id, kind.fully_qualified_name.lower(), f"p_{kind.name.lower()}")
        if kind.is_custom and wanted in names and (archived or not kind.archived):
            return kind
    if org.schema.find(wanted) is not None:
        raise errors.invalid(f"Object type {wanted} is defined by HubSpot and cannot be deleted.")
    raise errors.unknown_object_type(request.params["objectType"])


def _need_scope(request: Request, org: HubSpotContext, access: str) -> None:
    is_dated = not any(segment == "v3" for segment in request.segments[:3])
    guards.need_scope(request, (f"crm.schemas.custom.{access}",), in_context=is_dated)


def _or(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value
