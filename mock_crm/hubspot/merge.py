"""Making one record of two.

The primary record keeps its id and its values, takes over what it lacks, and gets the other one's links; the
other one is archived. (HubSpot gives the outcome of some merges a new id; here the primary one stays.)
"""

from __future__ import annotations

from mock_crm.core.store import Row, Store
from mock_crm.hubspot import errors
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.derivation import on_change
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.references import index_aliases
from mock_crm.hubspot.schema import TypeSchema


def merge(org: HubSpotContext, schema: TypeSchema, primary_id: str, other_id: str) -> Row:
    """Merge `other_id` into `primary_id` and return the record that remains.

    Raises:
        HubSpotError: They are the same record, one does not exist, or one would have too many associations.
    """
    if primary_id == other_id:
        raise errors.cannot_merge(primary_id)
    table = schema.type.id
    primary, other = (org.records.get(schema, record_id) for record_id in (primary_id, other_id))
    if primary is None or other is None:
        raise errors.not_found()
    at = org.now_ms()
    with org.store.transaction():
        gained = {name: value for name, value in other.document.items() if not primary.document.get(name)}
        values = primary.document | gained
        values["hs_merged_object_ids"] = _joined(primary, "hs_merged_object_ids", other_id)
        if table == "0-1":
            values |= _contact_extras(org.store, primary, other)
        elif table == "0-2" and other.document.get("domain", "") not in ("", values.get("domain")):
            values["hs_additional_domains"] = _joined(
                primary, "hs_additional_domains", other.document["domain"]
            )
        on_change(schema.type, primary.document, gained, values, org.derivation())
        try:
            org.associations.move(table, other_id, primary_id, at)
        except HubSpotError as error:
            raise errors.merge_beyond_limit(org.portal_id, other_id, primary_id, table) from error
        org.store.archive(table, [other_id], at)
        org.store.update(table, primary_id, dict(sorted(values.items())), at)
    return Row(primary.seq, primary.id, values, primary.created, at, False)


def _joined(primary: Row, name: str, value: str) -> str:
    """A list in the primary record, with one value more."""
    return ";".join(filter(None, [primary.document.get(name), value]))


def _contact_extras(store: Store, primary: Row, other: Row) -> dict[str, str]:
    """What a merged contact shows of the one it swallowed: its ids and its email addresses."""
    first, second = primary.document, other.document
    extras = {
        "hs_all_contact_vids": f"{first['hs_all_contact_vids']};{second['hs_all_contact_vids']}",
        "hs_calculated_merged_vids": _joined(
            primary, "hs_calculated_merged_vids", f"{other.id}:{other.modified}"
        ),
    }
    addresses = [second.get("email"), *second.get("hs_additional_emails", "").split(";")]
    own = first.get("email") or second.get("email")
    kept = [first.get("hs_additional_emails"), *(a for a in addresses if a and a != own)]
    if any(kept):
        index_aliases(store)
        extras["hs_additional_emails"] = ";".join(filter(None, kept))
    return extras
