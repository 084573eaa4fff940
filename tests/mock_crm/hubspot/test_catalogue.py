"""The properties that HubSpot defines, against the definitions recorded from a live account.

Source: the 245 company properties in `fetch-properties.test.json` of NangoHQ/integration-templates (2026-03).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

Call = Callable[..., Awaitable[httpx.Response]]

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ["createdate", "first_conversion_event_name", "hs_task_label"])
async def test_what_hubspot_fills_in_on_companies_cannot_be_written(call: Call, name: str) -> None:
    answer = await call("POST", "/crm/v3/objects/companies", {"properties": {"name": "x", name: "1"}})
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == ["READ_ONLY_VALUE"]


@pytest.mark.parametrize(
    "industry", ["ALTERNATIVE_DISPUTE_RESOLUTION", "ALTERNATIVE_MEDICINE", "ANIMATION", "MOBILE_GAMES"]
)
async def test_companies_take_every_industry(call: Call, industry: str) -> None:
    body = {"properties": {"name": "x", "industry": industry}}
    assert (await call("POST", "/crm/v3/objects/companies", body)).status_code == 201


async def test_companies_have_the_recorded_properties(call: Call) -> None:
    listed = (await call("GET", "/crm/v3/properties/companies")).json()["results"]
    by_name = {prop["name"]: prop for prop in listed}
    assert len(by_name["industry"]["options"]) == 148
    assert len(by_name["hs_analytics_source"]["options"]) == 10
    assert {"hubspotscore", "hs_v2_time_in_current_stage", "hs_date_entered_lead"} <= by_name.keys()
    assert "hs_lifecyclestage_lead_date" not in by_name


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("about_us", {"formField": False, "hidden": False, "groupName": "companyinformation"}),
        ("num_associated_contacts", {"fieldType": "calculation_rollup"}),
        ("annualrevenue", {"showCurrencySymbol": True}),
        ("hs_parent_company_id", {"referencedObjectType": "COMPANY", "externalOptions": True}),
        ("hs_v2_time_in_current_stage", {"calculated": True, "dateDisplayHint": "time_since"}),
        ("hs_unique_creation_key", {"hasUniqueValue": True}),
    ],
)
async def test_a_definition_has_the_recorded_members(
    call: Call, name: str, members: dict[str, object]
) -> None:
    prop = (await call("GET", f"/crm/v3/properties/companies/{name}")).json()
    assert {key: prop[key] for key in members} == members


async def test_the_definition_of_some_properties_is_open(call: Call) -> None:
    listed = (await call("GET", "/crm/v3/properties/companies")).json()["results"]
    metadata = {prop["name"]: prop["modificationMetadata"] for prop in listed}
    assert metadata["hs_industry_group"] == {
        "archivable": True, "readOnlyDefinition": False, "readOnlyValue": False,
    }  # fmt: skip
    assert metadata["industry"]["readOnlyOptions"] is False


async def test_options_that_are_not_known_are_not_checked(call: Call) -> None:
    body = {"properties": {"name": "x", "hs_keywords": "anything"}}
    assert (await call("POST", "/crm/v3/objects/companies", body)).status_code == 201


@pytest.mark.parametrize("kind", ["contacts", "companies", "deals", "tickets"])
async def test_every_stage_of_the_standard_pipelines_has_its_dates(call: Call, kind: str) -> None:
    pipelines = (await call("GET", f"/crm/v3/pipelines/{kind}")).json()["results"]
    listed = (await call("GET", f"/crm/v3/properties/{kind}")).json()["results"]
    names = {prop["name"] for prop in listed}
    prefix = "hs_date_entered" if kind == "companies" else "hs_v2_date_entered"
    wanted = {f"{prefix}_{stage['id']}" for pipeline in pipelines for stage in pipeline["stages"]}
    assert wanted
    assert wanted <= names


async def test_a_new_property_names_its_users_and_stays_out_of_forms(call: Call) -> None:
    """Sources: captaincontrat/hubspot-api-ruby, `ticket_create_property.yml` (2024-11); Nango (2026-03)."""
    body = {
        "name": "made_by", "label": "M", "type": "string", "fieldType": "text",
        "groupName": "ticketinformation",
    }  # fmt: skip
    made = (await call("POST", "/crm/v3/properties/tickets", body)).json()
    assert list(made)[8:12] == ["options", "createdUserId", "updatedUserId", "displayOrder"]
    assert made["createdUserId"].isdigit()
    assert made["formField"] is False
    listed = (await call("GET", "/crm/v3/properties/tickets")).json()["results"]
    assert made in listed


@pytest.mark.parametrize(
    ("kind", "name", "members"),
    [
        ("contacts", "hs_buying_role", {"type": "enumeration", "fieldType": "checkbox"}),
        ("contacts", "hs_legal_basis", {"type": "enumeration", "fieldType": "checkbox"}),
        ("contacts", "hs_searchable_calculated_phone_number", {"type": "phone_number", "calculated": True}),
        ("contacts", "hs_is_unworked", {"fieldType": "calculation_equation", "calculated": False}),
        ("contacts", "hs_is_contact", {"fieldType": "calculation_read_time", "calculated": True}),
        ("contacts", "hs_marketable_status", {"fieldType": "booleancheckbox"}),
        ("contacts", "hs_analytics_source", {"label": "Original Traffic Source"}),
        ("contacts", "hubspot_owner_id", {"referencedObjectType": "OWNER"}),
        ("deals", "hs_closed_deal_close_date", {"type": "number", "fieldType": "calculation_equation"}),
        ("deals", "num_associated_contacts", {"calculated": True}),
        ("tickets", "hs_pipeline_stage", {"fieldType": "select"}),
    ],
)
async def test_definitions_have_the_types_that_a_live_account_listed(
    call: Call, kind: str, name: str, members: dict[str, object]
) -> None:
    """A listing of August 2025; recordings of 2021 and 2022 agree with it on the types of all contacts."""
    prop = (await call("GET", f"/crm/v3/properties/{kind}/{name}")).json()
    assert {key: prop[key] for key in members} == members


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("contacts", {"hs_cross_account_note": "A\nB", "hs_chat_assistant_summary": "<p>A</p>"}),
        (
            "contacts",
            {"hs_bing_click_id": "1", "hs_tiktok_ad_clicked": "true", "hs_latest_source": "OFFLINE"},
        ),
        ("companies", {"hs_recent_news": "A", "hs_current_customer": "yes"}),
        ("deals", {"hs_exchange_rate": "1.1", "hs_cross_sell_opportunity": "false"}),
        ("line_items", {"hs_use_prorating": "true", "hs_billing_start_delay_days": "3"}),
        ("products", {"hs_rich_text_description": "<b>A</b>", "hs_discount_percentage": "5"}),
    ],
)
async def test_what_an_account_of_october_2026_could_set_can_be_set(
    call: Call, kind: str, values: dict[str, str]
) -> None:
    named = {"contacts": "firstname", "deals": "dealname"}.get(kind, "name")
    path = f"/crm/v3/objects/{kind}"
    made = await call("POST", path, {"properties": {named: "A"} | values})
    assert made.status_code == 201
    shown = (await call("GET", f"{path}/{made.json()['id']}?properties={','.join(values)}")).json()
    assert {name: shown["properties"][name] for name in values} == values


async def test_when_a_contact_was_created_cannot_be_set(call: Call) -> None:
    """Recorded definitions of 2022 say so, as those of companies do in 2026; deals and tickets take it."""
    created = {"createdate": "2025-01-01T00:00:00Z"}
    for kind, status in (("contacts", 400), ("companies", 400), ("deals", 201)):
        given = created | (
            {"dealname": "A"} if kind == "deals" else {"name": "A"} if kind == "companies" else {}
        )
        assert (await call("POST", f"/crm/v3/objects/{kind}", {"properties": given})).status_code == status


async def test_a_contact_may_have_several_buying_roles(call: Call) -> None:
    contacts = "/crm/v3/objects/contacts"
    made = await call("POST", contacts, {"properties": {"hs_buying_role": "BLOCKER;END_USER"}})
    assert made.json()["properties"]["hs_buying_role"] == "BLOCKER;END_USER"
    more = {"properties": {"hs_buying_role": ";CHAMPION"}}
    changed = await call("PATCH", f"{contacts}/{made.json()['id']}", more)
    assert changed.json()["properties"]["hs_buying_role"] == "BLOCKER;END_USER;CHAMPION"
