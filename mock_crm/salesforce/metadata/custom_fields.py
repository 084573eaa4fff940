"""Custom fields of an org: made, changed, removed and read back as metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

import msgspec

from mock_crm.core.store import field_sql
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.metadata.component_type import (
    ComponentType,
    Listing,
    no_such_component,
    not_simulated,
)
from mock_crm.salesforce.metadata.components import Component
from mock_crm.salesforce.metadata.field_model import SIMULATED_TYPES, field_from
from mock_crm.salesforce.metadata.field_rules import INTEGRITY, check_developer_name, check_field
from mock_crm.salesforce.metadata.grants import Grants
from mock_crm.salesforce.metadata.object_model import without_owner
from mock_crm.salesforce.model import Field, SObject

SUFFIX: Final = "__c"
FIELD_PREFIX: Final = "00N"

# Types between which values keep their meaning, so that a field may change from one to the other.
_FAMILIES: Final = (
    {"Text", "TextArea", "LongTextArea", "Html", "Email", "Phone", "Url", "Picklist", "MultiselectPicklist"},
    {"Number", "Currency", "Percent"},
    {"Date", "DateTime"},
)
_STANDARD_TYPES: Final = {
    "boolean": "Checkbox",
    "currency": "Currency",
    "date": "Date",
    "datetime": "DateTime",
    "double": "Number",
    "email": "Email",
    "int": "Number",
    "multipicklist": "MultiselectPicklist",
    "percent": "Percent",
    "phone": "Phone",
    "picklist": "Picklist",
    "reference": "Lookup",
    "string": "Text",
    "textarea": "TextArea",
    "url": "Url",
}


class CustomFields(ComponentType):
    """The `CustomField` components of an org."""

    name: ClassVar[str] = "CustomField"

    def read(self, full_name: str) -> Component | None:
        """The definition of a custom field, or the type of a standard one."""
        item, field = self._find(full_name)
        if item is None or field is None:
            return None
        name = {"fullName": f"{item.name}.{field.name}"}
        if field.definition is not None:
            return name | field.definition
        type_ = _STANDARD_TYPES.get(field.type)
        return name | ({"type": type_} if type_ else {})

    def listing(self) -> Iterator[Listing]:
        """All custom fields by object; coordinates of a geolocation are not components."""
        for item in self.org.schema.definitions():
            for field in sorted(item.fields, key=lambda field: field.name.lower()):
                if field.definition is not None:
                    yield Listing(f"{item.name}.{field.name}", field.id, f"objects/{item.name}.object")

    def create(self, component: Component) -> None:
        """Add a custom field to an object."""
        item, api_name = self._place(component["fullName"])
        check_developer_name(api_name.removesuffix(SUFFIX), "Field Name")
        if item.field(api_name) is not None:
            raise _field_exists(api_name.removesuffix(SUFFIX), item)
        self._put(item, api_name, component, self.org.ids.next(FIELD_PREFIX))

    def update(self, component: Component) -> None:
        """Replace the definition of a custom field."""
        item, api_name = self._place(component["fullName"])
        field = item.field(api_name)
        if field is None or field.definition is None:
            raise no_such_component(self.name, component["fullName"])
        old, new = field.definition["type"], component.get("type", "")
        if old != new and not any({old, new} <= family for family in _FAMILIES):
            raise SalesforceError(INTEGRITY, f"Cannot change the field type from {old} to {new}")
        self._put(item, field.name, component, field.id, field)

    def delete(self, full_name: str) -> None:
        """Remove a custom field with its values and permissions."""
        item, field = self._find(full_name)
        if item is None or field is None or field.definition is None:
            raise SalesforceError(
                "INVALID_CROSS_REFERENCE_KEY", "This custom field does not exist or is not accessible"
            )
        names = [field.name, *(part.name for part in item.fields if part.compound == field.name)]
        self._move_values(item, dict.fromkeys(names))
        for name in names:
            self.org.schema.drop_field(item.name, name)
        Grants(self.org).forget_field(item.name, field.name)

    def rename(self, old: str, new: str) -> None:
        """Give a custom field another name on the same object; its values go with it."""
        item, field = self._find(old)
        if item is None or field is None or field.definition is None:
            raise no_such_component(self.name, old)
        target, api_name = self._place(new)
        if target.name != item.name:
            raise SalesforceError(INTEGRITY, "A field cannot be moved to another object")
        self.create({**field.definition, "fullName": f"{item.name}.{api_name}"})
        self._move_values(item, {field.name: api_name})
        self.delete(old)

    def _put(
        self, item: SObject, api_name: str, component: Component, field_id: str, replaced: Field | None = None
    ) -> None:
        check_field(component)
        if component["type"] not in SIMULATED_TYPES:
            raise not_simulated(f"custom fields of type {component['type']}")
        self._check_value_set(component)
        definition = component | {"fullName": f"{item.name}.{api_name}"}
        fields = field_from(definition, item.name, api_name, field_id)
        if component["type"] == "Summary":
            fields = [self._of_summarized_type(fields[0], component)]
        self._check_relationship(fields[0], component, replaced)
        if component["type"] == "MasterDetail" and replaced is None:
            self._become_detail(item)
        self.org.schema.put_fields(item.name, fields)

    def _of_summarized_type(self, field: Field, component: Component) -> Field:
        """A sum, least or greatest value is of the type of what it is made from."""
        child, _, name = component.get("summarizedField", "").partition(".")
        item = self.org.schema.definition(child) if name else None
        source = item.field(name) if item else None
        if source is None or component["summaryOperation"] == "count":
            return field
        return msgspec.structs.replace(
            field, type=source.type, precision=source.precision, scale=source.scale, digits=source.digits
        )

    def _place(self, full_name: str) -> tuple[SObject, str]:
        """Return the object and the API name that a full name gives a field."""
        object_name, _, api_name = full_name.partition(".")
        item = self.org.schema.definition(object_name)
        if item is None:
            raise SalesforceError(INTEGRITY, f"Entity '{object_name}' not found.")  # [A]
        if not api_name.endswith(SUFFIX):
            raise SalesforceError(INTEGRITY, "Could not resolve standard field's name.")
        return item, api_name

    def _find(self, full_name: str) -> tuple[SObject | None, Field | None]:
        object_name, _, api_name = full_name.partition(".")
        item = self.org.schema.definition(object_name)
        return item, item.field(api_name) if item is not None else None

    def _check_value_set(self, component: Component) -> None:
        value_set = component.get("valueSet", {})
        if "valueSetName" in value_set:
            raise SalesforceError(
                "INVALID_CROSS_REFERENCE_KEY",
                f"In field: valueSet - no GlobalValueSet named {value_set['valueSetName']} found",
            )

    def _check_relationship(self, field: Field, component: Component, replaced: Field | None) -> None:
        for parent in field.reference_to:
            if self.org.schema.definition(parent) is None:
                raise SalesforceError(
                    INTEGRITY, f"referenceTo value of '{parent}' does not resolve to a valid sObject type"
                )
            taken = {child.name for child in self.org.schema.children(parent) if child.name}
            taken.discard(replaced.child_relationship if replaced else "")
            if field.child_relationship in taken:
                name = component["relationshipName"]
                raise SalesforceError(
                    "DUPLICATE_DEVELOPER_NAME",
                    f"There is already a Child Relationship named {name} on {parent}.",
                )

    def _become_detail(self, item: SObject) -> None:
        if not item.custom:
            raise SalesforceError(
                INTEGRITY, f"{item.name} cannot be the detail of a master-detail relationship"
            )
        if self.org.store.count(item.name, archived=None):
            raise SalesforceError(
                INTEGRITY, "Cannot create a master-detail field on an object that already contains records"
            )
        self.org.schema.put_object(without_owner(item))

    def _move_values(self, item: SObject, names: dict[str, str] | dict[str, None]) -> None:
        """Give values another name in all records, or drop them where the new name is None."""
        store = self.org.store
        holding = " OR ".join(f"{field_sql(name)} IS NOT NULL" for name in names)
        for row in list(store.scan(item.name, where=holding, archived=None)):
            document = dict(row.document)
            for old, new in names.items():
                value = document.pop(old, None)
                if new is not None and value is not None:
                    document[new] = value
            store.update(item.name, row.id, document, row.modified)


def _field_exists(name: str, item: SObject) -> SalesforceError:
    return SalesforceError(
        "DUPLICATE_DEVELOPER_NAME",
        f"There is already a field named {name} on {item.label}.",
        ("DeveloperName",),
    )
