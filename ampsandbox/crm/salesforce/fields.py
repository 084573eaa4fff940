"""Custom fields of every type through the Metadata API, made visible to the running user.

The types follow amp-labs/connectors (providers/salesforce/internal/crm/custom): a string of 256 characters or
more is a long text area, and a reference is a lookup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ampsandbox.crm.field_definitions import FieldDefinition, FieldUpsert, UpsertAction
from ampsandbox.crm.salesforce import schema
from ampsandbox.crm.salesforce.metadata import Component, MetadataApi
from ampsandbox.crm.salesforce.permissions import Permissions
from ampsandbox.crm.session import CrmSession
from ampsandbox.engine.crm import CrmRefusedError
from ampsandbox.events import ErrorDetail

_TYPES: Final = {
    "string": "Text",
    "boolean": "Checkbox",
    "date": "Date",
    "datetime": "DateTime",
    "singleSelect": "Picklist",
    "multiSelect": "MultiselectPicklist",
    "int": "Number",
    "float": "Number",
    "reference": "Lookup",
}
_DELETE_CONSTRAINTS: Final = {"cascade": "Cascade", "restrict": "Restrict", "setnull": "SetNull"}
# Longer texts are another type of field to Salesforce, a long text area.
_TEXT_LENGTH: Final = 255
_LINES: Final = 10


class SalesforceFields:
    """Creates and changes fields in one org; `root` is `/services/data/vNN.0`."""

    def __init__(self, session: CrmSession, root: str) -> None:
        self._session = session
        self._root = root
        self._metadata = MetadataApi(session, root.rpartition("/v")[2])
        self._permissions = Permissions(session, self._metadata, root)

    async def upsert(self, object_name: str, definitions: Sequence[FieldDefinition]) -> list[FieldUpsert]:
        """Create the fields that are missing, change those that differ, and open them to the user.

        Raises:
            CrmRefusedError: The org has no such object, or the user may not change metadata.
        """
        described = await schema.describe(self._session, self._root, object_name)
        if described is None:
            message = f"The org has no object {object_name} that the user can see."
            raise CrmRefusedError(ErrorDetail(message, "NOT_FOUND"))
        wanted = {each.field_name: _component(described.name, each) for each in definitions}
        known = await self._metadata.read("CustomField", [each.full_name for each in wanted.values()])
        changed = [each for each in wanted.values() if not _is_same(each.content, known.get(each.full_name))]
        errors = {
            component.full_name: error for component, error in await self._metadata.upsert(changed) if error
        }
        await self._open(definitions, wanted, errors)
        return [_outcome(each, wanted[each.field_name], known, changed, errors) for each in definitions]

    async def _open(
        self,
        definitions: Sequence[FieldDefinition],
        wanted: Mapping[str, Component],
        errors: Mapping[str, ErrorDetail],
    ) -> None:
        """Permit the fields; required ones are visible to everyone, and cannot be permitted."""
        names = [wanted[each.field_name].full_name for each in definitions if not each.required]
        hidden = set(names) - set(errors) - await self._permissions.granted()
        if hidden:
            await self._permissions.grant([], sorted(hidden))
            await self._permissions.assign()


def _outcome(
    definition: FieldDefinition,
    component: Component,
    known: Mapping[str, Any],
    changed: Sequence[Component],
    errors: Mapping[str, ErrorDetail],
) -> FieldUpsert:
    name = component.full_name
    if name in errors:
        return FieldUpsert(definition.field_name, "none", error=errors[name].message)
    action: UpsertAction = "none" if component not in changed else "update" if name in known else "create"
    return FieldUpsert(definition.field_name, action, dict(component.content))


def _component(object_name: str, definition: FieldDefinition) -> Component:
    """The field as metadata, its elements in the order that the schema has them."""
    content: dict[str, Any] = {
        "fullName": f"{object_name}.{definition.field_name}",
        "description": definition.description,
        "label": definition.display_name,
        "required": definition.required or None,
        "unique": definition.unique or None,
        "externalId": definition.indexed or None,
        "type": _TYPES[definition.value_type],
    }
    if add_options := _OPTIONS.get(definition.value_type):
        add_options(content, definition)
    head = {"fullName": content.pop("fullName")}
    return Component("CustomField", head | {k: v for k, v in sorted(content.items()) if v is not None})


def _text(content: dict[str, Any], definition: FieldDefinition) -> None:
    options = definition.string_options
    length = (options and options.length) or _TEXT_LENGTH
    content["length"] = length
    if length > _TEXT_LENGTH:
        content["type"] = "LongTextArea"
        content["visibleLines"] = (options and options.num_display_lines) or _LINES
    if options and options.default_value is not None:
        # A default is a formula, in which a text stands in quotes.
        escaped = options.default_value.replace("\\", "\\\\").replace('"', '\\"')
        content["defaultValue"] = f'"{escaped}"'


def _checkbox(content: dict[str, Any], definition: FieldDefinition) -> None:
    default = definition.string_options and definition.string_options.default_value
    content["defaultValue"] = str(default).lower() == "true"
    content["required"] = None


def _select(content: dict[str, Any], definition: FieldDefinition) -> None:
    default = definition.string_options and definition.string_options.default_value
    content["valueSet"] = {
        "restricted": definition.is_restricted,
        "valueSetDefinition": {
            "sorted": False,
            "value": [
                {"fullName": value, "default": value == default, "label": value}
                for value in definition.options
            ],
        },
    }
    if definition.value_type == "multiSelect":
        options = definition.string_options
        content["visibleLines"] = (options and options.num_display_lines) or _LINES


def _number(content: dict[str, Any], definition: FieldDefinition) -> None:
    options = definition.numeric_options
    is_whole = definition.value_type == "int"
    content["scale"] = (options and options.scale) or (0 if is_whole else 2)
    content["precision"] = (options and options.precision) or 18
    if options and options.default_value is not None:
        content["defaultValue"] = int(options.default_value) if is_whole else options.default_value


def _lookup(content: dict[str, Any], definition: FieldDefinition) -> None:
    to = definition.association
    assert to is not None  # FieldDefinition.problems saw to it
    content["referenceTo"] = to.target_object
    content["relationshipName"] = to.reverse_lookup_field_name or definition.field_name.removesuffix("__c")
    content["relationshipLabel"] = to.labels.plural if to.labels else None
    if to.target_field:
        content["type"] = "IndirectLookup"
        content["referenceTargetField"] = to.target_field
    elif to.on_delete:
        content["deleteConstraint"] = _DELETE_CONSTRAINTS.get(to.on_delete.lower(), to.on_delete)


_OPTIONS: Final = {
    "string": _text,
    "boolean": _checkbox,
    "singleSelect": _select,
    "multiSelect": _select,
    "int": _number,
    "float": _number,
    "reference": _lookup,
}


def _is_same(wanted: Any, known: Any) -> bool:
    """Whether metadata that was read has everything that is wanted; read values are texts in lists."""
    if isinstance(wanted, Mapping):
        return isinstance(known, Mapping) and all(
            _is_same(value, known[key] if isinstance(value, list) else (known.get(key) or [None])[0])
            if key in known
            else False
            for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return len(wanted) == len(known) and all(map(_is_same, wanted, known))
    if isinstance(wanted, bool):
        return bool(known == str(wanted).lower())
    return bool(known == str(wanted))
