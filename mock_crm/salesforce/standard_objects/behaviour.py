"""What a standard object does beyond its describe, in the words that its module and the engine share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from mock_crm.core.store import Row
from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.state import OrgState

Document = dict[str, Any]


class RecordChange(NamedTuple):
    """A record before and after: `old` is None for a new one, `new` for one that was deleted."""

    id: str
    new: Document | None
    old: Document | None


class NaturalKey(NamedTuple):
    """Fields that no two records share, in any case; records without a value of one are left out.

    `refusal` is called with the id of the record that has the values already, and with the new document.
    """

    fields: tuple[str, ...]
    refusal: Callable[[str, Document], SalesforceError]

    def of(self, document: Document) -> tuple[Any, ...]:
        values = (document.get(name) for name in self.fields)
        return tuple(value.lower() if isinstance(value, str) else value for value in values)


Derive = Callable[[Document, Document | None, OrgState, str], None]
Check = Callable[[Document, Document | None, OrgState], list[SalesforceError]]
Follow = Callable[[OrgState, Sequence[RecordChange]], None]


class Behaviour(NamedTuple):
    """The parts of one object; each may be missing.

    Attributes:
        derive: Works out fields of a record that is about to be saved: called with the new document, the old
            one or None, the state and the record's id.
        check: What is wrong with it then: called with the new document, the old one or None, and the state.
        follow: Changes other records after records were saved or deleted.
        keys: What no two records share.
        check_given: What is wrong with what the client gives, before anything is worked out.
    """

    derive: Derive | None = None
    check: Check | None = None
    follow: Follow | None = None
    keys: tuple[NaturalKey, ...] = ()
    check_given: Check | None = None


def has_changed(name: str, new: Document, old: Document | None) -> bool:
    """Whether this write changes the field; in a new record, all of them."""
    return old is None or new.get(name) != old.get(name)


def is_given(name: str, new: Document, old: Document | None) -> bool:
    """Whether the client itself set the field to a value in this write."""
    return new.get(name) is not None and has_changed(name, new, old)


def rows_below(state: OrgState, table: str, field: str, record_id: str) -> list[Row]:
    """The records of `table` whose `field` names this record."""
    state.store.declare(table, (field,))
    return state.store.lookup(table, field, record_id, limit=-1)


def parent_of(state: OrgState, table: str, document: Document, field: str) -> Document:
    """The document that a reference field leads to; empty when there is none."""
    record_id = document.get(field)
    row = state.store.get(table, record_id) if record_id else None
    return row.document if row else {}


def touched(changes: Sequence[RecordChange], field: str) -> list[str]:
    """The ids that `field` has or had in the changed records, each once."""
    documents = (document for change in changes for document in (change.new, change.old) if document)
    return list(dict.fromkeys(value for document in documents if (value := document.get(field))))


def owned(noun: str) -> Check:
    """The owner is active; accounts, opportunities and custom objects do not ask for it since 2015 [P]."""

    def check(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
        owner = new.get("OwnerId")
        if owner is None or owner == state.identity.user_id or not has_changed("OwnerId", new, old):
            return []
        user = state.store.get("User", owner)
        is_inactive = user is not None and not user.document.get("IsActive")
        return [errors.inactive_owner(owner, noun)] if is_inactive else []

    return check
