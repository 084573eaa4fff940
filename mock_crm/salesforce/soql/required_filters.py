"""What a query has to filter, of objects that cannot be read as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from mock_crm.salesforce.soql.errors import malformed
from mock_crm.salesforce.soql.nodes import Both, Comparison, Condition, FieldPath, Membership, Query, SemiJoin

_LINKED_BY = frozenset({"contentdocumentid", "linkedentityid"})


def required(where: Condition | None) -> Iterator[Condition]:
    """The conditions that hold for every row that is found."""
    if isinstance(where, Both):
        for condition in where.conditions:
            yield from required(condition)
    elif where is not None:
        yield where


def check_links(query: Query) -> None:
    """Links of files are read by their documents or by what they are linked to.

    Raises:
        SoqlError: No condition at the top level names ids of these.
    """
    if not any(_names_link(condition) for condition in required(query.where)):
        raise malformed(
            "Implementation restriction: ContentDocumentLink requires a filter by a single Id on "
            "ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN "
            "operator."
        )


def _names_link(condition: Condition) -> bool:
    if isinstance(condition, SemiJoin):
        is_equal = not condition.negated
    elif isinstance(condition, Comparison | Membership):
        is_equal = condition.operator in ("=", "IN")
    else:
        return False
    return (
        is_equal and isinstance(condition.left, FieldPath) and condition.left.parts[-1].lower() in _LINKED_BY
    )
