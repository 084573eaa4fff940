"""A user's password: whether it has expired, setting it, and having a new one made [D].

It is not kept: what signs in is the business of the org's settings.
"""

from __future__ import annotations

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.ids import stable_text
from mock_crm.core.routing import Route
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.json_bodies import read_object
from mock_crm.salesforce.routes.rest.sobjects import existing

_SHORTEST = 8
_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def routes() -> list[Route[SalesforceContext]]:
    path = "/services/data/{version}/sobjects/User/{id}/password"
    note = "The password is not kept."
    return [Route("GET", path, is_expired), Route("POST", path, put, note=note), Route("DELETE", path, reset)]


def is_expired(request: Request, org: SalesforceContext) -> Response:
    _require_user(request, org)
    return json_response({"isExpired": False})


def put(request: Request, org: SalesforceContext) -> Response:
    """Set the password to `NewPassword`: 204."""
    _require_user(request, org)
    password = read_object(request).get("NewPassword")
    if not isinstance(password, str) or len(password) < _SHORTEST:
        raise errors.short_password(_SHORTEST)
    return Response(204)


def reset(request: Request, org: SalesforceContext) -> Response:
    """Make a new password, and tell it."""
    _require_user(request, org)
    number = str(org.store.next_number("password"))
    return json_response(
        {"NewPassword": stable_text(org.name, "password", number, length=12, alphabet=_LETTERS)}
    )


def _require_user(request: Request, org: SalesforceContext) -> None:
    existing(org, org.schema.named("User"), request.params["id"], is_read=True)
