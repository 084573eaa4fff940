"""Single records over HTTP, as evidence/hubspot.md#answers describes the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

CONTACTS = "/crm/v3/objects/contacts"


async def test_a_created_contact_comes_with_what_hubspot_sets_in_order_of_name(call: Call) -> None:
    answer = await call("POST", CONTACTS, {"properties": {"email": "Ann@Example.com", "firstname": "Ann"}})
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"http://mock{CONTACTS}/{body['id']}"
    assert list(body) == ["id", "properties", "createdAt", "updatedAt", "archived", "url"]
    properties = body["properties"]
    assert list(properties) == sorted(properties)
    expected = {
        "email": "ann@example.com",
        "hs_all_contact_vids": body["id"],
        "hs_email_domain": "example.com",
        "hs_full_name_or_email": "Ann",
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        "hs_object_id": body["id"],
        "hs_object_source": "INTEGRATION",
        "hs_object_source_label": "INTEGRATION",
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "lifecyclestage": "lead",
        "num_notes": "0",
    }
    assert properties | expected == properties
    assert {"hs_lifecyclestage_lead_date", "lastmodifieddate", "hs_object_source_id"} <= properties.keys()
    assert None not in properties.values()


async def test_reading_shows_the_default_properties_when_none_are_asked_for(call: Call, new: New) -> None:
    contact = await new("contacts", email="a@example.com", city="Berlin")
    body = (await call("GET", f"{CONTACTS}/{contact}")).json()
    assert list(body["properties"]) == [
        "createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname",
    ]  # fmt: skip
    assert body["properties"]["firstname"] is None


async def test_reading_ignores_unknown_properties_and_refuses_unknown_associations(
    call: Call, new: New
) -> None:
    """HubSpot/hubspot-api-php#233 (2023) and cesc1989/apuntes (2024), against the documentation."""
    contact = await new("contacts", email="a@example.com", city="Berlin")
    refused = "Unable to infer object type from: nonsense"
    for path in (f"{CONTACTS}/{contact}?associations=deals,nonsense", f"{CONTACTS}?associations=nonsense"):
        answer = await call("GET", path)
        assert (answer.status_code, answer.json()["message"]) == (400, refused)
    path = f"{CONTACTS}/{contact}?properties=city,nonsense&properties=zip&associations=deals,quote_template"
    body = (await call("GET", path)).json()
    assert set(body["properties"]) == {"city", "zip", "createdate", "hs_object_id", "lastmodifieddate"}
    assert body["properties"]["zip"] is None
    assert "associations" not in body


async def test_a_contact_is_found_by_its_email_raw_or_encoded(call: Call, new: New) -> None:
    contact = await new("contacts", email="a+b@example.com")
    for spelling in ("a+b@example.com", "a%2Bb%40example.com", "A+B@EXAMPLE.COM"):
        answer = await call("GET", f"{CONTACTS}/{spelling}?idProperty=email")
        assert answer.json()["id"] == contact


async def test_a_patch_echoes_what_changed_and_an_empty_text_clears(call: Call, new: New) -> None:
    contact = await new("contacts", email="a@example.com", firstname="Ann")
    body = {"properties": {"firstname": "", "city": "Rome"}}
    answer = await call("PATCH", f"{CONTACTS}/{contact}", body)
    shown = answer.json()["properties"]
    assert answer.status_code == 200
    assert shown["firstname"] == ""
    assert shown["city"] == "Rome"
    assert "email" not in shown
    assert shown["hs_full_name_or_email"] == "a@example.com"


async def test_archiving_is_quiet_and_archived_records_are_listed_apart(call: Call, new: New) -> None:
    contact = await new("contacts", email="a@example.com")
    for _ in range(2):
        gone = await call("DELETE", f"{CONTACTS}/{contact}")
        assert (gone.status_code, gone.content) == (204, b"")
    assert (await call("GET", f"{CONTACTS}/{contact}")).status_code == 404
    archived = (await call("GET", f"{CONTACTS}?archived=True")).json()["results"]
    assert [record["id"] for record in archived] == [contact]
    assert archived[0]["archived"] is True
    assert "archivedAt" in archived[0]
    assert (await call("POST", CONTACTS, {"properties": {"email": "a@example.com"}})).status_code == 201


async def test_a_list_is_paged_to_its_end_by_absolute_links(call: Call, new: New) -> None:
    created = [await new("companies", name=f"Company {number}") for number in range(7)]
    path = "/crm/v3/objects/companies?limit=3&properties=name"
    seen = []
    while path:
        body = (await call("GET", path)).json()
        seen += [record["id"] for record in body["results"]]
        path = body.get("paging", {}).get("next", {}).get("link", "")
        assert not path or path.startswith(
            "http://mock/crm/objects/v3/companies?limit=3&properties=name&after="
        )
    assert seen == created


async def test_a_page_starts_at_the_id_in_its_cursor(call: Call, new: New) -> None:
    """Recorded in April 2026: a page that ends with the record 51 has the cursor 52."""
    ids = [await new("companies", name=f"Company {number}") for number in range(3)]
    paging = (await call("GET", "/crm/v3/objects/companies?limit=1")).json()["paging"]
    assert paging["next"]["after"] == str(int(ids[0]) + 1)
    for after, first in ((ids[1], ids[1]), (str(int(ids[1]) + 1), ids[2])):
        page = (await call("GET", f"/crm/v3/objects/companies?limit=1&after={after}")).json()
        assert page["results"][0]["id"] == first


async def test_links_keep_the_scheme_of_a_proxy(call: Call, new: New) -> None:
    for number in range(2):
        await new("companies", name=f"Company {number}")
    headers = {"host": "api.hubapi.com", "x-forwarded-proto": "https"}
    body = (await call("GET", "/crm/v3/objects/companies?limit=1", headers=headers)).json()
    assert body["paging"]["next"]["link"].startswith("https://api.hubapi.com/crm/objects/v3/companies?")


async def test_history_shows_the_values_of_a_property_newest_first(
    call: Call, new: New, clock: ManualClock
) -> None:
    contact = await new("contacts", email="a@example.com", city="Rome")
    clock.advance(60)
    await call("PATCH", f"{CONTACTS}/{contact}", {"properties": {"city": "Oslo"}})
    clock.advance(60)
    await call("PATCH", f"{CONTACTS}/{contact}", {"properties": {"zip": "1"}})
    body = (await call("GET", f"{CONTACTS}/{contact}?propertiesWithHistory=city")).json()
    entries = body["propertiesWithHistory"]["city"]
    assert [(entry["value"], entry["timestamp"][14:19]) for entry in entries] == [
        ("Oslo", "01:00"),
        ("Rome", "00:00"),
    ]
    assert set(entries[0]) == {"value", "timestamp", "sourceType", "sourceId"}


async def test_a_merge_makes_a_new_contact_and_fills_gaps_of_the_primary_one(call: Call, new: New) -> None:
    first = await new("contacts", email="a@example.com", firstname="Ann")
    second = await new("contacts", email="b@example.com", firstname="Bob", city="Rome")
    merged = await call("POST", f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second})
    properties = merged.json()["properties"]
    assert merged.json()["id"] == properties["hs_object_id"]
    assert merged.json()["id"] not in (first, second)
    assert (properties["firstname"], properties["city"]) == ("Ann", "Rome")
    assert properties["hs_additional_emails"] == "b@example.com"


async def test_the_ids_of_merged_records_name_what_came_of_them(call: Call, new: New) -> None:
    """HubSpot's changelog of January 2025: fetching by the former ids gives the new record."""
    deals = "/crm/v3/objects/deals"
    first, second, third = [await new("deals", dealname=name) for name in "ABC"]
    merge = {"primaryObjectId": first, "objectIdToMerge": second}
    made = (await call("POST", f"{deals}/merge", merge)).json()["id"]
    again = await call("POST", f"{deals}/merge", {"primaryObjectId": third, "objectIdToMerge": second})
    last = again.json()["id"]
    assert again.json()["properties"]["dealname"] == "C"
    assert again.json()["properties"]["hs_merged_object_ids"] == ";".join([first, second, third, made])
    for former in (first, second, third, made):
        assert (await call("GET", f"{deals}/{former}")).json()["id"] == last
        changed = await call("PATCH", f"{deals}/{former}", {"properties": {"amount": "1"}})
        assert changed.json()["id"] == last
    inputs = [{"id": first}, {"id": second}]
    read = (await call("POST", f"{deals}/batch/read", {"inputs": inputs, "properties": []})).json()
    assert [record["id"] for record in read["results"]] == [last]
    assert [record["id"] for record in (await call("GET", deals)).json()["results"]] == [last]
    assert (await call("GET", f"{deals}?archived=true")).json()["results"] == []
    refused = await call("POST", f"{deals}/merge", {"primaryObjectId": last, "objectIdToMerge": first})
    assert refused.status_code == 400
    await call("DELETE", f"{deals}/{last}")
    assert (await call("GET", f"{deals}/{first}")).status_code == 404


async def test_a_merged_record_has_the_history_and_the_lists_of_the_primary_one(
    call: Call, new: New, clock: ManualClock
) -> None:
    first, second = await new("contacts", firstname="Ann"), await new("contacts", firstname="Bob")
    body = {"name": "All", "objectTypeId": "0-1", "processingType": "MANUAL"}
    list_id = (await call("POST", "/crm/v3/lists", body)).json()["list"]["listId"]
    members = f"/crm/v3/lists/{list_id}/memberships"
    await call("PUT", f"{members}/add", [first, second])
    clock.advance(60)
    await call("PATCH", f"{CONTACTS}/{first}", {"properties": {"firstname": "Anna"}})
    clock.advance(60)
    merge = {"primaryObjectId": first, "objectIdToMerge": second}
    merged = (await call("POST", f"{CONTACTS}/merge", merge)).json()["id"]
    record = (await call("GET", f"{CONTACTS}/{merged}?propertiesWithHistory=firstname")).json()
    assert [entry["value"] for entry in record["propertiesWithHistory"]["firstname"]] == ["Anna", "Ann"]
    assert record["createdAt"] == "2026-01-01T00:00:00.000Z"
    assert [entry["recordId"] for entry in (await call("GET", members)).json()["results"]] == [merged]


async def test_a_merge_keeps_the_stage_furthest_down_the_lifecycle(call: Call, new: New) -> None:
    """HubSpot's article on merging, June 2026: a lead merged with a customer is a customer."""
    lead, customer = [await new("contacts", lifecyclestage=stage) for stage in ("lead", "customer")]
    for pair in ((lead, customer), (await new("contacts", lifecyclestage="lead"), lead)):
        merge = {"primaryObjectId": pair[0], "objectIdToMerge": pair[1]}
        merged = (await call("POST", f"{CONTACTS}/merge", merge)).json()
        assert merged["properties"]["lifecyclestage"] == "customer"


async def test_what_follows_from_other_values_follows_after_a_merge_too(
    call: Call, new: New, clock: ManualClock
) -> None:
    first = await new("contacts", firstname="Ann")
    others = [
        await new("contacts", email="b@example.com", lastname="Berg"),
        await new("contacts", city="Rome"),
    ]
    clock.advance(60)
    ids = [first]
    for other in others:
        body = {"primaryObjectId": ids[-1], "objectIdToMerge": other}
        merged = (await call("POST", f"{CONTACTS}/merge", body)).json()
        ids += [other, merged["id"]]
    properties = merged["properties"]
    assert properties["email"] == "b@example.com"
    assert "hs_additional_emails" not in properties
    assert properties["hs_full_name_or_email"] == "Ann Berg"
    assert properties["lastmodifieddate"] == "2026-01-01T00:01:00Z"
    *former, _ = ids
    assert sorted(properties["hs_merged_object_ids"].split(";")) == sorted(former)
    merges = properties["hs_calculated_merged_vids"].split(";")
    assert sorted(each.partition(":")[0] for each in merges) == sorted(former)


async def test_a_merged_company_has_the_other_domain_as_an_additional_one(call: Call, new: New) -> None:
    first, second = await new("companies", domain="a.example"), await new("companies", domain="b.example")
    body = {"primaryObjectId": first, "objectIdToMerge": second}
    properties = (await call("POST", "/crm/v3/objects/companies/merge", body)).json()["properties"]
    assert (properties["domain"], properties["hs_additional_domains"]) == ("a.example", "b.example")


async def test_a_contact_deleted_for_good_is_in_no_list(call: Call, new: New) -> None:
    await new("contacts", email="a@example.com")
    answer = await call(
        "POST", f"{CONTACTS}/gdpr-delete", {"objectId": "a@example.com", "idProperty": "email"}
    )
    assert answer.status_code == 204
    for archived in ("true", "false"):
        assert (await call("GET", f"{CONTACTS}?archived={archived}")).json() == {"results": []}


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("closedate", 1700000000000, "2023-11-14T22:13:20Z"),
        ("closedate", "1700000000123", "2023-11-14T22:13:20.123Z"),
        ("closedate", "2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z"),
        ("closedate", "2026-03-01", "2026-03-01T00:00:00Z"),
        ("amount", 12.5, "12.5"),
        ("amount", "100.00", "100.00"),
        ("hs_line_item_global_term_start_date", "2026-03-01T00:00:00Z", "2026-03-01"),
        ("dealname", True, "true"),
    ],
)
async def test_values_are_kept_as_hubspot_writes_them(call: Call, name: str, given: Any, kept: str) -> None:
    answer = await call("POST", "/crm/v3/objects/deals", {"properties": {name: given}})
    assert answer.json()["properties"][name] == kept


async def test_a_deal_takes_the_pipeline_of_its_stage_and_follows_it(call: Call, new: New) -> None:
    deal = await new("deals", dealname="Big", amount="200", dealstage="contractsent")
    path = f"/crm/v3/objects/deals/{deal}"
    names = "pipeline,hs_projected_amount,hs_is_closed_won,closedate"
    before = (await call("GET", f"{path}?properties={names}")).json()["properties"]
    assert before["pipeline"] == "default"
    assert float(before["hs_projected_amount"]) == 180
    await call("PATCH", path, {"properties": {"dealstage": "closedwon"}})
    after = (await call("GET", f"{path}?properties={names}")).json()["properties"]
    assert after["hs_is_closed_won"] == "true"
    assert after["closedate"] == "2026-01-01T00:00:00Z"


async def test_a_lifecycle_stage_goes_back_only_after_it_was_cleared(call: Call, new: New) -> None:
    contact = await new("contacts", email="a@example.com", lifecyclestage="customer")
    path = f"{CONTACTS}/{contact}"

    async def stage_after(value: str) -> Any:
        await call("PATCH", path, {"properties": {"lifecyclestage": value, "city": value}})
        body = (await call("GET", f"{path}?properties=lifecyclestage")).json()
        return body["properties"]["lifecyclestage"]

    assert await stage_after("lead") == "customer"
    assert await stage_after("") == ""
    assert await stage_after("lead") == "lead"


async def test_a_company_keeps_its_bare_domain(call: Call, new: New) -> None:
    company = await new("companies", name="Acme", domain="https://www.Acme.com/about")
    body = (await call("GET", f"/crm/v3/objects/companies/{company}?properties=domain,website")).json()
    assert body["properties"]["domain"] == "acme.com"
    assert await new("companies", name="Acme again", domain="acme.com")


async def test_ids_follow_from_the_seed(org: HubSpotOrg, clock: ManualClock) -> None:
    from mock_crm.orgs import open_org

    twin = open_org("hubspot", seed=7, clock=clock)
    other = open_org("hubspot", seed=8, clock=clock)
    fields = {"email": "a@example.com"}
    ids = [each.create("contacts", fields)["id"] for each in (org, twin, other)]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].isdigit()
    twin.close()
    other.close()


async def test_a_line_item_inherits_what_its_product_has(call: Call, new: New) -> None:
    """Source: HubSpot's guide to the products API ("it will inherit property values from the product")."""
    product = await new("products", name="Lamp", price="9.5", hs_sku="L1", description="d")
    given = {"hs_product_id": product, "quantity": 2, "name": "Two lamps"}
    made = (await call("POST", "/crm/v3/objects/line_items", {"properties": given})).json()["properties"]
    assert {name: made.get(name) for name in ("name", "price", "hs_sku", "description", "amount")} == {
        "name": "Two lamps", "price": "9.5", "hs_sku": "L1", "description": "d", "amount": "19",
    }  # fmt: skip
    assert made["hs_object_id"] != product
    await call("DELETE", f"/crm/v3/objects/products/{product}")
    for number in (product, "404"):
        alone = await call("POST", "/crm/v3/objects/line_items", {"properties": {"hs_product_id": number}})
        assert (alone.status_code, alone.json()["properties"].get("price")) == (201, None)
