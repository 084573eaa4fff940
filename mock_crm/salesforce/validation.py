"""Making a row ready to be stored: names, types, defaults, references and rules, in Salesforce's order.

Unknown names come first, then fields that may not be written, then missing and wrong values, then references,
then unique values, validation rules and duplicate rules; the first kind that fails is what the row is
refused for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from mock_crm.salesforce import errors
from mock_crm.salesforce.addresses import addresses_of, keep_in_step
from mock_crm.salesforce.auto_number import format_number
from mock_crm.salesforce.dml_call import DmlOptions
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.model import Field, SObject
from mock_crm.salesforce.references import References
from mock_crm.salesforce.standard_objects import behaviour_of
from mock_crm.salesforce.standard_objects.behaviour import RecordChange
from mock_crm.salesforce.state import OrgState
from mock_crm.salesforce.values import CONVERTERS, Converter, WrongTypeError, read_id

Document = dict[str, Any]
# So far up a standard hierarchy is followed to find a circle; of a custom one the next step alone.
_HIGHEST_HIERARCHY = 500
# Salesforce has read such a record to its end when it looks at the value (recorded by grouparoo).
_NO_PLACE = "[Source: N/A; line: -1, column: -1][line:-1, column:-1]"


class Pending(NamedTuple):
    """A row that passed every rule: the record's id and its whole document."""

    id: str
    document: Document


_Column: TypeAlias = tuple[str, Field, Converter | None, bool, bool]
"""What a key of a row means: name, field, converter, whether it is a reference, and whether a relationship.

The converter is None for what no value can simply be put into. Taking a named tuple apart would take three
times as long, 2 % of a row.
"""


class _Plan:
    """What preparing rows of one object needs to know, worked out once."""

    def __init__(self, sobject: SObject) -> None:
        fields = sobject.fields
        self.for_insert: dict[str, _Column | None] = {"attributes": None}
        self.for_update: dict[str, _Column | None] = {"attributes": None}
        self.defaults = [(f.name, value) for f in fields if (value := _default(f)) is not None]
        self.auto_numbers = [f for f in fields if f.auto_number]
        self.unique = [f for f in fields if f.unique and f.is_stored]
        self.required = [f.name for f in sobject.required]
        self.not_null = frozenset(f.name for f in fields if not f.nillable and f.type != "boolean")
        self.owner = owner if (owner := sobject.field("OwnerId")) and owner.createable else None
        self.name = _name_to_fill(sobject)
        self.behaviour = behaviour_of(sobject.name)
        self.addresses = addresses_of(sobject)
        self.hierarchies = [f for f in fields if f.updateable and f.reference_to == (sobject.name,)]


class Validation:
    """Prepares rows for one state.

    Args:
        state: Whose schema and rules apply.
    """

    def __init__(self, state: OrgState) -> None:
        self._state = state
        self._plans: WeakKeyDictionary[SObject, _Plan] = WeakKeyDictionary()

    def batch(self, sobject: SObject, options: DmlOptions) -> RowValidator:
        """Begin a call, whose rows are seen together."""
        plan = self._plans.get(sobject)
        if plan is None:
            plan = self._plans[sobject] = _Plan(sobject)
        return RowValidator(self._state, sobject, plan, options)


class RowValidator:
    """Prepares the rows of one call, which see each other's unique values."""

    def __init__(self, state: OrgState, sobject: SObject, plan: _Plan, options: DmlOptions) -> None:
        self._state = state
        self._sobject = sobject
        self._plan = plan
        self._options = options
        self._references = References(state)
        self._taken: dict[tuple[str | tuple[str, ...], Any], str] = {}
        self._changed: set[str] = set()
        self._followed: list[RecordChange] = []

    @property
    def is_followed(self) -> bool:
        """Whether other records change with those of this call."""
        return self._plan.behaviour.follow is not None

    def follow(self) -> None:
        """Once the prepared rows are saved: change the other records that follow them."""
        if self._followed and self._plan.behaviour.follow:
            self._plan.behaviour.follow(self._state, self._followed)

    def new(self, row: Mapping[str, Any]) -> Pending | list[SalesforceError]:
        """A row to insert: what to store, or why not.

        Raises:
            WrongTypeError: A value is of the wrong kind, and values are not text.
        """
        plan = self._plan
        document: Document = {}
        problems = self._read(row, plan.for_insert, document)
        if problems:
            return problems
        for name, value in plan.defaults:
            if document.get(name) is None:
                document[name] = value
        missing = [name for name in plan.required if document.get(name) is None]
        if missing:
            return [errors.required_fields_missing(missing)]
        if plan.owner is not None and document.setdefault("OwnerId", self._state.identity.user_id) is None:
            return [errors.owner_is_blank(plan.owner.label)]
        for field in plan.auto_numbers:
            number = self._state.store.next_number(f"auto:{self._sobject.name}.{field.name}")
            document[field.name] = format_number(field, number, self._state.clock.now())
        record_id = self._state.ids.next(self._sobject.prefix)
        return self._finish(record_id, document, None)

    def change(self, given: str | None, values: Mapping[str, Any]) -> Pending | list[SalesforceError]:
        """A row to update: what to store, or why not.

        Raises:
            WrongTypeError: A value is of the wrong kind, and values are not text.
        """
        try:
            record_id, old = self._current(given)
        except SalesforceError as error:
            return [error]
        changes: Document = {}
        problems = self._read(values, self._plan.for_update, changes)
        if problems:
            return problems
        missing = [name for name in changes if changes[name] is None and name in self._plan.not_null]
        if missing == ["OwnerId"] and self._plan.owner:
            return [errors.owner_is_blank(self._plan.owner.label)]
        if missing:
            return [errors.required_fields_missing(missing)]
        return self._finish(record_id, {**old, **changes}, old)

    # -- inside ----------------------------------------------------------------------------------------------

    def _current(self, given: str | None) -> tuple[str, Document]:
        if not given:
            raise errors.id_not_specified("update")
        record_id = read_id(given, f"{self._sobject.label} ID", "Id")
        if record_id[:3] != self._sobject.prefix:
            raise errors.invalid_cross_reference()
        row = self._state.store.get(self._sobject.name, record_id)
        if row is None:
            raise errors.invalid_cross_reference()
        if row.archived:
            raise errors.entity_is_deleted()
        if record_id in self._changed:
            raise errors.duplicate_id(record_id)
        self._changed.add(record_id)
        return record_id, row.document

    def _read(
        self, row: Mapping[str, Any], columns: dict[str, _Column | None], document: Document
    ) -> list[SalesforceError]:
        """Put the row's values under canonical names into `document`; returns what is wrong with them."""
        locked: list[str] = []
        problems: list[SalesforceError] = []
        references: list[tuple[Field, str]] = []
        for key, value in row.items():
            try:
                column = columns[key]
            except KeyError:
                try:
                    column = columns[key] = self._column(key, is_insert=columns is self._plan.for_insert)
                except SalesforceError as error:
                    return [error]
            if column is None:
                continue
            name, field, convert, is_reference, is_relationship = column
            if convert is None and not is_relationship:
                if isinstance(value, Mapping) and field.type in ("address", "location"):
                    raise WrongTypeError(field, next(iter(value.values()), None))
                if name != "Id":
                    locked.append(name)
                elif value:
                    return [errors.id_in_body()]
            elif value is None or value == "":
                document[name] = None
            else:
                try:
                    if convert is None:
                        document[name] = self._by_external_id(key, field, value)
                        continue
                    document[name] = converted = convert(field, value)
                    if is_reference:
                        references.append((field, converted))
                except SalesforceError as error:
                    problems.append(error)
                except WrongTypeError as error:
                    if field.type == "base64" and isinstance(value, dict) and value:  # jsforce issue 1074
                        return [errors.no_such_column(next(iter(value)), self._sobject.name)]
                    if self._options.is_collection and _names_its_type_behind(row, key):
                        problems.append(error.as_json_error(_NO_PLACE))
                        continue
                    if not self._options.is_text:
                        raise
                    if field.type == "datetime" and (midnight := _midnight(value)) is not None:
                        document[name] = midnight
                    else:
                        problems.append(error.as_row_error((self._options.columns or {}).get(key)))
        if locked:
            return [errors.not_writable(locked)]
        return problems or self._check_references(references)

    def _column(self, key: str, *, is_insert: bool) -> _Column | None:
        """The field that a client's spelling means.

        Raises:
            SalesforceError: The object has no such field.
        """
        field = self._sobject.field(key)
        relationship = self._sobject.relationships.get(key.partition(".")[0].partition(":")[0].lower())
        is_relationship = field is None and relationship is not None
        field = field or relationship
        if field is None:
            if key.lower() == "attributes":
                return None
            raise errors.no_such_column(key, self._sobject.name)
        is_writable = (field.createable if is_insert else field.updateable) and not field.formula
        is_relationship = is_relationship and is_writable
        convert = (
            CONVERTERS[field.type] if is_writable and not is_relationship and field.name != "Id" else None
        )
        return field.name, field, convert, field.type == "reference", is_relationship

    def _by_external_id(self, key: str, field: Field, value: Any) -> str | None:
        """Resolve `"Account": {"Ext__c": 1}`, or the CSV forms `Account.Ext__c` and `Owner:User.Username`."""
        if isinstance(value, Mapping):
            return self._references.by_external_id(field, value)
        path, _, name = key.partition(".")
        if name and not self._options.is_text:  # OpenFn/adaptors issue 556
            raise errors.no_such_column(key, self._sobject.name)
        if not name:
            raise WrongTypeError(field, value)
        named: dict[str, Any] = {name: value}
        if ":" in path:
            named["attributes"] = {"type": path.partition(":")[2]}
        return self._references.by_external_id(field, named)

    def _check_references(self, references: Iterable[tuple[Field, str]]) -> list[SalesforceError]:
        for field, record_id in references:
            try:
                self._references.check(field, record_id)
            except SalesforceError as error:
                return [error]
        return []

    def _finish(
        self, record_id: str, document: Document, old: Document | None
    ) -> Pending | list[SalesforceError]:
        """Derive what follows from the values, and ask the rules that look at the whole record."""
        plan = self._plan
        if plan.name and document.get(plan.name) is None:
            document[plan.name] = record_id[:15]
        for address in plan.addresses:
            if (problem := keep_in_step(address, document, old)) is not None:
                return [problem]
        behaviour = plan.behaviour
        if behaviour.check_given and (problems := behaviour.check_given(document, old, self._state)):
            return problems
        if behaviour.derive:
            behaviour.derive(document, old, self._state, record_id)
        problems = self._check_hierarchies(record_id, document, old) if old and plan.hierarchies else []
        if behaviour.check:
            problems = problems or behaviour.check(document, old, self._state)
        if plan.unique:
            problems = problems or self._check_unique(record_id, document, old)
        if behaviour.keys:
            problems = problems or self._check_natural_keys(record_id, document, old)
        problems = problems or self._state.rules.check(
            self._sobject, record_id, document, old, allow_duplicates=self._options.allow_duplicates
        )
        if problems:
            return problems
        if None in document.values():
            document = {name: value for name, value in document.items() if value is not None}
        if behaviour.follow:
            self._followed.append(RecordChange(record_id, document, old))
        return Pending(record_id, document)

    def _check_unique(
        self, record_id: str, document: Document, old: Document | None
    ) -> list[SalesforceError]:
        for field in self._plan.unique:
            value = document.get(field.name)
            if value is None or (old is not None and old.get(field.name) == value):
                continue
            other = self._holder(field, value, record_id)
            if other is not None:
                if field.name == "CommunityNickname":
                    return [errors.duplicate_nickname()]
                return [errors.duplicate_value(field.name, other)]
            self._taken[field.name, _folded(field, value)] = record_id
        return []

    def _check_hierarchies(self, record_id: str, document: Document, old: Document) -> list[SalesforceError]:
        """No record is above itself; of a custom field only the next step is known to be looked at [P]."""
        for field in self._plan.hierarchies:
            above = document.get(field.name)
            if above == old.get(field.name):
                continue
            for _ in range(1 if field.custom else _HIGHEST_HIERARCHY):
                if above is None:
                    break
                if above == record_id:
                    return [errors.circular_dependency(field.name)]
                row = self._state.store.get(self._sobject.name, above)
                above = row.document.get(field.name) if row else None
        return []

    def _check_natural_keys(
        self, record_id: str, document: Document, old: Document | None
    ) -> list[SalesforceError]:
        store = self._state.store
        for key in self._plan.behaviour.keys:
            values = key.of(document)
            if None in values or (old is not None and values == key.of(old)):
                continue
            store.declare(self._sobject.name, key.fields[:1])
            rows = store.lookup(self._sobject.name, key.fields[0], document[key.fields[0]], limit=-1)
            same = (row.id for row in rows if key.of(row.document) == values)
            other = self._taken.get((key.fields, values)) or next(same, None)
            if other is not None and other != record_id:
                return [key.refusal(other, document)]
            self._taken[key.fields, values] = record_id
        return []

    def _holder(self, field: Field, value: Any, record_id: str) -> str | None:
        """The id of another record that has this value."""
        taken = self._taken.get((field.name, _folded(field, value)))
        if taken is not None and taken != record_id:
            return taken
        self._state.store.declare(self._sobject.name, (field.name,))
        for row in self._state.store.lookup(self._sobject.name, field.name, value, limit=10):
            is_same = row.document.get(field.name) == value or not field.case_sensitive
            if row.id != record_id and is_same:
                return row.id
        return None


def _midnight(value: Any) -> str | None:
    """The beginning of a day in UTC: where values arrive as text, a date is taken for a moment [D]."""
    return f"{value}T00:00:00.000+0000" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)) else None


def _names_its_type_behind(row: Mapping[str, Any], key: str) -> bool:
    names = list(row)
    return "attributes" in row and names.index("attributes") > names.index(key)


def _name_to_fill(sobject: SObject) -> str:
    """The field of a custom object that takes the record's id (15 characters) when nobody fills it [D P]."""
    name = sobject.name_field if sobject.custom else None
    return name.name if name is not None and not name.auto_number else ""


def _folded(field: Field, value: Any) -> Any:
    return value.lower() if isinstance(value, str) and not field.case_sensitive else value


def _default(field: Field) -> Any:
    """The value of a new record that gives none, where it is not simply null or false."""
    if field.default is not None:
        return field.default
    return next((value.value for value in field.values if value.is_default), None)
