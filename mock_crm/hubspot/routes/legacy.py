"""The oldest generation of paths, which ETL tools still call: properties as bare lists, and pipelines."""

from __future__ import annotations

from typing import Any, Final

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import errors, guards, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.model import Property, PropertyOption
from mock_crm.hubspot.pipelines import Pipeline, Stage
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.scopes import schema_scopes

# Types that tools ask for and that the catalogue has under another name or not at all; those get the
# properties that every type has.
_OTHER_NAMES = {"deal_split": "deals", "form": "notes", "goal": "goal_targets", "engagement": "notes"}
# How texts are shown, by the name or the field type of their property (recorded).
_TEXT_HINTS = {"email": "email", "domain": "domain_name", "phonenumber": "phone_number"}


def endpoints() -> list[Endpoint]:
    note = "reading only"
    return [
        Endpoint("GET", "properties", "/{objectType}/properties", list_properties, ("v1", "v2"),
                 "simplified", note),
        Endpoint("GET", "properties", "/{objectType}/properties/named/{propertyName}", read, ("v1", "v2"),
                 "simplified", note),
        Endpoint("GET", "properties", "/{objectType}/groups", list_groups, ("v1", "v2"), "simplified", note),
        Endpoint("GET", "companies", "/properties", list_company_properties, ("v2",), "simplified", note),
        Endpoint("GET", "crm-pipelines", "/pipelines/{objectType}", list_pipelines, ("v1",), "simplified",
                 note),
        Endpoint("GET", "deals", "/pipelines", list_deal_pipelines, ("v1",), "simplified", note),
    ]  # fmt: skip


def list_properties(request: Request, org: HubSpotContext) -> Response:
    """All properties of an object type."""
    schema = _schema(request, org, request.params["objectType"])
    return responses.answer([_body(prop) for prop in schema.properties.values()])


def read(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, request.params["objectType"])
    name = request.params["propertyName"]
    if name not in schema.properties:
        raise errors.no_such_legacy("Property", f"'{name}'", "PROPERTY_NOT_FOUND")
    return responses.answer(_body(schema.properties[name]))


def list_groups(request: Request, org: HubSpotContext) -> Response:
    """All property groups of an object type."""
    schema = _schema(request, org, request.params["objectType"])
    standard = {prop.group_name for prop in schema.properties.values() if prop.hubspot_defined}
    return responses.answer(
        [
            {
                "name": group.name,
                "displayName": group.label,
                "displayOrder": group.display_order,
                "hubspotDefined": group.name in standard,
            }
            for group in schema.groups.values()
        ]
    )


def list_company_properties(request: Request, org: HubSpotContext) -> Response:
    return responses.answer([_body(prop) for prop in _schema(request, org, "companies").properties.values()])


def list_pipelines(request: Request, org: HubSpotContext) -> Response:
    """All pipelines of an object type."""
    kind = guards.need_type(request, org, "read").type
    found = [_pipeline_body(pipeline) for pipeline in org.pipelines.of(kind.id)]
    more = {"objectType": kind.name, "objectTypeId": kind.id}
    return responses.answer({"results": [body | more for body in found]})


def list_deal_pipelines(request: Request, org: HubSpotContext) -> Response:
    """All pipelines of deals, with what matters of a stage beside its metadata."""
    request.params["objectType"] = "deals"
    kind = guards.need_type(request, org, "read").type
    found = [_pipeline_body(pipeline) for pipeline in org.pipelines.of(kind.id)]
    for stage in (stage for body in found for stage in body["stages"]):
        probability = float(stage["metadata"].get("probability", "0"))
        stage |= {"probability": probability, "closedWon": probability >= 1}
    return responses.answer(found)


def _pipeline_body(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline as old tools know it; timestamps are epoch milliseconds."""
    return {
        "pipelineId": pipeline.id,
        "label": pipeline.label,
        "displayOrder": pipeline.display_order,
        "active": True,
        "default": pipeline.id == "default",
        "staticDefault": pipeline.id == "default",
        "createdAt": pipeline.created_at,
        "updatedAt": pipeline.updated_at,
        "stages": [_stage_body(stage) for stage in pipeline.ordered()],
    }


def _stage_body(stage: Stage) -> dict[str, Any]:
    return {
        "stageId": stage.id,
        "label": stage.label,
        "displayOrder": stage.display_order,
        "metadata": stage.metadata,
        "active": True,
        "createdAt": stage.created_at,
        "updatedAt": stage.updated_at,
    }


def _schema(request: Request, org: HubSpotContext, name: str) -> TypeSchema:
    schema = org.schema.need(_OTHER_NAMES.get(name.lower(), name))
    guards.need_scope(request, schema_scopes(schema.type, "read"))
    return schema


def _option_body(option: PropertyOption, *, is_own: bool) -> dict[str, Any]:
    return {
        "label": option.label,
        "value": option.value,
        "description": option.description if is_own else option.description or None,
        "displayOrder": option.display_order,
        "doubleData": 0.0 if is_own else None,
        "hidden": option.hidden,
        "readOnly": not is_own,
    }


_ALIKE: Final = {
    "mutableDefinitionNotDeletable": False,
    "favorited": False,
    "favoritedOrder": -1,
    "displayMode": "current_value",
    "optionSortStrategy": None,
    "searchableInGlobalSearch": False,
    "searchTextAnalysisMode": None,
    "isCustomizedDefault": False,
    "fieldLevelPermission": None,
}
"""What the recordings have alike for every property."""


def _body(prop: Property) -> dict[str, Any]:
    """A property with the members of recordings of 2018 to 2022; timestamps are epoch milliseconds."""
    is_own = not prop.hubspot_defined
    return {
        "name": prop.name,
        "label": prop.label,
        "description": prop.description,
        "groupName": prop.group_name,
        "type": prop.type,
        "fieldType": prop.field_type,
        "hidden": prop.hidden,
        "options": [_option_body(option, is_own=is_own) for option in prop.options],
        "displayOrder": prop.display_order,
        "readOnlyValue": prop.read_only,
        "readOnlyDefinition": prop.read_only_definition,
        "hubspotDefined": prop.hubspot_defined or None,
        "calculated": prop.calculated,
        "externalOptions": prop.external_options,
        "externalOptionsReferenceType": prop.referenced_object_type,
        "referencedObjectType": prop.referenced_object_type,
        "formField": prop.form_field,
        "showCurrencySymbol": prop.show_currency_symbol if prop.hubspot_defined else False,
        "currencyPropertyName": prop.currency_property_name,
        "optionsAreMutable": None if prop.read_only_options is None else not prop.read_only_options,
        "hasUniqueValue": prop.has_unique_value,
        "numberDisplayHint": "formatted" if is_own else None,
        "textDisplayHint": _TEXT_HINTS.get(prop.name) or _TEXT_HINTS.get(prop.field_type),
        "createdUserId": int(prop.created_by) if prop.created_by else None,
        "updatedUserId": int(prop.updated_by) if prop.updated_by else None,
        "createdAt": prop.created_at,
        "updatedAt": prop.updated_at,
        "deleted": False if is_own else None,
        **_ALIKE,
    }
