"""Every refusal of the table in evidence/salesforce.md#errors, with exact status and body.

The letter in each test's name or parameter id is the evidence: A recorded bodies, C recorded traffic, R
restforce fixtures, K client code, P public issues, D Salesforce's docs, M memory.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.model import PicklistValue
from mock_crm.salesforce.org import SalesforceOrg
from mock_crm.salesforce.routes import Endpoints
from mock_crm.salesforce.rules import DuplicateRule, ValidationRule

Ask = Callable[..., Coroutine[Any, Any, httpx.Response]]
AddField = Callable[..., None]

pytestmark = pytest.mark.anyio

ROLLED_BACK = (
    "Record rolled back because not all records were valid and the request was using AllOrNone header"
)
HALTED = "The transaction was rolled back since another operation in the same transaction failed."


async def refused(ask: Any, method: str, path: str, json: Any = None, **options: Any) -> tuple[int, Any]:
    answer = await ask(method, path, json, **options)
    body = answer.json()
    assert isinstance(body, list), "clients index the first element"
    return answer.status_code, body[0]


async def test_a_p_required_fields(ask: Ask) -> None:
    status, error = await refused(ask, "POST", "sobjects/Lead", {"FirstName": "x"})
    assert (status, error) == (
        400,
        {
            "message": "Required fields are missing: [LastName, Company]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName", "Company"],
        },
    )


async def test_a_empty_collection(ask: Ask) -> None:
    status, error = await refused(ask, "POST", "composite/sobjects", {"records": []})
    assert (status, error) == (
        400,
        {"message": "At least 1 record is required", "errorCode": "REQUIRED_FIELD_MISSING"},
    )


async def test_a_r_unknown_column_of_a_write(ask: Ask) -> None:
    status, error = await refused(ask, "POST", "sobjects/account", {"Name": "x", "Nope": 1})
    assert (status, error) == (
        400,
        {"message": "No such column 'Nope' on sobject of type Account", "errorCode": "INVALID_FIELD"},
    )


async def test_a_unknown_column_in_a_collection_has_empty_fields(ask: Ask) -> None:
    row = {"attributes": {"type": "Account"}, "Name": "x", "Nope": 1}
    answer = await ask("POST", "composite/sobjects", {"records": [row]})
    assert answer.json() == [
        {
            "success": False,
            "errors": [
                {
                    "statusCode": "INVALID_FIELD",
                    "message": "No such column 'Nope' on sobject of type Account",
                    "fields": [],
                }
            ],
        }
    ]


async def test_m_foreign_key_by_external_id_that_names_nothing(ask: Ask, custom_field: AddField) -> None:
    custom_field("Account", "Ext__c", external_id=True)
    body = {"LastName": "x", "Account": {"Ext__c": "ZZZ"}}
    status, error = await refused(ask, "POST", "sobjects/Contact", body)
    assert (status, error) == (
        400,
        {
            "message": "Foreign key external ID: ZZZ not found for field Ext__c in entity Account",
            "errorCode": "INVALID_FIELD",
            "fields": [],
        },
    )


async def test_m_k_an_id_in_the_body(ask: Ask, org: SalesforceOrg) -> None:
    record = org.create("Account", {"Name": "x"})
    body = {"Id": record["id"], "Name": "y"}
    status, error = await refused(ask, "PATCH", f"sobjects/Account/{record['id']}", body)
    message = "The Id field should not be specified in the sobject data."
    assert (status, error) == (400, {"message": message, "errorCode": "INVALID_FIELD"})


async def test_m_k_the_external_id_in_the_body_of_an_upsert(ask: Ask, custom_field: AddField) -> None:
    custom_field("Account", "Ext__c", external_id=True)
    status, error = await refused(ask, "PATCH", "sobjects/Account/Ext__c/1", {"Name": "x", "Ext__c": "1"})
    message = "The Ext__c field should not be specified in the sobject data."
    assert (status, error["message"], error["errorCode"]) == (400, message, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "sobjects/Accout/describe"),
        ("GET", "sobjects/Account/001000000000000AAA"),
        ("POST", "sobjects/Accout"),
        ("GET", "nonsense"),
        ("GET", "/services/data/v6.0/sobjects"),
        ("GET", "/services/data/v999.0/sobjects"),
    ],
)
async def test_c_r_not_found(ask: Ask, method: str, path: str) -> None:
    status, error = await refused(ask, method, path, {} if method == "POST" else None)
    expected = {"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}
    assert (status, error) == (404, expected)


async def test_r_upsert_by_what_is_no_external_id(ask: Ask) -> None:
    status, error = await refused(ask, "PATCH", "sobjects/Account/rid/1", {"Name": "x"})
    message = "Provided external ID field does not exist or is not accessible: rid"
    assert (status, error) == (404, {"message": message, "errorCode": "NOT_FOUND"})


async def test_a_entity_is_deleted(ask: Ask, org: SalesforceOrg) -> None:
    record = org.create("Account", {"Name": "x"})
    org.delete("Account", record["id"])
    for method in ("PATCH", "DELETE"):
        status, error = await refused(ask, method, f"sobjects/Account/{record['id']}", {"Name": "y"})
        expected = {"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}
        assert (status, error) == (404, expected)


async def test_a_malformed_id(ask: Ask) -> None:
    body = {"LastName": "x", "AccountId": "001RM000003oLrB000"}
    status, error = await refused(ask, "POST", "sobjects/Contact", body)
    assert (status, error) == (
        400,
        {"message": "malformed id 001RM000003oLrB000", "errorCode": "MALFORMED_ID"},
    )


async def test_m_a_text_that_is_no_id(ask: Ask) -> None:
    status, error = await refused(ask, "POST", "sobjects/Contact", {"LastName": "x", "AccountId": "abc"})
    assert (status, error) == (
        400,
        {
            "message": "Account ID: id value of incorrect type: abc",
            "errorCode": "MALFORMED_ID",
            "fields": ["AccountId"],
        },
    )


async def test_m_a_row_of_a_collection_with_a_text_that_is_no_id(ask: Ask) -> None:
    rows = [
        {"attributes": {"type": "Account"}, "id": given, "Name": "x"}
        for given in ("abc", "001RM000003oLrB000")
    ]
    answer = await ask("PATCH", "composite/sobjects", {"records": rows})
    assert [row["errors"][0] for row in answer.json()] == [
        {
            "statusCode": "MALFORMED_ID",
            "message": "Account ID: id value of incorrect type: abc",
            "fields": ["Id"],
        },
        {"statusCode": "MALFORMED_ID", "message": "malformed id 001RM000003oLrB000", "fields": []},
    ]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_r_a_path_with_a_text_that_is_no_id_is_taken_for_one_with_an_external_id(
    ask: Ask, method: str
) -> None:
    status, error = await refused(
        ask, method, "sobjects/Account/abc", {"Name": "x"} if method == "PATCH" else None
    )
    message = "Provided external ID field does not exist or is not accessible: abc"
    assert (status, error) == (404, {"message": message, "errorCode": "NOT_FOUND"})


async def test_m_an_id_of_another_object(ask: Ask, org: SalesforceOrg) -> None:
    account = org.create("Account", {"Name": "x"})["id"]
    body = {"LastName": "x", "ReportsToId": account}
    status, error = await refused(ask, "POST", "sobjects/Contact", body)
    assert (status, error) == (
        400,
        {
            "message": f"Reports To ID: id value of incorrect type: {account}",
            "errorCode": "FIELD_INTEGRITY_EXCEPTION",
            "fields": ["ReportsToId"],
        },
    )


async def test_p_a_an_id_of_no_record(ask: Ask) -> None:
    body = {"LastName": "x", "AccountId": "001000000000000AAA"}
    status, error = await refused(ask, "POST", "sobjects/Contact", body)
    assert (status, error) == (
        400,
        {"message": "invalid cross reference id", "errorCode": "INVALID_CROSS_REFERENCE_KEY", "fields": []},
    )


async def test_a_fields_that_may_not_be_written(ask: Ask) -> None:
    body = {"Name": "x", "IsDeleted": True, "CreatedDate": "2026-01-01"}
    status, error = await refused(ask, "POST", "sobjects/Account", body)
    assert (status, error) == (
        400,
        {
            "message": "Unable to create/update fields: IsDeleted, CreatedDate. Please check the security "
            "settings of this field and verify that it is read/write for your profile or permission set.",
            "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
            "fields": ["IsDeleted", "CreatedDate"],
        },
    )


async def test_p_a_text_that_is_too_long_is_named_by_label(ask: Ask) -> None:
    status, error = await refused(ask, "POST", "sobjects/Account", {"Name": "x", "BillingCity": "y" * 41})
    assert (status, error) == (
        400,
        {
            "message": f"Billing City: data value too large: {'y' * 41} (max length=40)",
            "errorCode": "STRING_TOO_LONG",
            "fields": ["BillingCity"],
        },
    )


async def test_p_a_value_outside_of_a_restricted_pick_list(ask: Ask, custom_field: AddField) -> None:
    values = (PicklistValue("Asian"), PicklistValue("Other", is_active=False))
    custom_field("Contact", "Race__c", "picklist", length=255, restricted=True, values=values)
    for value in ("X", "Other"):
        status, error = await refused(ask, "POST", "sobjects/Contact", {"LastName": "x", "Race__c": value})
        assert (status, error) == (
            400,
            {
                "message": f"Race: bad value for restricted picklist field: {value}",
                "errorCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                "fields": ["Race__c"],
            },
        )


async def test_trap_12_standard_pick_lists_take_any_value(ask: Ask) -> None:
    body = {"Name": "x", "Industry": "Alchemy"}
    assert (await ask("POST", "sobjects/Account", body)).status_code == 201


async def test_m_an_email_address_that_is_none(ask: Ask) -> None:
    status, error = await refused(ask, "POST", "sobjects/Contact", {"LastName": "x", "Email": "nope"})
    assert (status, error) == (
        400,
        {
            "message": "Email: invalid email address: nope",
            "errorCode": "INVALID_EMAIL_ADDRESS",
            "fields": ["Email"],
        },
    )


async def test_m_a_validation_rule_speaks_in_its_own_words(ask: Ask, org: SalesforceOrg) -> None:
    rule = ValidationRule(
        name="No_Bosses", condition='ISPICKVAL(Rating, "Hot") && LEN(Name) < 3', message="Too short.",
        field="Name",
    )  # fmt: skip
    org.context.rules.put_validation_rule("Account", rule)
    status, error = await refused(ask, "POST", "sobjects/Account", {"Name": "ab", "Rating": "Hot"})
    assert (status, error) == (
        400,
        {"message": "Too short.", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Name"]},
    )
    assert (await ask("POST", "sobjects/Account", {"Name": "ab"})).status_code == 201


async def test_p_a_value_of_the_wrong_json_kind(ask: Ask) -> None:
    status, error = await refused(
        ask, "POST", "sobjects/Opportunity", content=b'{"Name": "x", "CloseDate": "soon"}'
    )
    assert (status, error) == (
        400,
        {
            "message": "Cannot deserialize instance of date from VALUE_STRING value soon or request may be "
            "missing a required field at [line:1, column:28]",
            "errorCode": "JSON_PARSER_ERROR",
        },
    )


async def test_p_an_array_for_a_multipicklist(ask: Ask, custom_field: AddField) -> None:
    custom_field("Contact", "Langs__c", "multipicklist", length=4099)
    status, error = await refused(
        ask, "POST", "sobjects/Contact", content=b'{"LastName":"x","Langs__c":["a"]}'
    )
    message = "Cannot deserialize instance of multipicklist from START_ARRAY value [line:1, column:28]"
    assert (status, error) == (400, {"message": message, "errorCode": "JSON_PARSER_ERROR"})


async def test_p_a_list_instead_of_a_record(ask: Ask) -> None:
    status, error = await refused(ask, "POST", "sobjects/Contact", [])
    message = "Can not deserialize SObject out of START_ARRAY token at [line:1, column:1]"
    assert (status, error) == (400, {"message": message, "errorCode": "JSON_PARSER_ERROR"})


@pytest.mark.parametrize("body", [b"", b"{bad", b"\xff\xfe", b'{"LastName": "x"'])
async def test_a_body_that_is_no_json(ask: Ask, body: bytes) -> None:
    status, error = await refused(ask, "POST", "sobjects/Contact", content=body)
    assert (status, error["errorCode"]) == (400, "JSON_PARSER_ERROR")


async def test_p_a_unique_value_names_the_other_record_by_15_characters(
    ask: Ask, org: SalesforceOrg, custom_field: AddField
) -> None:
    custom_field("Contact", "Ext__c", unique=True)
    other = org.create("Contact", {"LastName": "x", "Ext__c": "Same"})["id"]
    status, error = await refused(ask, "POST", "sobjects/Contact", {"LastName": "y", "Ext__c": "sAME"})
    assert (status, error) == (
        400,
        {
            "message": f"duplicate value found: Ext__c duplicates value on record with id: {other[:15]}",
            "errorCode": "DUPLICATE_VALUE",
            "fields": [],
        },
    )


async def test_p_a_unique_value_twice_in_one_collection(ask: Ask, custom_field: AddField) -> None:
    custom_field("Contact", "Ext__c", unique=True)
    rows = [{"attributes": {"type": "Contact"}, "LastName": "x", "Ext__c": "1"}] * 2
    results = (await ask("POST", "composite/sobjects", {"records": rows})).json()
    assert [result["success"] for result in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"


async def test_a_a_permission_set_is_assigned_once(ask: Ask, org: SalesforceOrg) -> None:
    permission_set = org.create("PermissionSet", {"Name": "Set", "Label": "Set"})["id"]
    body = {"AssigneeId": org.identity.user_id, "PermissionSetId": permission_set}
    assert (await ask("POST", "sobjects/PermissionSetAssignment", body)).status_code == 201
    status, error = await refused(ask, "POST", "sobjects/PermissionSetAssignment", body)
    assert (status, error["errorCode"]) == (400, "DUPLICATE_VALUE")
    assert error["message"].startswith("Duplicate PermissionSetAssignment.")


async def test_p_k_duplicates_that_a_rule_has_found(ask: Ask, org: SalesforceOrg) -> None:
    org.context.rules.put_duplicate_rule("Contact", DuplicateRule(name="Same_Email", fields=("Email",)))
    other = org.create("Contact", {"LastName": "x", "Email": "a@b.co"})["id"]
    body = {"LastName": "y", "Email": "A@b.co"}
    status, error = await refused(ask, "POST", "sobjects/Contact", body)
    assert (status, error["errorCode"], error["message"]) == (
        400,
        "DUPLICATES_DETECTED",
        "Use one of these records?",
    )
    match = error["duplicateResult"]["matchResults"][0]
    assert match["matchRecords"][0]["record"]["Id"] == other
    bypass = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    assert (await ask("POST", "sobjects/Contact", body, headers=bypass)).status_code == 201
    assert org.context.rules.drop_duplicate_rule("Contact", "same_email")
    assert (await ask("POST", "sobjects/Contact", body)).status_code == 201


@pytest.mark.parametrize(
    ("version", "key"), [(48, "duplicateResut"), (54, "duplicateResut"), (55, "duplicateResult")]
)
async def test_p_old_versions_misspell_what_they_say_of_duplicates(
    ask: Ask, org: SalesforceOrg, version: int, key: str
) -> None:
    org.context.rules.put_duplicate_rule("Contact", DuplicateRule(name="Same_Email", fields=("Email",)))
    org.create("Contact", {"LastName": "x", "Email": "a@b.co"})
    row = {"attributes": {"type": "Contact"}, "LastName": "y", "Email": "a@b.co"}
    base = f"/services/data/v{version}.0"
    _, error = await refused(ask, "POST", f"{base}/sobjects/Contact", row)
    item = (await ask("POST", f"{base}/composite/sobjects", {"records": [row]})).json()[0]
    assert [name for name in error if name.startswith("duplicateRes")] == [key]
    assert key in item["errors"][0]


async def test_p_an_account_with_cases_cannot_be_deleted(ask: Ask, org: SalesforceOrg) -> None:
    account = org.create("Account", {"Name": "Acme"})["id"]
    org.create("Contact", {"LastName": "x", "AccountId": account})
    case = org.create("Case", {"AccountId": account})
    status, error = await refused(ask, "DELETE", f"sobjects/Account/{account}")
    message = (
        "Your attempt to delete Acme could not be completed because it is associated with the following "
        f"cases.: {case['CaseNumber']}\n"
    )
    assert (status, error) == (400, {"message": message, "errorCode": "DELETE_FAILED", "fields": []})
    answer = await ask("DELETE", f"composite/sobjects?ids={account}")
    assert answer.json()[0]["errors"][0]["statusCode"] == "DELETE_FAILED"
    assert org.count("Contact") == 1, "what the record would have taken along is still there"


async def test_p_a_second_price_in_one_price_book(ask: Ask, org: SalesforceOrg) -> None:
    product, book = org.create("Product2", {"Name": "P"})["id"], org.records("Pricebook2")[0]["id"]
    price = {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 1}
    org.create("PricebookEntry", price)
    status, error = await refused(ask, "POST", "sobjects/PricebookEntry", price)
    assert (status, error["errorCode"]) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert error["message"] == "This price definition already exists in this price book"


@pytest.mark.parametrize("headers", [{"content-type": "application/xml"}, {"accept": "application/xml"}])
async def test_xml_is_declined_by_name(ask: Ask, headers: dict[str, str]) -> None:
    status, error = await refused(ask, "POST", "sobjects/Account", content=b"<Account/>", headers=headers)
    assert (status, error["errorCode"]) == (501, "NOT_IMPLEMENTED")
    assert "XML" in error["message"]


async def test_p_a_locked_row(ask: Ask, org: SalesforceOrg) -> None:
    record = org.create("Account", {"Name": "x"})["id"]
    org.faults.add({"kind": "row-lock", "object": "account", "nth": 1})
    status, error = await refused(ask, "PATCH", f"sobjects/Account/{record}", {"Name": "y"})
    message = f"unable to obtain exclusive access to this record or 1 records: {record}"
    assert (status, error) == (
        400,
        {"message": message, "errorCode": "UNABLE_TO_LOCK_ROW", "fields": []},
    )
    assert (await ask("PATCH", f"sobjects/Account/{record}", {"Name": "y"})).status_code == 204


async def test_a_an_update_row_without_an_id(ask: Ask) -> None:
    rows = [{"attributes": {"type": "Account"}, "Name": "x"}]
    results = (await ask("PATCH", "composite/sobjects", {"records": rows})).json()
    assert results[0]["errors"] == [
        {"statusCode": "MISSING_ARGUMENT", "message": "Id not specified in an update call", "fields": []}
    ]


async def test_a_all_or_none_rolls_the_other_rows_back(ask: Ask, org: SalesforceOrg) -> None:
    rows = [{"attributes": {"type": "Account"}, "Name": "x"}, {"attributes": {"type": "Contact"}}]
    answer = await ask("POST", "composite/sobjects", {"allOrNone": True, "records": rows})
    assert answer.status_code == 200
    assert answer.json()[0] == {
        "success": False,
        "errors": [{"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": ROLLED_BACK, "fields": []}],
    }
    assert org.count("Account") == 0


async def test_p_m_a_composite_request_halts_the_others(ask: Ask, org: SalesforceOrg) -> None:
    requests = [
        {"method": "POST", "url": "/services/data/v60.0/sobjects/Account", "referenceId": "a",
         "body": {"Name": "x"}},
        {"method": "POST", "url": "/services/data/v60.0/sobjects/Contact", "referenceId": "b", "body": {}},
    ]  # fmt: skip
    answer = await ask("POST", "composite", {"allOrNone": True, "compositeRequest": requests})
    first, second = answer.json()["compositeResponse"]
    assert (first["httpStatusCode"], first["body"]) == (
        400,
        [{"errorCode": "PROCESSING_HALTED", "message": HALTED}],
    )
    assert second["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert org.count("Account") == 0


async def test_p_more_than_200_records(ask: Ask) -> None:
    rows = [{"attributes": {"type": "Account"}, "Name": "x"}] * 201
    status, error = await refused(ask, "POST", "composite/sobjects", {"records": rows})
    message = "record limit reached. cannot submit more than 200 records into this call"
    assert (status, error) == (400, {"message": message, "errorCode": "EXCEEDED_ID_LIMIT"})


@pytest.mark.parametrize("token", ["", "junk", "Bearer", "00Dtooshort!x"])
async def test_a_r_a_session_that_is_none(ask: Ask, token: str) -> None:
    status, error = await refused(ask, "GET", "limits", headers={"authorization": f"Bearer {token}"})
    assert (status, error) == (
        401,
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"},
    )


class TestWithFewRequests:
    @pytest.fixture
    def settings(self) -> OrgSettings:
        return OrgSettings(daily_requests=2)

    async def test_p_the_requests_of_a_day_are_used_up(self, ask: Ask, org: SalesforceOrg) -> None:
        for _ in range(2):
            assert (await ask("GET", "limits")).status_code == 200
        answer = await ask("GET", "limits")
        assert (answer.status_code, answer.json()) == (
            403,
            [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}],
        )
        assert answer.headers["sforce-limit-info"] == "api-usage=2/2"
        assert isinstance(org.clock, ManualClock)
        org.clock.advance(hours=24, minutes=2)
        assert (await ask("GET", "limits")).status_code == 200


@pytest.mark.parametrize(
    ("rule", "status", "code", "message"),
    [
        ({"kind": "rate-limit"}, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        ({"kind": "expired-token"}, 401, "INVALID_SESSION_ID", "Session expired or invalid"),
        ({"kind": "outage"}, 503, "SERVER_UNAVAILABLE", "Salesforce is down for maintenance."),
        (
            {"kind": "error", "code": "API_DISABLED_FOR_ORG"},
            403,
            "API_DISABLED_FOR_ORG",
            "The REST API is not enabled for this Organization.",
        ),
        (
            {"kind": "error", "code": "REQUEST_LIMIT_EXCEEDED",
             "message": "ConcurrentPerOrgLongTxn Limit exceeded."},
            403,
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentPerOrgLongTxn Limit exceeded.",
        ),
    ],
)  # fmt: skip
async def test_p_m_refusals_on_demand(
    ask: Ask, org: SalesforceOrg, rule: dict[str, Any], status: int, code: str, message: str
) -> None:
    org.faults.add(rule)
    expected = {"message": message, "errorCode": code}
    assert await refused(ask, "GET", "limits") == (status, expected)


async def test_a_objects_of_the_system_are_not_deleted(ask: Ask, org: SalesforceOrg) -> None:
    status, error = await refused(ask, "DELETE", f"sobjects/User/{org.identity.user_id}")
    assert (status, error) == (
        403,
        {
            "message": "insufficient access rights on object",
            "errorCode": "INSUFFICIENT_ACCESS_OR_READONLY",
            "fields": [],
        },
    )


async def test_m_a_method_that_is_not_taken(ask: Ask, org: SalesforceOrg) -> None:
    record = org.create("Account", {"Name": "x"})["id"]
    status, error = await refused(ask, "PUT", f"sobjects/Account/{record}", {})
    assert (status, error["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    assert error["message"].startswith("HTTP Method 'PUT' not allowed. Allowed are HEAD,")


async def test_m_a_number_that_is_too_large(ask: Ask) -> None:
    status, error = await refused(ask, "POST", "sobjects/Account", {"Name": "x", "AnnualRevenue": 1e18})
    assert (status, error["errorCode"], error["fields"]) == (
        400,
        "NUMBER_OUTSIDE_VALID_RANGE",
        ["AnnualRevenue"],
    )


@pytest.mark.parametrize("path", ["search/layout", "actions/standard", "chatter/feeds", "wave"])
async def test_what_is_absent_says_so_in_salesforces_shape(ask: Ask, path: str) -> None:
    status, error = await refused(ask, "GET", path)
    assert (status, error["errorCode"]) == (501, "NOT_IMPLEMENTED")
    assert error["message"].startswith("ampsandbox does not simulate")


def test_every_endpoint_is_announced_once() -> None:
    router = Endpoints()
    router.load_all()
    announced = [(route.method, route.pattern) for route in router.routes]
    assert len(announced) == len(set(announced))
    assert ("GET", "/services/data/{version}/query") in announced


async def test_p_several_records_with_one_key(ask: Ask, org: SalesforceOrg, custom_field: AddField) -> None:
    custom_field("Account", "Ext__c", external_id=True)
    ids = org.seed("Account", [{"Name": "a", "Ext__c": "1"}, {"Name": "b", "Ext__c": "1"}])
    row = {"attributes": {"type": "Account"}, "Name": "c", "Ext__c": "1"}
    answer = await ask("PATCH", "composite/sobjects/Account/Ext__c", {"records": [row]})
    error = answer.json()[0]["errors"][0]
    message = f"Ext: more than one record found for external id field: [{', '.join(ids)}]"
    assert (error["statusCode"], error["message"]) == ("DUPLICATE_EXTERNAL_ID", message)


async def test_a_validation_rule_that_fails_refuses_and_says_so(ask: Ask, org: SalesforceOrg) -> None:
    rule = ValidationRule(name="Ratio", condition="1 / AnnualRevenue > 2", message="no")
    org.context.rules.put_validation_rule("Account", rule)
    status, error = await refused(ask, "POST", "sobjects/Account", {"Name": "x", "AnnualRevenue": 0})
    assert (status, error["errorCode"]) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert error["message"].startswith("Validation rule Ratio could not be evaluated: ")


async def test_m_a_user_name_is_like_an_address(ask: Ask, org: SalesforceOrg) -> None:
    admin = org.record("User", org.identity.user_id)
    assert admin is not None
    status, error = await refused(ask, "PATCH", f"sobjects/User/{admin['Id']}", {"Username": "ann"})
    assert (status, error["errorCode"]) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert error["message"].startswith("Username: The username must be in the form of an email address")


async def test_m_a_tree_of_too_many_levels(ask: Ask) -> None:
    node: dict[str, Any] = {}
    for level in range(6):
        node = {
            "attributes": {"type": "Account", "referenceId": f"r{level}"},
            "Name": "x",
            **({"ChildAccounts": {"records": [node]}} if node else {}),
        }
    status, error = await refused(ask, "POST", "composite/tree/Account", {"records": [node]})
    message = "sObject tree cannot have more than 5 levels or 5 types of records"
    assert (status, error["errorCode"], error["message"]) == (400, "INVALID_INPUT", message)


async def test_records_are_retrieved_with_their_fields_named(ask: Ask, org: SalesforceOrg) -> None:
    account = org.create("Account", {"Name": "x"})["id"]
    status, error = await refused(ask, "POST", "composite/sobjects/Account", {"ids": [account]})
    expected = (400, "MISSING_ARGUMENT", "The 'fields' parameter is required")
    assert (status, error["errorCode"], error["message"]) == expected


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"),
        ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id"),
        (
            "QUERY_TOO_COMPLICATED",
            "Query is either selecting too many fields or the filter",
        ),
        ("OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's"),
        ("CANNOT_EXECUTE_FLOW_TRIGGER", "We can't save this record because"),
        (
            "CONCURRENT_REQUESTS_LIMIT_EXCEEDED",
            "Unable to process request. Concurrent requests limit",
        ),
        ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "The value does not pass the validation rule."),
    ],
)
@pytest.mark.parametrize("kind", ["error", "record-error"])
async def test_the_trouble_of_production_comes_on_demand_in_its_own_words(
    ask: Ask, org: SalesforceOrg, kind: str, code: str, message: str
) -> None:
    org.faults.add({"kind": kind, "code": code})
    answer = await ask("POST", "sobjects/Lead", {"LastName": "x", "Company": "y"})
    assert answer.json()[0]["errorCode"] == code
    assert answer.json()[0]["message"].startswith(message)
    assert org.count("Lead") == 0
