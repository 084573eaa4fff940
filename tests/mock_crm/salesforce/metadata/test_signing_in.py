"""SOAP login: what clients cut out of the answers is there, in the form in which they look for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest

from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org

if TYPE_CHECKING:
    from tests.mock_crm.salesforce.metadata.conftest import MetadataClient

pytestmark = pytest.mark.anyio

LOGIN = (
    '<n1:Envelope xmlns:n1="http://schemas.xmlsoap.org/soap/envelope/"><n1:Body>'
    '<n2:login xmlns:n2="urn:partner.soap.sforce.com"><n2:username>{username}</n2:username>'
    "<n2:password>{password}</n2:password></n2:login></n1:Body></n1:Envelope>"
)
HEADER = "<Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></Header>"


async def call(http: httpx.AsyncClient, body: str, path: str = "/services/Soap/u/60.0") -> httpx.Response:
    return await http.post(path, content=body, headers={"SOAPAction": "login", "Content-Type": "text/xml"})


@pytest.mark.parametrize(
    "path",
    [
        "/services/Soap/u/59.0",
        "/services/Soap/u/60.0/",
        "/services/Soap/c/60.0",
        "/services/Soap/u/60.0/00D000000000001",
        "/services/Soap/c/60.0/00D000000000001",
    ],
)
async def test_a_login_answers_what_clients_look_for(metadata: MetadataClient, path: str) -> None:
    answer = await call(metadata.http, LOGIN.format(username="a@b.c", password="pwtoken"), path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    found = dict(
        re.findall(r"<(serverUrl|sessionId|userId|organizationId|passwordExpired)>([^<]+)<", answer.text)
    )
    assert found["serverUrl"].startswith(f"http://acme.my.salesforce.com{path[:21]}/00D")
    assert re.fullmatch(r"00D\w{12}!\S+", found["sessionId"])
    assert (found["userId"][:3], found["organizationId"][:3]) == ("005", "00D")
    assert found["passwordExpired"] == "false"
    assert re.search(r"<sessionSecondsValid>\d+</sessionSecondsValid>", answer.text)
    limits = await metadata.http.get(
        "/services/data/v60.0/limits", headers={"Authorization": f"Bearer {found['sessionId']}"}
    )
    assert limits.status_code == 200


# [K] simple-salesforce's login.py looks for the literal prefix; texts from evidence/salesforce.md#signing-in.
async def test_wrong_credentials_get_salesforces_own_fault() -> None:
    org = open_org("salesforce", settings=OrgSettings(logins={"ann@example.com": "secretTOKEN"}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(org.app), base_url="http://mock") as http:
        refused = await call(http, LOGIN.format(username="ann@example.com", password="wrong"))
        accepted = await call(http, LOGIN.format(username="ann@example.com", password="secretTOKEN"))
    org.close()
    assert (refused.status_code, accepted.status_code) == (500, 200)
    message = "Invalid username, password, security token; or user locked out."
    for part in (
        "<faultcode>sf:INVALID_LOGIN</faultcode>",
        f"<faultstring>INVALID_LOGIN: {message}</faultstring>",
        "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>",
        f"<sf:exceptionMessage>{message}</sf:exceptionMessage>",
    ):
        assert part in refused.text


async def test_a_session_tells_its_user_and_ends_with_logout(metadata: MetadataClient) -> None:
    answer = await call(metadata.http, LOGIN.format(username="a@b.c", password="x"))
    header = HEADER.format(token=re.findall("<sessionId>(.*?)<", answer.text)[0])
    info = await call(metadata.http, f"<Envelope>{header}<Body><getUserInfo/></Body></Envelope>")
    assert metadata.org.identity.user_id in info.text
    clock = await call(metadata.http, f"<Envelope>{header}<Body><getServerTimestamp/></Body></Envelope>")
    assert "<timestamp>2026-01-01T00:00:00.000Z</timestamp>" in clock.text
    await call(metadata.http, f"<Envelope>{header}<Body><logout/></Body></Envelope>")
    ended = await call(metadata.http, f"<Envelope>{header}<Body><getUserInfo/></Body></Envelope>")
    assert (ended.status_code, "<faultcode>sf:INVALID_SESSION_ID</faultcode>" in ended.text) == (500, True)


async def test_signing_in_costs_no_request_of_the_day(metadata: MetadataClient) -> None:
    before = metadata.org.quota["daily"].used
    await call(metadata.http, LOGIN.format(username="a@b.c", password="x"))
    assert metadata.org.quota["daily"].used == before


async def test_what_is_not_simulated_says_so(metadata: MetadataClient) -> None:
    answer = await call(metadata.http, "<Envelope><Body><emptyRecycleBin/></Body></Envelope>")
    assert answer.status_code == 500
    assert "No operation available for request {urn:partner.soap.sforce.com}emptyRecycleBin" in answer.text


@pytest.mark.parametrize("api", ["s", "T", "class"])
async def test_a_soap_api_that_is_absent_says_so_as_a_fault(metadata: MetadataClient, api: str) -> None:
    path = f"/services/Soap/{api}/60.0"
    answer = await call(metadata.http, "<Envelope><Body><executeAnonymous/></Body></Envelope>", path)
    assert (answer.status_code, "does not simulate" in answer.text) == (500, True)
