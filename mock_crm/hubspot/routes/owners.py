"""Owners: the users that records can belong to."""

from __future__ import annotations

from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import errors, guards, query, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.owners import Owner
from mock_crm.hubspot.timestamps import iso_ms

API = "crm/owners"
_SCOPES = ("crm.objects.owners.read",)
# ETL tools leave out owners that were not changed after their start date.
_SINCE_MS = 1_735_689_600_000


def endpoints() -> list[Endpoint]:
    note = "the owners follow from the seed, and none is archived"
    return [
        Endpoint("GET", API, "", list_owners, fidelity="simplified", note=note),
        Endpoint("GET", API, "/{ownerId}", read, fidelity="simplified", note=note),
    ]


def list_owners(request: Request, org: HubSpotContext) -> Response:
    """A page of owners; `email` looks for one."""
    guards.need_scope(request, _SCOPES)
    limit = query.limit_in(request, 100, 500)
    start = query.cursor_in(request)
    wanted = request.query.get("email", "").lower()
    owners = [] if query.flag_in(request, "archived") else org.owners
    found = [owner for owner in owners if not wanted or owner.email.lower() == wanted]
    page = found[start : start + limit]
    body: dict[str, Any] = {"results": [_body(owner) for owner in page]}
    if start + limit < len(found):
        body["paging"] = responses.paging_body(request, str(start + limit))
    return responses.answer(body)


def read(request: Request, org: HubSpotContext) -> Response:
    """One owner by its id, or by its user's with `idProperty=userId`."""
    guards.need_scope(request, _SCOPES)
    wanted = request.params["ownerId"]
    by_user = request.query.get("idProperty", "id").lower() == "userid"
    for owner in org.owners:
        if wanted == (str(owner.user_id) if by_user else owner.id):
            return responses.answer(_body(owner))
    raise errors.not_found()


def _body(owner: Owner) -> dict[str, Any]:
    return {
        "id": owner.id,
        "email": owner.email,
        "type": owner.type,
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        "userId": owner.user_id,
        "userIdIncludingInactive": owner.user_id_including_inactive,
        "createdAt": iso_ms(_SINCE_MS),
        "updatedAt": iso_ms(_SINCE_MS),
        "archived": False,
    }
