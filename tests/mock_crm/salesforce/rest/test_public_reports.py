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


_SOON = (
    "Cannot deserialize instance of date from VALUE_STRING value soon or request may be missing a "
    "required field"
)


async def test_a_collection_with_a_value_of_the_wrong_kind_is_refused_at_its_place(ask: Ask) -> None:
    record = {"attributes": {"type": "Contact"}, "Birthdate": "soon"}
    body = json.dumps({"records": [{"attributes": {"type": "Account"}, "Name": "{"}, record]})
    answer = await ask("POST", "composite/sobjects", content=body)
    assert (answer.status_code, answer.json()[0]["message"]) == (400, f"{_SOON} at [line:1, column:113]")


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_record_that_names_its_type_last_is_refused_alone_and_without_a_place(
    ask: Ask, org: SalesforceOrg, method: str
) -> None:
    # Recorded by grouparoo between 20 September 2020, when Salesforce changed it, and April 2021
    account = org.create("Account", {"Name": "x"})["Id"]
    contact = org.create("Contact", {"LastName": "x"})["Id"]
    records: list[dict[str, Any]] = [
        {"Name": "y", "attributes": {"type": "Account"}},
        {"Birthdate": "soon", "attributes": {"type": "Contact"}},
    ]
    if method == "PATCH":
        records[0]["id"], records[1]["id"] = account, contact
    answer = await ask(method, "composite/sobjects", {"records": records})
    taken, refused = answer.json()
    message = f"{_SOON} at [Source: N/A; line: -1, column: -1][line:-1, column:-1]"
    assert (answer.status_code, taken["success"]) == (200, True)
    assert refused == {
        "success": False,
        "errors": [{"statusCode": "JSON_PARSER_ERROR", "message": message, "fields": []}],
    }


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


async def test_a_body_of_another_media_type_is_refused(ask: Ask) -> None:
    # Reported in nforce issue 74 and sf-functions-python pull request 91
    for given in ("multipart/related; boundary=x", "utf-8", "text/plain;charset=UTF-8"):
        answer = await ask(
            "POST", "sobjects/Account", content='{"Name":"x"}', headers={"content-type": given}
        )
        shown = given.partition(";")[0]
        message = f"MediaType of '{shown}' is not supported by this resource"
        assert (answer.status_code, answer.json()) == (
            415,
            [{"message": message, "errorCode": "UNSUPPORTED_MEDIA_TYPE"}],
        )


async def test_no_record_stands_above_itself(ask: Ask, org: SalesforceOrg) -> None:
    # Reported in NPSP issue 1995 and EDA issue 849
    top = org.create("Account", {"Name": "top"})["id"]
    middle = org.create("Account", {"Name": "middle", "ParentId": top})["id"]
    below = org.create("Account", {"Name": "below", "ParentId": middle})["id"]
    for parent in (top, middle, below):
        answer = await ask("PATCH", f"sobjects/Account/{top}", {"ParentId": parent})
        assert answer.json() == [
            {
                "message": "attempt to violate hierarchy constraints",
                "errorCode": "CIRCULAR_DEPENDENCY",
                "fields": ["ParentId"],
            }
        ]
    assert (await ask("PATCH", f"sobjects/Account/{below}", {"ParentId": top})).status_code == 204


async def test_parents_are_read_changed_and_deleted_over_their_children(ask: Ask, org: SalesforceOrg) -> None:
    # Salesforce's documentation, "Traverse Relationships with Friendly URLs"
    top = org.create("Account", {"Name": "top"})["id"]
    account = org.create("Account", {"Name": "a", "ParentId": top})["id"]
    contact = org.create("Contact", {"LastName": "c", "AccountId": account})["id"]
    path = f"sobjects/Contact/{contact}/Account"
    assert (await ask("GET", f"{path}/Parent?fields=Name")).json()["Name"] == "top"
    assert (await ask("PATCH", f"{path}/Parent", {"Name": "t"})).status_code == 204
    assert (await ask("PATCH", path, {"Name": "b"})).status_code == 204
    names = {record["Name"] for record in org.records("Account")}
    assert names == {"t", "b"}
    assert (await ask("DELETE", f"{path}/Parent")).status_code == 204
    for method, below in (("GET", f"{path}/Parent"), ("DELETE", f"{path}/Parent"), ("GET", f"{path}/Nope")):
        assert (await ask(method, below)).status_code == 404
    assert (await ask("PATCH", f"sobjects/Account/{account}/Contacts", {"Title": "x"})).status_code == 404


async def test_an_account_keeps_its_closed_won_opportunities(ask: Ask, org: SalesforceOrg) -> None:
    # Recorded in the tests of a public client of composite batches
    account = org.create("Account", {"Name": "Edge"})["id"]
    for name, stage in (("open", "Prospecting"), ("one", "Closed Won"), ("two", "Closed Won")):
        values = {"Name": name, "StageName": stage, "CloseDate": "2026-01-01", "AccountId": account}
        org.create("Opportunity", values)
    answer = await ask("DELETE", f"sobjects/Account/{account}")
    assert answer.json() == [
        {
            "message": "Your attempt to delete Edge could not be completed because some opportunities in "
            "that account were closed won. The opportunities that could not be deleted are shown below.: "
            "one, two\n",
            "errorCode": "DELETE_FAILED",
            "fields": [],
        }
    ]


async def test_no_two_users_have_one_name(ask: Ask, org: SalesforceOrg) -> None:
    # Reported in githubsfdeploy issue 20, apex-dml-manager issue 14 and forcedotcom/cli issue 3142
    user = {
        "Username": "A@b.co",
        "LastName": "A",
        "Email": "a@b.co",
        "Alias": "a",
        "TimeZoneSidKey": "GMT",
        "LocaleSidKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "LanguageLocaleKey": "en_US",
        "ProfileId": org.records("Profile")[0]["id"],
    }
    assert (await ask("POST", "sobjects/User", user)).status_code == 201
    (refusal,) = (await ask("POST", "sobjects/User", {**user, "Username": "a@B.co"})).json()
    assert (refusal["errorCode"], refusal["fields"]) == ("DUPLICATE_USERNAME", ["Username"])
    assert refusal["message"].startswith("Duplicate Username.<br>The username already exists in this or ")
    named = {**user, "Username": "other@b.co", "CommunityNickname": "nick"}
    assert (await ask("POST", "sobjects/User", named)).status_code == 201
    (refusal,) = (await ask("POST", "sobjects/User", {**named, "Username": "third@b.co"})).json()
    assert refusal == {
        "message": "Duplicate Nickname.<br>Another user has already selected this nickname.<br>Please select "
        "another.",
        "errorCode": "DUPLICATE_COMM_NICKNAME",
        "fields": ["CommunityNickname"],
    }


async def test_a_contract_begins_as_a_draft_and_is_not_taken_back(ask: Ask, org: SalesforceOrg) -> None:
    # Quoted by public projects that copy records or activate contracts; Flomation's says: verified live
    values = {"AccountId": org.create("Account", {"Name": "A"})["id"]}
    refused = await ask("POST", "sobjects/Contract", {**values, "Status": "Activated"})
    assert refused.json() == [
        {
            "message": "Choose a valid contract status and save your changes. Ask your admin for details.",
            "errorCode": "FAILED_ACTIVATION",
            "fields": ["Status"],
        }
    ]
    path = f"sobjects/Contract/{(await ask('POST', 'sobjects/Contract', values)).json()['id']}"
    statuses = ("In Approval Process", "Draft", "Activated", "Activated", "Draft")
    answers = [(await ask("PATCH", path, {"Status": status})).status_code for status in statuses]
    assert answers == [204, 204, 204, 204, 400]


async def test_a_file_is_linked_once_and_its_links_are_not_read_as_a_whole(
    ask: Ask, org: SalesforceOrg
) -> None:
    # LightningFlowComponents issue 1647, and the readme of mannharleen/salesforce-data-downloader
    account = org.create("Account", {"Name": "A"})["id"]
    org.create("ContentVersion", {"Title": "t", "PathOnClient": "t.txt", "VersionData": "eA=="})
    document = org.records("ContentDocument")[0]["id"]
    link = {"ContentDocumentId": document, "LinkedEntityId": account, "ShareType": "V"}
    assert (await ask("POST", "sobjects/ContentDocumentLink", link)).status_code == 201
    assert (await ask("POST", "sobjects/ContentDocumentLink", link)).json() == [
        {
            "message": f"Document with ID: {document[:15]} is already linked with the entity with ID: "
            f"{account[:15]}",
            "errorCode": "DUPLICATE_VALUE",
            "fields": ["LinkedEntityId"],
        }
    ]
    for where in ("", " WHERE ShareType = 'V'", f" WHERE LinkedEntityId != '{account}'"):
        query = f"SELECT Id FROM ContentDocumentLink{where}"
        assert (await ask("GET", "query", params={"q": query})).json() == [
            {
                "message": "Implementation restriction: ContentDocumentLink requires a filter by a single Id "
                "on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the "
                "IN operator.",
                "errorCode": "MALFORMED_QUERY",
            }
        ]
    for condition in (f"= '{account}'", f"IN ('{account}')", "IN (SELECT Id FROM Account)"):
        query = f"SELECT Id FROM ContentDocumentLink WHERE ShareType = 'V' AND LinkedEntityId {condition}"
        assert (await ask("GET", "query", params={"q": query})).json()["totalSize"] == 1


async def test_a_line_is_priced_by_the_price_book_of_its_opportunity(ask: Ask, org: SalesforceOrg) -> None:
    # Reported in SFDX-Data-Move-Utility issue 704 and Forceea-data-factory issue 179
    product = org.create("Product2", {"Name": "P"})["id"]
    standard = org.records("Pricebook2")[0]["id"]
    other = org.create("Pricebook2", {"Name": "Other", "IsActive": True})["id"]
    entries = [
        org.create(
            "PricebookEntry",
            {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 1, "IsActive": True},
        )["id"]
        for book in (standard, other)
    ]
    opportunity = {"Name": "O", "StageName": "x", "CloseDate": "2026-01-01", "Pricebook2Id": other}
    line = {"OpportunityId": org.create("Opportunity", opportunity)["id"], "Quantity": 1, "UnitPrice": 1}
    first, second = [
        await ask("POST", "sobjects/OpportunityLineItem", {**line, "PricebookEntryId": entry})
        for entry in entries
    ]
    assert first.json() == [
        {
            "message": "field integrity exception: PricebookEntryId (pricebook entry is in a different "
            "pricebook than the one assigned to the opportunity)",
            "errorCode": "FIELD_INTEGRITY_EXCEPTION",
            "fields": ["PricebookEntryId"],
        }
    ]
    assert second.status_code == 201


@pytest.mark.parametrize(
    ("kind", "status"), [("Contact", 400), ("Lead", 400), ("Case", 400), ("Account", 201)]
)
async def test_contacts_leads_and_cases_have_active_owners(
    ask: Ask, org: SalesforceOrg, kind: str, status: int
) -> None:
    # Milestones-PM issue 26, NPSP pull request 1484, and the documentation of Marketo Measure
    locale = {"TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US"}
    user = {"LastName": "U", "Alias": "u", "Email": "u@x.co", "Username": "u@x.co", **locale}
    profile = {"EmailEncodingKey": "UTF-8", "ProfileId": org.identity.profile_id}
    owner = org.create("User", {**user, **profile, "IsActive": False})["id"]
    values = {
        "Contact": {"LastName": "L"},
        "Lead": {"LastName": "L", "Company": "C"},
        "Account": {"Name": "A"},
    }
    answer = await ask("POST", f"sobjects/{kind}", {**values.get(kind, {}), "OwnerId": owner})
    assert answer.status_code == status
    if status == 400:
        message = f"operation performed with inactive user [{owner[:15]}] as owner of {kind.lower()}"
        assert answer.json() == [{"message": message, "errorCode": "INACTIVE_OWNER_OR_USER", "fields": []}]


def node(method: str, path: str, name: str, body: Any = None) -> dict[str, Any]:
    return {"method": method, "url": f"{BASE}/{path}", "referenceId": name, "body": body}


async def test_a_graph_is_done_wholly_or_not_at_all(ask: Ask, org: SalesforceOrg) -> None:
    # The REST guide on composite graphs; its nodes may come before those that they need
    good = [
        node("POST", "sobjects/Contact", "c", {"LastName": "L", "AccountId": "@{a.id}"}),
        node("POST", "sobjects/Account", "a", {"Name": "kept"}),
    ]
    bad = [
        node("POST", "sobjects/Account", "a", {"Name": "undone"}),
        node("POST", "sobjects/Contact", "c", {"AccountId": "@{a.id}"}),
    ]
    graphs = [{"graphId": "1", "compositeRequest": bad}, {"graphId": "2", "compositeRequest": good}]
    answer = (await ask("POST", "composite/graph", {"graphs": graphs})).json()["graphs"]
    assert [(graph["graphId"], graph["isSuccessful"]) for graph in answer] == [("1", False), ("2", True)]
    first, second = [graph["graphResponse"]["compositeResponse"] for graph in answer]
    assert [item["body"][0]["errorCode"] for item in first] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert [item["referenceId"] for item in second] == ["c", "a"]
    assert [account["Name"] for account in org.records("Account")] == ["kept"]
    assert org.records("Contact")[0]["AccountId"] == second[1]["body"]["id"]


@pytest.mark.parametrize(
    ("graphs", "message"),
    [
        ([], "Provide 1 to 75 graphs"),
        ([("1", [])], "At least one subrequest is required"),
        ([("1", [node("GET", "limits", "a")])], f"Unsupported URL in a composite graph: {BASE}/limits"),
        ([("1", [node("POST", "sobjects/Account", "a", {})])] * 2, "Duplicate graphId provided"),
        ([("-", [node("POST", "sobjects/Account", "a", {})])], "Invalid graphId: -"),
        (
            [("1", [node("POST", "sobjects/Account", f"a{n}", {}) for n in range(501)])],
            "Cannot have more than 500 nodes",
        ),
    ],
)
async def test_graphs_have_limits(ask: Ask, graphs: list[tuple[str, list[Any]]], message: str) -> None:
    body = {"graphs": [{"graphId": name, "compositeRequest": nodes} for name, nodes in graphs]}
    answer = await ask("POST", "composite/graph", body)
    assert (answer.status_code, answer.json()[0]["message"]) == (400, message)


async def test_after_fourteen_failures_no_graph_is_begun(ask: Ask, org: SalesforceOrg) -> None:
    bodies: list[dict[str, str]] = [*({} for _ in range(15)), {"Name": "late"}]
    graphs = [
        {"graphId": str(at), "compositeRequest": [node("POST", "sobjects/Account", "a", body)]}
        for at, body in enumerate(bodies)
    ]
    answer = (await ask("POST", "composite/graph", {"graphs": graphs})).json()["graphs"]
    last = answer[-1]["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"]
    assert (last, org.count("Account")) == ("PROCESSING_HALTED", 0)


async def test_retired_versions_are_gone(ask: Ask) -> None:
    # help.salesforce.com, articles 000354473 and 000389618; restforce issue 941, salesforcer issue 24
    gone = await ask("GET", "/services/data/v26.0/sobjects")
    assert (gone.status_code, gone.json()[0]["errorCode"]) == (410, "GONE")
    soap = await ask("POST", "/services/Soap/u/30.0", content="<x/>")
    assert soap.status_code == 500
    assert "UNSUPPORTED_API_VERSION: Invalid Api version specified on URL" in soap.text
    bulk = await ask("POST", "/services/async/29.0/job", {})
    assert (bulk.status_code, bulk.json()["exceptionCode"]) == (400, "InvalidVersion")


async def test_a_record_is_read_and_changed_by_when_it_was_changed(ask: Ask, org: SalesforceOrg) -> None:
    # The REST guide on conditional requests
    path = f"sobjects/Account/{org.create('Account', {'Name': 'x'})['id']}"
    seen = (await ask("GET", path)).headers["last-modified"]
    earlier = "Tue, 10 Aug 2010 00:00:00 GMT"
    for method, header, moment, status in (
        ("GET", "if-modified-since", seen, 304),
        ("GET", "if-modified-since", earlier, 200),
        ("GET", "if-modified-since", "soon", 200),
        ("GET", "if-unmodified-since", earlier, 412),
        ("PATCH", "if-unmodified-since", earlier, 412),
        ("DELETE", "if-unmodified-since", earlier, 412),
        ("PATCH", "if-unmodified-since", seen, 204),
    ):
        answer = await ask(method, path, {"Name": "y"}, headers={header: moment})
        assert answer.status_code == status, (method, header, moment)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b'{"Name":"\xe9"}', "Invalid UTF-8 middle byte 0x22 at [line:1, column:12]"),
        (b'{"Name":"\xa0b"}', "Invalid UTF-8 start byte 0xa0 at [line:1, column:11]"),
        (b'\xef\xbb\xbf{"Name":"\xc3\xa9"}', ""),
    ],
)
async def test_a_body_is_utf_8_with_or_without_its_mark(ask: Ask, body: bytes, complaint: str) -> None:
    # Reported in several forums for files in the code page of Windows; the words are those of the parser
    answer = await ask("POST", "sobjects/Account", content=body)
    assert (answer.json()[0]["message"] if complaint else answer.status_code) == (complaint or 201)


async def test_all_rows_are_for_apex(ask: Ask) -> None:
    answer = await ask("GET", "query", params={"q": "SELECT Id FROM Account ALL ROWS"})
    assert answer.json() == [
        {"message": "ALL ROWS not allowed in this context", "errorCode": "MALFORMED_QUERY"}
    ]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        (
            {"Owner": {"type": "User", "Username": "x@y.co"}},
            {
                "message": "Cannot deserialize instance of <unknown> from FIELD_NAME value type or request "
                "may be missing a required field",
                "errorCode": "JSON_PARSER_ERROR",
            },
        ),  # jsforce issue 1031
        (
            {"Account": {"Name": "x"}},
            {
                "message": "Field name provided, Name is not an External ID or indexed field for Account",
                "errorCode": "INVALID_FIELD",
                "fields": [],
            },
        ),  # Quoted for RecordType.DeveloperName in several public notes on migrations
        (
            {"MailingAddress": {"City": "Royal Oak"}},
            {
                "message": "Cannot deserialize instance of MailingAddress from VALUE_STRING value Royal Oak "
                "or request may be missing a required field at [line:1, column:1]",
                "errorCode": "JSON_PARSER_ERROR",
            },
        ),  # Force.com-Toolkit-for-NET issue 138
    ],
)
async def test_an_object_as_a_value_names_a_record_by_its_key(
    ask: Ask, values: dict[str, Any], error: dict[str, Any]
) -> None:
    answer = await ask("POST", "sobjects/Contact", {"LastName": "x", **values})
    assert (answer.status_code, answer.json()) == (400, [error])


@pytest.mark.parametrize(("name", "level"), [("fields", 1), ("Current_Question__c", 1), ("Sharks__c", 2)])
async def test_a_tree_with_a_field_that_is_not_there_is_refused_as_a_whole(
    ask: Ask, org: SalesforceOrg, name: str, level: int
) -> None:
    # forcedotcom/cli issue 2763, trailheadapps/ebikes-lwc issue 561, forcedotcom/quiz-host-app issue 58
    contact = {"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "x"}
    account = {"attributes": {"type": "Account", "referenceId": "a"}, "Name": "x"}
    named = account if level == 1 else contact
    named[name] = "y"
    tree = {"records": [account | {"Contacts": {"records": [contact]}}]}
    answer = await ask("POST", "composite/tree/Account", tree)
    object_name = "Account" if level == 1 else "Contact"
    message = (
        f"We couldn't process your request because you don't have access to {name} on {object_name}. To "
        "learn more about field-level security, visit Tips and Hints for Page Layouts and Field-Level "
        "Security in our Developer Documentation."
    )
    assert (answer.status_code, answer.json()) == (400, [{"message": message, "errorCode": "INVALID_FIELD"}])
    assert org.count("Account") == 0


async def test_an_upserted_row_without_its_type_is_refused_alone(ask: Ask, org: SalesforceOrg) -> None:
    # Recorded in NangoHQ/integration-templates, upsert-sobject-collection, 2026
    account = org.create("Account", {"Name": "x"})["Id"]
    rows = [{"attributes": {"type": "Account"}, "Id": account, "Name": "y"}, {"Id": account, "Name": "z"}]
    answer = await ask("PATCH", "composite/sobjects/Account/Id", {"records": rows})
    taken, refused = answer.json()
    message = (
        "Nested object for polymorphic foreign key must have an attributes field before any other fields."
    )
    assert (taken["success"], (org.record("Account", account) or {})["Name"]) == (True, "y")
    assert refused == {
        "success": False,
        "errors": [{"statusCode": "JSON_PARSER_ERROR", "message": message, "fields": []}],
        "created": False,
    }


async def test_a_subrequest_answers_with_the_version_of_what_it_read(ask: Ask) -> None:
    # Recorded in NangoHQ/integration-templates, composite-request, 2026
    url = f"{BASE}/sobjects/Account/describe"
    item = {"method": "GET", "url": url, "referenceId": "a"}
    first = (await ask("POST", "composite", {"compositeRequest": [item]})).json()["compositeResponse"][0]
    assert set(first["httpHeaders"]) == {"ETag", "Last-Modified"}
    known = item | {"httpHeaders": {"If-Modified-Since": first["httpHeaders"]["Last-Modified"]}}
    again = (await ask("POST", "composite", {"compositeRequest": [known]})).json()["compositeResponse"][0]
    assert (again["httpStatusCode"], again["body"]) == (304, None)
    assert again["httpHeaders"] == first["httpHeaders"]


async def test_a_tree_holds_no_objects_of_the_setup(ask: Ask, org: SalesforceOrg) -> None:
    # forcedotcom/cli issue 3285
    record = {"attributes": {"type": "UserRole", "referenceId": "RoleRef1"}, "Name": "x"}
    answer = await ask("POST", "composite/tree/UserRole", {"records": [record]})
    refused = {
        "statusCode": "INVALID_INPUT",
        "message": "Invalid entity type provided in the request: UserRole",
        "fields": [],
    }
    results = [{"referenceId": "RoleRef1", "errors": [refused]}]
    assert (answer.status_code, answer.json()) == (400, {"hasErrors": True, "results": results})


async def test_lists_of_a_page_are_no_objects_to_query(ask: Ask) -> None:
    # An export of a public client lists what its org refused
    answer = await ask("GET", "query", params={"q": "SELECT Id FROM EmailStatus"})
    assert answer.json() == [
        {
            "message": "entity type EmailStatus does not support query",
            "errorCode": "INVALID_TYPE_FOR_OPERATION",
        }
    ]


async def test_a_password_is_set_and_made(ask: Ask, org: SalesforceOrg) -> None:
    # The REST guide on sObject User Password; simple-salesforce's set_password sends it
    path = f"sobjects/User/{org.identity.user_id}/password"
    assert (await ask("GET", path)).json() == {"isExpired": False}
    assert (await ask("POST", path, {"NewPassword": "long enough"})).status_code == 204
    short = await ask("POST", path, {"NewPassword": "short"})
    assert (short.status_code, short.json()[0]["errorCode"]) == (400, "INVALID_NEW_PASSWORD")
    assert len((await ask("DELETE", path)).json()["NewPassword"]) == 12
    assert (await ask("GET", "sobjects/User/005000000000000AAA/password")).status_code == 404


@pytest.mark.parametrize(
    ("day", "shown"),
    [("1699-12-31", "Thu Dec 31 00:00:00 GMT 1699"), ("4001-01-01", "Mon Jan 01 00:00:00 GMT 4001")],
)
async def test_days_lie_between_1700_and_4000(ask: Ask, day: str, shown: str) -> None:
    # Salesforce Stack Exchange 339236 and 223974
    answer = await ask("POST", "sobjects/Contact", {"LastName": "x", "Birthdate": day})
    assert answer.json() == [
        {
            "message": f"Birthdate: invalid date: {shown}",
            "errorCode": "FIELD_INTEGRITY_EXCEPTION",
            "fields": ["Birthdate"],
        }
    ]
    within = {"LastName": "x", "Birthdate": "1700-01-01"}
    assert (await ask("POST", "sobjects/Contact", within)).status_code == 201


async def test_changing_the_record_of_an_id_never_given_out_names_the_reference(ask: Ask) -> None:
    # Reported by clients whose PATCH answered 404 INVALID_CROSS_REFERENCE_KEY, where GET answers NOT_FOUND
    unknown = "sobjects/Account/001000000000001AAA"
    assert (await ask("GET", unknown)).json()[0]["errorCode"] == "NOT_FOUND"
    answer = await ask("PATCH", unknown, {"Name": "A"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "INVALID_CROSS_REFERENCE_KEY")


async def test_a_record_that_was_rolled_back_keeps_its_id(ask: Ask, org: SalesforceOrg) -> None:
    # jsforce issue 1067
    [account] = org.seed("Account", [{"Name": "A"}])
    path = f"composite/sobjects?ids={account},0010500000fxR1FAAU&allOrNone=true"
    kept, unknown = (await ask("DELETE", path)).json()
    assert (kept["id"], kept["success"]) == (account, False)
    assert kept["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert "id" not in unknown
    assert org.count("Account") == 1


@pytest.mark.parametrize(
    ("path", "body", "column"),
    [  # jsforce issue 1074: a Buffer of Node; OpenFn adaptors issue 556: a column of CSV
        ("Attachment", {"Name": "f", "Body": {"type": "Buffer", "data": [1]}}, "'type'"),
        ("Contact", {"LastName": "L", "Account.Name": "A"}, "'Account.Name'"),
    ],
)
async def test_a_name_that_is_no_field_is_told(ask: Ask, path: str, body: Any, column: str) -> None:
    answer = await ask("POST", f"sobjects/{path}", body)
    message = f"No such column {column} on sobject of type {path}"
    assert (answer.status_code, answer.json()[0]["message"]) == (400, message)


async def test_objects_say_what_they_are_good_for_as_recorded(ask: Ask) -> None:
    listed = {item["name"]: item for item in (await ask("GET", "sobjects")).json()["sobjects"]}
    assert [listed[name]["undeletable"] for name in ("Account", "CampaignMember")] == [True, False]
    assert [listed[name]["searchable"] for name in ("Account", "OpportunityLineItem")] == [True, False]
    assert (listed["AccountHistory"]["keyPrefix"], listed["CaseStatus"]["label"]) == (
        None,
        "Case Status Value",
    )
    assert not listed["ContentVersion"]["replicateable"]


async def test_what_changed_of_an_object_that_cannot_be_replicated_is_refused(ask: Ask) -> None:
    # object-sync-for-salesforce issue 109
    span = "start=2026-11-20T08:16:43Z&end=2026-11-21T08:17:51Z"
    answer = await ask("GET", f"sobjects/ContentVersion/deleted/?{span}")
    assert answer.status_code == 400
    assert answer.json()[0]["message"] == "sObject type ContentVersion is not replicable"


async def test_the_version_in_the_path_of_metadata_may_have_its_v(org: SalesforceOrg, ask: Ask) -> None:
    # Recorded by CumulusCI
    answer = await ask("POST", "/services/Soap/m/v52.0/00D000000000001", content="<x/>")
    assert "UNSUPPORTED_API_VERSION" not in answer.text


async def test_a_third_part_of_an_upload_is_refused(ask: Ask) -> None:
    # frankframework issue 3917
    names = ("entity_content", "other")
    pieces = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{{}}\r\n' for name in names]
    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = await ask(
        "POST", "sobjects/ContentVersion", content="".join((*pieces, "--b--")), headers=headers
    )
    assert answer.json() == [
        {
            "message": "Cannot include more than one binary part",
            "errorCode": "INVALID_MULTIPART_REQUEST",
        }
    ]


async def test_what_only_tooling_has_is_refused_in_short(ask: Ask) -> None:
    # salesforcecli/mcp pull request 95, jsforce issue 1268
    answer = await ask("GET", "query?q=SELECT Id FROM FlowDefinition LIMIT 5")
    assert answer.json() == [
        {"message": "sObject type 'FlowDefinition' is not supported.", "errorCode": "INVALID_TYPE"}
    ]
