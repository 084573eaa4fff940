"""The search endpoint."""

from __future__ import annotations

from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import bodies, guards, record_bodies, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.routes.objects import API
from mock_crm.hubspot.search import SearchInput, search


def endpoints() -> list[Endpoint]:
    return [
        Endpoint(
            "POST",
            API,
            "/{objectType}/search",
            search_records,
            windows=("search",),
        )
    ]


def search_records(request: Request, org: HubSpotContext) -> Response:
    """A page of the records that match."""
    schema = guards.need_type(request, org, "read")
    given = bodies.read(request, SearchInput)
    found = search(org, schema, given)
    names = record_bodies.shown_names(schema, given.properties)
    body: dict[str, Any] = {
        "total": found.total,
        "results": record_bodies.of_rows(org, schema, found.rows, names),
    }
    if found.after is not None:
        body["paging"] = {"next": {"after": str(found.after)}}
    return responses.answer(body)
