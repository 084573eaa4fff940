"""Today's write API, by curl."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ampsandbox.cli.main import main
from ampsandbox.errors import NotFoundError
from ampsandbox.testing import Sandbox
from tests.ampersand.conformance import row
from tests.server.caller import Caller

if TYPE_CHECKING:
    from tests.server.conftest import Serve

ROOT = Path(__file__).parent.parent.parent
PAGE = "sample_configs/today.yaml"
SALESFORCE = "/v1/projects/demo/integrations/webinar-walrus-salesforce/objects"
HUBSPOT = "/v1/projects/demo/integrations/webinar-walrus-hubspot/objects"


@pytest.fixture
def served() -> Iterator[Caller]:
    """A sandbox whose clock stands still."""
    with Sandbox(ROOT / PAGE, groups=["acme"]) as sandbox:
        yield Caller(sandbox.url)


@pytest.fixture(scope="module")
def shared() -> Iterator[Caller]:
    """For requests that are refused."""
    with Sandbox(ROOT / PAGE, groups=["acme"]) as sandbox:
        yield Caller(sandbox.url)


def create(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"groupRef": "acme", "type": "create", "record": fields, **more}


@row(
    "Writes",
    "`create` and `update` of one record, by `record.id`",
    "same",
)
def test_a_record_is_created_then_updated_and_the_operation_can_be_followed(served: Caller) -> None:
    status, answer = served.curl("POST", f"{HUBSPOT}/contacts", create({"email": "ray@example.com"}))
    assert (status, answer["result"]["success"]) == (200, True)
    record_id = answer["result"]["recordId"]

    body = {"groupRef": "acme", "type": "update", "record": {"id": record_id, "firstname": "Ray"}}
    assert served.curl("POST", f"{HUBSPOT}/contacts", body)[0] == 200
    path = "/_sandbox/v1/records/acme/contacts?integration=webinar-walrus-hubspot"
    [contact] = [item for item in served.curl("GET", path)[1] if item["id"] == record_id]
    assert (contact["email"], contact["firstname"]) == ("ray@example.com", "Ray")

    _, operation = served.curl("GET", f"/v1/projects/demo/operations/{answer['operationId']}")
    assert (operation["status"], operation["actionType"]) == ("success", "write")
    assert operation["metadata"]["successfulRecordIds"] == [record_id]


@row(
    "Writes",
    "a provider's refusal: 422 with `errors`, `rawResponse` and `error writing <object>: <class>: …`",
    "same",
    "without the prefix `HTTP status N:`, which is not public",
)
def test_what_the_crm_refuses_is_a_422_with_its_words(served: Caller) -> None:
    status, answer = served.curl("POST", f"{SALESFORCE}/Contact", create({"FirstName": "Ray"}))
    assert (status, answer["result"]) == (422, {"success": False})
    [error] = answer["errors"]
    assert error["message"].startswith("error writing Contact: caller error: [{")
    assert "Required fields are missing: [LastName]" in answer["rawResponse"]
    _, operation = served.curl("GET", f"/v1/projects/demo/operations/{answer['operationId']}")
    assert (operation["status"], operation["result"]) == ("failure", "[Contact] Error writing to provider")


@row(
    "Writes",
    "`mode: asynchronous`, retried until `retryPolicy.deadlineHours`",
    "same",
    "an hour by default",
)
def test_an_asynchronous_write_is_answered_with_its_operation_alone_and_written_later(served: Caller) -> None:
    busy = {"kind": "error", "status": 503, "first": 1}
    path = "/_sandbox/v1/faults/acme?integration=webinar-walrus-hubspot"
    assert served.curl("POST", path, busy)[0] < 300

    body = create({"email": "ray@example.com"}, mode="asynchronous", retryPolicy={"deadlineHours": 2})
    status, answer = served.curl("POST", f"{HUBSPOT}/contacts", body)
    assert (status, list(answer)) == (200, ["operationId"])

    path = f"/v1/projects/demo/operations/{answer['operationId']}"
    assert served.curl("GET", path)[1]["status"] == "in_progress"
    served.curl("POST", "/_sandbox/v1/clock/advance", {"hours": 1})
    assert served.curl("GET", path)[1]["status"] == "success"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"groupRef": ""}, "groupRef: must be a non-empty string"),
        ({"type": "upsert"}, 'type: is "upsert", and must be one of create, update, delete'),
        ({"type": "update"}, "record.id: must be a non-empty string"),
        ({"type": "delete"}, "record.id: must be a non-empty string"),
        ({"record": 5}, "record: must be an object"),
        ({"record": None}, "record: required field not found; give either record or batch"),
        ({"batch": [{"record": {"email": "c@d.co"}}]}, "record: both are there"),
        ({"record": None, "batch": [{}]}, "batch[0]: must be an object with a record"),
        ({"record": None, "batch": [{"record": {"a": "b"}}] * 101}, "batch: has 101 items"),
        (
            {"record": None, "type": "delete", "batch": [{"record": {"id": "1"}}]},
            "batch: records are deleted one",
        ),
        ({"type": "delete", "record": {"id": "1"}, "mode": "asynchronous"}, "mode: a delete is synchronous"),
        ({"mode": "later"}, 'mode: is "later", and must be one of synchronous, asynchronous'),
        ({"batchPolicy": {"allOrNone": True}}, "batchPolicy: goes with a batch"),
        ({"mode": "asynchronous", "retryPolicy": {"deadlineHours": 49}}, "retryPolicy.deadlineHours: is 49"),
        ({"autoBatchPolicy": {"maxDelayMinutes": 5}}, "autoBatchPolicy: goes with mode asynchronous"),
        (
            {"mode": "asynchronous", "autoBatchPolicy": {"maxDelayMinutes": 1441}},
            "autoBatchPolicy.maxDelayMinutes: is 1441",
        ),
        ({"associations": [{"to": {}}]}, "associations: must be a list of"),
        ({"headers": [{"key": "A", "value": "b"}]}, "headers: are Salesforce's"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(value),
)
@row(
    "Writes",
    "an invalid request: 400 in plain text",
    "not public",
    "the sentences are the sandbox's, a line for each fault",
)
def test_a_body_that_breaks_the_rules_is_told_so_in_plain_text(
    shared: Caller, change: dict[str, Any], line: str
) -> None:
    status, text = shared.curl_text("POST", f"{HUBSPOT}/contacts", create({"email": "a@b.co"}) | change)
    assert status == 400
    assert text.startswith(line)


def test_a_body_that_is_no_json_is_told_where_it_breaks(shared: Caller) -> None:
    options = ("-H", "Content-Type: application/json", "-d", '{"groupRef": "acme",}')
    status, text = shared.curl_text("POST", f"{HUBSPOT}/contacts", None, *options)
    assert (status, "not JSON" in text, "column" in text) == (400, True, True)


@row(
    "Writes",
    "null, empty and unknown members",
    "not public",
    "absent; ignored",
)
def test_a_member_that_is_null_or_empty_is_absent_and_an_unknown_one_is_tolerated(
    served: Caller,
) -> None:
    lists, policies = ("batch", "associations", "headers"), ("batchPolicy", "retryPolicy", "autoBatchPolicy")
    null = dict.fromkeys(("mode", *lists, *policies))
    empty = {"mode": "", **{name: [] for name in lists}, **{name: {} for name in policies}}
    for email, absent in (("a@b.co", null), ("b@b.co", empty)):
        body = create({"email": email}) | absent | {"somethingNew": 1}
        assert served.curl("POST", f"{HUBSPOT}/contacts", body)[0] == 200
    assert served.curl_text("POST", f"{HUBSPOT}/contacts", body | {"batch": {}})[0] == 400


@row(
    "Writes",
    "`associations` (HubSpot), `headers` (Salesforce)",
    "same",
    "`Authorization` and headers of the connection are refused",
)
def test_associations_are_refused_for_salesforce_and_headers_of_the_connection_everywhere(
    shared: Caller,
) -> None:
    body = create({"LastName": "Ray"}, associations=[{"to": {"id": "1"}, "types": []}])
    assert shared.curl_text("POST", f"{SALESFORCE}/Contact", body) == (
        400,
        "associations: are HubSpot's; salesforce takes none",
    )
    for key, value in (("Authorization", "Bearer x"), ("A b", "x"), ("X-A", "a\r\nX-B: b")):
        body = create({"LastName": "Ray"}, headers=[{"key": key, "value": value}])
        assert shared.curl_text("POST", f"{SALESFORCE}/Contact", body)[0] == 400


@row(
    "Writes",
    "`data` of HubSpot's records",
    "same",
)
def test_hubspots_record_comes_back_as_data_and_salesforces_does_not(served: Caller) -> None:
    _, answer = served.curl("POST", f"{HUBSPOT}/contacts", create({"email": "ray@example.com"}))
    data = answer["result"]["data"]
    assert data["properties"]["email"] == "ray@example.com"
    assert (data["id"], data["archived"], data["archivedAt"]) == (answer["result"]["recordId"], False, "")
    _, answer = served.curl("POST", f"{SALESFORCE}/Contact", create({"LastName": "Ray"}))
    assert set(answer["result"]) == {"success", "recordId"}


@row(
    "Writes",
    "`delete`",
    "same",
    "where `deletionSettings` are off: a 400, whose text is not public",
)
def test_a_record_is_deleted_and_a_second_delete_is_the_providers_refusal(served: Caller) -> None:
    _, answer = served.curl("POST", f"{SALESFORCE}/Contact", create({"LastName": "Ray"}))
    body = {"groupRef": "acme", "type": "delete", "record": {"id": answer["result"]["recordId"]}}
    status, answer = served.curl("POST", f"{SALESFORCE}/Contact", body)
    assert (status, answer["result"]) == (200, {"success": True})
    status, answer = served.curl("POST", f"{SALESFORCE}/Contact", body)
    assert (status, "ENTITY_IS_DELETED" in answer["rawResponse"]) == (422, True)
    assert answer["errors"][0]["message"].startswith("error writing Contact: retryable error: ")


def batch(*records: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"groupRef": "acme", "type": "create", "batch": [{"record": each} for each in records], **more}


@row(
    "Writes",
    "`batch` of 1 to 100: counts, `results` in order, HubSpot's errors at the top",
    "same",
    "a mixed batch is a 200",
)
def test_a_batch_is_one_request_and_tells_of_each_record_in_order(served: Caller) -> None:
    records = [{"email": f"{name}@example.com"} for name in ("a", "b", "a", "c")]
    status, answer = served.curl("POST", f"{HUBSPOT}/contacts", batch(*records))
    assert (status, answer["successCount"], answer["failureCount"]) == (200, 3, 1)
    assert [each["success"] for each in answer["results"]] == [True, True, False, True]
    assert [each["message"] for each in answer["errors"]] == [
        f"Contact already exists. Existing ID: {answer['results'][0]['recordId']}"
    ]
    _, exchanges = served.curl("GET", f"/_sandbox/v1/exchanges?operation={_first_write(served)}")
    assert [each["records"] for each in exchanges if each["method"] == "POST"] == [4]
    _, operation = served.curl("GET", f"/v1/projects/demo/operations/{answer['operationId']}")
    assert (operation["status"], operation["result"]) == (
        "success",
        "Batch write completed (3 succeeded, 1 failed)",
    )


def _first_write(served: Caller) -> str:
    return str(served.curl("GET", "/_sandbox/v1/operations")[1][-1]["id"])


@pytest.mark.parametrize(
    ("where", "good", "bad", "message"),
    [
        (
            "Contact",
            {"LastName": "A"},
            {"FirstName": "B"},
            "Batch write failed: provider rolled back all records",
        ),
        ("contacts", {"email": "a@b.co"}, {"nope": "x"}, 'Property "nope" does not exist'),
    ],
)
@row(
    "Writes",
    "`batchPolicy.allOrNone`: 422 when nothing was written",
    "same",
)
def test_all_or_none_writes_none_when_one_is_bad(
    served: Caller, where: str, good: dict[str, str], bad: dict[str, str], message: str
) -> None:
    url = f"{SALESFORCE if where == 'Contact' else HUBSPOT}/{where}"
    body = batch(good, bad, batchPolicy={"allOrNone": True})
    status, answer = served.curl("POST", url, body)
    assert (status, answer["successCount"], answer["failureCount"]) == (422, 0, 2)
    assert answer["errors"] == [{"message": message}]
    integration = "webinar-walrus-salesforce" if where == "Contact" else "webinar-walrus-hubspot"
    assert served.curl("GET", f"/_sandbox/v1/records/acme/{where}?integration={integration}")[1] == []


def test_a_batch_updates_records_by_their_ids(served: Caller) -> None:
    _, answer = served.curl("POST", f"{SALESFORCE}/Contact", batch({"LastName": "A"}, {"LastName": "B"}))
    ids = [each["recordId"] for each in answer["results"]]
    body = batch(*({"id": id_, "FirstName": "Zoe"} for id_ in reversed(ids)), type="update")
    status, answer = served.curl("POST", f"{SALESFORCE}/Contact", body)
    assert (status, [each["recordId"] for each in answer["results"]]) == (200, ids[::-1])


@row(
    "Writes",
    "`associations` of a batch update: requests of their own, after the update",
    "same",
    "one that HubSpot refuses is told in `errors`, and the record counts as written",
)
def test_associations_of_a_batch_update_follow_it(served: Caller) -> None:
    records = [{"email": f"{name}@example.com"} for name in ("a", "b", "c")]
    _, answer = served.curl("POST", f"{HUBSPOT}/contacts", batch(*records))
    ids = [each["recordId"] for each in answer["results"]]

    def item(id_: str, to: str, type_id: int) -> dict[str, Any]:
        kinds = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        return {
            "record": {"id": id_, "firstname": "Zoe"},
            "associations": [{"to": {"id": to}, "types": kinds}],
        }

    body = {
        "groupRef": "acme",
        "type": "update",
        "batch": [
            item(ids[0], ids[1], 449),
            item(ids[1], ids[2], 77_777),
            {"record": {"id": ids[2], "firstname": "Zoe"}},
        ],
    }
    status, answer = served.curl("POST", f"{HUBSPOT}/contacts", body)
    assert (status, answer["successCount"], answer["failureCount"]) == (200, 3, 0)
    assert [each["message"] for each in answer["errors"]] == ["contacts have no association type 77777."]
    newest = served.curl("GET", "/_sandbox/v1/operations")[1][0]["id"]
    _, exchanges = served.curl("GET", f"/_sandbox/v1/exchanges?operation={newest}")
    sent = [each["url"] for each in exchanges if each["method"] == "POST"]
    assert [url.partition("/crm/")[2] for url in sent] == [
        "v3/objects/contacts/batch/update",
        "v4/associations/contacts/0-1/batch/create",
    ]


@row(
    "Writes",
    "`autoBatchPolicy`: one operation, flushed when the first record's delay is over",
    "same",
)
def test_the_callers_of_an_auto_batch_get_one_operation_that_is_flushed_when_its_delay_is_over(
    served: Caller,
) -> None:
    policy = {"mode": "asynchronous", "autoBatchPolicy": {"maxDelayMinutes": 10}}
    ids = set()
    for name in ("a", "b", "c"):
        body = create({"email": f"{name}@example.com"}, **policy)
        ids.add(served.curl("POST", f"{HUBSPOT}/contacts", body)[1]["operationId"])
        served.curl("POST", "/_sandbox/v1/clock/advance", {"minutes": 3})
    [operation_id] = ids
    path = f"/v1/projects/demo/operations/{operation_id}"
    assert served.curl("GET", path)[1]["status"] == "in_progress"
    served.curl("POST", "/_sandbox/v1/clock/advance", {"minutes": 1})
    operation = served.curl("GET", path)[1]
    assert (operation["status"], operation["result"]) == (
        "success",
        "Batch write completed (3 succeeded, 0 failed)",
    )
    assert len(operation["metadata"]["successfulRecordIds"]) == 3
    logs = served.curl("GET", f"{path}/logs")[1]
    assert {each["severity"] for each in logs} == {"INFO"}
    assert (logs[0]["message"]["msg"], logs[-1]["message"]["msg"]) == ("Write accepted", operation["result"])


@row(
    "Writes",
    "`autoBatchPolicy`: flushed at 100 records",
    "same",
)
def test_an_auto_batch_is_flushed_at_a_hundred_records(served: Caller) -> None:
    policy = {"mode": "asynchronous", "autoBatchPolicy": {"maxDelayMinutes": 10}}
    with httpx.Client(base_url=served.url, trust_env=False) as client:
        ids = [
            client.post(f"{HUBSPOT}/contacts", json=create({"email": f"n{n}@example.com"}, **policy)).json()
            for n in range(101)
        ]
    first, last = ids[0]["operationId"], ids[-1]["operationId"]
    assert [each["operationId"] for each in ids].count(first) == 100
    served.curl("POST", "/_sandbox/v1/clock/settle", {})
    assert served.curl("GET", f"/v1/projects/demo/operations/{first}")[1]["status"] == "success"
    assert served.curl("GET", f"/v1/projects/demo/operations/{last}")[1]["status"] == "in_progress"


@row(
    "Writes",
    "a synchronous write always goes to the provider",
    "same",
)
def test_after_an_outage_a_synchronous_write_asks_the_provider_at_once(served: Caller) -> None:
    faults = "/_sandbox/v1/faults/acme?integration=webinar-walrus-hubspot"
    served.curl("POST", faults, {"kind": "outage"})
    served.curl("POST", f"{HUBSPOT}/contacts", create({"email": "b@x.com"}, mode="asynchronous"))
    served.curl("POST", "/_sandbox/v1/clock/advance", {"hours": 2})
    served.curl("DELETE", faults)
    assert served.curl("POST", f"{HUBSPOT}/contacts", create({"email": "c@x.com"}))[0] == 200


@row("Writes", "a 404 of the provider is retried until the deadline (asynchronous)", "same")
def test_an_asynchronous_update_of_a_record_that_is_gone_is_in_progress_until_its_deadline(
    served: Caller,
) -> None:
    body = {"groupRef": "acme", "type": "update", "mode": "asynchronous", "record": {"id": "1", "city": "x"}}
    operation_id = served.curl("POST", f"{HUBSPOT}/companies", body)[1]["operationId"]
    path = f"/v1/projects/demo/operations/{operation_id}"
    served.curl("POST", "/_sandbox/v1/clock/advance", {"minutes": 55})
    assert served.curl("GET", path)[1]["status"] == "in_progress"
    served.curl("POST", "/_sandbox/v1/clock/advance", {"minutes": 10})
    operation = served.curl("GET", path)[1]
    assert (operation["status"], operation["metadata"]["retry"]["attempts"] > 10) == ("failure", True)


@row(
    "Operations and notifications",
    "`GET …/operations/{op}` and `…/logs`",
    "same",
    "the log's entries are the sandbox's own",
)
def test_an_unknown_operation_says_so_in_ampersands_words(shared: Caller) -> None:
    status, problem = shared.curl("GET", "/v1/projects/demo/operations/nope")
    assert (status, problem["detail"]) == (404, "Operation not found for the given operation ID.")
    assert "list operations" in problem["remedy"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/projects/demo/integrations/webinar-walrus-hubspt/objects/contacts", "webinar-walrus-hubspot"),
        (f"{HUBSPOT}/contact", "contacts"),
        ("/v1/projects/demo/objects/contacts", "/v1/projects/demo/integrations/"),
        ("/v1/projects/other/integrations/x/objects/contacts", "--project other"),
        ("/projects/demo/contacts", "/v1/projects/demo/integrations/"),
    ],
)
def test_a_wrong_path_says_where_writes_go(shared: Caller, path: str, words: str) -> None:
    status, problem = shared.curl("POST", path, create({}))
    assert (status, words in problem["remedy"]) == (404, True)


@row(
    "Writes",
    "unknown groups, integrations and objects",
    "not public",
    "404 problem with a remedy",
)
def test_a_group_without_installation_is_a_404(shared: Caller) -> None:
    status, problem = shared.curl(
        "POST", f"{HUBSPOT}/contacts", create({"email": "a@b.co"}) | {"groupRef": "acne"}
    )
    assert (status, "acme" in problem["remedy"]) == (404, True)


def test_a_mock_org_has_the_custom_objects_of_the_manifest_and_the_fields_of_the_settings(
    serve: Serve, tmp_path: Path
) -> None:
    settings = tmp_path / "sandbox.yaml"
    settings.write_text("mocks: {custom_fields: {Webinar__c: [Topic__c], companies: [favorite_topic]}}\n")
    served = serve(PAGE, "--ephemeral", "--group", "acme", "--settings", str(settings))
    record = {"Name": "Whiskers", "Topic__c": "Growth"}
    assert served.curl("POST", f"{SALESFORCE}/Webinar__c", create(record))[0] == 200
    record = {"name": "Whiskers", "favorite_topic": "Growth"}
    assert served.curl("POST", f"{HUBSPOT}/companies", create(record))[0] == 200


def test_an_integration_that_cannot_be_installed_does_not_keep_the_others_from_it(
    serve: Serve, tmp_path: Path
) -> None:
    manifest = tmp_path / "amp.yaml"
    manifest.write_text((ROOT / PAGE).read_text().replace("Webinar__c", "Webinar"))
    served = serve(str(manifest), "--ephemeral", "--group", "acme")
    assert served.curl("POST", f"{HUBSPOT}/contacts", create({"email": "a@example.com"}))[0] == 200
    assert served.curl("POST", f"{SALESFORCE}/Contact", create({"LastName": "Ray"}))[0] == 404


def test_the_api_key_is_asked_for_here_too(serve: Serve) -> None:
    served = serve(PAGE, "--ephemeral", "--group", "acme", "--api-key", "s3cret")
    body = create({"email": "a@example.com"})
    assert served.curl("POST", f"{HUBSPOT}/contacts", body)[0] == 401
    assert served.curl("POST", f"{HUBSPOT}/contacts", body, "-H", "X-Api-Key: s3cret")[0] == 200


def test_the_openapi_document_describes_the_objects(shared: Caller) -> None:
    _, document = shared.curl("GET", "/openapi.json")
    operation = document["paths"][f"{HUBSPOT}/deals"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/ObjectWrite")
    schema = document["components"]["schemas"]["ObjectWrite"]
    assert schema["required"] == ["groupRef", "type"]
    assert set(operation["responses"]) == {"200", "400", "422", "default"}


def test_a_python_test_writes_to_an_object_too() -> None:
    name = "webinar-walrus-salesforce/Webinar__c"
    with Sandbox(ROOT / PAGE, groups=["acme"], custom_fields={"Webinar__c": ["Topic__c"]}) as sandbox:
        record_id = sandbox.send(name, {"Name": "Whiskers", "Topic__c": "Cats"}).record_id
        sandbox.send(name, {"Topic__c": "Growth"}, key=record_id)
        [webinar] = sandbox.crm("acme", "webinar-walrus-salesforce").records("Webinar__c")
        assert (webinar["id"], webinar["Topic__c"]) == (record_id, "Growth")
        with pytest.raises(NotFoundError, match="no endpoint"):
            sandbox.write_url("webinar-walrus-salesforce/Contacts")


def test_the_shell_command_writes_to_an_object_too(
    served: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    name, way = "webinar-walrus-hubspot/contacts", ("--group", "acme", "--url", served.url)
    assert main(["send", name, "email=ray@example.com", *way]) == 0
    record_id = json.loads(capsys.readouterr().out)["result"]["recordId"]
    assert main(["send", name, "--key", record_id, "firstname=Ray", *way]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert (result["success"], result["recordId"]) == (True, record_id)
    assert result["data"]["properties"]["firstname"] == "Ray"
