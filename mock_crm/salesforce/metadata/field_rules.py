"""What Salesforce demands of a custom field's definition, apart from the org that it goes into.

Texts marked [A] are from recorded answers (amp-labs/connectors, MIT); the others from public reports of
deployments, or, where none was found, of the same form.
"""

from __future__ import annotations

import re
from typing import Final

from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.metadata.components import Component

INTEGRITY: Final = "FIELD_INTEGRITY_EXCEPTION"
MAX_NAME_LENGTH: Final = 40

_LONG_TEXT: Final = ("LongTextArea", "Html")
_RELATIONSHIPS: Final = ("Lookup", "MasterDetail")
_PICKLISTS: Final = ("Picklist", "MultiselectPicklist")
_NUMERIC: Final = ("Number", "Currency", "Percent")
_FORMULA_TYPES: Final = ("Checkbox", "Currency", "Date", "DateTime", "Number", "Percent", "Text", "Time")

_REQUIRED: Final = {
    "Text": ("length",),
    "EncryptedText": ("length", "maskType", "maskChar"),
    "LongTextArea": ("length", "visibleLines"),
    "Html": ("length", "visibleLines"),
    "Number": ("precision", "scale"),
    "Currency": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Checkbox": ("defaultValue",),
    "MultiselectPicklist": ("visibleLines",),
    "AutoNumber": ("displayFormat",),
    "Location": ("scale",),
    "Lookup": ("referenceTo",),
    "MasterDetail": ("referenceTo",),
    "Summary": ("summaryForeignKey", "summaryOperation"),
}

_ONLY_FOR: Final = {
    "length": ("Text", "EncryptedText", *_LONG_TEXT),
    "visibleLines": (*_LONG_TEXT, "MultiselectPicklist"),
    "precision": _NUMERIC,
    "scale": (*_NUMERIC, "Location"),
    "displayFormat": ("AutoNumber",),
    "startingNumber": ("AutoNumber",),
    "referenceTo": (*_RELATIONSHIPS, "ExternalLookup", "IndirectLookup", "MetadataRelationship"),
    "relationshipName": (
        *_RELATIONSHIPS,
        "Hierarchy",
        "ExternalLookup",
        "IndirectLookup",
        "MetadataRelationship",
    ),
    "deleteConstraint": ("Lookup",),
    "relationshipOrder": ("MasterDetail",),
    "reparentableMasterDetail": ("MasterDetail",),
    "writeRequiresMasterRead": ("MasterDetail",),
    "valueSet": _PICKLISTS,
    "maskType": ("EncryptedText",),
    "maskChar": ("EncryptedText",),
}

# These may be written out as false for every type, which some clients do.
_TRUE_ONLY_FOR: Final = {
    "unique": ("Text", "Email", "Number"),
    "externalId": ("Text", "Email", "Number", "AutoNumber"),
    "caseSensitive": ("Text",),
}
_NEVER_REQUIRED: Final = ("AutoNumber", "Checkbox", "Summary", *_LONG_TEXT)

_LENGTHS: Final = {
    "Text": (1, 255),
    "EncryptedText": (1, 175),
    "LongTextArea": (256, 131072),
    "Html": (256, 131072),
}
_MAX_DIGITS: Final = 18
_DEVELOPER_NAME: Final = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")


def check_field(field: Component) -> None:
    """Check the definition of a custom field.

    Raises:
        SalesforceError: Salesforce refuses it.
    """
    type_ = field.get("type")
    if type_ is None:
        raise SalesforceError(INTEGRITY, "Must specify 'type' for a CustomField")
    if not field.get("label", "").strip():
        raise SalesforceError(INTEGRITY, "Must specify a non-empty label for the CustomField")
    if "formula" in field:
        if type_ not in _FORMULA_TYPES:
            raise _not_for("formula", type_)
    else:
        _check_required(field, type_)
        _check_values(field, type_)
    _check_allowed(field, type_)
    _check_relationship(field, type_)


def check_developer_name(name: str, what: str) -> None:
    """Check the part of an API name that its owner chooses, without `__c`.

    Args:
        name: Such as `Warmth_Score`.
        what: How the message calls it, such as `Field Name`.

    Raises:
        SalesforceError: it breaks the rules for developer names.
    """
    if len(name) > MAX_NAME_LENGTH:
        raise SalesforceError(
            "STRING_TOO_LONG", f"{what}: data value too large: {name} (max length={MAX_NAME_LENGTH})"
        )
    if not _DEVELOPER_NAME.fullmatch(name):
        raise SalesforceError(
            INTEGRITY,
            f"The {what} field can only contain underscores and alphanumeric characters. It must be unique, "
            "begin with a letter, not include spaces, not end with an underscore, and not contain two "
            "consecutive underscores.",
        )


def _check_required(field: Component, type_: str) -> None:
    for name in _REQUIRED.get(type_, ()):
        if field.get(name) in (None, ""):
            raise SalesforceError(INTEGRITY, f"Must specify '{name}' for a CustomField of type {type_}")
    if type_ in _PICKLISTS and "valueSet" not in field:
        raise SalesforceError(INTEGRITY, "You must specify either picklist, globalPicklist, or valueSet")


def _check_allowed(field: Component, type_: str) -> None:
    for name, types in _ONLY_FOR.items():
        if name in field and type_ not in types:
            raise _not_for(name, type_)
    for name, types in _TRUE_ONLY_FOR.items():
        if field.get(name) and type_ not in types:
            raise _not_for(name, type_)
    if not field.get("required"):
        return
    if type_ == "MasterDetail":
        raise SalesforceError(INTEGRITY, "Master-Detail Relationship Fields Cannot be Optional or Required")
    if type_ in _NEVER_REQUIRED or "formula" in field:
        raise _not_for("required", type_)  # [A]


def _check_values(field: Component, type_: str) -> None:
    if type_ in _LENGTHS:
        low, high = _LENGTHS[type_]
        _check_range("length", field["length"], low, high)  # [A] Invalid length, minimum is: 256
    if type_ in _NUMERIC:
        _check_range("precision", field["precision"], 1, _MAX_DIGITS)
        _check_range("scale", field["scale"], 0, field["precision"])


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if value < low:
        raise SalesforceError(INTEGRITY, f"Invalid {name}, minimum is: {low}")
    if value > high:
        raise SalesforceError(INTEGRITY, f"Invalid {name}, maximum is: {high}")


def _check_relationship(field: Component, type_: str) -> None:
    constraint = field.get("deleteConstraint", "SetNull")
    if type_ == "Lookup" and field.get("required") and constraint == "SetNull":
        raise SalesforceError(
            INTEGRITY, "must specify either cascade delete or restrict delete for required lookup foreign key"
        )


def _not_for(name: str, type_: str) -> SalesforceError:
    return SalesforceError(INTEGRITY, f"Can not specify '{name}' for a CustomField of type {type_}")
