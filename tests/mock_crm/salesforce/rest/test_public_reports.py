"""What public bug reports tell of REST's answers; each test names the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mock_crm.salesforce import json_syntax
from mock_crm.salesforce.org import SalesforceOrg

from .conftest import BASE, Ask

AddField = Callable[..., None]

pytestmark = pytest.mark.anyio

LIBRARY_WORDS = ("Expected `", "got `", "Object missing", "$.")


async def test_a_bulk_query_that_is_no_text_is_told_where(ask: Ask) -> None:
    # Reported in simple-salesforce issue 722
    answer = await ask("POST", "jobs/query", content='{"operation":"query","query":["SELECT Id"]}')
    assert answer.status_code == 400
    assert answer.json()[0] == {
        "errorCode": "API_ERROR",
        "message": "Value does not match expected type at [line:1, column:22]",
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("composite", {"compositeRequest": [{"method": "GET", "url": f"{BASE}/limits"}]}),
        ("composite", {"compositeRequest": [{"method": "GET", "referenceId": "r"}]}),
        ("composite", {"compositeRequest": {}}),
        ("composite", []),
        ("composite/batch", {"batchRequests": [{"method": 1, "url": "x"}]}),
        ("composite/sobjects/Account", {"ids": [None], "fields": ["Name"]}),
        ("composite/sobjects/Account", {"ids": "x"}),
        ("jobs/ingest", {"operation": ["insert"], "object": "Account"}),
        ("jobs/ingest", 5),
        ("parameterizedSearch", {"q": ["x"]}),
    ],
)
async def test_no_refusal_speaks_with_the_words_of_a_library(ask: Ask, path: str, body: Any) -> None:
    answer = await ask("POST", path, body)
    assert answer.status_code == 400
    assert not any(words in answer.text for words in LIBRARY_WORDS)


@pytest.mark.parametrize(("method", "status"), [("FOO", 400), ("PUT", 405), ("post", 201)])
async def test_a_wrong_method_inside_a_composite_is_no_matter_of_the_session(
    ask: Ask, method: str, status: int
) -> None:
    item = {"method": method, "url": f"{BASE}/sobjects/Account", "referenceId": "r", "body": {"Name": "A"}}
    answer = (await ask("POST", "composite", {"compositeRequest": [item]})).json()["compositeResponse"][0]
    assert answer["httpStatusCode"] == status


@pytest.mark.parametrize("reference", ["ref-1", "ref.1", "_ref", ""])
async def test_a_reference_id_holds_letters_digits_and_underscores_from_v54_on(
    ask: Ask, org: SalesforceOrg, reference: str
) -> None:
    # Reported in guardian/support-service-lambdas pull request 1512
    item = {
        "method": "POST",
        "url": f"{BASE}/sobjects/Account",
        "referenceId": reference,
        "body": {"Name": "A"},
    }
    answer = await ask("POST", "composite", {"compositeRequest": [item]})
    assert (answer.status_code, answer.json()[0]) == (
        400,
        {
            "message": f"Provided referenceId ('{reference}') must start with a letter or a number, and it "
            "can contain only letters, numbers and underscores ('_').",
            "errorCode": "JSON_PARSER_ERROR",
        },
    )
    assert org.count("Account") == 0
    old = await ask("POST", "/services/data/v53.0/composite", {"compositeRequest": [item]})
    assert old.json()["compositeResponse"][0]["httpStatusCode"] == 201


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"attributes": {"type": "Contact"}, "Birthdate": "soon"}, "[line:1, column:113]"),
        (
            {"Birthdate": "soon", "attributes": {"type": "Contact"}},
            "[Source: N/A; line: -1, column: -1] at [line:-1, column:-1]",
        ),
    ],
)
async def test_a_record_that_names_its_type_last_is_refused_without_a_place(
    ask: Ask, record: dict[str, Any], place: str
) -> None:
    # Recorded by grouparoo, with the type behind the fields
    body = json.dumps({"records": [{"attributes": {"type": "Account"}, "Name": "{"}, record]})
    answer = await ask("POST", "composite/sobjects", content=body)
    words = "Cannot deserialize instance of date from VALUE_STRING value soon or request may be missing a"
    assert answer.json()[0]["message"] == f"{words} required field at {place}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            '{"Name":"x",\n}',
            "Unexpected character ('}' (code 125)): was expecting double-quote to start field name at "
            "[line:2, column:2]",
        ),  # jetstream issue 538
        (
            "request%5Baccount%5D",
            "Unexpected character ('r' (code 114)): expected a valid value (number, String, array, object, "
            "'true', 'false' or 'null') at [line:1, column:2]",
        ),  # Salesforce Stack Exchange 137599
        (
            '{"Name":"a\nb"}',
            "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be "
            "included in string value at [line:1, column:12]",
        ),
        (
            "{'Name':1}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name at "
            "[line:1, column:3]",
        ),
        ("", "The HTTP entity body is required, but this request has no entity body."),
    ],
)
async def test_a_body_that_is_no_json_is_refused_as_salesforce_reads_it(
    ask: Ask, body: str, message: str
) -> None:
    answer = await ask("POST", "sobjects/Account", content=body)
    assert (answer.status_code, answer.json()) == (
        400,
        [{"message": message, "errorCode": "JSON_PARSER_ERROR"}],
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"a":1', "expected close marker for OBJECT (from [line:1, column:0]) at [line:1, column:8]"),
        ("[1,", "expected close marker for ARRAY"),
        ("[1 2]", "was expecting comma to separate ARRAY entries"),
        ('{"a" 1}', "was expecting a colon to separate field name and value"),
        ('{"a":1 "b":2}', "was expecting comma to separate OBJECT entries"),
        ('{"a":nope}', "Unrecognized token 'nope': was expecting 'null', 'true', 'false' or NaN"),
        ('{"a":"b', "was expecting closing quote for a string value"),
        ('{"a', "was expecting closing '\"' for name"),
        (r'{"a":"\x"}', "Unrecognized character escape 'x' (code 120)"),
        ("{} {}", "Unexpected character ('{' (code 123))"),
    ],
)
async def test_each_fault_of_a_text_is_named(text: str, complaint: str) -> None:
    assert complaint in json_syntax.complaint(text)


async def test_an_object_where_a_value_belongs(ask: Ask) -> None:
    # Reported in SalesforceMobileSDK-ReactNative issue 194
    answer = await ask("POST", "sobjects/Contact", content='{"LastName":"x","Birthdate":{}}')
    assert answer.json()[0]["message"] == (
        "Cannot deserialize instance of date from START_OBJECT value { or request may be missing a required "
        "field at [line:1, column:29]"
    )


@pytest.mark.parametrize("path", ["sobjects/Account/Id", "sobjects/Account/Id/"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_an_upsert_by_id_without_a_value_is_not_allowed(ask: Ask, method: str, path: str) -> None:
    # Reported in jsforce issue 667 and restforce issue 263
    answer = await ask(method, path, {"Name": "foo"})
    assert (answer.status_code, answer.json()[0]) == (
        405,
        {
            "message": f"HTTP Method '{method}' not allowed. Allowed are GET,HEAD,POST",
            "errorCode": "METHOD_NOT_ALLOWED",
        },
    )


async def test_an_upsert_that_may_only_update_creates_nothing(
    ask: Ask, org: SalesforceOrg, custom_field: AddField
) -> None:
    # The REST guide on updateOnly
    custom_field("Account", "Key__c", external_id=True)
    answer = await ask("PATCH", "sobjects/Account/Key__c/absent?updateOnly=true", {"Name": "x"})
    assert (answer.status_code, org.count("Account")) == (404, 0)


async def test_a_file_comes_as_one_part_of_a_record(ask: Ask, org: SalesforceOrg) -> None:
    # The REST guide on inserting blobs; jsforce, restforce and the sf CLI send files so
    record = b'Content-Disposition: form-data; name="entity_content"\r\nContent-Type: application/json'
    file = b'Content-Disposition: form-data; name="VersionData"; filename="a.bin"'
    body = b'--b\r\n%b\r\n\r\n{"PathOnClient":"a.bin"}\r\n--b\r\n%b\r\n\r\n\x00\xff\r\n\r\n--b--\r\n' % (
        record,
        file,
    )
    headers = {"content-type": "multipart/form-data; boundary=b"}
    made = await ask("POST", "sobjects/ContentVersion", content=body, headers=headers)
    assert made.status_code == 201
    stored = await ask("GET", f"sobjects/ContentVersion/{made.json()['id']}/VersionData")
    assert stored.content == b"\x00\xff\r\n"


async def test_a_file_without_its_record_is_refused(ask: Ask) -> None:
    # SalesforceMobileSDK-ReactNative issue 237
    body = b'--b\r\nContent-Disposition: form-data; name="VersionData"; filename="a"\r\n\r\nx\r\n--b--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = await ask("POST", "sobjects/ContentVersion", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (
        400,
        [
            {
                "message": "Multipart message must include a non-binary part",
                "errorCode": "INVALID_MULTIPART_REQUEST",
            }
        ],
    )


@pytest.mark.parametrize("kind", ["Lead", "Contact"])
async def test_nobody_is_put_into_a_campaign_twice(ask: Ask, org: SalesforceOrg, kind: str) -> None:
    # Recorded by grouparoo; openstax/tutor-server pull request 1653
    person = org.create(kind, {"LastName": "L", **({"Company": "C"} if kind == "Lead" else {})})["id"]
    first, second = (org.create("Campaign", {"Name": name})["id"] for name in "AB")
    member = {"CampaignId": first, f"{kind}Id": person}
    made = await ask("POST", "sobjects/CampaignMember", member)
    again = await ask("POST", "sobjects/CampaignMember", member)
    assert again.json() == [
        {"message": "Already a campaign member.", "errorCode": "DUPLICATE_VALUE", "fields": []}
    ]
    other = await ask("POST", "sobjects/CampaignMember", {**member, "CampaignId": second})
    changed = await ask("PATCH", f"sobjects/CampaignMember/{made.json()['id']}", {"Status": "Responded"})
    assert (other.status_code, changed.status_code) == (201, 204)
    rows = [{"attributes": {"type": "CampaignMember"}, **member} for _ in range(2)]
    org.delete("CampaignMember", made.json()["id"])
    both = await ask("POST", "composite/sobjects", {"records": rows})
    assert [row["success"] for row in both.json()] == [True, False]


async def test_a_record_type_of_another_org_is_not_valid_for_the_user(ask: Ask) -> None:
    # Recorded among the refusals of public projects
    answer = await ask("POST", "sobjects/Account", {"Name": "x", "RecordTypeId": "012000000000001AAA"})
    assert answer.json() == [
        {
            "message": "Record Type ID: this ID value isn't valid for the user: 012000000000001AAA",
            "errorCode": "INVALID_CROSS_REFERENCE_KEY",
            "fields": ["RecordTypeId"],
        }
    ]
