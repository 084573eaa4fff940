"""Finding records by what names them: ids, external ids, and the references that writes make by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mock_crm.core.store import Row, Store
from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.model import MASTER_RECORD_TYPE, Field, SObject
from mock_crm.salesforce.state import OrgState
from mock_crm.salesforce.values import WrongTypeError, convert

_MATCHES_SHOWN = 10


def find_by_key(store: Store, sobject: SObject, key: Field, value: Any, limit: int = 2) -> list[Row]:
    """The records whose key field has this value, oldest first, without those in the recycle bin.

    Raises:
        SalesforceError: The value breaks a rule of the field.
    """
    if key.name == "Id":
        record_id = to_18(str(value))
        row = store.get(sobject.name, record_id) if record_id else None
        return [row] if row and not row.archived else []
    try:
        wanted = convert(key, value)
    except WrongTypeError:
        return []
    if wanted is None:
        return []
    store.declare(sobject.name, (key.name,))
    found = store.lookup(sobject.name, key.name, wanted, limit=limit)
    if key.case_sensitive:
        return [row for row in found if row.document.get(key.name) == wanted]
    return found


def find_targets(
    state: OrgState, sobject: SObject, key: Field, rows: Sequence[Mapping[str, Any]]
) -> list[str | SalesforceError | None]:
    """For each row of an upsert: the id of the record to update, None to create one, or why neither."""
    spelled = key.name.lower()
    values = [next((row[name] for name in row if name.lower() == spelled), None) for row in rows]
    times = Counter(str(value).lower() for value in values if value not in (None, ""))
    return [_find_target(state, sobject, key, value, times[str(value).lower()]) for value in values]


def _find_target(
    state: OrgState, sobject: SObject, key: Field, value: Any, times: int
) -> str | SalesforceError | None:
    if value is None or value == "":
        return None if key.name == "Id" else errors.key_not_specified(key.name)
    if times > 1:
        return errors.duplicate_external_id(str(value))
    if key.name == "Id":
        return str(value)
    try:
        found = find_by_key(state.store, sobject, key, value, _MATCHES_SHOWN)
    except SalesforceError as error:
        return error
    if len(found) > 1:
        return errors.several_records(key.label, [row.id for row in found])
    return found[0].id if found else None


class References:
    """Checks that the ids which rows point to exist; remembers them for the length of one call."""

    def __init__(self, state: OrgState) -> None:
        self._state = state
        self._known = {state.identity.user_id}

    def check(self, field: Field, record_id: str) -> None:
        """Make sure that `field` may point to this record (an id of 18 characters).

        Raises:
            SalesforceError: It is another object's, it does not exist, or it is in the recycle bin.
        """
        if record_id in self._known or record_id == MASTER_RECORD_TYPE:
            return
        target = self._state.schema.by_prefix(record_id[:3])
        if target is None or target.name not in field.reference_to:
            raise errors.id_of_other_object(field.label, record_id, field.name)
        row = self._state.store.get(target.name, record_id)
        if row is None and field.name == "RecordTypeId":
            raise errors.record_type_not_valid(field.label, record_id, field.name)
        if row is None:
            raise errors.invalid_cross_reference()
        if row.archived:
            raise errors.entity_is_deleted()
        self._known.add(record_id)

    def by_external_id(self, field: Field, named: Mapping[str, Any]) -> str | None:
        """The id of the record that `{"Ext__c": value}` names, for the reference field.

        Raises:
            SalesforceError: No record, or no such key.
        """
        given = {key: value for key, value in named.items() if key != "attributes"}
        target = self._target(field, named.get("attributes"))
        for name, value in given.items():
            key = target.field(name)
            if key is None:
                raise errors.unknown_member(name)
            if not key.is_key:
                raise errors.no_key(name, target.name)
            found = find_by_key(self._state.store, target, key, value)
            if not found:
                raise errors.foreign_key_not_found(str(value), key.name, target.name)
            if len(found) > 1:
                raise errors.several_records(key.label, [row.id for row in found])
            return found[0].id
        return None

    def _target(self, field: Field, attributes: Any) -> SObject:
        names = field.reference_to
        if isinstance(attributes, Mapping) and attributes.get("type") in names:
            names = (str(attributes["type"]),)
        for name in names:
            found = self._state.schema.find(name)
            if found is not None:
                return found
        raise errors.invalid_cross_reference()
