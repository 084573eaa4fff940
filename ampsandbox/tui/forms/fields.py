"""The fields of a write form: what their texts mean as JSON, and what is wrong with them."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from ampsandbox.engine.crm import CrmField

NUMBERS: Final = frozenset({"int", "integer", "long", "double", "number", "currency", "percent"})
BOOLEANS: Final = frozenset({"boolean", "bool", "booleancheckbox"})
DATES: Final = frozenset({"date", "datetime"})
LONG_TEXTS: Final = frozenset({"textarea", "longtextarea", "html", "richtext"})
TEMPLATE: Final = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]*)\s*\}\}")
"""A placeholder such as `{{n}}`, which is replaced when the write is sent."""


class FormField(msgspec.Struct, frozen=True):
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

    @property
    def hints(self) -> tuple[str, ...]:
        """What the form says about the field while it is empty, the longest first."""
        label = self.label if self.label.lower() != self.name.lower() else ""
        words = [f"{part} · {self.type_words}" for part in (self.prompt, label) if part]
        return tuple(dict.fromkeys([*words, *([label] if label else []), self.type_words]))

    def problem(self, text: str) -> str:
        """What is wrong with this text, or nothing. A text with placeholders is not known before sending."""
        if not text:
            return "needed for an insert" if self.is_required else ""
        if TEMPLATE.search(text):
            return ""
        if self.is_restricted and self.options and text not in self.options:
            return f"not one of the {len(self.options)} values of the pick list"
        if self.length and len(text) > self.length:
            return f"{len(text)} characters, {self.length} fit"
        return "" if self.is_custom else self._type_problem(text)

    def _type_problem(self, text: str) -> str:
        if self.type in NUMBERS and number(text) is None:
            return "not a number"
        if self.type in BOOLEANS and text.lower() not in ("true", "false"):
            return "true or false"
        if self.type in DATES and not is_moment(text, self.type):
            return f"not a {self.type}: {'2026-12-31' if self.type == 'date' else '2026-12-31T09:00:00Z'}"
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


def field_of(item: CrmField, name: str, *, is_required: bool = False) -> FormField:
    """A field of a CRM object as a line of a form, under the name that the form has for it."""
    return FormField(
        name=name,
        label=item.label,
        type=item.type,
        api_name=item.name,
        is_required=is_required,
        options=item.options or (("true", "false") if item.type in BOOLEANS else ()),
        is_restricted=item.is_restricted,
        length=item.length,
    )


def number(text: str) -> int | float | None:
    """The number that the text spells, if it does."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def is_moment(text: str, kind: str) -> bool:
    """Whether a CRM would read the text as a date or a point in time; HubSpot also takes milliseconds."""
    if text.lstrip("-").isdigit() and len(text) > 8:
        return True
    try:
        (date if kind == "date" else datetime).fromisoformat(text)
    except ValueError:
        return False
    return True


def spelled(api_name: str) -> str:
    """An API name as the page spells it in requests: `NumberOfEmployees` becomes `numberOfEmployees`."""
    return api_name[:1].lower() + api_name[1:]
