"""Describes: an object and its fields in the form in which the API gives them, ready as bytes.

Members and their order are as recorded (evidence/salesforce.md#rest, [C]): 28 of the brief form, 57 of a
field. What the mock has no feature for carries the value of an org that does not use the feature.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, NamedTuple

import msgspec

from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.model import MASTER_RECORD_TYPE, ChildRelationship, Field, PicklistValue, SObject
from mock_crm.salesforce.standard_objects.operations import NOT_CREATED, NOT_DELETED, NOT_UPDATED

_SOAP_TYPES = {
    "address": "urn:address",
    "base64": "xsd:base64Binary",
    "boolean": "xsd:boolean",
    "currency": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "double": "xsd:double",
    "id": "tns:ID",
    "int": "xsd:int",
    "location": "urn:location",
    "percent": "xsd:double",
    "reference": "tns:ID",
    "time": "xsd:time",
}
_UNSORTABLE = frozenset({"address", "base64", "location", "multipicklist", "encryptedstring"})
_AGGREGATABLE = frozenset(
    {"combobox", "currency", "date", "datetime", "double", "email", "id", "int", "percent", "phone",
     "picklist", "reference", "string", "url"}
)  # fmt: skip
# These exist for setup, not for people: no search, no layout, no recently used list.
_SETUP = frozenset(
    {"CampaignMemberStatus", "FieldPermissions", "GroupMember", "ObjectPermissions", "PermissionSet",
     "PermissionSetAssignment", "QueueSobject", "RecordType", "UserLicense", "UserRole"}
)  # fmt: skip
_NOT_CREATEABLE = NOT_CREATED | {"Profile", "RecordType"}
_NOT_UPDATEABLE = NOT_UPDATED | {"Profile", "RecordType"}
_NOT_DELETABLE = NOT_DELETED | {"Organization", "Profile", "RecordType", "User"}


_NOT_PREFILTERED = frozenset(
    {"ContactId", "CreatedById", "LastModifiedById", "MasterRecordId", "OwnerId", "RecordTypeId",
     "RecurrenceActivityId"}
)  # fmt: skip
_NEVER_PERMITTED = frozenset(
    {"CampaignMemberRecordTypeId", "EmailBouncedDate", "EmailBouncedReason", "FirstName",
     "ForecastCategoryName", "IndividualId", "Opportunity.ContactId", "Pricebook2Id", "RecordTypeId",
     "Salutation", "Topic.Description"}
)  # fmt: skip
_ALSO_PERMITTED = frozenset(
    {"Campaign.AmountAllOpportunities", "Campaign.AmountWonOpportunities", "Campaign.IsActive",
     "Campaign.NumberOfContacts", "Campaign.NumberOfConvertedLeads", "Campaign.NumberOfLeads",
     "Campaign.NumberOfOpportunities", "Campaign.NumberOfResponses", "Campaign.NumberOfWonOpportunities",
     "Event.Description", "Event.IsAllDayEvent", "Event.Location", "Event.Type", "Event.WhatId",
     "Event.WhoId", "Opportunity.ExpectedRevenue", "Opportunity.IsPrivate"}
)  # fmt: skip
_PERSON_NAMES = ("FirstName", "LastName", "Name", "Salutation")

_LISTS_OF_PAGES = (
    ("Task", "ActivityHistory", "ActivityHistories"),
    ("Task", "OpenActivity", "OpenActivities"),
    ("Note", "NoteAndAttachment", "NotesAndAttachments"),
    ("ContentDocumentLink", "AttachedContentDocument", "AttachedContentDocuments"),
)
"""Lists that stand on a record's page where it can have the children of the first name."""


class Described(NamedTuple):
    """A describe as bytes, with the tag that changes when it does."""

    body: bytes
    etag: str


def describe_bytes(org: SalesforceContext, sobject: SObject, version: int, root: str) -> Described:
    """The describe of an object, from the cache while the schema stays as it is."""
    key = (f"describe {root}", sobject.name, version)
    return _cached(org, key, lambda: describe(org, sobject, version, root))


def global_bytes(org: SalesforceContext, version: int) -> Described:
    """The global describe, from the cache while the schema stays as it is."""
    return _cached(org, ("global", "", version), lambda: describe_global(org, version))


def _cached(org: SalesforceContext, key: tuple[str, str, int], make: Any) -> Described:
    if org.caches.get("schema version") != org.schema.version:
        org.caches.clear()
        org.caches["schema version"] = org.schema.version
    found = org.caches.get(key)
    if found is None:
        body = msgspec.json.encode(make())
        found = org.caches[key] = Described(body, hashlib.sha256(body).hexdigest()[:16])
    return found


def describe_global(org: SalesforceContext, version: int) -> dict[str, Any]:
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [brief(sobject, version) for sobject in org.schema.objects()],
    }


# Recordings of v42.0 have none of these, those of v49.0 the second two, and those of v59.0 all.
_SINCE = {"associateEntityType": 50, "associateParentEntity": 50, "deepCloneable": 43, "isInterface": 43}


def brief(sobject: SObject, version: int) -> dict[str, Any]:
    """One object as the global describe lists it."""
    whole = _brief(sobject, version)
    return {name: value for name, value in whole.items() if version >= _SINCE.get(name, 0)}


def _brief(sobject: SObject, version: int) -> dict[str, Any]:
    name = sobject.name
    is_setup = name in _SETUP
    is_layoutable = sobject.flags.get("layoutable", not is_setup)
    base = f"/services/data/v{version}.0/sobjects/{name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": name not in _NOT_CREATEABLE,
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": name not in _NOT_DELETABLE,
        "deprecatedAndHidden": False,
        "feedEnabled": not is_setup,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": not is_setup,
        "mergeable": name in ("Account", "Contact", "Lead"),
        "mruEnabled": not is_setup,
        "name": name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": not is_setup,
        "triggerable": not is_setup,
        "undeletable": name not in _NOT_DELETABLE and not is_setup,
        "updateable": name not in _NOT_UPDATEABLE,
        "urls": _urls(base, is_layoutable=is_layoutable),
        **sobject.flags,
    }


def _urls(base: str, *, is_layoutable: bool) -> dict[str, str]:
    """Where to go on from an object; `defaultValues` went with the release of autumn 2021 (recorded)."""
    urls = {"rowTemplate": base + "/{ID}", "describe": f"{base}/describe", "sobject": base}
    if not is_layoutable:
        return urls
    return {
        "compactLayouts": f"{base}/describe/compactLayouts",
        "rowTemplate": urls["rowTemplate"],
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "listviews": f"{base}/listviews",
        "describe": urls["describe"],
        "quickActions": f"{base}/quickActions",
        "layouts": f"{base}/describe/layouts",
        "sobject": base,
    }


def describe(org: SalesforceContext, sobject: SObject, version: int, root: str = "") -> dict[str, Any]:
    """One object in full; `root` is the host under which the client sees the org."""
    base = f"/services/data/v{version}.0/sobjects/{sobject.name}"
    record_types = _record_types(org, sobject, base)
    shown = brief(sobject, version)
    whole = {
        "actionOverrides": [],
        **shown,
        "childRelationships": [_child(child) for child in _children(org, sobject)],
        "compactLayoutable": shown["layoutable"],
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(field, sobject, org) for field in sobject.by_name.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": record_types,
        "searchLayoutable": shown["layoutable"],
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": f"All {sobject.plural.lower()}", "name": "everything"},
            {"label": f"My {sobject.plural.lower()}", "name": "mine"},
        ],
        "urls": {
            **shown["urls"],
            "uiDetailTemplate": root + "/{ID}",
            "uiEditTemplate": root + "/{ID}/e",
            "uiNewRecord": f"{root}/{sobject.prefix}/e",
        },
    }
    return dict(sorted(whole.items()))


def _children(org: SalesforceContext, sobject: SObject) -> list[ChildRelationship]:
    """The relationships to children, those among them that only queries of a detail page follow."""
    children = org.schema.children(sobject.name)
    fields = {child.child: child.field for child in children}
    lists = [
        ChildRelationship(child, fields[source], name, False, False)
        for source, child, name in _LISTS_OF_PAGES
        if source in fields
    ]
    return sorted((*children, *lists), key=lambda child: child.child)


def describe_field(field: Field, sobject: SObject, org: SalesforceContext) -> dict[str, Any]:
    """One field, with all of its 57 members."""
    is_compound = field.type in ("address", "location")
    is_street = field.type == "textarea" and bool(field.compound)
    valid = dependencies(field, sobject)
    return {
        "aggregatable": (field.type in _AGGREGATABLE or is_street) and not field.formula,
        "aiPredictionField": False,
        "autoNumber": field.auto_number,
        "byteLength": field.length * 3 if field.type not in ("id", "reference") else field.length,
        "calculated": bool(field.formula) or field.is_summary,
        "calculatedFormula": field.formula or None,
        "cascadeDelete": field.cascade_delete and field.custom,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound or None,
        "controllerName": field.controller or None,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": _default(field),
        "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted,
        "dependentPicklist": bool(field.controller),
        "deprecatedAndHidden": False,
        "digits": field.digits,
        "displayLocationInDecimal": field.type == "location",
        "encrypted": field.type == "encryptedstring",
        "externalId": field.external_id,
        "extraTypeInfo": _extra_type(field, sobject),
        "filterable": not field.is_long_text and field.type not in ("base64", "encryptedstring"),
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": field.is_groupable,
        "highScaleNumber": False,
        "htmlFormatted": _is_rich(field),
        "idLookup": field.id_lookup or field.external_id,
        "inlineHelpText": field.help or None,
        "label": field.label,
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": len(field.reference_to) > 1,
        "nillable": field.nillable,
        "permissionable": field.is_permissionable or (not field.custom and _is_permitted(field, sobject)),
        "picklistValues": [_picklist_value(*pair) for pair in zip(field.values, valid, strict=True)],
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "precision": field.precision,
        "queryByDistance": is_compound,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship or None,
        "relationshipOrder": 0 if field.cascade_delete and field.custom else None,
        "restrictedDelete": field.restricted_delete,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference" and field.name not in _NOT_PREFILTERED,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": not field.is_long_text and field.type not in _UNSORTABLE,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


def _default(field: Field) -> Any:
    if field.default is not None:
        return field.default
    if field.type == "boolean":
        return False
    return next((value.value for value in field.values if value.is_default), None)


def _is_permitted(field: Field, sobject: SObject) -> bool:
    """Whether field permissions name a standard field, as recorded for six objects."""
    own_name = f"{sobject.name}.{field.name}"
    if own_name in _ALSO_PERMITTED or field.type == "address":
        return True
    if sobject.name == "Event" or own_name in _NEVER_PERMITTED or field.name in _NEVER_PERMITTED:
        return False
    return field.createable and field.nillable and not field.name_field


def _is_rich(field: Field) -> bool:
    return field.definition is not None and field.definition.get("type") == "Html"


def _extra_type(field: Field, sobject: SObject) -> str | None:
    if field.type == "textarea":
        return "richtextarea" if _is_rich(field) else "plaintextarea"
    if sobject.name in ("Contact", "Lead") and field.name in _PERSON_NAMES:
        return "personname"
    if field.name == "PhotoUrl":
        return "imageurl"
    if sobject.name == "Account" and field.name == "Name":
        return "switchablepersonname"
    return "externallookup" if field.type == "externallookup" else None


def dependencies(field: Field, sobject: SObject) -> list[list[int] | None]:
    """For each value of a pick list the places of the controlling values that it goes with, if it has any."""
    controller = sobject.field(field.controller) if field.controller else None
    if controller is None:
        return [None] * len(field.values)
    places = {name: at for at, name in enumerate(controlling_values(controller))}
    settings = (field.definition or {}).get("valueSet", {}).get("valueSettings", [])
    named = {setting["valueName"]: setting["controllingFieldValue"] for setting in settings}
    found = [named.get(value.value, value.goes_with or None) for value in field.values]
    return [None if names is None else [places[name] for name in names if name in places] for names in found]


def controlling_values(controller: Field) -> list[str]:
    """The values of a controlling field in their order; of a check box unchecked and checked."""
    if controller.type == "boolean":
        return ["unchecked", "checked"]
    return [value.value for value in controller.values]


def _bit_set(places: list[int]) -> str:
    """Places as bits, the first the highest, in base64 as restforce and jsforce decode it."""
    size = max(3, max(places, default=0) // 8 + 1)
    bits = bytearray(size + -size % 3)
    for place in places:
        bits[place // 8] |= 0x80 >> place % 8
    return base64.b64encode(bits).decode()


def _picklist_value(value: PicklistValue, places: list[int] | None) -> dict[str, Any]:
    return {
        "active": value.is_active,
        "defaultValue": value.is_default,
        "label": value.label or value.value,
        "validFor": None if places is None else _bit_set(places),
        "value": value.value,
    }


def _child(child: ChildRelationship) -> dict[str, Any]:
    return {
        "cascadeDelete": child.cascade_delete,
        "childSObject": child.child,
        "deprecatedAndHidden": False,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.name or None,
        "restrictedDelete": child.restricted_delete,
    }


def _record_types(org: SalesforceContext, sobject: SObject, base: str) -> list[dict[str, Any]]:
    """The record types of an object; every object has the master one."""
    org.store.declare("RecordType", ("SobjectType",))
    rows = org.store.lookup("RecordType", "SobjectType", sobject.name, limit=1000)
    found = [
        _record_type(base, row.document["Name"], row.document["DeveloperName"], row.id,
                     is_active=bool(row.document.get("IsActive")), is_default=False)
        for row in rows
    ]  # fmt: skip
    master = _record_type(
        base, "Master", "Master", MASTER_RECORD_TYPE, is_active=True, is_default=True, is_master=True
    )
    return [*found, master]


def _record_type(
    base: str, name: str, developer_name: str, id_: str, *, is_active: bool, is_default: bool,
    is_master: bool = False,
) -> dict[str, Any]:  # fmt: skip
    return {
        "active": is_active,
        "available": is_active,
        "defaultRecordTypeMapping": is_default,
        "developerName": developer_name,
        "master": is_master,
        "name": name,
        "recordTypeId": id_,
        "urls": {"layout": f"{base}/describe/layouts/{id_}"},
    }


__all__ = [
    "MASTER_RECORD_TYPE",
    "Described",
    "brief",
    "describe",
    "describe_bytes",
    "describe_field",
    "describe_global",
    "global_bytes",
]
