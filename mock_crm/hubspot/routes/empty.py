"""Lists of what an account without marketing, automation and forms has none of.

Tools that copy a whole account (Airbyte's, Singer's and Meltano's sources) read these beside the records, and
stop or try again for minutes when one of them is not answered. A new account answers with empty lists, and so
does this one; writing there is not simulated.
"""

from __future__ import annotations

from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.hubspot import guards, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import ALL, DATED, Endpoint, Handler

_MORE: dict[str, Any] = {"hasMore": False, "offset": ""}
_V3 = ("v3", *DATED)
_LISTS: tuple[tuple[str, str, tuple[str, ...], Any], ...] = (
    ("email/public", "/campaigns", ("v1",), _MORE | {"campaigns": []}),
    ("email/public", "/campaigns/by-id", ("v1",), _MORE | {"campaigns": []}),
    ("email/public", "/events", ("v1",), _MORE | {"events": []}),
    ("email/public", "/subscriptions", ("v1",), {"subscriptionDefinitions": []}),
    ("email/public", "/subscriptions/timeline", ("v1",), _MORE | {"timeline": []}),
    ("communication-preferences", "/definitions", ("v3",), {"subscriptionDefinitions": []}),
    ("marketing-emails", "/emails", ("v1",), {"limit": 10, "objects": [], "offset": 0, "total": 0}),
    ("marketing-emails", "/emails/with-statistics", ("v1",),
     {"limit": 10, "objects": [], "offset": 0, "total": 0}),
    ("marketing/emails", "", _V3, {"total": 0, "results": []}),
    ("marketing/campaigns", "", _V3, {"total": 0, "results": []}),
    ("marketing/forms", "", _V3, {"results": []}),
    ("forms", "/forms", ("v2",), []),
    ("automation", "/workflows", ("v3",), {"workflows": []}),
    ("automation", "/flows", ("v4",), {"results": []}),
    ("crm/objects", "/deal_split", ALL, {"results": []}),
    ("events/events", "", _V3, {"results": []}),
)  # fmt: skip


def endpoints() -> list[Endpoint]:
    note = "always empty"
    return [
        *(
            Endpoint("GET", api, path, _answering(body), versions, "simplified", note)
            for api, path, versions, body in _LISTS
        ),
        Endpoint("GET", "settings/users", "", list_users, _V3, "simplified", "the owners, without roles"),
        Endpoint("GET", "settings/users", "/teams", _answering({"results": []}), _V3, "simplified", note),
        Endpoint("GET", "settings/users", "/roles", _answering({"results": []}), _V3, "simplified", note),
    ]


def list_users(request: Request, org: HubSpotContext) -> Response:
    """The users of the account, who are its owners."""
    guards.need_scope(request, ("settings.users.read",))
    users = [
        {
            "id": str(owner.user_id),
            "email": owner.email,
            "firstName": owner.first_name,
            "lastName": owner.last_name,
            "roleIds": [],
            "superAdmin": False,
        }
        for owner in org.owners
    ]
    return responses.answer({"results": users})


def _answering(body: Any) -> Handler:
    def answer(request: Request, org: HubSpotContext) -> Response:
        return responses.answer(body)

    return answer
