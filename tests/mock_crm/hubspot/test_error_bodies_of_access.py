"""Refusals of who is asking and how often, and of the web server, letter by letter.

Rows of evidence/hubspot.md#errors. Each names its source: live (recorded from HubSpot), documented, reported
(tests of others claim it), or unverified.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]
Check = Callable[..., None]

pytestmark = pytest.mark.anyio

CONTACTS = "/crm/v3/objects/contacts"
NEW = {"properties": {"email": "a@example.com"}}
CLIENT = {"client_id": "app", "client_secret": "secret"}
CODE = CLIENT | {"grant_type": "authorization_code", "redirect_uri": "http://localhost:9/callback"}


@pytest.fixture
def settings() -> OrgSettings:
    return OrgSettings(
        burst_requests=6, daily_requests=7, scopes=("crm.objects.contacts.read",), tokens=("pat-mine",)
    )


def bearer(token: str) -> dict[str, Any]:
    return {"headers": {"authorization": f"Bearer {token}"}}


# -- tokens and scopes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer ", "Bearer unknown"])
async def test_no_token_or_a_wrong_one(call: Call, exact: Check, header: str) -> None:
    # live
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    answer = await call("GET", CONTACTS, headers={"authorization": header})
    exact(answer, 401, message, "INVALID_AUTHENTICATION")


async def test_an_expired_token(call: Call, clock: ManualClock, org: HubSpotOrg, exact: Check) -> None:
    # live; the fault says the same as a token that ran out
    message = "The OAuth token used to make this call expired 75 second(s) ago."
    context = {"expire time": ["2026-01-01T00:00:00.000Z"]}
    org.expire_token("pat-mine")
    clock.advance(75)
    answer = await call("GET", CONTACTS, **bearer("pat-mine"))
    exact(answer, 401, message, context=context, category="EXPIRED_AUTHENTICATION")
    org.faults.add({"kind": "expired-token"})
    answer = await call("GET", CONTACTS)
    exact(answer, 401, message, context=context, category="EXPIRED_AUTHENTICATION")


async def test_a_missing_scope(call: Call, exact: Check) -> None:
    # live
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": ["crm.objects.contacts.write"]},
    }
    exact(
        await call("POST", CONTACTS, NEW),
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes "
        "here: https://developers.hubspot.com/scopes.",
        errors=[detail],
        links={"scopes": "https://developers.hubspot.com/scopes"},
        category="MISSING_SCOPES",
    )


async def test_a_missing_scope_of_the_dated_schemas(call: Call, exact: Check) -> None:
    # Recorded live in metadata-err-schemas-scope.json, with an older name of the scope
    context = {
        "requiredGranularScopes": ["crm.schemas.custom.read"],
        "links": ["https://developers.hubspot.com/scopes"],
    }
    exact(
        await call("GET", "/crm-object-schemas/2026-03/schemas"),
        403,
        "One or more of the following scopes are required.",
        context=context,
        category="MISSING_SCOPES",
    )


@pytest.mark.parametrize(
    ("form", "code", "message", "standard"),
    [
        # live for the code in `status`, documented for the standard one; most texts are unverified
        ({}, "BAD_CLIENT_ID", "missing or invalid client id", "invalid_client"),
        ({"client_id": "app"}, "BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client"),
        (CLIENT, "BAD_GRANT_TYPE", "missing or unknown grant type", "unsupported_grant_type"),
        (CODE, "BAD_AUTH_CODE", "missing or unknown auth code", "invalid_grant"),
        (CODE | {"code": "x"}, "BAD_AUTH_CODE", "missing or unknown auth code", "invalid_grant"),
        (
            CLIENT | {"grant_type": "refresh_token"},
            "BAD_REFRESH_TOKEN",
            "refresh token is invalid, expired or revoked",
            "invalid_grant",
        ),
    ],
)
async def test_the_token_endpoint(
    call: Call, exact: Check, form: dict[str, str], code: str, message: str, standard: str
) -> None:
    """RFC 6749's members came beside HubSpot's own in January 2026 (developer changelog)."""
    answer = await call("POST", "/oauth/v1/token", data=form)
    exact(answer, 400, message, word=code, error=standard, error_description=message)


async def test_the_grant_without_a_user_is_not_simulated(call: Call) -> None:
    answer = await call("POST", "/oauth/2026-03/token", data=CLIENT | {"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["category"]) == (501, "NOT_SIMULATED")


# -- limits --------------------------------------------------------------------------------------------------


async def test_the_burst_and_the_daily_limit(call: Call, clock: ManualClock, exact: Check) -> None:
    # documented and live
    members = {"error_type": "RATE_LIMIT"}
    for _ in range(6):
        assert (await call("GET", CONTACTS)).status_code == 200
    answer = await call("GET", CONTACTS)
    message = "You have reached your ten_secondly_rolling limit."
    exact(answer, 429, message, **members, policyName="TEN_SECONDLY_ROLLING")
    assert "retry-after" not in answer.headers
    clock.advance(11)
    assert (await call("GET", CONTACTS)).status_code == 200
    answer = await call("GET", CONTACTS)
    exact(answer, 429, "You have reached your daily limit.", **members, policyName="DAILY")


async def test_the_search_limit(call: Call, org: HubSpotOrg, exact: Check) -> None:
    # reported: the Node SDK retries on exactly this text; the fault says the same
    for _ in range(5):
        assert (await call("POST", f"{CONTACTS}/search", {})).status_code == 200
    message = "You have reached your secondly limit."
    first = await call("POST", f"{CONTACTS}/search", {})
    org.faults.add({"kind": "error", "code": "RATE_LIMITS"})
    for answer in (first, await call("POST", f"{CONTACTS}/search", {})):
        body = answer.json()
        # The members of 2026 (a live probe of 2026-04); in 2022 there was the category RATE_LIMITS instead.
        assert list(body) == ["status", "message", "errorType", "correlationId", "policyName"]
        assert (answer.status_code, body["message"]) == (429, message)
        assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "SECONDLY")


# -- the web server, and faults ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/nope", 404, "Not Found"),
        ("POST", "/crm/v3/nope", 404, "Not Found"),
        ("POST", f"{CONTACTS}/1", 405, "Method Not Allowed"),
    ],
)
async def test_an_unknown_path_gets_a_web_server_page(
    call: Call, method: str, path: str, status: int, reason: str
) -> None:
    answer = await call(method, path)
    assert answer.status_code == status
    # Recorded in 2024 and 2026: captaincontrat/hubspot-api-ruby, task_find.yml, contact_list_update.yml
    why = "Resource not found" if status == 404 else f"Reason:\n<pre>    {reason}</pre>"
    assert answer.headers["content-type"] == "text/html;charset=utf-8"
    assert answer.text == (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
        f"<title>Error {status} {reason}</title>\n</head>\n<body><h2>HTTP ERROR {status}</h2>\n"
        f"<p>{why}</p>\n</body>\n</html>\n"
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", CONTACTS, 405),
        ("DELETE", "/crm/v3/lists/", 405),
        ("PUT", "/crm/v3/lists//memberships/add", 404),
    ],
)
async def test_other_methods_than_get_and_post_get_no_page(
    call: Call, method: str, path: str, status: int
) -> None:
    answer = await call(method, path)  # recorded in 2026: contact_list_destroy.yml, contact_lists/
    assert (answer.status_code, answer.text) == (status, "")


@pytest.mark.parametrize("accepted", ["*/*", "text/html"])
async def test_a_missing_record_is_a_page_for_those_who_do_not_ask_for_json(
    http: httpx.AsyncClient, accepted: str
) -> None:
    http.headers["authorization"] = "Bearer pat-mine"
    for path in ("/crm/v3/objects/tasks/996174569112", "/engagements/v1/engagements/1"):
        page = await http.get(path, headers={"accept": accepted})
        assert page.status_code == 404
        assert page.headers["content-type"] == "text/html;charset=utf-8"
        assert "<p>Resource not found</p>" in page.text
        body = await http.get(path, headers={"accept": "application/json, */*"})
        assert body.json()["message"] == "resource not found"


async def test_a_body_in_another_format(http: httpx.AsyncClient, exact: Check) -> None:
    # documented; the text is unverified
    http.headers["authorization"] = "Bearer pat-mine"
    answer = await http.post(f"{CONTACTS}/search", data={"query": "a"})
    exact(answer, 415, "HTTP 415 Unsupported Media Type")


LOCKED = "The record is locked by another request. Please try again."
MOVING = "This account is being moved to another data center. Please try again later."


@pytest.mark.parametrize(
    ("rule", "status", "message", "category"),
    [
        # documented statuses; the texts are unverified
        ({"kind": "error", "status": 414}, 414, "HTTP 414 URI Too Long", ""),
        ({"kind": "error", "status": 415}, 415, "HTTP 415 Unsupported Media Type", ""),
        ({"kind": "error", "status": 423}, 423, LOCKED, "LOCKED"),
        ({"kind": "error", "code": "LOCKED"}, 423, LOCKED, "LOCKED"),
        ({"kind": "error", "status": 477}, 477, MOVING, ""),
        ({"kind": "error", "code": "MIGRATION"}, 477, MOVING, "MIGRATION"),
        ({"kind": "error", "status": 502}, 502, "Bad Gateway", ""),
        ({"kind": "outage"}, 503, "Service Unavailable", ""),
        ({"kind": "error", "status": 504}, 504, "Gateway Timeout", ""),
        ({"kind": "error", "code": "PARTNER_TIMEOUT"}, 504, "Gateway Timeout", "PARTNER_TIMEOUT"),
        ({"kind": "error", "status": 521}, 521, "Web Server Is Down", ""),
        ({"kind": "error"}, 500, "internal error", ""),
    ],
)
async def test_what_a_fault_answers(
    call: Call, org: HubSpotOrg, exact: Check, rule: dict[str, Any], status: int, message: str, category: str
) -> None:
    org.faults.add(rule | {"retryAfterS": 30})
    answer = await call("GET", CONTACTS)
    exact(answer, status, message, category)
    assert answer.headers["retry-after"] == "30"
