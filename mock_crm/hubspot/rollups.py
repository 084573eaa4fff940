"""Properties that follow from a record's associations: how many there are, and the primary company.

HubSpot brings them up to date some moments after an association changed, without a change of the record's own
(knowledge base: "Understand and use rollup properties"); here it is at once, and not part of its history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mock_crm.core.store import Store

COUNTS = {
    ("0-1", "0-3"): "num_associated_deals",
    ("0-2", "0-1"): "num_associated_contacts",
    ("0-2", "0-3"): "num_associated_deals",
    ("0-3", "0-1"): "num_associated_contacts",
    ("0-3", "0-8"): "hs_num_of_associated_line_items",
    ("0-5", "0-2"): "hs_num_associated_companies",
}
"""What counts the associations of a record with those of another type, by the ids of both types."""

PRIMARY = {"0-1": ("associatedcompanyid", 1), "0-3": ("hs_primary_associated_company", 5)}
"""What holds the id of a record's primary company, and that association's type, by the id of its type."""

End = tuple[str, str, str]
"""One end of an association that changed: its type, its id, and the type at the other end."""


def update(store: Store, ends: Iterable[End], linked: Callable[[End], list[tuple[str, list[int]]]]) -> None:
    """Bring what follows from the associations of these records up to date.

    Args:
        store: Where the records are.
        ends: Which of their associations changed.
        linked: The records at the other end, as (id, association type ids).
    """
    for end in dict.fromkeys(ends):
        source, record_id, target = end
        count = COUNTS.get((source, target))
        primary = PRIMARY.get(source) if target == "0-2" else None
        row = store.get(source, record_id) if count or primary else None
        if row is None:
            continue
        others = linked(end)
        values = row.document
        if count:
            values = values | {count: str(len(others))}
        if primary:
            name, kind = primary
            company = next((other for other, kinds in others if kind in kinds), "")
            if company or name in values:
                values = values | {name: company}
        if values != row.document:
            store.amend(source, record_id, dict(sorted(values.items())))
