"""The model of the write form: which fields it offers, and how a draft becomes a body and a body a draft."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.manifest.model import Mode
from ampsandbox.tui.forms.draft import ABSENT, Draft
from ampsandbox.tui.forms.fields import FormField, field_of, spelled
from ampsandbox.tui.forms.options import MODES, RequestOption, options_of
from ampsandbox.tui.text.sanitize import as_text

if TYPE_CHECKING:
    from ampsandbox.engine.crm import CrmField
    from ampsandbox.tui.backend.views import SchemaView
    from ampsandbox.tui.forms.target import FormTarget

_STARTERS: Final = (
    "name", "firstname", "lastname", "email", "company", "dealname", "subject", "phone", "website", "domain",
    "numberofemployees", "industry", "amount", "title", "jobtitle", "stagename", "status", "description",
)  # fmt: skip
_STARTER_COUNT: Final = 6


class FormModel:
    """Every field that a target takes, with the ones the form starts with first.

    Args:
        target: What is written to.
        schema: The object in the CRM, or None while it is not known (not installed, CRM down).
    """

    def __init__(self, target: FormTarget, schema: SchemaView | None = None) -> None:
        self.target = target
        self.schema = schema
        self.mode = target.mode
        self.object_name = schema.object_name if schema else ""
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
        name = spelled(item.name) if not item.is_custom else item.name
        return field_of(item, name, is_required=item.is_required and self.mode is Mode.INSERT)

    @property
    def names(self) -> list[str]:
        """Every name that can be added to the form, for completion."""
        return [item.name for item in (*self.custom, *self.standard)]

    def find(self, name: str) -> FormField:
        """The field of that name; a plain string where the CRM has none, so that the CRM refuses it."""
        return self.by_name.get(name.lower()) or FormField(name=name, label="not a field of the CRM object")

    def starters(self) -> list[FormField]:
        """The fields that an empty form shows: required ones, the manifest's own, the everyday ones."""
        if self.mode is Mode.DELETE:
            return []
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

    def problems(self, draft: Draft) -> dict[str, str]:
        """What the CRM would refuse, by field name; `group_name` and `primaryKey` stand for themselves."""
        sent = () if self.mode is Mode.DELETE else draft.values
        found = {name: words for name in sent if (words := self.problem(draft, name))}
        for option in self.options(draft):
            if (text := option.show(draft)) and (words := option.check(text)):
                found[option.field.name] = words
        given = {self.find(name).api_name for name, text in draft.values.items() if text}
        for item in self.standard:
            if item.is_required and item.api_name not in given:
                found[item.name] = "needed for an insert"
        if self.names_record and not draft.primary_key:
            found[self.key_name] = "needed: which record? down lists them"
        if not draft.group:
            found[self.group_name] = "needed: whose CRM is it?"
        return found

    def problem(self, draft: Draft, name: str) -> str:
        """What is wrong with the value of one field, or nothing."""
        item = self.find(name)
        exact = draft.exactly(name)
        if exact is ABSENT:
            text = draft.values.get(name, "")
            return item.problem(text) if text else ""
        if item.is_custom and not isinstance(exact, str):
            return "a custom field takes a string"
        return ""

    def with_starters(self, draft: Draft) -> Draft:
        """The draft with an empty line for each field that the form starts with, those on top."""
        there = {self.find(name).api_name.lower() or name.lower(): name for name in draft.values}
        names = [there.get(item.api_name.lower(), item.name) for item in self.starters()]
        draft.values = {name: draft.values.get(name, "") for name in [*names, *draft.values]}
        return draft

    # -- bodies ----------------------------------------------------------------------------------------

    @property
    def _is_v2023(self) -> bool:
        return self.target.item.endpoint is not None

    @property
    def group_name(self) -> str:
        """How the request calls the group."""
        return "groupId" if self._is_v2023 else "groupRef"

    @property
    def names_record(self) -> bool:
        """Whether the request says which record it is about."""
        return self.mode is not Mode.INSERT

    @property
    def key_name(self) -> str:
        """How the request calls the record's id."""
        return "primaryKey" if self._is_v2023 else "id"

    def options(self, draft: Draft) -> list[RequestOption]:
        """What a request of today's format says beside its record."""
        return [] if self._is_v2023 else list(options_of(self.target.integration.provider, draft))

    def body(self, draft: Draft, records: Sequence[Draft] = ()) -> dict[str, Any]:
        """The request body; empty texts are left out.

        Args:
            draft: What the form holds.
            records: The drafts of a batch's records, where these differ.
        """
        if self._is_v2023:
            key = draft.head_value("primary_key") if self.names_record else ABSENT
            found = {"primaryKey": key, "fields": self._fields(draft)}
        else:
            found = self._written(draft, records)
        found = {self.group_name: draft.head_value("group")} | found
        return {name: value for name, value in found.items() if value is not ABSENT} | self._rest(draft)

    def _written(self, draft: Draft, records: Sequence[Draft]) -> dict[str, Any]:
        if not draft.batch:
            return {"type": self.target.type, "record": self._record(draft)}
        links = {name: draft.rest[name] for name in ("associations",) if name in draft.rest}
        each = records or [draft] * draft.batch_size
        return {"type": self.target.type, "batch": [{"record": self._record(one), **links} for one in each]}

    def _rest(self, draft: Draft) -> dict[str, Any]:
        """The other members; in a batch, each record has its associations."""
        return {
            name: value for name, value in draft.rest.items() if not draft.batch or name != "associations"
        }

    def _record(self, draft: Draft) -> dict[str, Any]:
        key = draft.head_value("primary_key") if self.names_record else ABSENT
        return ({} if key is ABSENT else {"id": key}) | self._fields(draft)

    def _fields(self, draft: Draft) -> dict[str, Any]:
        if self.mode is Mode.DELETE:
            return {}
        return {name: value for name in draft.values if (value := self._value(draft, name)) is not ABSENT}

    def _value(self, draft: Draft, name: str) -> Any:
        exact, text = draft.exactly(name), draft.values[name]
        if exact is not ABSENT:
            return exact
        return self.find(name).value(text) if text else ABSENT

    def read(self, text: str) -> Draft:
        """The draft that a body typed as JSON stands for; nothing of the body is lost in it.

        Raises:
            ValueError: It is not JSON, or the form cannot hold it. Says why, and where.
        """
        body = read_object(text)
        draft = Draft(rest=body)
        is_keyed = self.names_record
        if not self._is_v2023:
            draft.type = _taken_type(body)
            draft.batch = _taken_batch(body)
            is_keyed = draft.type != "create"
        fields_name = "fields" if self._is_v2023 else "record"
        members = body.pop(fields_name, {})
        if not isinstance(members, dict):
            raise ValueError(f"“{fields_name}” is not an object")
        group, key = body.pop(self.group_name, ABSENT), ABSENT
        if is_keyed:
            key = body.pop("primaryKey", ABSENT) if self._is_v2023 else members.pop("id", ABSENT)
        _put(draft, "group", group)
        _put(draft, "primary_key", key)
        for name, value in members.items():
            self.put(draft, name, value)
        return draft

    def put(self, draft: Draft, name: str, value: Any) -> None:
        """Give a field of the draft a JSON value."""
        text = draft.values[name] = as_text(value)
        meant = self.find(name).value(text) if text else ABSENT
        if type(meant) is not type(value) or meant != value:
            draft.exact[name] = value


def _taken_type(body: dict[str, Any]) -> str:
    """The type, taken out of a body.

    Raises:
        ValueError: The form has no such type.
    """
    if body.get("type") not in MODES:
        raise ValueError("“type” is not create, update or delete")
    return str(body.pop("type"))


def _taken_batch(body: dict[str, Any]) -> str:
    """The size of a body's batch, of which one record is left in it; empty where it has none.

    Raises:
        ValueError: The form holds one record, and those of the batch differ.
    """
    if "batch" not in body:
        return ""
    items = body["batch"]
    if "record" in body or not isinstance(items, list) or not items or not isinstance(items[0], dict):
        raise ValueError("“batch” is not a list of records")
    if any(item != items[0] for item in items) or not set(items[0]) <= {"record", "associations"}:
        raise ValueError("the records of the batch differ, and the form holds one that it repeats")
    del body["batch"]
    body.update(items[0])
    return str(len(items))


def _put(draft: Draft, name: str, value: Any) -> None:
    setattr(draft, name, "" if value is ABSENT else as_text(value))
    if not isinstance(value, str):
        draft.head[name] = value


def read_object(text: str) -> dict[str, Any]:
    """The JSON object that a text spells.

    Raises:
        ValueError: It spells none. Says why, and where.
    """
    try:
        body = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(body, dict):
        raise ValueError("not an object: a body is {…}")
    return body


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice}” is there twice")
    return found


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    found = float(digits)
    if found in (float("inf"), float("-inf")):
        raise ValueError(f"{digits[:20]} is too large a number")
    return found


def suggestions(names: Sequence[str], taken: Iterable[str]) -> list[str]:
    """The names that are not on the form yet."""
    there = {name.lower() for name in taken}
    return [name for name in names if name.lower() not in there]
