"""What manifest objects are called in an org, worked out once for as long as its schema stays the same."""

from __future__ import annotations

from ampsandbox.engine.crm import ObjectDescription, ObjectMapping
from ampsandbox.manifest.crm_names import crm_field_name, crm_object_name
from ampsandbox.manifest.model import WriteObject


class ObjectMappings:
    """The targets of one org's objects."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        # By identity: a manifest that is loaded anew brings new objects, and two may share a name.
        self._known: dict[int, tuple[WriteObject, ObjectMapping]] = {}

    def get(self, item: WriteObject) -> ObjectMapping | None:
        """The target that was worked out for the object."""
        known = self._known.get(id(item))
        return known[1] if known is not None else None

    def add(self, item: WriteObject, found: ObjectDescription | None) -> ObjectMapping:
        """Translate the object's names against the org's schema, where the org has the object.

        Names that the schema does not know stay as they are, for the CRM to refuse.
        """
        fields = {field.name.lower(): field.name for field in found.fields} if found else {}
        for custom in item.custom_fields:
            api_name = crm_field_name(self._provider, custom.name)
            fields[custom.name.lower()] = fields.setdefault(api_name.lower(), api_name)
        target = ObjectMapping(found.name if found else crm_object_name(self._provider, item), fields)
        if found is not None:
            self._known[id(item)] = (item, target)
        return target

    def clear(self) -> None:
        self._known.clear()
