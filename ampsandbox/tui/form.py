"""The model of the write form: which fields it offers, what their texts mean, and what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.manifest.model import Mode
from ampsandbox.tui.plain import as_text

if TYPE_CHECKING:
    from ampsandbox.engine.crm import CrmField
    from ampsandbox.tui.target import Target
    from ampsandbox.tui.views import SchemaView

NUMBERS: Final = frozenset({"int", "integer", "long", "double", "number", "currency", "percent"})
BOOLEANS: Final = frozenset({"boolean", "bool", "booleancheckbox"})

_STARTERS: Final = (
    "name", "firstname", "lastname", "email", "company", "dealname", "subject", "phone", "website", "domain",
    "numberofemployees", "industry", "amount", "title", "jobtitle", "stagename", "status", "description",
)  # fmt: skip
_STARTER_COUNT: Final = 6


@dataclass(frozen=True, slots=True)
class FormField:
    """One line of the form. `name` is how the request spells the field, `api_name` how the CRM does."""

    name: str
    label: str = ""
    type: str = "string"
    api_name: str = ""
    is_required: bool = False
    is_custom: bool = False
    options: tuple[str, ...] = ()
    is_restricted: bool = False
    length: int = 0
    prompt: str = ""

    @property
    def type_words(self) -> str:
        """The type as the form shows it."""
        return "pick list" if self.options and self.type not in BOOLEANS else self.type

    def problem(self, text: str) -> str:
        """What is wrong with this text, or nothing."""
        if not text:
            return "needed for an insert" if self.is_required else ""
        if self.type in NUMBERS and number(text) is None:
            return "not a number"
        if self.type in BOOLEANS and text.lower() not in ("true", "false"):
            return "true or false"
        if self.is_restricted and self.options and text not in self.options:
            return f"not one of the {len(self.options)} values of the pick list"
        if self.length and len(text) > self.length:
            return f"{len(text)} characters, {self.length} fit"
        return ""

    def value(self, text: str) -> Any:
        """The JSON value that the text stands for. Custom fields are always strings: the page's rule."""
        if self.is_custom:
            return text
        if self.type in NUMBERS:
            found = number(text)
            return text if found is None else found
        if self.type in BOOLEANS and text.lower() in ("true", "false"):
            return text.lower() == "true"
        return text


def number(text: str) -> int | float | None:
    """The number that the text spells, if it does."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def spelled(api_name: str) -> str:
    """An API name as the page spells it in requests: `NumberOfEmployees` becomes `numberOfEmployees`."""
    return api_name[:1].lower() + api_name[1:]


class FormModel:
    """Every field that a target takes, with the ones the form starts with first.

    Args:
        target: What is written to.
        schema: The object in the CRM, or None while it is not known (not installed, CRM down).
    """

    def __init__(self, target: Target, schema: SchemaView | None = None) -> None:
        self.target = target
        self.mode = target.mode
        self.custom = [
            FormField(
                name=item.name,
                label=item.display_name,
                api_name=(schema.names.get(item.name.lower(), item.name) if schema else item.name),
                is_custom=True,
                prompt=item.prompt or "",
            )
            for item in target.item.custom_fields
        ]
        taken = {item.api_name.lower() for item in self.custom}
        self.standard = [
            self._standard(item)
            for item in (schema.fields if schema else ())
            if item.is_writable and item.name.lower() not in taken
        ]
        self.by_name = {item.name.lower(): item for item in (*self.custom, *self.standard)}
        self.by_name |= {item.api_name.lower(): item for item in (*self.custom, *self.standard)}

    def _standard(self, item: CrmField) -> FormField:
        return FormField(
            name=spelled(item.name) if not item.is_custom else item.name,
            label=item.label,
            type=item.type,
            api_name=item.name,
            is_required=item.is_required and self.mode is Mode.INSERT,
            options=item.options,
            is_restricted=item.is_restricted,
            length=item.length,
        )

    @property
    def names(self) -> list[str]:
        """Every name that can be added to the form, for completion."""
        return [item.name for item in (*self.custom, *self.standard)]

    def find(self, name: str) -> FormField:
        """The field of that name; a plain string where the CRM has none, so that the CRM refuses it."""
        return self.by_name.get(name.lower()) or FormField(name=name, label="not a field of the CRM object")

    def starters(self) -> list[FormField]:
        """The fields that an empty form shows: required ones, the manifest's own, the everyday ones."""
        required = [item for item in self.standard if item.is_required]
        everyday = [
            item
            for name in _STARTERS
            if (item := self.by_name.get(name)) and not item.is_required and not item.is_custom
        ]
        room = max(0, _STARTER_COUNT - len(required) - len(self.custom))
        if self.mode is Mode.UPDATE and self.custom:
            everyday = []
        return [*required, *self.custom, *everyday[:room]]

    def problems(self, values: Mapping[str, str], primary_key: str) -> dict[str, str]:
        """What is wrong, by field name; `primaryKey` stands for the key of an update."""
        found = {name: problem for name, text in values.items() if (problem := self.find(name).problem(text))}
        for item in self.standard:
            if item.is_required and not values.get(item.name):
                found[item.name] = "needed for an insert"
        if self.mode is Mode.UPDATE and not primary_key:
            found["primaryKey"] = "needed for an update: the CRM id of the record"
        return found

    def body(self, group: str, primary_key: str, values: Mapping[str, str]) -> dict[str, Any]:
        """The request body; empty texts are left out."""
        fields = {name: self.find(name).value(text) for name, text in values.items() if text}
        if self.target.item.endpoint is None:
            record = {"id": primary_key, **fields} if self.mode is Mode.UPDATE else fields
            kind = "update" if self.mode is Mode.UPDATE else "create"
            return {"groupRef": group, "type": kind, "record": record}
        key = {"primaryKey": primary_key} if self.mode is Mode.UPDATE else {}
        return {"groupId": group, **key, "fields": fields}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a body says, in the form's terms."""

    group: str
    primary_key: str
    values: dict[str, str]


def read_body(text: str) -> Typed | str:
    """What a JSON text typed by hand says, or why it cannot be taken over into the form."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    if not isinstance(body, dict):
        return "not a JSON object"
    fields = body.get("fields", body.get("record", {}))
    if not isinstance(fields, dict):
        return "“fields” is not an object"
    group = body.get("groupId", body.get("groupRef", ""))
    return Typed(as_text(group), as_text(body.get("primaryKey")), {k: _shown(v) for k, v in fields.items()})


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else as_text(value)


def suggestions(names: Sequence[str], taken: Iterable[str]) -> list[str]:
    """The names that are not on the form yet."""
    there = {name.lower() for name in taken}
    return [name for name in names if name.lower() not in there]
