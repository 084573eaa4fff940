"""The search endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import bodies, responses
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.routes.objects import API
from mock_crm.hubspot.search import SearchInput, search

if TYPE_CHECKING:
    from mock_crm.hubspot.context import Account


def endpoints() -> list[Endpoint]:
    """The endpoint of searches."""
    return [
        Endpoint(
            "POST",
            API,
            "/{objectType}/search",
            search_records,
            windows=("search",),
            fidelity="simplified",
            note="a record's older state is not found while the search lags",
        )
    ]


def search_records(request: Request, org: Account) -> Response:
    """A page of the records that match."""
    schema = org.type_for(request, "read")
    given = bodies.read(request, SearchInput)
    found = search(org, schema, given)
    names = responses.shown_names(schema, given.properties)
    body: dict[str, Any] = {
        "total": found.total,
        "results": responses.record_bodies(org, schema, found.rows, names),
    }
    if found.after is not None:
        body["paging"] = {"next": {"after": str(found.after)}}
    return responses.answer(body)
