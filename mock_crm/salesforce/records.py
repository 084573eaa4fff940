"""From a stored row to the whole record: every field in the describe's order, compounds and formulas too."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from mock_crm.core.store import Row
from mock_crm.salesforce.model import SYSTEM_COLUMNS, Field, SObject
from mock_crm.salesforce.roll_ups import RollUp
from mock_crm.salesforce.state import OrgState

Record = dict[str, Any]

_ADDRESS_PARTS = (
    "city",
    "country",
    "countryCode",
    "geocodeAccuracy",
    "latitude",
    "longitude",
    "postalCode",
    "state",
    "stateCode",
    "street",
)
_OWN_USER = ("CreatedById", "LastModifiedById", "OwnerId")


@lru_cache(maxsize=4096)
def moment_text(epoch_ms: int) -> str:
    """A store moment in the form in which Salesforce gives datetimes."""
    moment = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}+0000"


class Records:
    """Makes whole records of one state.

    Args:
        state: Whose schema and user apply.
    """

    def __init__(self, state: OrgState) -> None:
        self._state = state
        self._shapes: WeakKeyDictionary[SObject, _Shape] = WeakKeyDictionary()

    def whole(self, sobject: SObject, row: Row) -> Record:
        """The record with all fields that the API user sees; null where it has no value."""
        shape = self._shapes.get(sobject)
        if shape is None:
            shape = self._shapes[sobject] = _Shape(sobject, self._state)
        return shape.fill(row)


class _Shape:
    """What whole records of one object look like, worked out once."""

    def __init__(self, sobject: SObject, state: OrgState) -> None:
        self._state = state
        self._sobject = sobject
        user = state.identity.user_id
        self._template: Record = {
            field.name: False if field.type == "boolean" else user if field.name in _OWN_USER else None
            for field in sobject.by_name.values()
        }
        self._columns = [(f, c) for f, c in SYSTEM_COLUMNS.items() if f in self._template]
        self._addresses = [
            (f.name, _parts(sobject, f))
            for f in sobject.by_name.values()
            if f.type in ("address", "location")
        ]
        self._summaries = [
            (f.name, RollUp.of(f)) for f in sobject.by_name.values() if f.is_summary and f.definition
        ]
        self._formulas = [field for field in sobject.by_name.values() if field.formula]

    def fill(self, row: Row) -> Record:
        record = self._template.copy()
        for name, value in row.document.items():
            if name in record:
                record[name] = value
        for name, column in self._columns:
            record[name] = _column(row, column)
        for name, parts in self._addresses:
            record[name] = _address(record, parts)
        for field, roll_up in self._summaries:
            record[field] = roll_up.value(self._state.store, row.id)
        if self._formulas:
            self._state.rules.calculate(self._sobject, self._formulas, record)
        return record


def _column(row: Row, column: str) -> Any:
    if column == "id":
        return row.id
    if column == "archived":
        return row.archived
    return moment_text(row.created if column == "created" else row.modified)


def _parts(sobject: SObject, field: Field) -> list[tuple[str, str]]:
    """The address's member names and the fields that they come from; `BillingAddress` has `BillingCity`."""
    if field.type == "location":
        return [
            (part, f"{field.name.removesuffix('__c')}__{part.capitalize()}__s")
            for part in ("latitude", "longitude")
            if sobject.field(f"{field.name.removesuffix('__c')}__{part.capitalize()}__s")
        ]
    start = field.name.removesuffix("Address")
    names = [(part, start + part[0].upper() + part[1:]) for part in _ADDRESS_PARTS]
    return [
        (part, name if sobject.field(name) else "")
        for part, name in names
        if sobject.field(name) or not part.endswith("Code")
    ]


def _address(record: Record, parts: list[tuple[str, str]]) -> dict[str, Any] | None:
    found = {part: record[name] if name else None for part, name in parts}
    return found if any(value is not None for value in found.values()) else None
