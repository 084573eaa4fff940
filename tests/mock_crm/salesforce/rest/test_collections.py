"""Collections, composite requests, batches and trees."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mock_crm.salesforce.org import SalesforceOrg

Ask = Callable[..., Coroutine[Any, Any, httpx.Response]]
AddField = Callable[..., None]

pytestmark = pytest.mark.anyio

V60 = "/services/data/v60.0"


def row(type_: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": type_}, **values}


async def test_results_come_in_the_order_of_the_rows(ask: Ask, org: SalesforceOrg) -> None:
    rows = [
        row("Account", Name="a"),
        row("Contact"),
        row("contact", LastName="b"),
        row("Nope", x=1),
        {"x": 1},
    ]
    results = (await ask("POST", "composite/sobjects", {"records": rows})).json()
    assert [result["success"] for result in results] == [True, False, True, False, False]
    assert set(results[0]) == {"id", "success", "errors"}
    assert set(results[1]) == {"success", "errors"}, "failures have no id"
    assert (org.count("Account"), org.count("Contact")) == (1, 1)


async def test_rows_are_updated_upserted_got_and_deleted(
    ask: Ask, org: SalesforceOrg, custom_field: AddField
) -> None:
    custom_field("Account", "Ext__c", external_id=True)
    first, second = (org.create("Account", {"Name": n, "Ext__c": n})["id"] for n in "ab")
    rows = [row("Account", id=first, Name="A"), row("Account", Id="001000000000000AAA", Name="x")]
    results = (await ask("PATCH", "composite/sobjects", {"records": rows})).json()
    assert results[0] == {"id": first, "success": True, "errors": []}
    assert results[1]["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    rows = [
        row("Account", Ext__c="b", Name="B"),
        row("Account", Ext__c="c", Name="C"),
        row("Account", Name="D"),
    ]
    results = (await ask("PATCH", "composite/sobjects/Account/Ext__c", {"records": rows})).json()
    assert [result["created"] for result in results] == [False, True, False]
    assert results[2]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    body = {"ids": [second, "001000000000000AAA"], "fields": ["Name"]}
    got = (await ask("POST", "composite/sobjects/Account", body)).json()
    assert (got[0]["Name"], got[1]) == ("B", None)
    gone = (await ask("DELETE", f"composite/sobjects?ids={first},{first}&allOrNone=false")).json()
    assert [result["success"] for result in gone] == [True, False]
    assert org.count("Account") == 2


async def test_an_upsert_on_the_id_creates_rows_without_one(ask: Ask, org: SalesforceOrg) -> None:
    record_id = org.create("Account", {"Name": "x"})["id"]
    rows = [row("Account", Id=None, Name="new"), row("Account", Id=record_id, Name="old")]
    results = (await ask("PATCH", "composite/sobjects/Account/Id", {"records": rows})).json()
    assert [result["created"] for result in results] == [True, False]


async def test_one_key_twice_in_an_upsert_fails_both_rows(ask: Ask, custom_field: AddField) -> None:
    custom_field("Account", "Ext__c", external_id=True)
    rows = [row("Account", Ext__c="a", Name="x"), row("Account", Ext__c="A", Name="y")]
    results = (await ask("PATCH", "composite/sobjects/Account/Ext__c", {"records": rows})).json()
    assert {result["errors"][0]["statusCode"] for result in results} == {"DUPLICATE_VALUE"}


async def test_one_record_twice_in_an_update_is_written_once(ask: Ask, org: SalesforceOrg) -> None:
    record_id = org.create("Account", {"Name": "x"})["id"]
    rows = [row("Account", Id=record_id, Name="first"), row("Account", Id=record_id[:15], Name="second")]
    results = (await ask("PATCH", "composite/sobjects", {"records": rows})).json()
    assert [result["success"] for result in results] == [True, False]
    assert (org.record("Account", record_id) or {})["Name"] == "first"


async def test_types_may_change_ten_times_only(ask: Ask) -> None:
    rows = [row("Account", Name="x"), row("Contact", LastName="y")] * 6
    assert (await ask("POST", "composite/sobjects", {"records": rows})).json()[0][
        "errorCode"
    ] == "TOO_MANY_CHUNKS"


async def test_a_fault_fails_the_row_it_names(ask: Ask, org: SalesforceOrg) -> None:
    org.faults.add({"kind": "record-error", "record": 2, "code": "UNABLE_TO_LOCK_ROW", "path": "*/sobjects"})
    rows = [row("Account", Name="x"), row("Contact", LastName="y"), row("Contact", LastName="z")]
    results = (await ask("POST", "composite/sobjects", {"records": rows})).json()
    assert [result["success"] for result in results] == [True, False, True]


async def test_a_fault_for_an_object_strikes_its_collections(ask: Ask, org: SalesforceOrg) -> None:
    org.faults.add({"kind": "row-lock", "record": 1, "object": "contact"})
    for object_name, is_saved in (("Account", True), ("Contact", False)):
        rows = [row(object_name, Name="x") if object_name == "Account" else row(object_name, LastName="x")]
        results = (await ask("POST", "composite/sobjects", {"records": rows})).json()
        assert results[0]["success"] is is_saved


async def test_subrequests_use_the_answers_before_them(ask: Ask, org: SalesforceOrg) -> None:
    requests = [
        {"method": "POST", "url": f"{V60}/sobjects/Account", "referenceId": "acct", "body": {"Name": "x"}},
        {"method": "POST", "url": f"{V60}/composite/sobjects", "referenceId": "people",
         "body": {"records": [row("Contact", LastName="y", AccountId="@{acct.id}")]}},
        {"method": "GET", "url": f"{V60}/sobjects/Contact/@{{people[0].id}}?fields=AccountId",
         "referenceId": "got"},
        {"method": "DELETE", "url": f"{V60}/sobjects/Contact/@{{people[0].id}}", "referenceId": "gone"},
    ]  # fmt: skip
    answers = (await ask("POST", "composite", {"compositeRequest": requests})).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [201, 200, 200, 204]
    assert answers[2]["body"]["AccountId"] == answers[0]["body"]["id"]
    assert answers[0]["httpHeaders"] == {"Location": f"{V60}/sobjects/Account/{answers[0]['body']['id']}"}
    assert answers[3]["body"] is None
    assert org.quota["daily"].used == 1, "a composite request counts once"


async def test_a_reference_to_a_failed_answer_fails_too(ask: Ask) -> None:
    requests = [
        {"method": "POST", "url": f"{V60}/sobjects/Contact", "referenceId": "c", "body": {}},
        {"method": "GET", "url": f"{V60}/sobjects/Contact/@{{c.id}}", "referenceId": "g"},
        {"method": "GET", "url": f"{V60}/limits", "referenceId": "l"},
    ]
    answers = (await ask("POST", "composite", {"compositeRequest": requests})).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [400, 400, 200]
    assert answers[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [{"method": "GET", "url": f"{V60}/limits", "referenceId": f"r{n}"} for n in range(26)],
        [{"method": "GET", "url": f"{V60}/query?q=x", "referenceId": f"r{n}"} for n in range(6)],
        [{"method": "GET", "url": f"{V60}/limits", "referenceId": "same"}] * 2,
        [{"url": "no method"}],
    ],
)
async def test_a_composite_request_that_is_not_well_made_is_refused(ask: Ask, requests: list[Any]) -> None:
    assert (await ask("POST", "composite", {"compositeRequest": requests})).status_code == 400


async def test_composite_requests_do_not_nest(ask: Ask) -> None:
    inner = {
        "method": "POST",
        "url": f"{V60}/composite",
        "referenceId": "x",
        "body": {"compositeRequest": []},
    }
    answers = (await ask("POST", "composite", {"compositeRequest": [inner]})).json()["compositeResponse"]
    assert answers[0]["httpStatusCode"] == 404


async def test_requests_of_a_batch_stand_for_themselves_or_halt(ask: Ask, org: SalesforceOrg) -> None:
    requests = [
        {"method": "PATCH", "url": "v60.0/sobjects/Account/001000000000000AAA", "richInput": {"Name": "x"}},
        {"method": "POST", "url": "v60.0/sobjects/Account", "richInput": {"Name": "y"}},
    ]
    answer = (await ask("POST", "composite/batch", {"batchRequests": requests})).json()
    assert [result["statusCode"] for result in answer["results"]] == [404, 201]
    assert answer["hasErrors"] is True
    halted = (await ask("POST", "composite/batch", {"batchRequests": requests, "haltOnError": True})).json()
    assert [result["statusCode"] for result in halted["results"]] == [404, 412]
    assert org.count("Account") == 1


def node(type_: str, reference: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": type_, "referenceId": reference}, **values}


async def test_a_tree_is_saved_with_its_children(ask: Ask, org: SalesforceOrg) -> None:
    contacts = {"records": [node("Contact", "c1", LastName="y"), node("Contact", "c2", LastName="z")]}
    answer = await ask(
        "POST", "composite/tree/Account", {"records": [node("Account", "a", Name="x", Contacts=contacts)]}
    )
    results = answer.json()["results"]
    assert (answer.status_code, answer.json()["hasErrors"]) == (201, False)
    assert [result["referenceId"] for result in results] == ["a", "c1", "c2"]
    assert {contact["AccountId"] for contact in org.records("Contact")} == {results[0]["id"]}


async def test_a_tree_with_a_failure_saves_nothing_and_names_only_the_failures(
    ask: Ask, org: SalesforceOrg
) -> None:
    contacts = {"records": [node("Contact", "c1", LastName="y"), node("Contact", "c2")]}
    answer = await ask(
        "POST", "composite/tree/Account", {"records": [node("Account", "a", Name="x", Contacts=contacts)]}
    )
    assert (answer.status_code, answer.json()["hasErrors"]) == (400, True)
    assert [result["referenceId"] for result in answer.json()["results"]] == ["c2"]
    assert org.count("Account") == 0


async def test_tree_nodes_need_references_of_their_own(ask: Ask) -> None:
    records = [node("Account", "same", Name="x"), node("Account", "same", Name="y")]
    answer = await ask("POST", "composite/tree/Account", {"records": records})
    assert answer.json()[0]["errorCode"] == "INVALID_INPUT"


async def test_records_are_retrieved_by_a_query_string_too(ask: Ask, org: SalesforceOrg) -> None:
    account = org.create("Account", {"Name": "x"})["id"]
    found = (
        await ask("GET", f"composite/sobjects/Account?ids={account},001000000000000AAA&fields=Name")
    ).json()
    assert [record and record["Name"] for record in found] == ["x", None]
