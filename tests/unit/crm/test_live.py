"""Live connections: who is there, consent for production, dry runs, tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_httpx import HTTPXMock

from ampsandbox.clock import Clock
from ampsandbox.crm.client import CrmClient
from ampsandbox.crm.connect import Connections
from ampsandbox.engine.crm import CrmRefusedError, CrmUnavailableError, Exchange, Method, Record, Verdict
from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.errors import LiveRefusedError, SettingsError
from ampsandbox.manifest.model import Mode, WriteObject
from ampsandbox.settings import read_connection

pytestmark = pytest.mark.anyio

LOGIN = "https://login.salesforce.com/services/oauth2/token"
HOST = "https://acme.my.salesforce.com"
ROOT = f"{HOST}/services/data/v60.0"
CONTACT = f"{ROOT}/sobjects/Contact"
VARIABLES = {
    "TOKEN": "00D!given-token",
    "REFRESH": "refresh-secret",
    "SECRET": "client-secret",
    "PASSWORD": "pass & word",
    "STT": "stt-secret",
    "HS_TOKEN": "pat-given-token",
}
SALESFORCE = {"provider": "salesforce", "client_id": "app-id"}
REFRESH = SALESFORCE | {"auth": "refresh-token", "refresh_token": "${REFRESH}", "client_secret": "${SECRET}"}
FIXED = {"provider": "salesforce", "auth": "access-token", "access_token": "${TOKEN}", "instance_url": HOST}

Connect = Callable[..., CrmClient]


@pytest.fixture
async def connect(clock: Clock, exchanges: list[Exchange]) -> AsyncIterator[Connect]:
    opened: list[Connections] = []

    def connect(section: dict[str, Any], **options: Any) -> CrmClient:
        live = read_connection(section, Path())
        opened.append(Connections(clock, 0, live=[live], variables=VARIABLES, **options))
        return opened[-1].connect(
            installation(clock, live.provider), lambda each: exchanges.append(each.shown())
        )

    yield connect
    for connections in opened:
        await connections.aclose()


def installation(clock: Clock, provider: str) -> Installation:
    state = InstallationState.INSTALLED
    return Installation("i1", "write", "acme", provider, "live", clock.now(), state)


def organization(httpx_mock: HTTPXMock, **changes: Any) -> None:
    record = {"Id": "00Do", "Name": "Acme", "OrganizationType": "Enterprise Edition", "IsSandbox": True}
    httpx_mock.add_response(
        url=f"{ROOT}/query?q=SELECT%20Id%2C%20Name%2C%20OrganizationType%2C%20IsSandbox%2C%20TimeZoneSidKey"
        "%20FROM%20Organization%20LIMIT%201",
        json={"records": [record | changes]},
        is_reusable=True,
    )
    limits = {"DailyApiRequests": {"Max": 15000, "Remaining": 14000}}
    httpx_mock.add_response(url=f"{ROOT}/limits", json=limits, is_reusable=True)


async def insert(crm: CrmClient) -> Verdict:
    [answer] = await crm.write("Contact", Mode.INSERT, [Record(None, {"LastName": "A"})], Method.SINGLE)
    return answer.verdict


def created() -> dict[str, Any]:
    return {"status_code": 201, "json": {"id": "0031", "success": True, "errors": []}}


# -- who is there ------------------------------------------------


async def test_a_salesforce_org_says_who_it_is(connect: Connect, httpx_mock: HTTPXMock) -> None:
    organization(httpx_mock, TimeZoneSidKey="Europe/Rome")
    org = await connect(FIXED).identify()
    assert (org.id, org.name, org.type) == ("00Do", "Acme", "Enterprise Edition (sandbox)")
    assert (org.is_production, org.remaining_requests, org.time_zone) == (False, 14000, "Europe/Rome")


@pytest.mark.parametrize(
    ("kind", "is_production"),
    [("STANDARD", True), ("", True), ("DEVELOPER_TEST", False), ("SANDBOX", False), ("APP_DEVELOPER", False)],
)
async def test_a_hubspot_account_says_who_it_is(
    connect: Connect, httpx_mock: HTTPXMock, kind: str, is_production: bool
) -> None:
    host = "https://api.hubapi.com"
    httpx_mock.add_response(
        url=f"{host}/account-info/v3/details",
        json={"portalId": 7, "accountType": kind, "timeZone": "Europe/Rome"},
    )
    httpx_mock.add_response(
        url=f"{host}/oauth/v2/private-apps/get/access-token-info",
        match_json={"tokenKey": "pat-given-token"},
        json={"hubId": 7, "scopes": ["crm.objects.contacts.write"]},
    )
    httpx_mock.add_response(
        url=f"{host}/account-info/v3/api-usage/daily/private-apps",
        json={"results": [{"usageLimit": 100, "currentUsage": 40}]},
    )
    org = await connect(
        {"provider": "hubspot", "auth": "access-token", "access_token": "${HS_TOKEN}"}
    ).identify()
    assert (org.id, org.name, org.is_production) == ("7", "Portal 7", is_production)
    assert (org.remaining_requests, org.scopes) == (60, ("crm.objects.contacts.write",))


# -- consent ------------------------------------------------


async def test_a_production_org_is_refused_before_anything_is_sent_to_it(
    connect: Connect, httpx_mock: HTTPXMock, contact: WriteObject
) -> None:
    organization(httpx_mock, IsSandbox=False)
    crm = connect(FIXED)
    with pytest.raises(LiveRefusedError, match="is a production org") as caught:
        await insert(crm)
    assert "--allow-production" in caught.value.hint
    assert isinstance(caught.value, CrmRefusedError)
    with pytest.raises(LiveRefusedError):
        await crm.provision([contact], lambda step: None)
    with pytest.raises(LiveRefusedError):
        await crm.plan([contact])
    with pytest.raises(LiveRefusedError):
        await crm.delete("Contact", ["1"])


@pytest.mark.parametrize("name", ["ACME", "00do"])
async def test_a_production_org_is_used_when_allowed_by_name_or_id(
    connect: Connect, httpx_mock: HTTPXMock, name: str
) -> None:
    organization(httpx_mock, IsSandbox=False)
    httpx_mock.add_response(url=CONTACT, **created())
    assert await insert(connect(FIXED, allow_production=[name])) is Verdict.SUCCEEDED


async def test_consent_may_come_later(clock: Clock, httpx_mock: HTTPXMock, exchanges: list[Exchange]) -> None:
    organization(httpx_mock, IsSandbox=False)
    httpx_mock.add_response(url=CONTACT, **created())
    live = read_connection(FIXED, Path())
    connections = Connections(clock, 0, live=[live], variables=VARIABLES)
    crm = connections.connect(installation(clock, "salesforce"), lambda each: exchanges.append(each.shown()))
    with pytest.raises(LiveRefusedError):
        await insert(crm)
    connections.allow_production("acme")
    assert await insert(crm) is Verdict.SUCCEEDED
    await connections.aclose()


async def test_a_developer_edition_is_no_production_org(connect: Connect, httpx_mock: HTTPXMock) -> None:
    organization(httpx_mock, IsSandbox=False, OrganizationType="Developer Edition")
    httpx_mock.add_response(url=CONTACT, **created())
    assert await insert(connect(FIXED)) is Verdict.SUCCEEDED


async def test_a_live_installation_without_a_connection_never_becomes_a_mock(
    clock: Clock, exchanges: list[Exchange]
) -> None:
    connections = Connections(clock, 0)
    crm = connections.connect(installation(clock, "salesforce"), lambda each: exchanges.append(each.shown()))
    with pytest.raises(LiveRefusedError, match="write is live for acme, but not connected"):
        await insert(crm)
    assert exchanges == []
    assert connections.org("i1") is None
    assert connections.kind("salesforce", "write", "acme") == "mock"
    await connections.aclose()


# -- dry run ------------------------------------------------


async def test_a_dry_run_shows_the_request_and_sends_none(
    connect: Connect, httpx_mock: HTTPXMock, exchanges: list[Exchange]
) -> None:
    organization(httpx_mock)
    crm = connect(FIXED, is_dry_run=True)
    [answer] = await crm.write("Contact", Mode.INSERT, [Record(None, {"LastName": "A"})], Method.SINGLE)
    assert (answer.verdict, answer.errors[0].code) == (Verdict.REFUSED, "DRY_RUN")
    assert answer.raw == (
        f"curl {CONTACT} \\\n"
        '  -H "Authorization: $AUTHORIZATION" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        """  --data-raw '{"LastName":"A"}'"""
    )
    assert [exchange.method for exchange in exchanges] == ["GET", "GET"]


async def test_a_dry_run_shows_every_request_of_a_bulk_job_once(
    connect: Connect, httpx_mock: HTTPXMock
) -> None:
    organization(httpx_mock)
    records = [Record(None, {"LastName": name}) for name in "AB"]
    first, second = await connect(FIXED, is_dry_run=True).write("Contact", Mode.INSERT, records, Method.BULK)
    shown = (first.raw or "").split("\n\n")
    assert [command.split()[:3] for command in shown[1:]] == [["curl", "-X", "PUT"], ["curl", "-X", "PATCH"]]
    assert len(shown) == 3
    assert "LastName\nA\nB\n" in shown[1]
    assert second.verdict is Verdict.REFUSED
    assert second.raw is None


# -- tokens ------------------------------------------------


def token(httpx_mock: HTTPXMock, access: str, **more: Any) -> None:
    httpx_mock.add_response(
        url=LOGIN, method="POST", json={"access_token": access, "instance_url": HOST} | more
    )


def forms(httpx_mock: HTTPXMock) -> list[dict[str, str]]:
    return [dict(parse_qsl(item.read().decode())) for item in httpx_mock.get_requests(url=LOGIN)]


@pytest.mark.parametrize(
    ("section", "form"),
    [
        (
            REFRESH,
            {
                "grant_type": "refresh_token",
                "client_id": "app-id",
                "client_secret": "client-secret",
                "refresh_token": "refresh-secret",
            },
        ),
        (
            SALESFORCE
            | {
                "auth": "client-credentials",
                "client_secret": "${SECRET}",
                "login_url": "https://login.salesforce.com/",
            },
            {"grant_type": "client_credentials", "client_id": "app-id", "client_secret": "client-secret"},
        ),
        (
            SALESFORCE
            | {
                "auth": "password",
                "client_secret": "${SECRET}",
                "username": "me@acme.com",
                "password": "${PASSWORD}",
                "security_token": "${STT}",
            },
            {
                "grant_type": "password",
                "client_id": "app-id",
                "client_secret": "client-secret",
                "username": "me@acme.com",
                "password": "pass & wordstt-secret",
            },
        ),
    ],
)
async def test_each_flow_sends_its_form_and_uses_the_token_on_its_instance(
    connect: Connect,
    httpx_mock: HTTPXMock,
    exchanges: list[Exchange],
    section: dict[str, Any],
    form: dict[str, str],
) -> None:
    token(httpx_mock, "00D!fresh-token")
    organization(httpx_mock)
    httpx_mock.add_response(
        url=CONTACT, match_headers={"Authorization": "Bearer 00D!fresh-token"}, **created()
    )
    assert await insert(connect(section)) is Verdict.SUCCEEDED
    assert forms(httpx_mock) == [form]
    seen = repr(exchanges)
    assert not any(secret in seen for secret in (*VARIABLES.values(), "fresh-token", "pass+%26+word"))


async def test_the_jwt_flow_signs_a_short_assertion_for_the_login_host(
    connect: Connect, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(pem)
    section = SALESFORCE | {
        "auth": "jwt-bearer",
        "username": "me@acme.com",
        "private_key": {"file": str(tmp_path / "key.pem")},
    }
    token(httpx_mock, "00D!fresh-token")
    organization(httpx_mock)
    httpx_mock.add_response(url=CONTACT, **created())
    await insert(connect(section))
    [form] = forms(httpx_mock)
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(
        form["assertion"], key.public_key(), algorithms=["RS256"], audience="https://login.salesforce.com"
    )
    assert (claims["iss"], claims["sub"]) == ("app-id", "me@acme.com")


async def test_a_refused_token_is_renewed_once(connect: Connect, httpx_mock: HTTPXMock) -> None:
    token(httpx_mock, "first-token")
    organization(httpx_mock)
    expired = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    httpx_mock.add_response(
        url=CONTACT,
        match_headers={"Authorization": "Bearer first-token"},
        status_code=401,
        json=expired,
        is_reusable=True,
    )
    token(httpx_mock, "second-token", refresh_token="rotated-secret")
    httpx_mock.add_response(url=CONTACT, match_headers={"Authorization": "Bearer second-token"}, **created())
    crm = connect(REFRESH)
    assert await insert(crm) is Verdict.SUCCEEDED
    httpx_mock.add_response(
        url=CONTACT,
        match_headers={"Authorization": "Bearer second-token"},
        status_code=401,
        json=expired,
    )
    token(httpx_mock, "third-token")
    httpx_mock.add_response(
        url=CONTACT,
        match_headers={"Authorization": "Bearer third-token"},
        status_code=401,
        json=expired,
    )
    with pytest.raises(CrmRefusedError, match="INVALID_SESSION_ID"):
        await insert(crm)
    assert [form["refresh_token"] for form in forms(httpx_mock)][-1] == "rotated-secret"


async def test_a_token_is_renewed_before_it_ends(
    connect: Connect, httpx_mock: HTTPXMock, clock: Clock
) -> None:
    organization(httpx_mock)
    httpx_mock.add_response(url=CONTACT, is_reusable=True, **created())
    crm = connect(REFRESH)
    token(httpx_mock, "first-token", expires_in=1800)
    await insert(crm)
    clock.set(clock.now() + timedelta(seconds=1700))
    await insert(crm)
    token(httpx_mock, "second-token", expires_in=1800)
    clock.set(clock.now() + timedelta(seconds=41))
    await insert(crm)
    assert len(forms(httpx_mock)) == 2


async def test_requests_that_need_a_token_together_log_in_once(
    connect: Connect, httpx_mock: HTTPXMock, clock: Clock
) -> None:
    organization(httpx_mock)
    token(httpx_mock, "first-token")
    httpx_mock.add_response(url=CONTACT, is_reusable=True, **created())
    crm = connect(REFRESH)
    await clock.gather(*(insert(crm) for _ in range(5)))
    assert len(forms(httpx_mock)) == 1


async def test_refused_credentials_say_what_to_check(connect: Connect, httpx_mock: HTTPXMock) -> None:
    refusal = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    httpx_mock.add_response(url=LOGIN, status_code=400, json=refusal)
    with pytest.raises(CrmRefusedError, match="invalid_grant: expired access/refresh token") as caught:
        await insert(connect(REFRESH))
    assert "Check" in caught.value.hint


async def test_a_login_host_that_is_down_is_an_outage(connect: Connect, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=LOGIN, status_code=503)
    with pytest.raises(CrmUnavailableError):
        await insert(connect(REFRESH))


async def test_a_variable_that_is_not_set_is_named_and_nothing_is_sent(connect: Connect) -> None:
    crm = connect(FIXED | {"access_token": "${NOT_SET}"})
    with pytest.raises(SettingsError, match="NOT_SET is not set") as caught:
        await insert(crm)
    assert isinstance(caught.value, CrmRefusedError)
    assert caught.value.exit_code == 2


async def test_hubspot_refreshes_by_form_at_its_own_host(connect: Connect, httpx_mock: HTTPXMock) -> None:
    section = {
        "provider": "hubspot",
        "auth": "refresh-token",
        "client_id": "app-id",
        "client_secret": "${SECRET}",
        "refresh_token": "${REFRESH}",
    }
    host = "https://api.hubapi.com"
    httpx_mock.add_response(
        url=f"{host}/oauth/v1/token",
        match_content=(
            b"grant_type=refresh_token&client_id=app-id&client_secret=client-secret"
            b"&refresh_token=refresh-secret"
        ),
        match_headers={"Content-Type": "application/x-www-form-urlencoded"},
        json={"access_token": "fresh-token", "expires_in": 1800, "token_type": "bearer"},
    )
    httpx_mock.add_response(
        url=f"{host}/account-info/v3/details",
        match_headers={"Authorization": "Bearer fresh-token"},
        json={"portalId": 7, "accountType": "SANDBOX"},
    )
    httpx_mock.add_response(
        url=f"{host}/oauth/v1/access-tokens/fresh-token", json={"hub_domain": "acme.com", "scopes": ["a"]}
    )
    httpx_mock.add_response(
        url=f"{host}/account-info/v3/api-usage/daily/private-apps", status_code=403, json={}
    )
    org = await connect(section).identify()
    assert (org.name, org.scopes, org.remaining_requests) == ("acme.com", ("a",), None)
