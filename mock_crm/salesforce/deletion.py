"""Deleting records with what hangs on them: cascades, emptied references, and refusals."""

from __future__ import annotations

from mock_crm.core.store import Row
from mock_crm.salesforce import errors
from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.model import SObject
from mock_crm.salesforce.standard_objects import behaviour_of
from mock_crm.salesforce.standard_objects.behaviour import RecordChange
from mock_crm.salesforce.standard_objects.operations import NOT_DELETED
from mock_crm.salesforce.state import OrgState

# The API refuses to delete these; users, for one, can only be made inactive.
_PERMANENT = frozenset({"User", "Organization", "Profile", "UserLicense", "RecordType"})


class Deletion:
    """Deletes records of one state.

    Args:
        state: Whose records they are.
    """

    def __init__(self, state: OrgState) -> None:
        self._state = state

    def delete(self, given: str, *, is_hard: bool = False) -> str:
        """Move a record and its dependants to the recycle bin, or erase them; returns the 18-character id.

        Raises:
            SalesforceError: There is no such record, or it may not be deleted.
        """
        record_id = to_18(given) if given else None
        if record_id is None:
            raise errors.malformed_id(given) if given else errors.id_not_specified("delete")
        sobject = self._state.schema.by_prefix(record_id[:3])
        row = self._state.store.get(sobject.name, record_id) if sobject else None
        if sobject is None or row is None:
            raise errors.invalid_cross_reference()
        if row.archived and not is_hard:
            raise errors.entity_is_deleted()
        if sobject.name in _PERMANENT or record_id == self._state.identity.standard_pricebook_id:
            raise errors.no_access_to_object()
        if sobject.name in NOT_DELETED:
            raise errors.not_supported(sobject.label, "delete")
        with self._state.store.transaction():
            self._delete(sobject, row, is_hard=is_hard)
        return record_id

    def undelete(self, sobject: SObject, record_id: str) -> None:
        """Bring a record back from the recycle bin, with the children that went there along with it.

        Raises:
            SalesforceError: It is not in the recycle bin.
        """
        row = self._state.store.get(sobject.name, record_id)
        if row is None or not row.archived:
            raise errors.invalid_cross_reference()
        with self._state.store.transaction():
            self._undelete(sobject, row)

    def _undelete(self, sobject: SObject, record: Row) -> None:
        store = self._state.store
        store.archive(sobject.name, [record.id], self._state.now_ms(), archived=False)
        for child in self._state.schema.children(sobject.name):
            holder = self._state.schema.definition(child.child)
            if holder is None or not child.cascade_delete:
                continue
            for row in self._pointing(holder.name, child.field, record.id, archived=True):
                if row.modified == record.modified:
                    self._undelete(holder, row)
        if follow := behaviour_of(sobject.name).follow:
            follow(self._state, [RecordChange(record.id, record.document, record.document)])

    def _delete(self, sobject: SObject, record: Row, *, is_hard: bool) -> None:
        for child in self._state.schema.children(sobject.name):
            holder = self._state.schema.definition(child.child)
            if holder is None:
                continue
            pointing = self._pointing(holder.name, child.field, record.id)
            if sobject.name == "Account" and holder.name == "Opportunity":
                won = [_name(holder, row) for row in pointing if row.document.get("IsWon")]
                if won:
                    raise errors.account_with_won_opportunities(_name(sobject, record), won)
            if pointing and child.restricted_delete:
                names = [_name(holder, row) for row in pointing]
                raise errors.delete_restricted(_name(sobject, record), holder.plural, names)
            for row in pointing:
                if child.cascade_delete:
                    self._delete(holder, row, is_hard=is_hard)
                else:
                    emptied = {name: value for name, value in row.document.items() if name != child.field}
                    self._state.store.update(holder.name, row.id, emptied, self._state.now_ms())
        if is_hard:
            self._state.store.delete(sobject.name, [record.id])
        else:
            self._state.store.archive(sobject.name, [record.id], self._state.now_ms())
        if follow := behaviour_of(sobject.name).follow:
            follow(self._state, [RecordChange(record.id, None, record.document)])
        if sobject.name in ("PermissionSet", "PermissionSetAssignment", "FieldPermissions"):
            self._state.schema.forget_permissions()

    def _pointing(self, table: str, field: str, record_id: str, *, archived: bool = False) -> list[Row]:
        if self._state.store.is_empty(table):
            return []
        self._state.store.declare(table, (field,))
        return self._state.store.lookup(table, field, record_id, limit=-1, archived=archived)


def _name(sobject: SObject, row: Row) -> str:
    field = sobject.name_field
    name = str(row.document.get(field.name, row.id)) if field is not None else row.id
    return f"{row.document['Salutation']} {name}" if row.document.get("Salutation") else name
