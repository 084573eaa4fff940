"""Single records over REST: what clients get for what they send."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.org import SalesforceOrg

Ask = Callable[..., Coroutine[Any, Any, httpx.Response]]
AddField = Callable[..., None]

pytestmark = pytest.mark.anyio


async def test_a_record_lives_from_creation_to_deletion(ask: Ask, org: SalesforceOrg) -> None:
    created = await ask("POST", "sobjects/contact/", {"LASTNAME": "Doe", "email": "d@x.co"})
    record_id = created.json()["id"]
    assert (created.status_code, created.json()) == (201, {"id": record_id, "success": True, "errors": []})
    assert created.headers["location"] == f"/services/data/v60.0/sobjects/Contact/{record_id}"
    changed = await ask("PATCH", f"sobjects/Contact/{record_id[:15]}", {"FirstName": "Jo", "Email": ""})
    assert (changed.status_code, changed.content) == (204, b"")
    found = (await ask("GET", f"sobjects/Contact/{record_id}")).json()
    assert next(iter(found)) == "attributes"
    assert (found["Name"], found["Email"], found["Id"]) == ("Jo Doe", None, record_id)
    deleted = await ask("DELETE", f"sobjects/Contact/{record_id}")
    assert deleted.status_code == 204
    assert org.record("Contact", record_id) is None


async def test_updates_come_as_posts_with_a_method_in_the_query(ask: Ask, org: SalesforceOrg) -> None:
    record_id = org.create("Account", {"Name": "x"})["id"]
    answer = await ask("POST", f"sobjects/Account/{record_id}?_HttpMethod=PATCH", {"Name": "y"})
    assert answer.status_code == 204
    assert (org.record("Account", record_id) or {})["Name"] == "y"


async def test_named_fields_come_in_their_order_with_the_id(ask: Ask, org: SalesforceOrg) -> None:
    record_id = org.create("Account", {"Name": "x", "Phone": "1"})["id"]
    answer = await ask("GET", f"sobjects/Account/{record_id}?fields=phone,Name")
    assert list(answer.json().items())[1:] == [("Phone", "1"), ("Name", "x"), ("Id", record_id)]
    wrong = await ask("GET", f"sobjects/Account/{record_id}?fields=Nope")
    assert wrong.json()[0]["errorCode"] == "INVALID_FIELD"


async def test_upsert_creates_updates_and_refuses_several(
    ask: Ask, org: SalesforceOrg, custom_field: AddField
) -> None:
    custom_field("Account", "Ext__c", external_id=True)
    first = await ask("PATCH", "sobjects/Account/ext__c/a%2Fb%20c", {"Name": "x"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert org.records("Account")[0]["Ext__c"] == "a/b c"
    second = await ask("PATCH", "sobjects/Account/Ext__c/A%2FB%20C", {"Name": "y"})
    assert (second.status_code, second.json()["created"]) == (200, False)
    old = await ask("PATCH", "/services/data/v45.0/sobjects/Account/Ext__c/a%2Fb%20c", {"Name": "z"})
    assert (old.status_code, old.content) == (204, b"")
    org.create("Account", {"Name": "w", "Ext__c": "a/b c"})
    several = await ask("PATCH", "sobjects/Account/Ext__c/a%2Fb%20c", {"Name": "v"})
    paths = [f"/services/data/v60.0/sobjects/Account/{record['id']}" for record in org.records("Account")]
    assert (several.status_code, several.json()) == (300, paths)


@pytest.mark.parametrize("value", ["null", "none", "None"])
async def test_no_value_is_not_the_word_for_it(
    ask: Ask, org: SalesforceOrg, custom_field: AddField, value: str
) -> None:
    custom_field("Account", "Ext__c", external_id=True)
    org.create("Account", {"Name": "without"})
    assert (await ask("PATCH", f"sobjects/Account/Ext__c/{value}", {"Name": "x"})).status_code == 201


async def test_a_numeric_external_id_is_read_as_a_number(
    ask: Ask, org: SalesforceOrg, custom_field: AddField
) -> None:
    custom_field("Account", "Number__c", "double", precision=18, scale=0, external_id=True)
    assert (await ask("PATCH", "sobjects/Account/Number__c/12", {"Name": "x"})).status_code == 201
    assert (await ask("GET", "sobjects/Account/Number__c/12.0")).json()["Name"] == "x"
    assert org.records("Account")[0]["Number__c"] == 12.0


async def test_a_record_is_got_and_deleted_by_external_id(ask: Ask, org: SalesforceOrg) -> None:
    org.create("Contact", {"LastName": "x", "Email": "a@b.co"})
    assert (await ask("GET", "sobjects/Contact/Email/A@B.co")).json()["LastName"] == "x"
    assert (await ask("DELETE", "sobjects/Contact/Email/a@b.co")).status_code == 204
    assert (await ask("GET", "sobjects/Contact/Email/a@b.co")).status_code == 404


async def test_a_parent_is_named_by_external_id(ask: Ask, org: SalesforceOrg, custom_field: AddField) -> None:
    custom_field("Account", "Ext__c", external_id=True)
    account = org.create("Account", {"Name": "x", "Ext__c": "k"})["id"]
    answer = await ask("POST", "sobjects/Contact", {"LastName": "y", "Account": {"Ext__c": "K"}})
    assert (org.record("Contact", answer.json()["id"]) or {})["AccountId"] == account


async def test_what_changed_and_what_was_deleted_in_a_span(ask: Ask, org: SalesforceOrg) -> None:
    first = org.create("Account", {"Name": "x"})["id"]
    assert isinstance(org.clock, ManualClock)
    org.clock.advance(hours=1)
    second = org.create("Account", {"Name": "y"})["id"]
    org.delete("Account", second)
    span = "start=2026-01-01T00:30:00%2B00:00&end=2026-01-01T02:00:00Z"
    updated = (await ask("GET", "sobjects/Account/updated/?start=2025-12-31T00:00:00Z&" + span[31:])).json()
    assert updated == {"ids": [first], "latestDateCovered": "2026-01-01T02:00:00.000+0000"}
    deleted = (await ask("GET", f"sobjects/Account/deleted?{span}")).json()
    assert deleted["deletedRecords"] == [{"deletedDate": "2026-01-01T01:00:00.000+0000", "id": second}]


@pytest.mark.parametrize(
    "query", ["", "start=x&end=y", "start=2026-01-01T00:00:00Z&end=2025-01-01T00:00:00Z"]
)
async def test_a_span_that_is_none_is_refused(ask: Ask, query: str) -> None:
    assert (await ask("GET", f"sobjects/Account/updated?{query}")).status_code == 400


async def test_records_used_last_come_first(ask: Ask) -> None:
    for name in ("a", "b"):
        await ask("POST", "sobjects/Account", {"Name": name})
    recent = (await ask("GET", "recent?limit=1")).json()
    assert [item["Name"] for item in recent] == ["b"]
    info = (await ask("GET", "sobjects/Account")).json()
    assert [item["Name"] for item in info["recentItems"]] == ["b", "a"]


async def test_a_blob_lies_at_a_path_of_its_own(ask: Ask, org: SalesforceOrg) -> None:
    account = org.create("Account", {"Name": "x"})["id"]
    body = {"ParentId": account, "Name": "a.txt", "Body": "aGVsbG8=", "ContentType": "text/plain"}
    record_id = (await ask("POST", "sobjects/Attachment", body)).json()["id"]
    path = (await ask("GET", f"sobjects/Attachment/{record_id}")).json()["Body"]
    blob = await ask("GET", path)
    assert (blob.content, blob.headers["content-type"]) == (b"hello", "text/plain")


async def test_parents_and_children_lie_below_a_record(ask: Ask, org: SalesforceOrg) -> None:
    account = org.create("Account", {"Name": "x"})["id"]
    contact = org.create("Contact", {"LastName": "y", "AccountId": account})["id"]
    assert (await ask("GET", f"sobjects/Contact/{contact}/Account")).json()["Id"] == account
    children = (await ask("GET", f"sobjects/Account/{account}/contacts?fields=LastName")).json()
    assert (children["totalSize"], children["records"][0]["LastName"]) == (1, "y")
    assert (await ask("GET", f"sobjects/Account/{account}/Nope")).status_code == 404


async def test_usage_is_told_on_every_answer_and_json_is_pretty_on_request(ask: Ask) -> None:
    answer = await ask("GET", "limits", headers={"x-prettyprint": "1"})
    assert answer.headers["sforce-limit-info"] == "api-usage=1/15000"
    assert answer.text.startswith("{\n  ")
    missing = await ask("GET", "sobjects/Account/001000000000000AAA")
    assert missing.headers["sforce-limit-info"] == "api-usage=2/15000"


async def test_counts_leave_out_objects_without_records(ask: Ask, org: SalesforceOrg) -> None:
    org.create("Account", {"Name": "x"})
    answer = await ask("GET", "limits/recordCount?sObjects=account,Lead")
    assert answer.json() == {"sObjects": [{"count": 1, "name": "Account"}]}
    unknown = await ask("GET", "limits/recordCount?sObjects=Xyzzy")  # recorded by Snowfakery
    assert (unknown.status_code, unknown.json()) == (200, {"sObjects": []})


async def test_versions_ascend_and_need_no_session(org: SalesforceOrg) -> None:
    transport = httpx.ASGITransport(org.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sf.test") as client:
        versions = (await client.get("/services/data/")).json()
    numbers = [float(version["version"]) for version in versions]
    assert numbers == sorted(numbers)
    assert {40.0, 51.0, 60.0} <= set(numbers)
    labels = {version["version"]: version["label"] for version in versions}
    assert (labels["40.0"], labels["60.0"]) == ("Summer '17", "Spring '24")


async def test_resources_name_who_is_signed_in(ask: Ask, org: SalesforceOrg) -> None:
    resources = (await ask("GET", "")).json()
    assert resources["identity"] == f"http://sf.test/id/{org.identity.org_id}/{org.identity.user_id}"
    assert resources["sobjects"] == "/services/data/v60.0/sobjects"


def test_ids_carry_the_checksum_and_mend_lost_case() -> None:
    # A genuine id of a recorded answer [A].
    assert to_18("0033a00000lZSf1") == "0033a00000lZSf1AAG"
    assert to_18("0033A00000LZSF1AAG") == "0033a00000lZSf1AAG"
    assert to_18("0033a00000lZSf1AAA") is None
    assert to_18("") is None


async def test_the_same_seed_gives_the_same_ids(org: SalesforceOrg) -> None:
    from mock_crm.orgs import open_org

    twin = open_org("salesforce", seed=1, clock=org.clock)
    assert [org.create("Lead", {"LastName": "x", "Company": "y"})["id"] for _ in range(3)] == [
        twin.create("Lead", {"LastName": "x", "Company": "y"})["id"] for _ in range(3)
    ]
    assert twin.token == org.token
    twin.close()


async def test_an_upsert_by_no_id_creates(ask: Ask, org: SalesforceOrg) -> None:
    answer = await ask("POST", "sobjects/Account/Id", {"Name": "x"})
    assert (answer.status_code, answer.json()["created"]) == (201, True)
    assert (org.record("Account", answer.json()["id"]) or {})["Name"] == "x"


async def test_the_composite_resource_lists_what_is_below_it(ask: Ask) -> None:
    listed = (await ask("GET", "composite")).json()
    assert listed["tree"] == "/services/data/v60.0/composite/tree"
