"""Answers as public projects have recorded them with real orgs; each test names the recording."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mock_crm.salesforce.org import SalesforceOrg

from .conftest import Ask

AddField = Callable[..., None]

pytestmark = pytest.mark.anyio

PASSWORD = {
    "grant_type": "password",
    "client_id": "c",
    "client_secret": "s",
    "username": "u@x.co",
    "password": "p",
}
LOGIN = """<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>
<login xmlns="urn:partner.soap.sforce.com"><username>a@b.co</username><password>x</password></login>
</env:Body></env:Envelope>"""


@pytest.mark.parametrize(("given", "kept"), [(41, "41"), (4.5, "4.5"), ("  41 ", "41")])
async def test_a_text_field_takes_a_number_and_trims_text(
    ask: Ask, org: SalesforceOrg, given: Any, kept: str
) -> None:
    # Recorded by openstax/accounts, creates_a_lead_which_can_be_found_by_ID; the SOAP guide tells of trimming
    made = await ask("POST", "sobjects/Lead", {"LastName": "X", "Company": "Y", "Description": given})
    assert made.status_code == 201
    assert org.records("Lead")[0]["Description"] == kept


async def test_text_of_spaces_is_no_text(ask: Ask, org: SalesforceOrg) -> None:
    refused = await ask("POST", "sobjects/Account", {"Name": "   "})
    assert refused.json()[0]["message"] == "Required fields are missing: [Name]"
    await ask("POST", "sobjects/Account", {"Name": " a ", "Phone": "  "})
    record = org.records("Account")[0]
    assert (record["Name"], record["Phone"]) == ("a", None)


async def test_only_other_grants_than_a_password_answer_with_a_scope(ask: Ask) -> None:
    # Recorded by openstax/accounts, Change_Salesforce_contact_manually/sf_setup (2024)
    answer = (await ask("POST", "/services/oauth2/token", data=PASSWORD)).json()
    assert answer.keys() == {"access_token", "instance_url", "id", "token_type", "issued_at", "signature"}
    refreshed = {**PASSWORD, "grant_type": "refresh_token", "refresh_token": "5Aep861x"}
    assert "scope" in (await ask("POST", "/services/oauth2/token", data=refreshed)).json()


async def test_a_soap_login_names_no_role_and_no_currency_of_the_user(ask: Ask) -> None:
    # Recorded by openstax/openstax-cms, partners.yaml (2025)
    headers = {"content-type": "text/xml", "soapaction": '""'}
    text = (await ask("POST", "/services/Soap/u/59.0", content=LOGIN, headers=headers)).text
    names = re.findall(r"<(\w+)[ >/]", text.partition("<userInfo>")[2])
    assert names[names.index("profileId") + 1] == "roleId"
    assert '<roleId xsi:nil="true"/>' in text
    assert '<userDefaultCurrencyIsoCode xsi:nil="true"/>' in text


async def test_the_urls_of_describes(ask: Ask) -> None:
    # Recorded by NangoHQ/integration-templates, describe-sobject and two more (2026)
    place = "/services/data/v60.0/sobjects/Account"
    brief = {
        "compactLayouts": f"{place}/describe/compactLayouts",
        "rowTemplate": f"{place}/{{ID}}",
        "approvalLayouts": f"{place}/describe/approvalLayouts",
        "listviews": f"{place}/listviews",
        "describe": f"{place}/describe",
        "quickActions": f"{place}/quickActions",
        "layouts": f"{place}/describe/layouts",
        "sobject": place,
    }
    everything = (await ask("GET", "sobjects")).json()["sobjects"]
    assert next(item for item in everything if item["name"] == "Account")["urls"] == brief
    assert (await ask("GET", "sobjects/Account")).json()["objectDescribe"]["urls"] == brief
    assert (await ask("GET", "sobjects/Account/describe")).json()["urls"] == {
        **brief,
        "uiDetailTemplate": "http://sf.test/{ID}",
        "uiEditTemplate": "http://sf.test/{ID}/e",
        "uiNewRecord": "http://sf.test/001/e",
    }


async def test_a_deleted_record_cannot_be_found(ask: Ask, org: SalesforceOrg) -> None:
    # Recorded by grouparoo, export-account/export-records-custom, number 36
    record = org.create("Account", {"Name": "x"})
    org.delete("Account", record["id"])
    answer = await ask("GET", f"sobjects/Account/{record['id']}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("given", ["0030P00000GbyuXXXX", "a001a000001E1vFAKE"])
async def test_an_id_with_a_wrong_checksum_finds_nothing(ask: Ask, given: str) -> None:
    # Recorded by sf-dahlia-lap, failure_zero_contacts (2025), and restforce-db (2015)
    answer = await ask("GET", "query", params={"q": f"SELECT Id FROM Contact WHERE Id IN ('{given}')"})
    assert (answer.status_code, answer.json()["totalSize"]) == (200, 0)


async def test_an_aggregate_with_a_limit_is_refused_without_a_place(ask: Ask) -> None:
    # Recorded by openstax/tutor-server, makes_both_and_pushes_stats (2017)
    answer = await ask("GET", "query", params={"q": "SELECT count(Id) FROM Contact LIMIT 1"})
    assert answer.json()[0]["message"] == (
        "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"
    )


@pytest.mark.parametrize(("version", "has_it"), [("v42.0", False), ("v59.0", True)])
async def test_an_upsert_says_that_it_created_since_v46(
    ask: Ask, custom_field: AddField, version: str, has_it: bool
) -> None:
    # Recorded by restforce-db (2015), grouparoo (2021)
    custom_field("Contact", "Key__c", external_id=True)
    path = f"/services/data/{version}/sobjects/Contact/Key__c/k"
    answer = await ask("PATCH", path, {"LastName": "X"})
    assert (answer.status_code, "created" in answer.json()) == (201, has_it)


async def test_a_bulk_job_in_json_has_its_members_by_name_and_moments_without_z(
    ask: Ask, org: SalesforceOrg
) -> None:
    # Recorded by openstax/openstax-cms, opportunities.yaml (2021)
    headers = {"x-sfdc-session": org.token}
    job = {"operation": "update", "object": "Opportunity", "contentType": "JSON"}
    answer = (await ask("POST", "/services/async/42.0/job", job, headers=headers)).json()
    assert list(answer) == sorted(answer)
    assert (answer["assignmentRuleId"], answer["fastPathEnabled"]) == (None, False)
    assert answer["createdDate"] == answer["systemModstamp"] == "2026-01-01T00:00:00.000+0000"


async def test_the_identity_page_has_photos_and_the_urls_of_chatter(ask: Ask, org: SalesforceOrg) -> None:
    # Recorded by tablexi/restforce-db (2015)
    identity = org.identity
    page = (await ask("GET", f"/id/{identity.org_id}/{identity.user_id}")).json()
    assert page["photos"]["picture"].endswith("/profilephoto/005/F")
    assert {"profile", "feeds", "groups", "users", "feed_items"} <= page["urls"].keys()


async def test_versions_before_40_are_answered(ask: Ask) -> None:
    # Recorded by openstax, v37.0 (2017 to 2021)
    assert (await ask("POST", "/services/data/v37.0/sobjects/Contact", {"LastName": "X"})).status_code == 201


@pytest.mark.parametrize("given", [999_999_999_999_999_999, "999999999999999999"])
async def test_a_currency_holds_eighteen_digits(ask: Ask, org: SalesforceOrg, given: Any) -> None:
    # Recorded by jsforce issue 1048
    made = await ask("POST", "sobjects/Account", {"Name": "big", "AnnualRevenue": given})
    assert (made.status_code, org.records("Account")[0]["AnnualRevenue"]) == (201, 999_999_999_999_999_999)
    beyond = await ask("POST", "sobjects/Account", {"Name": "x", "AnnualRevenue": 10**18})
    assert beyond.json()[0]["errorCode"] == "NUMBER_OUTSIDE_VALID_RANGE"
