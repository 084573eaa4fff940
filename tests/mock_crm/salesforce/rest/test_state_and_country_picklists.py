"""Addresses of an org with the feature State and Country/Territory Picklists.

How names and codes follow each other stands in Salesforce Help; each refusal names who reported it.
"""

from __future__ import annotations

from typing import Any

import pytest

from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.org import SalesforceOrg

from .conftest import Ask

pytestmark = pytest.mark.anyio

FIELDS = ("BillingState", "BillingCountry", "BillingStateCode", "BillingCountryCode")
FLORIDA = ("Florida", "United States", "FL", "US")


@pytest.fixture
def settings() -> OrgSettings:
    return OrgSettings(state_and_country_picklists=True)


def shown(org: SalesforceOrg, record_id: str) -> tuple[Any, ...]:
    record = next(each for each in org.records("Account") if each["Id"] == record_id)
    return tuple(record[name] for name in FIELDS)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"BillingState": "florida", "BillingCountry": "United States"}, FLORIDA),
        ({"BillingStateCode": "fl", "BillingCountryCode": "us"}, FLORIDA),
        ({"BillingState": "Florida", "BillingCountryCode": "US"}, FLORIDA),
        ({"BillingStateCode": "FL", "BillingState": "Fla.", "BillingCountryCode": "US"}, FLORIDA),
        ({"BillingCountry": "Germany"}, (None, "Germany", None, "DE")),
        ({}, (None, None, None, None)),
    ],
)
async def test_names_follow_codes_and_codes_names(
    ask: Ask, org: SalesforceOrg, given: dict[str, str], kept: tuple[Any, ...]
) -> None:
    made = await ask("POST", "sobjects/Account", {"Name": "A", **given})
    assert made.status_code == 201, made.text
    assert shown(org, made.json()["id"]) == kept


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        (
            {"BillingCountry": "US"},
            "BillingCountry",
            "There's a problem with this country, even though it may appear correct. Please select a country "
            "from the list of valid countries.: Billing Country",
        ),  # NPSP issue 994
        (
            {"BillingCountry": "South Africa", "BillingState": "Gauteng"},
            "BillingState",
            "There's a problem with this state, even though it may appear correct. Please select a state "
            "from the list of valid states.: Billing State/Province",
        ),  # Salesforce Stack Exchange 122863
        (
            {"BillingCountryCode": "CA", "BillingStateCode": "FL"},
            "BillingStateCode",
            "The existing country/territory doesn't recognize the state value for field: "
            "Billing State/Province Code",
        ),  # NPSP issue 2432
        (
            {"BillingCountryCode": "UY", "BillingStateCode": "FD"},
            "BillingStateCode",
            "The BillingStateCode field contains FD, which isn't an available state. Your administrator can "
            "add it for you.",
        ),  # NPSP issue 6405
        (
            {"BillingCountryCode": "XX"},
            "BillingCountryCode",
            "The BillingCountryCode field contains XX, which isn't an available country/territory.",
        ),  # StoreConnect's support pages
        (
            {"BillingState": "Florida"},
            "BillingState",
            "A country/territory must be specified before specifying a state value for field: "
            "Billing State/Province",
        ),
    ],
)
async def test_what_is_no_state_or_country_is_refused(
    ask: Ask, given: dict[str, str], field: str, message: str
) -> None:
    answer = await ask("POST", "sobjects/Account", {"Name": "A", **given})
    assert (answer.status_code, answer.json()) == (
        400,
        [{"message": message, "errorCode": "FIELD_INTEGRITY_EXCEPTION", "fields": [field]}],
    )


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"BillingStateCode": "CA"}, ("California", "United States", "CA", "US")),
        ({"BillingState": "Texas"}, ("Texas", "United States", "TX", "US")),
        ({"BillingStateCode": None}, (None, "United States", None, "US")),
        ({"BillingState": None}, (None, "United States", None, "US")),
        ({"BillingCountryCode": None}, (None, None, None, None)),
        ({"BillingCountry": "Canada", "BillingState": "Ontario"}, ("Ontario", "Canada", "ON", "CA")),
        ({"Name": "B"}, FLORIDA),
        ({"BillingCountry": "Canada"}, None),
        ({"BillingCountryCode": "CA", "BillingCountry": "France", "BillingState": None}, None),
    ],
)
async def test_a_change_keeps_names_and_codes_in_step_or_is_refused(
    ask: Ask, org: SalesforceOrg, change: dict[str, Any], kept: tuple[Any, ...] | None
) -> None:
    record_id = org.create("Account", {"Name": "A", "BillingStateCode": "FL", "BillingCountryCode": "US"})[
        "id"
    ]
    answer = await ask("PATCH", f"sobjects/Account/{record_id}", change)
    assert answer.status_code == (204 if kept else 400)
    assert shown(org, record_id) == (kept or FLORIDA)


async def test_codes_are_dependent_pick_lists_and_parts_of_the_address(ask: Ask, org: SalesforceOrg) -> None:
    fields = {f["name"]: f for f in (await ask("GET", "sobjects/Lead/describe")).json()["fields"]}
    states, countries = fields["StateCode"], fields["CountryCode"]
    assert (states["type"], states["controllerName"], states["dependentPicklist"]) == (
        "picklist", "CountryCode", True,
    )  # fmt: skip
    assert [v["value"] for v in countries["picklistValues"] if v["label"] == "Germany"] == ["DE"]
    assert [v["label"] for v in states["picklistValues"] if v["value"] == "FL"] == ["Florida"]
    org.create("Lead", {"LastName": "L", "Company": "C", "StateCode": "FL", "CountryCode": "US"})
    answer = await ask("GET", "query", params={"q": "SELECT Address, StateCode FROM Lead"})
    address = answer.json()["records"][0]["Address"]
    assert (address["state"], address["stateCode"], address["countryCode"]) == ("Florida", "FL", "US")


async def test_without_the_feature_addresses_are_text() -> None:
    from mock_crm.orgs import open_org

    org = open_org("salesforce", seed=1)
    account = org.create("Account", {"Name": "A", "BillingState": "Fla.", "BillingCountry": "USA"})
    assert "BillingStateCode" not in account
    org.close()
