"""Making one record of two.

Since January 2025 what comes of any merge is a new record with a new id, and both former ids go on naming it
(documented; evidence/hubspot.md). It has the values of the primary record and what that one lacked, the links
of both, the history of the primary one, and is a member of its lists.
"""

from __future__ import annotations

from mock_crm.core.store import Row, Store
from mock_crm.hubspot import errors, merged_ids
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.derivation import hold_lifecycle, on_change
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.references import index_aliases
from mock_crm.hubspot.schema import TypeSchema

_HAVE_LIFECYCLES = ("0-1", "0-2")


def merge(org: HubSpotContext, schema: TypeSchema, primary_id: str, other_id: str) -> Row:
    """Make one new record of `primary_id` and `other_id`, and return it.

    Raises:
        HubSpotError: They are the same record, one does not exist, or one would have too many associations.
    """
    if primary_id == other_id:
        raise errors.cannot_merge(primary_id)
    table = schema.type.id
    primary, other = (org.records.get(schema, record_id) for record_id in (primary_id, other_id))
    if primary is None or other is None:
        raise errors.not_found()
    if primary.id == other.id:
        raise errors.cannot_merge(primary_id)
    at = org.now_ms()
    with org.store.transaction():
        new_id = org.records.new_id(table)
        gained = _gained(table, primary, other)
        values = primary.document | gained | _own(table, primary.document, new_id)
        values["hs_merged_object_ids"] = _merged(primary, other)
        if table == "0-1":
            values |= _contact_extras(org.store, primary, other, new_id, at)
        elif table == "0-2" and other.document.get("domain", "") not in ("", values.get("domain")):
            values["hs_additional_domains"] = _joined(
                primary, "hs_additional_domains", other.document["domain"]
            )
        on_change(schema.type, primary.document, gained, values, org.derivation())
        _insert(org.store, table, primary, new_id, dict(sorted(values.items())), at)
        for former in (primary, other):
            try:
                org.associations.move(table, former.id, new_id, at)
            except HubSpotError as error:
                raise errors.merge_beyond_limit(org.portal_id, other.id, primary.id, table) from error
        org.lists.hand_over(table, primary.id, new_id)
        org.lists.forget(table, other.id)
        org.store.delete(table, [primary.id, other.id])
        merged_ids.remember(org.store, table, [primary.id, other.id], new_id, at)
        merged = org.store.get(table, new_id)
    assert merged is not None
    return merged


def _gained(table: str, primary: Row, other: Row) -> dict[str, str]:
    """What the other record has and the primary one lacks; the later of their stages of the lifecycle."""
    gained = {name: value for name, value in other.document.items() if not primary.document.get(name)}
    if table in _HAVE_LIFECYCLES and (stage := other.document.get("lifecyclestage")):
        later = {"lifecyclestage": stage}
        hold_lifecycle(primary.document, later)
        gained |= later
    return gained


def _own(table: str, values: dict[str, str], record_id: str) -> dict[str, str]:
    """Those of a record's values that say its id."""
    own = {"hs_object_id": record_id, "hs_ticket_id": record_id, "hs_obj_coords": f"{table}-{record_id}"}
    return {name: value for name, value in own.items() if name in values}


def _insert(store: Store, table: str, primary: Row, new_id: str, values: dict[str, str], at: int) -> None:
    """Add the new record, with the history of the primary one."""
    first, *later = store.history(table, primary.id)
    own = _own(table, primary.document, new_id)
    store.insert(table, new_id, first.document | own, primary.created, modified=first.modified)
    for version in later:
        store.update(table, new_id, version.document | own, version.modified)
    store.update(table, new_id, values, at)


def _merged(primary: Row, other: Row) -> str:
    """The ids of all records that were ever merged into this one."""
    former = [row.document.get("hs_merged_object_ids") for row in (primary, other)]
    return ";".join(filter(None, [*former, primary.id, other.id]))


def _joined(primary: Row, name: str, value: str) -> str:
    """A list in the primary record, with one value more."""
    return ";".join(filter(None, [primary.document.get(name), value]))


def _contact_extras(store: Store, primary: Row, other: Row, new_id: str, at: int) -> dict[str, str]:
    """What a merged contact shows of the two that it was made of: their ids and their email addresses."""
    first, second = primary.document, other.document
    extras = {
        "hs_all_contact_vids": f"{new_id};{first['hs_all_contact_vids']};{second['hs_all_contact_vids']}",
        "hs_calculated_merged_vids": _joined(
            primary, "hs_calculated_merged_vids", f"{primary.id}:{at};{other.id}:{at}"
        ),
    }
    addresses = [second.get("email"), *second.get("hs_additional_emails", "").split(";")]
    own = first.get("email") or second.get("email")
    kept = [first.get("hs_additional_emails"), *(a for a in addresses if a and a != own)]
    if any(kept):
        index_aliases(store)
        extras["hs_additional_emails"] = ";".join(filter(None, kept))
    return extras
