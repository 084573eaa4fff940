"""The resources of the Tooling API: objects, their describes, records and queries."""

from __future__ import annotations

from typing import Any, Final

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.core.store import Row
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.json_bodies import place_of, read_object
from mock_crm.salesforce.metadata.component_type import ComponentLog, ComponentType
from mock_crm.salesforce.metadata.components import Component
from mock_crm.salesforce.metadata.registry import ComponentChange, carry_out, component_type
from mock_crm.salesforce.routes.rest.unsupported import absent_routes
from mock_crm.salesforce.soql.catalog import Entity, EntityField
from mock_crm.salesforce.soql.columns import column_metadata
from mock_crm.salesforce.soql.errors import SoqlError, malformed
from mock_crm.salesforce.soql.evaluate import evaluate
from mock_crm.salesforce.soql.nodes import FieldPath, Query, SelectItem
from mock_crm.salesforce.soql.parser import parse
from mock_crm.salesforce.tooling.definitions import DefinitionError, component_from_json
from mock_crm.salesforce.tooling.source import ToolingSource

_BASE: Final = "/services/data/{version}/tooling"
_WRITABLE: Final = ("CustomField", "CustomObject", "ValidationRule")
_DEFINITIONS: Final = "Definitions of objects, fields and validation rules; no Apex, flows or logs."
_ONE_ROW_FIELDS: Final = ("fullname", "metadata")
_NO_CONTENT: Final = 204
_CREATED: Final = 201


def routes() -> list[Route[SalesforceContext]]:
    """The resources below `tooling`; what is missing there says so."""
    return [
        Route("GET", _BASE, resources),
        Route("GET", f"{_BASE}/query", query, note=_DEFINITIONS),
        Route("GET", f"{_BASE}/sobjects", describe_global),
        Route("GET", f"{_BASE}/sobjects/{{object}}", info),
        Route("GET", f"{_BASE}/sobjects/{{object}}/describe", describe),
        Route("POST", f"{_BASE}/sobjects/{{object}}", create, note=_DEFINITIONS),
        Route("GET", f"{_BASE}/sobjects/{{object}}/{{id}}", retrieve),
        Route("PATCH", f"{_BASE}/sobjects/{{object}}/{{id}}", update),
        Route("DELETE", f"{_BASE}/sobjects/{{object}}/{{id}}", delete),
        *absent_routes(f"{_BASE}/{{rest...}}"),
    ]


def resources(request: Request, org: SalesforceContext) -> Response:
    base = _base(request)
    return json_response({"sobjects": f"{base}/sobjects", "query": f"{base}/query"})


def query(request: Request, org: SalesforceContext) -> Response:
    """The definitions that a SOQL query finds, all in one page."""
    text = request.query.get("q", "")
    parsed = parse(text)
    source = ToolingSource(org)
    try:
        if request.query.get("columns", "").lower() == "true":
            return json_response(column_metadata(source, parsed))
        source.check(parsed)
        found = evaluate(source, parsed)
        if found.total_size > 1 and _asks_for_metadata(parsed):
            raise malformed(
                "When retrieving results with Metadata or FullName fields, the query qualifications must "
                f"specify no more than one row for retrieval. Result size: {found.total_size}"
            )
    except SoqlError as error:
        raise error.located(text) from None
    records = found.page(0, found.total_size, _base(request))
    return json_response(
        {
            "size": len(records),
            "totalSize": found.total_size,
            "done": True,
            "queryLocator": None,
            "entityTypeName": found.entity.name,
            "records": records,
        }
    )


def describe_global(request: Request, org: SalesforceContext) -> Response:
    """The objects of the Tooling API."""
    source = ToolingSource(org)
    entities = [entity for name in source.names() if (entity := source.entity(name))]
    sobjects = [_brief(request, entity) for entity in entities]
    return json_response({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": sobjects})


def info(request: Request, org: SalesforceContext) -> Response:
    """One object, without its fields."""
    entity = _entity(request, org)
    return json_response({"objectDescribe": _brief(request, entity), "recentItems": []})


def describe(request: Request, org: SalesforceContext) -> Response:
    entity = _entity(request, org)
    fields = [_described(field) for field in entity.fields.values()]
    return json_response(_brief(request, entity) | {"fields": fields, "childRelationships": []})


def create(request: Request, org: SalesforceContext) -> Response:
    """Add a component from its full name and definition."""
    kind = _kind(request, org)
    body = {name.lower(): value for name, value in read_object(request).items()}
    full_name, definition = body.get("fullname"), body.get("metadata")
    missing = [name for name, value in (("FullName", full_name), ("Metadata", definition)) if not value]
    if missing:
        raise errors.required_fields_missing(missing)
    component = _component(request, definition, kind.name) | {"fullName": str(full_name)}

    def add() -> bool:
        kind.create(component)
        return True

    _carry_out(org, kind, str(full_name), add)
    new_id = next(item.id for item in kind.listing() if item.full_name.lower() == str(full_name).lower())
    return json_response({"id": new_id, "success": True, "errors": [], "warnings": [], "infos": []}, _CREATED)


def retrieve(request: Request, org: SalesforceContext) -> Response:
    """One record with all its fields."""
    entity, row = _row(request, org)
    url = f"{_base(request)}/sobjects/{entity.name}/{row.id}"
    values = {field.name: field.read(row) for field in entity.fields.values()}
    return json_response({"attributes": {"type": entity.name, "url": url}} | values)


def update(request: Request, org: SalesforceContext) -> Response:
    """Replace the definition of a component."""
    kind = _kind(request, org)
    _, row = _row(request, org)
    full_name = row.document["FullName"]
    body = {name.lower(): value for name, value in read_object(request).items()}
    component = component_from_json(body.get("metadata"), kind.name) | {"fullName": full_name}

    def replace() -> bool:
        kind.update(component)
        return False

    _carry_out(org, kind, full_name, replace)
    return Response(_NO_CONTENT)


def delete(request: Request, org: SalesforceContext) -> Response:
    kind = _kind(request, org)
    _, row = _row(request, org)
    full_name = row.document["FullName"]

    def remove() -> bool:
        kind.delete(full_name)
        ComponentLog(org).forget(kind.name, full_name)
        return False

    _carry_out(org, kind, full_name, remove)
    return Response(_NO_CONTENT)


def _component(request: Request, definition: Any, type_name: str) -> Component:
    try:
        return component_from_json(definition, type_name)
    except DefinitionError as error:
        # restforce issue 592: the type and the place are those of the whole definition
        raise errors.wrong_json_type(
            "complexvalue", error.token, error.value, place_of(request, "Metadata")
        ) from error


def _carry_out(org: SalesforceContext, kind: ComponentType, full_name: str, action: Any) -> None:
    change = ComponentChange(kind.name, full_name, action)
    carry_out(org, [change], all_or_none=False)
    if change.error is not None:
        raise change.error


def _kind(request: Request, org: SalesforceContext) -> ComponentType:
    entity = _entity(request, org)
    kind = component_type(org, entity.name) if entity.name in _WRITABLE else None
    if kind is None:
        raise SalesforceError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {entity.name} is read-only"
        )
    return kind


def _entity(request: Request, org: SalesforceContext) -> Entity:
    entity = ToolingSource(org).entity(request.params["object"])
    if entity is None:
        raise errors.not_found()
    return entity


def _row(request: Request, org: SalesforceContext) -> tuple[Entity, Row]:
    entity = _entity(request, org)
    row = ToolingSource(org).get(entity, request.params["id"])
    if row is None:
        raise errors.not_found()
    return entity, row


def _asks_for_metadata(parsed: Query) -> bool:
    return any(
        isinstance(item, SelectItem)
        and isinstance(item.expression, FieldPath)
        and item.expression.parts[-1].lower() in _ONE_ROW_FIELDS
        for item in parsed.select
    )


def _base(request: Request) -> str:
    return f"/services/data/{request.params['version']}/tooling"


def _brief(request: Request, entity: Entity) -> dict[str, Any]:
    url = f"{_base(request)}/sobjects/{entity.name}"
    is_writable = entity.name in _WRITABLE
    return {
        "name": entity.name,
        "label": entity.label,
        "labelPlural": f"{entity.label}s",
        "keyPrefix": entity.key_prefix,
        "custom": False,
        "createable": is_writable,
        "updateable": is_writable,
        "deletable": is_writable,
        "queryable": True,
        "retrieveable": True,
        "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": f"{url}/{{ID}}"},
    }


def _described(field: EntityField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "nillable": field.name != "Id",
        "filterable": field.type != "complexvalue",
        "sortable": field.type != "complexvalue",
        "referenceTo": list(field.references),
        "relationshipName": field.relationship,
    }
