"""Custom objects of an org, as metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.metadata.component_type import (
    ComponentLog,
    ComponentType,
    Listing,
    no_such_component,
    not_simulated,
)
from mock_crm.salesforce.metadata.components import Component
from mock_crm.salesforce.metadata.custom_fields import SUFFIX, CustomFields
from mock_crm.salesforce.metadata.field_rules import INTEGRITY, check_developer_name
from mock_crm.salesforce.metadata.object_model import changed_object, object_from
from mock_crm.salesforce.model import SObject

OBJECT_PREFIX: Final = "01I"

_PARTS: Final = ("fields", "recordTypes", "validationRules")
_SUFFIXES: Final = "__as, __b, __c, __dll, __dlm, __e, __kav, __mdt, __mg, __x"
_NAME_TYPES: Final = ("Text", "AutoNumber")
_DEFAULTS: Final = {
    "enableActivities": False,
    "enableBulkApi": True,
    "enableFeeds": False,
    "enableHistory": False,
    "enableReports": False,
    "enableSearch": True,
    "enableSharing": True,
    "enableStreamingApi": True,
    "visibility": "Public",
}


class CustomObjects(ComponentType):
    """The `CustomObject` components of an org; standard objects are among them, and can only be read."""

    name: ClassVar[str] = "CustomObject"

    def read(self, full_name: str) -> Component | None:
        """An object with its custom fields."""
        item = self.org.schema.definition(full_name)
        if item is None:
            return None
        fields = [
            {"fullName": field.name} | field.definition
            for field in item.fields
            if field.definition is not None
        ]
        if item.definition is None:
            return {"fullName": item.name, "label": item.label, "pluralLabel": item.plural, "fields": fields}
        return {"fullName": item.name} | _DEFAULTS | item.definition | {"fields": fields}

    def listing(self) -> Iterator[Listing]:
        """All objects, standard ones too, as Salesforce lists them."""
        for item in self.org.schema.definitions():
            yield Listing(item.name, item.id, f"objects/{item.name}.object")

    def create(self, component: Component) -> None:
        """Add a custom object with its fields."""
        full_name = component["fullName"]
        stem = full_name.removesuffix(SUFFIX)
        if stem == full_name:
            raise _wrong_suffix(full_name)
        check_developer_name(stem, "Object Name")
        if self.org.schema.definition(full_name) is not None:
            raise SalesforceError(
                "DUPLICATE_DEVELOPER_NAME", f"There is already an object named {stem}.", ("DeveloperName",)
            )
        definition = _checked(component)
        prefix, object_id = self.org.schema.next_prefix(), self.org.ids.next(OBJECT_PREFIX)
        self.org.schema.put_object(object_from(definition, full_name, prefix, object_id))
        self._put_fields(full_name, component)

    def update(self, component: Component) -> None:
        """Replace the definition of a custom object; fields that it names are added or replaced."""
        item = self._custom(component["fullName"])
        self.org.schema.put_object(changed_object(item, _checked(component)))
        self._put_fields(item.name, component)

    def delete(self, full_name: str) -> None:
        """Remove a custom object with its records."""
        item = self._custom(full_name)
        for child in self.org.schema.children(item.name):
            if child.child != item.name and child.field.endswith("__c"):
                raise SalesforceError(
                    "DELETE_FAILED",
                    f"This custom object is referenced elsewhere: {child.child}.{child.field}",
                )
        self.org.schema.drop_object(item.name)
        self.org.store.drop(item.name)

    def _put_fields(self, object_name: str, component: Component) -> None:
        fields = CustomFields(self.org)
        for field in component.get("fields", []):
            full_name = f"{object_name}.{field.get('fullName', '')}"
            fields.upsert(field | {"fullName": full_name})
            ComponentLog(self.org).touched(fields.name, full_name)

    def _custom(self, full_name: str) -> SObject:
        item = self.org.schema.definition(full_name)
        if item is None:
            raise no_such_component(self.name, full_name)
        if not item.custom:
            raise not_simulated("changing standard objects")
        return item


def _checked(component: Component) -> dict[str, Any]:
    """Check a definition, and return what of it describes the object alone."""
    for name in ("label", "pluralLabel"):
        if not component.get(name, "").strip():
            raise SalesforceError(INTEGRITY, f"Must specify a non-empty {name} for the CustomObject")
    name_field = component.get("nameField", {})
    if name_field.get("type") not in _NAME_TYPES:
        raise SalesforceError(INTEGRITY, "Must specify a nameField of type Text or AutoNumber")
    if not name_field.get("label", "").strip():
        raise SalesforceError(INTEGRITY, "Must specify a non-empty label for the CustomField")
    for name in ("deploymentStatus", "sharingModel"):
        if name not in component:
            raise SalesforceError("REQUIRED_FIELD_MISSING", f"Required field is missing: {name}")
    return {name: value for name, value in component.items() if name not in _PARTS}


def _wrong_suffix(full_name: str) -> SalesforceError:
    if "__" in full_name:
        return not_simulated(f"objects named like {full_name}")
    return SalesforceError(
        INTEGRITY,
        f"'{full_name}' does not resolve to a valid sObject type, fullName must end with: {_SUFFIXES}",
    )
