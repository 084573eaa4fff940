"""Record types and validation rules: components that belong to an object and are named below it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from mock_crm.core.store import Row
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.formula_functions import FormulaError
from mock_crm.salesforce.metadata.component_type import ComponentType, Listing, no_such_component
from mock_crm.salesforce.metadata.components import Component
from mock_crm.salesforce.metadata.field_rules import INTEGRITY, check_developer_name
from mock_crm.salesforce.metadata.raw_components import RawComponents
from mock_crm.salesforce.model import SObject
from mock_crm.salesforce.rules import ValidationRule

VALIDATION_RULE_PREFIX: Final = "03d"


class ObjectPart(ComponentType):
    """A type whose full names are `Object.Name`, kept as components beside what a subclass makes of them."""

    required: ClassVar[tuple[str, ...]]

    def read(self, full_name: str) -> Component | None:
        """The component as it was given."""
        found = RawComponents(self.org.store, self.name).get(full_name)
        return {key: value for key, value in found.items() if key != "id"} if found else None

    def listing(self) -> Iterator[Listing]:
        for component in RawComponents(self.org.store, self.name).all():
            object_name = component["fullName"].partition(".")[0]
            yield Listing(component["fullName"], component["id"], f"objects/{object_name}.object")

    def create(self, component: Component) -> None:
        """Add a component to an object."""
        item, name = self._place(component["fullName"])
        check_developer_name(name, f"{self.name} Name")
        if self.read(component["fullName"]) is not None:
            raise SalesforceError(
                "DUPLICATE_DEVELOPER_NAME", f"There is already a {self.name} named {name} on {item.label}."
            )
        self._keep(item, name, component, self._made(item, name, component))

    def update(self, component: Component) -> None:
        """Replace the definition of a component."""
        item, name = self._place(component["fullName"])
        old = RawComponents(self.org.store, self.name).get(component["fullName"])
        if old is None:
            raise no_such_component(self.name, component["fullName"])
        self._changed(old["id"], name, component)
        self._keep(item, old["fullName"].partition(".")[2], component, old["id"])

    def delete(self, full_name: str) -> None:
        old = RawComponents(self.org.store, self.name).get(full_name)
        if old is None:
            raise no_such_component(self.name, full_name)
        self._removed(old["fullName"], old["id"])
        RawComponents(self.org.store, self.name).drop(full_name)

    def rename(self, old: str, new: str) -> None:
        """Give a component another name on the same object."""
        kept = RawComponents(self.org.store, self.name)
        component = kept.get(old)
        if component is None:
            raise no_such_component(self.name, old)
        item, name = self._place(new)
        check_developer_name(name, f"{self.name} Name")
        self._removed(component["fullName"], "")
        self._changed(component["id"], name, component)
        kept.drop(old)
        self._keep(item, name, component, component["id"])

    @abstractmethod
    def _made(self, item: SObject, name: str, component: Component) -> str:
        """Make what stands for a new component in the org, and return its id."""

    def _changed(self, component_id: str, name: str, component: Component) -> None:
        """Carry a change over to it."""

    def _removed(self, full_name: str, component_id: str) -> None:
        """Remove it."""

    def _place(self, full_name: str) -> tuple[SObject, str]:
        object_name, _, name = full_name.partition(".")
        item = self.org.schema.definition(object_name)
        if item is None:
            raise SalesforceError(INTEGRITY, f"Entity '{object_name}' not found.")  # [A], with a field
        return item, name

    def _keep(self, item: SObject, name: str, component: Component, component_id: str) -> None:
        for element in self.required:
            if component.get(element) in (None, ""):
                raise SalesforceError("REQUIRED_FIELD_MISSING", f"Required field is missing: {element}")
        RawComponents(self.org.store, self.name).put(
            component | {"fullName": f"{item.name}.{name}", "id": component_id}
        )


class ValidationRules(ObjectPart):
    """The `ValidationRule` components of an org; writes are checked against the active ones."""

    name: ClassVar[str] = "ValidationRule"
    required: ClassVar[tuple[str, ...]] = ("active", "errorConditionFormula", "errorMessage")

    def _made(self, item: SObject, name: str, component: Component) -> str:
        return self.org.ids.next(VALIDATION_RULE_PREFIX)

    def _keep(self, item: SObject, name: str, component: Component, component_id: str) -> None:
        super()._keep(item, name, component, component_id)
        rule = ValidationRule(
            name=name,
            condition=component["errorConditionFormula"],
            message=component["errorMessage"],
            field=component.get("errorDisplayField", ""),
            is_active=component["active"],
        )
        try:
            self.org.rules.put_validation_rule(item.name, rule)
        except FormulaError as error:
            raise SalesforceError(INTEGRITY, str(error)) from error

    def _removed(self, full_name: str, component_id: str) -> None:
        object_name, _, name = full_name.partition(".")
        self.org.rules.drop_validation_rule(object_name, name)


class RecordTypes(ObjectPart):
    """The `RecordType` components of an org; each has a record of the object of that name."""

    name: ClassVar[str] = "RecordType"
    required: ClassVar[tuple[str, ...]] = ("active", "label")

    def _made(self, item: SObject, name: str, component: Component) -> str:
        prefix = self.org.schema.definition(self.name)
        assert prefix is not None
        new_id = self.org.ids.next(prefix.prefix)
        document = _record_of(name, component) | {"SobjectType": item.name}
        self.org.store.insert(self.name, new_id, document, self.org.now_ms())
        return new_id

    def _changed(self, component_id: str, name: str, component: Component) -> None:
        row: Row | None = self.org.store.get(self.name, component_id)
        if row is not None:
            document = row.document | _record_of(name, component)
            self.org.store.update(self.name, row.id, document, self.org.now_ms())

    def _removed(self, full_name: str, component_id: str) -> None:
        self.org.store.delete(self.name, [component_id])


def _record_of(name: str, component: Component) -> dict[str, Any]:
    record = {"Name": component.get("label"), "DeveloperName": name, "IsActive": component.get("active")}
    return record | ({"Description": component["description"]} if component.get("description") else {})
