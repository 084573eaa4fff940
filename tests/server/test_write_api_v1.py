"""Today's write API, by curl against `serve`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.cli.main import main
from ampsandbox.errors import NotFoundError
from ampsandbox.testing import Sandbox

ROOT = Path(__file__).parent.parent.parent
PAGE = "sample_configs/today.yaml"
SALESFORCE = "/v1/projects/demo/integrations/webinar-walrus-salesforce/objects"
HUBSPOT = "/v1/projects/demo/integrations/webinar-walrus-hubspot/objects"


@pytest.fixture
def served(serve: Any) -> Any:
    return serve(PAGE, "--ephemeral", "--group", "acme")


@pytest.fixture(scope="module")
def shared(serve_once: Any) -> Any:
    """For requests that are refused."""
    return serve_once(PAGE, "--ephemeral", "--group", "acme")


def create(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"groupRef": "acme", "type": "create", "record": fields, **more}


def test_a_record_is_created_then_updated_and_the_operation_can_be_followed(served: Any) -> None:
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


def test_what_the_crm_refuses_is_a_422_with_its_words(served: Any) -> None:
    status, answer = served.curl("POST", f"{SALESFORCE}/Contact", create({"FirstName": "Ray"}))
    assert (status, answer["result"]) == (422, {"success": False})
    assert answer["errors"] == [{"message": "Required fields are missing: [LastName]"}]
    _, operation = served.curl("GET", f"/v1/projects/demo/operations/{answer['operationId']}")
    assert (operation["status"], "LastName" in operation["result"]) == ("failure", True)


def test_an_asynchronous_write_is_answered_with_its_operation_alone_and_written_later(serve: Any) -> None:
    served = serve(PAGE, "--ephemeral", "--group", "acme", "--speed", "0")
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
        ({"record": []}, "record: must be an object"),
        ({"batch": []}, "record: give either record or batch"),
        ({"mode": "later"}, 'mode: is "later", and must be one of synchronous, asynchronous'),
        ({"retryPolicy": {"deadlineHours": 49}}, "retryPolicy.deadlineHours: must be a whole number from 1"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(value),
)
def test_a_body_that_breaks_the_rules_is_told_so_in_plain_text(
    shared: Any, change: dict[str, Any], line: str
) -> None:
    status, text = shared.curl_text("POST", f"{HUBSPOT}/contacts", create({"email": "a@b.co"}) | change)
    assert status == 400
    assert text.startswith(line)


def test_a_body_that_is_no_json_is_told_where_it_breaks(shared: Any) -> None:
    options = ("-H", "Content-Type: application/json", "-d", '{"groupRef": "acme",}')
    status, text = shared.curl_text("POST", f"{HUBSPOT}/contacts", None, *options)
    assert (status, "not JSON" in text, "column" in text) == (400, True, True)


@pytest.mark.parametrize("part", ["batch", "delete", "autoBatchPolicy", "associations", "headers"])
def test_what_is_not_simulated_says_so_and_what_to_do(shared: Any, part: str) -> None:
    body = create({"id": "1"}, **({part: []} if part not in ("batch", "delete") else {}))
    if part == "batch":
        del body["record"]
        body["batch"] = [{"record": {}}]
    elif part == "delete":
        body["type"] = "delete"
    status, problem = shared.curl("POST", f"{HUBSPOT}/contacts", body)
    assert (status, bool(problem["remedy"])) == (501, True)


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
def test_a_wrong_path_says_where_writes_go(shared: Any, path: str, words: str) -> None:
    status, problem = shared.curl("POST", path, create({}))
    assert (status, words in problem["remedy"]) == (404, True)


def test_a_group_without_installation_is_a_404(shared: Any) -> None:
    status, problem = shared.curl("POST", f"{HUBSPOT}/contacts", create({}) | {"groupRef": "acne"})
    assert (status, "acme" in problem["remedy"]) == (404, True)


def test_a_mock_org_has_the_custom_objects_of_the_manifest_and_the_fields_of_the_settings(
    serve: Any, tmp_path: Path
) -> None:
    settings = tmp_path / "sandbox.yaml"
    settings.write_text("mocks: {custom_fields: {Webinar__c: [Topic__c], companies: [favorite_topic]}}\n")
    served = serve(PAGE, "--ephemeral", "--group", "acme", "--settings", str(settings))
    record = {"Name": "Whiskers", "Topic__c": "Growth"}
    assert served.curl("POST", f"{SALESFORCE}/Webinar__c", create(record))[0] == 200
    record = {"name": "Whiskers", "favorite_topic": "Growth"}
    assert served.curl("POST", f"{HUBSPOT}/companies", create(record))[0] == 200


def test_an_integration_that_cannot_be_installed_does_not_keep_the_others_from_it(
    serve: Any, tmp_path: Path
) -> None:
    manifest = tmp_path / "amp.yaml"
    manifest.write_text((ROOT / PAGE).read_text().replace("Webinar__c", "Webinar"))
    served = serve(str(manifest), "--ephemeral", "--group", "acme")
    assert served.curl("POST", f"{HUBSPOT}/contacts", create({"email": "a@example.com"}))[0] == 200
    assert served.curl("POST", f"{SALESFORCE}/Contact", create({"LastName": "Ray"}))[0] == 404


def test_the_api_key_is_asked_for_here_too(serve: Any) -> None:
    served = serve(PAGE, "--ephemeral", "--group", "acme", "--api-key", "s3cret")
    body = create({"email": "a@example.com"})
    assert served.curl("POST", f"{HUBSPOT}/contacts", body)[0] == 401
    assert served.curl("POST", f"{HUBSPOT}/contacts", body, "-H", "X-Api-Key: s3cret")[0] == 200


def test_the_openapi_document_describes_the_objects(shared: Any) -> None:
    _, document = shared.curl("GET", "/openapi.json")
    operation = document["paths"][f"{HUBSPOT}/deals"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/ObjectWrite")
    schema = document["components"]["schemas"]["ObjectWrite"]
    assert schema["required"] == ["groupRef", "type", "record"]
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


def test_the_shell_command_writes_to_an_object_too(served: Any, capsys: pytest.CaptureFixture[str]) -> None:
    name, way = "webinar-walrus-hubspot/contacts", ("--group", "acme", "--url", served.url)
    assert main(["send", name, "email=ray@example.com", *way]) == 0
    record_id = json.loads(capsys.readouterr().out)["result"]["recordId"]
    assert main(["send", name, "--key", record_id, "firstname=Ray", *way]) == 0
    assert json.loads(capsys.readouterr().out)["result"] == {"success": True, "recordId": record_id}
