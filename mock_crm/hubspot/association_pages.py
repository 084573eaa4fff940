"""A record's associations in HubSpot's order, and the pages of them.

They come by their types, and those of one type by the ids of the other records
(belong-inc/go-hubspot#27); a cursor is the last one's place in this order, in Base64
(HubSpot/hubspot-api-python#135), so that a client which reckons with cursors is mistaken here too.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from mock_crm.core.http import Request
from mock_crm.hubspot import errors
from mock_crm.hubspot.associations import Neighbour
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.model import AssociationType

PAGE_OF_RECORD = 500
"""The most associations that a list of one record's shows."""
PAGE_AMONG_OTHERS = 100
"""The most associations of a record that an answer about records shows (changelog of October 2020)."""


class Place(NamedTuple):
    """Where an association stands: the number of its type's category, its type, the other record."""

    category: int
    type_id: int
    record_id: int

    @classmethod
    def of(cls, kind: AssociationType, record_id: str) -> Place:
        # HubSpot's numbers of the other categories are not known.
        return cls(int(kind.category != "HUBSPOT_DEFINED"), kind.id, int(record_id))

    def cursor(self) -> str:
        """This place as `after` has it: percent-encoded (recorded)."""
        return quote(b64encode("-".join(map(str, self)).encode()).decode())


def place_in(request: Request) -> Place | None:
    """The place that a page begins behind. The cursor may come as it was given, or encoded once more.

    Raises:
        HubSpotError: It is no cursor.
    """
    text = unquote(request.query.get("after", ""))
    if not text:
        return None
    try:
        category, type_id, record_id = map(int, b64decode(text, validate=True).split(b"-"))
    except ValueError as error:
        raise errors.cannot_deserialize("long", text) from error
    return Place(category, type_id, record_id)


def entries(
    org: HubSpotContext, source: str, source_id: str, *targets: str, after: Place | None = None
) -> list[tuple[Place, dict[str, Any]]]:
    """A record's associations with the target types as v3 writes them, one for each of their types."""
    found = [
        (Place.of(kind, other.id), {"id": other.id, "type": kind.name})
        for other in org.associations.neighbours(source, source_id, *targets)
        for kind in other.types
    ]
    found.sort(key=lambda pair: pair[0])
    return found if after is None else [pair for pair in found if pair[0] > after]


def neighbours(
    org: HubSpotContext, source: str, source_id: str, *targets: str, after: Place | None = None
) -> list[tuple[Place, Neighbour]]:
    """The records of the target types linked with a record, each at the place of its first type."""
    found = [
        (min(Place.of(kind, other.id) for kind in other.types), other)
        for other in org.associations.neighbours(source, source_id, *targets)
    ]
    found.sort(key=lambda pair: pair[0])
    return found if after is None else [pair for pair in found if pair[0] > after]


def among_others(
    request: Request, org: HubSpotContext, source: str, source_id: str, target: str, *targets: str
) -> dict[str, Any]:
    """A record's associations with a type in an answer about several records, empty without any.

    `target` is how a path names the target types, if it does not name a single one by its id. The other
    pages are those of the record's own list.
    """
    found = entries(org, source, source_id, *(targets or (target,)))
    if not found:
        return {}
    body: dict[str, Any] = {"results": [entry for _, entry in found[:PAGE_AMONG_OTHERS]]}
    if len(found) > PAGE_AMONG_OTHERS:
        after = found[PAGE_AMONG_OTHERS - 1][0].cursor()
        path = f"/crm/v3/objects/{source}/{source_id}/associations/{target}"
        link = request.url(f"{path}?portalId={org.portal_id}&after={after}")
        body["paging"] = {"next": {"after": after, "link": link}}
    return body
