"""OAuth: every grant, its refusals, and what ends a session."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.org import SalesforceOrg

Ask = Callable[..., Coroutine[Any, Any, httpx.Response]]

pytestmark = pytest.mark.anyio

CLIENT = {"client_id": "app", "client_secret": "s3cret"}
PASSWORD = {"grant_type": "password", "username": "u@x.co", "password": "pwTOKEN", **CLIENT}


async def token(org: Any, data: dict[str, str], **options: Any) -> httpx.Response:
    transport = httpx.ASGITransport(org.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://login.sf.test") as client:
        return await client.post("/services/oauth2/token", data=data, **options)


def assertion(**claims: Any) -> str:
    parts = (json.dumps({"alg": "RS256"}), json.dumps(claims), "signature")
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


async def test_a_password_gives_a_session_whose_urls_lead_back_here(org: SalesforceOrg, ask: Ask) -> None:
    body = (await token(org, PASSWORD)).json()
    assert body["instance_url"] == "https://login.sf.test"
    assert body["id"] == f"https://login.sf.test/id/{org.identity.org_id}/{org.identity.user_id}"
    assert (body["token_type"], body["issued_at"]) == ("Bearer", "1767225600000")
    assert body["access_token"].startswith(org.identity.org_id[:15] + "!")
    assert "refresh_token" not in body
    headers = {"authorization": f"Bearer {body['access_token']}"}
    assert (await ask("GET", "limits", headers=headers)).status_code == 200


async def test_client_credentials_come_by_basic_or_in_the_form(org: SalesforceOrg) -> None:
    basic = base64.b64encode(b"app:s3cret").decode()
    grant = {"grant_type": "client_credentials"}
    by_header = await token(org, grant, headers={"authorization": f"Basic {basic}"})
    by_form = await token(org, {**grant, **CLIENT})
    assert (by_header.status_code, by_form.status_code) == (200, 200)
    assert (await token(org, grant)).json()["error"] == "invalid_client_id"


async def test_a_jwt_is_taken_until_it_expires(org: SalesforceOrg) -> None:
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    claims = {"iss": "app", "sub": "u@x.co", "exp": 1767225700}
    assert (await token(org, {**grant, "assertion": assertion(**claims)})).status_code == 200
    as_text = {**claims, "exp": "1767225700"}
    assert (await token(org, {**grant, "assertion": assertion(**as_text)})).status_code == 200
    assert isinstance(org.clock, ManualClock)
    org.clock.advance(200)
    late = await token(org, {**grant, "assertion": assertion(**claims)})
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")
    assert (await token(org, {**grant, "assertion": "junk"})).json()["error"] == "invalid_grant"


async def authorized(org: Any, **query: str) -> httpx.URL:
    transport = httpx.ASGITransport(org.app)
    asked = {"response_type": "code", "client_id": "app", "redirect_uri": "http://localhost:1/cb", **query}
    async with httpx.AsyncClient(transport=transport, base_url="http://sf.test") as client:
        answer = await client.get("/services/oauth2/authorize", params=asked)
    assert answer.status_code == 302
    return httpx.URL(answer.headers["location"])


async def test_the_consent_page_approves_and_the_code_works_once(org: SalesforceOrg) -> None:
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    back = await authorized(org, state="a b&c", code_challenge=challenge, scope="api refresh_token")
    assert (back.host, back.params["state"]) == ("localhost", "a b&c")
    grant = {
        "grant_type": "authorization_code", "code": back.params["code"], "client_id": "app",
        "redirect_uri": "http://localhost:1/cb", "code_verifier": verifier,
    }  # fmt: skip
    body = (await token(org, grant)).json()
    assert body["scope"] == "api refresh_token"
    again = await token(org, grant)
    assert again.json() == {"error": "invalid_grant", "error_description": "expired authorization code"}
    refreshed = await token(
        org, {"grant_type": "refresh_token", "client_id": "app", "refresh_token": body["refresh_token"]}
    )
    assert refreshed.json()["access_token"] != body["access_token"]
    assert "refresh_token" not in refreshed.json(), "some clients rewrite their settings when one is sent"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "wrong"}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:2/"}, "redirect_uri_mismatch"),
        ({"client_id": "other"}, "invalid_client_id"),
    ],
)
async def test_a_code_is_bound_to_its_request(org: SalesforceOrg, change: dict[str, str], error: str) -> None:
    back = await authorized(org, code_challenge="x" * 43)
    grant = {
        "grant_type": "authorization_code", "code": back.params["code"], "client_id": "app",
        "redirect_uri": "http://localhost:1/cb", "code_verifier": "y" * 43, **change,
    }  # fmt: skip
    assert (await token(org, grant)).json()["error"] == error


async def test_a_script_is_no_place_to_go_back_to(org: SalesforceOrg) -> None:
    transport = httpx.ASGITransport(org.app)
    query = {"response_type": "code", "client_id": "app", "redirect_uri": "javascript:alert(1)"}
    async with httpx.AsyncClient(transport=transport, base_url="http://sf.test") as client:
        answer = await client.get("/services/oauth2/authorize", params=query)
    assert (answer.status_code, answer.json()["error"]) == (400, "redirect_uri_mismatch")


async def test_an_unknown_grant_is_refused(org: SalesforceOrg) -> None:
    answer = await token(org, {"grant_type": "magic"})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_sessions_expire_when_unused_and_can_be_ended(org: SalesforceOrg, ask: Ask) -> None:
    text = (await token(org, PASSWORD)).json()["access_token"]
    headers = {"authorization": f"Bearer {text}"}
    assert isinstance(org.clock, ManualClock)
    org.clock.advance(hours=1.5)
    assert (await ask("GET", "limits", headers=headers)).status_code == 200
    assert isinstance(org.clock, ManualClock)
    org.clock.advance(hours=1.5)
    assert (await ask("GET", "limits", headers=headers)).status_code == 200
    assert isinstance(org.clock, ManualClock)
    org.clock.advance(hours=2)
    assert (await ask("GET", "limits", headers=headers)).status_code == 401
    second = (await token(org, PASSWORD)).json()["access_token"]
    assert (await ask("POST", "/services/oauth2/revoke", data={"token": second})).status_code == 200
    assert (await ask("GET", "limits", headers={"authorization": f"Bearer {second}"})).status_code == 401


async def test_a_made_up_session_id_works_until_all_sessions_are_ended(org: SalesforceOrg, ask: Ask) -> None:
    headers = {"authorization": "Bearer 00D000000000001!AQfake.token"}
    assert (await ask("GET", "limits", headers=headers)).status_code == 200
    org.context.sessions.revoke_all()
    assert (await ask("GET", "limits", headers=headers)).status_code == 401
    assert (await ask("GET", "limits")).status_code == 200


async def test_a_token_can_be_looked_into(org: SalesforceOrg, ask: Ask) -> None:
    text = (await token(org, PASSWORD)).json()["access_token"]
    found = (await ask("POST", "/services/oauth2/introspect", data={**CLIENT, "token": text})).json()
    assert (found["active"], found["client_id"], found["username"]) == (
        True,
        "app",
        PASSWORD["username"],
    )
    unknown = await ask("POST", "/services/oauth2/introspect", data={**CLIENT, "token": "junk"})
    assert unknown.json() == {"active": False}


async def test_the_user_goes_by_the_name_that_first_signs_in(org: SalesforceOrg, ask: Ask) -> None:
    # django-salesforce looks its own user up by the name that it signs in with
    for name in ("ann@example.com", "bob@example.com"):
        assert (await token(org, {**PASSWORD, "username": name})).status_code == 200
    assert (org.record("User", org.identity.user_id) or {})["Username"] == "ann@example.com"


async def test_who_is_signed_in(org: SalesforceOrg, ask: Ask) -> None:
    info = (await ask("GET", "/services/oauth2/userinfo")).json()
    identity = (await ask("GET", f"/id/{org.identity.org_id}/{org.identity.user_id}")).json()
    assert (info["user_id"], identity["user_id"]) == (
        org.identity.user_id,
        org.identity.user_id,
    )
    assert identity["urls"]["rest"] == "http://sf.test/services/data/v{version}/"
    # Recorded in NangoHQ/integration-templates, get-current-user, 2026
    photo = "http://sf.test/profilephoto/005"
    assert (info["picture"], info["photos"]) == (
        f"{photo}/F",
        {"picture": f"{photo}/F", "thumbnail": f"{photo}/T"},
    )
    assert (info["is_salesforce_integration_user"], info["updated_at"][19:]) == (False, "Z")
    assert info["urls"]["feed_elements"] == "http://sf.test/services/data/v{version}/chatter/feed-elements"
    # Recorded in tablexi/restforce-db, 2015: the address of the user's own record
    assert (identity["addr_country"], identity["addr_zip"]) == ("United States", "94105")
    refused = await ask("GET", "/services/oauth2/userinfo", headers={"authorization": "Bearer x"})
    assert (refused.status_code, refused.text) == (403, "Bad_OAuth_Token")


class TestNamedCredentials:
    @pytest.fixture
    def settings(self) -> OrgSettings:
        return OrgSettings(logins={"u@x.co": "pwTOKEN"}, clients={"app": "s3cret"})

    async def test_r_m_wrong_ones_are_refused(self, org: SalesforceOrg, ask: Ask) -> None:
        assert (await token(org, PASSWORD)).status_code == 200
        wrong = await token(org, {**PASSWORD, "password": "pw"})
        assert (wrong.status_code, wrong.json()) == (
            400,
            {"error": "invalid_grant", "error_description": "authentication failure - Invalid Password"},
        )
        assert (await token(org, {**PASSWORD, "client_id": "x"})).json() == {
            "error": "invalid_client_id",
            "error_description": "client identifier invalid",
        }
        assert (await token(org, {**PASSWORD, "client_secret": "x"})).json()["error"] == "invalid_client"
        refresh = {"grant_type": "refresh_token", "refresh_token": "made-up", **CLIENT}
        assert (await token(org, refresh)).json() == {
            "error": "invalid_grant",
            "error_description": "expired access/refresh token",
        }
        stranger = {"authorization": "Bearer 00D000000000001!AQfake.token"}
        assert (await ask("GET", "limits", headers=stranger)).status_code == 401


@pytest.mark.parametrize("settings", [OrgSettings(logins={"u@x.co": "pw"})])
async def test_a_jwt_of_an_unknown_user_is_refused(org: SalesforceOrg) -> None:
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    claims = {"iss": "app", "sub": "else@x.co", "exp": 1767225700}
    answer = await token(org, {**grant, "assertion": assertion(**claims)})
    refusal = {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}
    assert (answer.status_code, answer.json()) == (400, refusal)


async def test_a_token_is_revoked_by_a_link_and_only_once(org: SalesforceOrg, ask: Ask) -> None:
    issued = (await token(org, PASSWORD)).json()["access_token"]
    path = f"/services/oauth2/revoke?token={issued}"
    assert (await ask("GET", path)).status_code == 200
    again = await ask("GET", path)
    assert (again.status_code, again.json()["error"]) == (400, "unsupported_token_type")


async def test_the_consent_page_takes_a_form_too(org: SalesforceOrg, ask: Ask) -> None:
    form = {"response_type": "token", "client_id": "app", "redirect_uri": "http://localhost/back"}
    answer = await ask("POST", "/services/oauth2/authorize", data=form)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("http://localhost/back#access_token=00D")


async def test_open_id_finds_its_endpoints_and_its_user(org: SalesforceOrg, ask: Ask) -> None:
    found = (await ask("GET", "/.well-known/openid-configuration")).json()
    assert found["token_endpoint"] == "http://sf.test/services/oauth2/token"
    user = (await ask("POST", found["userinfo_endpoint"].removeprefix("http://sf.test"))).json()
    assert (user["user_id"], user["organization_id"]) == (
        org.identity.user_id,
        org.identity.org_id,
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_into_the_pages_leads_back_here(ask: Ask, method: str) -> None:
    link = (await ask(method, "/services/oauth2/singleaccess")).json()["frontdoor_uri"]
    assert link.startswith("http://sf.test/secur/frontdoor.jsp?otp=")


async def test_a_device_is_signed_in_once_its_code_was_given(ask: Ask) -> None:
    # The help on the OAuth device flow; the mock's page approves by itself
    asked = {"response_type": "device_code", "client_id": "c", "scope": "api"}
    codes = (await ask("POST", "/services/oauth2/token", data=asked)).json()
    poll = {"grant_type": "device", "client_id": "c", "code": codes["device_code"]}
    pending = await ask("POST", "/services/oauth2/token", data=poll)
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending")
    page = codes["verification_uri"].removeprefix("http://sf.test")
    assert "There is no code &lt;b&gt;" in (await ask("GET", page, params={"user_code": "<b>"})).text
    assert "is connected" in (await ask("POST", page, data={"user_code": codes["user_code"]})).text
    stranger = await ask("POST", "/services/oauth2/token", data={**poll, "client_id": "other"})
    assert stranger.json()["error"] == "invalid_grant"
    token = (await ask("POST", "/services/oauth2/token", data=poll)).json()
    assert (token["scope"], "refresh_token" in token) == ("api", True)
    assert (await ask("POST", "/services/oauth2/token", data=poll)).json()["error"] == "invalid_grant"


async def test_a_token_is_given_in_the_form_that_is_asked_for(ask: Ask) -> None:
    # The help on the OAuth token endpoint, parameter `format`
    grant = {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}
    path = "/services/oauth2/token"
    xml = await ask("POST", path, data={**grant, "format": "xml"})
    assert "<OAuth><access_token>" in xml.text
    form = await ask("POST", path, data=grant, headers={"accept": "application/x-www-form-urlencoded"})
    assert form.text.startswith("access_token=")
    refused = await ask("POST", path, data={"grant_type": "x"}, headers={"accept": "application/xml"})
    assert refused.text.endswith(
        "<OAuth><error>unsupported_grant_type</error><error_description>grant type not supported"
        "</error_description></OAuth>"
    )
