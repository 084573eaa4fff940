"""Object info and pick list values: the describe in the shape of the User Interface API.

Members follow an object info recorded in Salesforce's own samples (lwc-recipes, CC0).
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce import errors, versions
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.describe import (
    MASTER_RECORD_TYPE,
    controlling_values,
    dependencies,
    describe,
)
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.model import SObject
from mock_crm.salesforce.routes.rest.unsupported import absent_routes

_BASE: Final = "/services/data/{version}/ui-api"
_INFO: Final = f"{_BASE}/object-info"

_DATA_TYPES: Final = {
    "combobox": "ComboBox",
    "datetime": "DateTime",
    "encryptedstring": "EncryptedString",
    "id": "Reference",
    "multipicklist": "MultiPicklist",
    "textarea": "TextArea",
}
_SAME_FOR_FIELD: Final = (
    "calculated",
    "createable",
    "custom",
    "digits",
    "externalId",
    "extraTypeInfo",
    "filterable",
    "filteredLookupInfo",
    "highScaleNumber",
    "htmlFormatted",
    "inlineHelpText",
    "label",
    "length",
    "maskType",
    "nameField",
    "polymorphicForeignKey",
    "precision",
    "relationshipName",
    "scale",
    "searchPrefilterable",
    "sortable",
    "unique",
    "updateable",
)
_SAME_FOR_OBJECT: Final = (
    "compactLayoutable",
    "createable",
    "custom",
    "deletable",
    "feedEnabled",
    "keyPrefix",
    "label",
    "labelPlural",
    "layoutable",
    "mruEnabled",
    "queryable",
    "searchLayoutable",
    "searchable",
    "updateable",
)


def routes() -> list[Route[SalesforceContext]]:
    """Object info and pick list values; the rest of `ui-api` says that it is absent."""
    return [
        Route("GET", _INFO, directory),
        Route("GET", f"{_INFO}/batch/{{names}}", batch),
        Route("GET", f"{_INFO}/{{object}}", object_info),
        Route("GET", f"{_INFO}/{{object}}/picklist-values/{{record_type}}", picklist_values),
        Route("GET", f"{_INFO}/{{object}}/picklist-values/{{record_type}}/{{field}}", one_picklist),
        *absent_routes(f"{_BASE}/{{rest...}}"),
    ]


def directory(request: Request, org: SalesforceContext) -> Response:
    """All objects, with where their info is."""
    listed = {
        item.name: {
            "apiName": item.name,
            "keyPrefix": item.prefix,
            "label": item.label,
            "labelPlural": item.plural,
            "nameFields": _name_fields(item),
            "objectInfoUrl": f"{_base(request)}/object-info/{item.name}",
        }
        for item in org.schema.objects()
    }
    return json_response({"eTag": _etag(listed), "objects": listed})


def object_info(request: Request, org: SalesforceContext) -> Response:
    return json_response(_info(request, org, _object(org, request.params["object"])))


def batch(request: Request, org: SalesforceContext) -> Response:
    """Several objects, each with a status of its own."""
    results = []
    for name in request.params["names"].split(","):
        try:
            results.append({"result": _info(request, org, _object(org, name)), "statusCode": 200})
        except SalesforceError as error:
            results.append({"result": [error.rest()], "statusCode": error.status})
    return json_response({"results": results})


def picklist_values(request: Request, org: SalesforceContext) -> Response:
    """The values of all pick lists of an object."""
    item = _object(org, request.params["object"])
    url = f"{_base(request)}/object-info/{item.name}/picklist-values/{request.params['record_type']}"
    described = _described(request, org, item)
    lists = {
        field["name"]: _picklist(field, f"{url}/{field['name']}", item)
        for field in described["fields"]
        if field["type"] in ("picklist", "multipicklist")
    }
    return json_response({"eTag": _etag(lists), "picklistFieldValues": lists, "url": url})


def one_picklist(request: Request, org: SalesforceContext) -> Response:
    """The values of one pick list."""
    item = _object(org, request.params["object"])
    wanted = request.params["field"].lower()
    for field in _described(request, org, item)["fields"]:
        if field["name"].lower() == wanted and field["picklistValues"]:
            path = f"picklist-values/{request.params['record_type']}/{field['name']}"
            url = f"{_base(request)}/object-info/{item.name}/{path}"
            return json_response(_picklist(field, url, item))
    raise errors.not_found()


def _info(request: Request, org: SalesforceContext, item: SObject) -> dict[str, Any]:
    described = _described(request, org, item)
    info: dict[str, Any] = {
        "apiName": item.name,
        "associateEntityType": None,
        "associateParentField": None,
        "childRelationships": [_child(child) for child in described["childRelationships"]],
        "defaultRecordTypeId": MASTER_RECORD_TYPE,
        "dependentFields": {},
        "fields": {field["name"]: _field(org, field) for field in described["fields"]},
        "nameFields": _name_fields(item),
        "recordTypeInfos": {
            kind["recordTypeId"]: {
                name: kind[name]
                for name in ("available", "defaultRecordTypeMapping", "master", "name", "recordTypeId")
            }
            for kind in described["recordTypeInfos"]
        },
        "themeInfo": None,
    }
    info |= {name: described[name] for name in _SAME_FOR_OBJECT}
    info["eTag"] = _etag(info)
    return dict(sorted(info.items()))


def _field(org: SalesforceContext, field: dict[str, Any]) -> dict[str, Any]:
    is_compound = field["type"] in ("address", "location")
    parts = {
        "apiName": field["name"],
        "compound": is_compound,
        "compoundComponentName": field["name"] if field["compoundFieldName"] else None,
        "compoundFieldName": field["compoundFieldName"],
        "controllerName": None,
        "controllingFields": [],
        "dataType": _DATA_TYPES.get(field["type"], field["type"].capitalize()),
        "defaultValue": field["defaultValue"],
        "defaultedOnCreate": field["defaultedOnCreate"],
        "reference": field["type"] == "reference",
        "referenceTargetField": None,
        "referenceToInfos": [_target(org, name) for name in field["referenceTo"]],
        "required": not (field["nillable"] or field["defaultedOnCreate"]),
    }
    return dict(sorted((parts | {name: field[name] for name in _SAME_FOR_FIELD}).items()))


def _target(org: SalesforceContext, name: str) -> dict[str, Any]:
    item = org.schema.find(name)
    return {"apiName": name, "nameFields": _name_fields(item) if item else []}


def _child(child: dict[str, Any]) -> dict[str, Any]:
    return {
        "childObjectApiName": child["childSObject"],
        "fieldName": child["field"],
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child["relationshipName"],
    }


def _picklist(field: dict[str, Any], url: str, item: SObject) -> dict[str, Any]:
    own = item.field(field["name"])
    controller = item.field(own.controller) if own and own.controller else None
    valid = dependencies(own, item) if own else [None] * len(field["picklistValues"])
    values = [
        {
            "attributes": None,
            "label": value["label"],
            "validFor": places or [],
            "value": value["value"],
        }
        for value, places in zip(field["picklistValues"], valid, strict=True)
        if value["active"]
    ]
    default = next((value["value"] for value in field["picklistValues"] if value["defaultValue"]), None)
    return {
        "controllerValues": {
            name: at for at, name in enumerate(controlling_values(controller) if controller else ())
        },
        "defaultValue": next((value for value in values if value["value"] == default), None),
        "eTag": _etag(values),
        "url": url,
        "values": values,
    }


def _name_fields(item: SObject) -> list[str]:
    return [item.name_field.name] if item.name_field else []


def _described(request: Request, org: SalesforceContext, item: SObject) -> dict[str, Any]:
    return describe(org, item, versions.number(request.params["version"]) or versions.NEWEST)


def _object(org: SalesforceContext, name: str) -> SObject:
    found = org.schema.find(name)
    if found is None:
        raise errors.not_found()
    return found


def _base(request: Request) -> str:
    return f"/services/data/{request.params['version']}/ui-api"


def _etag(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:32]
