"""The control API: everything that the Python object can do, over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import jsonschema
import pytest

from ampsandbox.testing import Sandbox

ROOT = Path(__file__).parent.parent.parent

MANIFEST = """\
specVersion: 0.1.0
integrations:
  - name: crm
    displayName: CRM
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: account
            mode: insert
            endpoint: now
          - objectName: lead
            mode: insert
            endpoint: later
            schedule: every 2 hours
"""
LEAD = {"lastName": "Ray", "company": "Big Co."}


class Api:
    """Calls the control API of a sandbox, and the write endpoints beside it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._client = sandbox.client()

    def call(self, method: str, path: str, body: Any = None, status: int = 200, **options: Any) -> Any:
        """One call; the answer's JSON once its status is the one expected."""
        url = f"{self.sandbox.url}/_sandbox/v1{path}"
        response = self._client.request(method, url, json=body, **options)
        assert response.status_code == status, response.text
        is_json = "json" in response.headers.get("content-type", "")
        return response.json() if is_json else response.content

    def write(self, endpoint: str, fields: dict[str, Any]) -> dict[str, Any]:
        """One write for the group `demo`."""
        answer: dict[str, Any] = self._client.post(
            endpoint, json={"groupId": "demo", "fields": fields}
        ).json()
        return answer

    def problem(self, method: str, path: str, body: Any = None, *, status: int) -> dict[str, Any]:
        """A call that is refused, and the problem that says why."""
        problem: dict[str, Any] = self.call(method, path, body, status)
        assert problem["status"] == status
        assert problem["detail"]
        return problem


@pytest.fixture(scope="module")
def first_manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("control") / "amp.yaml"
    path.write_text(MANIFEST)
    return path


@pytest.fixture(scope="module")
def started(first_manifest: Path) -> Iterator[Sandbox]:
    with Sandbox(first_manifest) as sandbox:
        yield sandbox


@pytest.fixture
def api(started: Sandbox) -> Api:
    started.reset()
    return Api(started)


def test_the_state_names_endpoints_installations_and_what_waits(api: Api) -> None:
    api.write("later", LEAD)
    state = api.call("GET", "/state")
    assert [item["endpoint"] for item in state["endpoints"]] == ["now", "later"]
    assert (state["pending"], state["speed"]) == (1, 0)
    assert state["nextFlushAt"] == "2026-01-01T02:00:00Z"
    assert state["installations"][0]["crm"]["url"].endswith("/_crm/crm/demo")


def test_advancing_to_the_next_flush_delivers_the_batch(api: Api) -> None:
    operation = api.write("later", LEAD)["operationId"]
    assert api.call("POST", "/clock/advance", {"nextFlush": True})["now"] == "2026-01-01T02:00:00Z"
    assert api.call("GET", f"/operations/{operation}")["state"] == "succeeded"
    [lead] = api.call("GET", "/records/demo/Lead")
    assert lead["LastName"] == "Ray"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"hours": 1, "to": "2026-02-01T00:00:00Z"},
        {"to": "2026-02-01T00:00:00"},
        {"nextFlush": True, "hours": 1},
        {"hours": -1},
    ],
)
def test_an_advance_that_makes_no_sense_is_refused(api: Api, body: Any) -> None:
    api.problem("POST", "/clock/advance", body, status=400)
    document = httpx.get(f"{api.sandbox.url}/openapi.json", trust_env=False).json()
    schema = document["components"]["schemas"]["AdvanceClockBody"]
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert not validator.is_valid(body) or body.get("to") == "2026-02-01T00:00:00"
    for right in (
        {"hours": 1, "minutes": 2.5},
        {"to": "2026-02-01T00:00:00Z"},
        {"nextFlush": True, "to": None},
    ):
        assert validator.is_valid(right)


@pytest.mark.parametrize("body", [{"to": "2025-01-01T00:00:00Z"}, {"nextFlush": True}, {"hours": 1e300}])
def test_an_advance_that_the_clock_cannot_make_is_a_conflict(api: Api, body: Any) -> None:
    api.problem("POST", "/clock/advance", body, status=409)


def test_a_flush_answers_when_its_outcomes_are_known(api: Api) -> None:
    api.write("later", LEAD)
    [batch] = api.call("POST", "/flush", {})
    assert (batch["state"], batch["succeeded"]) == ("flushed", 1)


def test_a_flush_delivers_what_is_of_all_that_it_names(api: Api) -> None:
    batch = api.write("later", LEAD)["batchId"]
    installation = api.call("GET", f"/batches/{batch}")["installationId"]
    for other in ({"object": "account"}, {"installationId": "nope"}, {"group": "nobody"}):
        api.problem("POST", "/flush", {"batchId": batch, **other}, status=404)
    named = {"batchId": batch, "installationId": installation, "group": "demo", "object": "lead"}
    assert [each["state"] for each in api.call("POST", "/flush", named)] == ["flushed"]


def test_a_whole_number_may_be_written_as_a_fraction(api: Api) -> None:
    assert api.call("POST", "/faults/demo", {"kind": "outage", "nth": 5.0}, 201)["nth"] == 5


def test_a_paused_batch_lets_its_schedule_pass(api: Api) -> None:
    batch = api.write("later", LEAD)["batchId"]
    assert api.call("POST", f"/batches/{batch}/pause")["state"] == "paused"
    api.call("POST", "/clock/advance", {"hours": 3})
    assert api.call("GET", f"/batches/{batch}")["count"] == 1
    assert api.call("POST", f"/batches/{batch}/resume")["state"] == "waiting"
    assert [o["object"] for o in api.call("GET", f"/batches/{batch}/operations")] == ["lead"]
    assert api.call("POST", f"/batches/{batch}/drop")["count"] == 0
    assert [item["id"] for item in api.call("GET", "/batches")] == [batch]


def test_a_waiting_write_can_be_edited(api: Api) -> None:
    operation = api.write("later", LEAD)["operationId"]
    api.call("PATCH", f"/operations/{operation}", {"fields": {**LEAD, "lastName": "Roe"}})
    api.call("POST", "/flush", {})
    assert api.call("GET", "/records/demo/Lead")[0]["LastName"] == "Roe"


def test_a_dead_letter_can_be_sent_again_with_other_values(api: Api) -> None:
    operation = api.write("now", {"nam": "Big Co."})["operationId"]
    assert [item["id"] for item in api.call("GET", "/dead-letters")] == [operation]
    again = api.call("POST", f"/operations/{operation}/retry", {"fields": {"name": "Big Co."}})
    assert again["state"] == "succeeded"
    assert api.call("GET", "/dead-letters") == []


def test_all_dead_letters_can_be_sent_again(api: Api) -> None:
    api.call("POST", "/faults/demo", {"kind": "outage", "method": "POST", "first": 2}, 201)
    for name in ("Big Co.", "Small Co."):
        api.write("now", {"name": name})
    assert api.call("POST", "/dead-letters/retry") == {"retried": 2, "left": 0}
    assert [account["Name"] for account in api.call("GET", "/records/demo/Account")] == [
        "Big Co.",
        "Small Co.",
    ]


def test_a_dead_letter_can_be_given_up(api: Api) -> None:
    operation = api.write("now", {})["operationId"]
    assert api.call("POST", f"/operations/{operation}/drop")["state"] == "dropped"
    assert [item["state"] for item in api.call("GET", "/operations", params={"state": "dropped"})] == [
        "dropped"
    ]


def test_installing_is_planned_done_and_undone(api: Api) -> None:
    planned = api.call("POST", "/installations", {"group": "acme", "dryRun": True}, 201)
    assert planned["installations"] == []
    [made] = api.call("POST", "/installations", {"group": "acme"}, 201)["installations"]
    assert len(api.call("GET", "/installations")) == 2
    api.call("DELETE", f"/installations/{made['installation']['id']}", status=204)
    assert len(api.call("GET", "/installations")) == 1
    api.problem("DELETE", "/installations/nope", status=404)


def test_records_are_seeded_queried_followed_and_deleted(api: Api) -> None:
    [record] = api.call("POST", "/records/demo/Account", [{"Name": "Big Co."}], 201)
    assert api.call("GET", f"/records/demo/Account/{record}")["Name"] == "Big Co."
    assert api.call("POST", "/query/demo", {"query": "SELECT Name FROM Account"})[0]["Name"] == "Big Co."
    assert api.call("GET", f"/records/demo/Account/{record}/history")
    assert api.call("GET", "/schema/demo/Account")["name"] == "Account"
    api.call("DELETE", f"/records/demo/Account/{record}", status=204)
    api.problem("GET", f"/records/demo/Account/{record}", status=404)


def test_a_record_can_be_changed_behind_the_sandboxes_back(api: Api) -> None:
    [record] = api.call("POST", "/records/demo/Account", [{"Name": "Big Co."}], 201)
    assert api.call("PATCH", f"/records/demo/Account/{record}", {"Name": "Bigger"})["Name"] == "Bigger"
    assert len(api.call("GET", f"/records/demo/Account/{record}/history")) == 2
    api.problem("PATCH", f"/records/demo/Account/{record}", {"Nam": "x"}, status=409)


def test_the_exchanges_with_crms_are_listed_newest_last(api: Api) -> None:
    for name in ("A", "B"):
        api.write("now", {"name": name})
    first, second = api.call("GET", "/exchanges")
    assert (first["method"], first["status"], first["records"]) == ("POST", 201, 1)
    assert "Bearer" not in str(first["requestHeaders"]).replace("Bearer ***", "")
    assert api.call("GET", f"/exchanges?since={first['seq']}") == [second]
    assert api.call("GET", "/exchanges?limit=1") == [second]


def test_an_exchange_names_its_operations_and_is_found_by_them(api: Api) -> None:
    ids = [api.write("now", {"name": name})["operationId"] for name in ("A", "B")]
    assert [item["operationIds"] for item in api.call("GET", "/exchanges")] == [[each] for each in ids]
    [found] = api.call("GET", f"/exchanges?operation={ids[1]}")
    assert '"B"' in found["requestBody"]
    assert api.call("GET", "/exchanges?operation=nonsense") == []


def test_the_crms_rules_hold_for_seeding_too(api: Api) -> None:
    problem = api.problem("POST", "/records/demo/Account", [{}], status=409)
    assert "REQUIRED_FIELD_MISSING" in problem["detail"]


def test_faults_strike_and_are_listed(api: Api) -> None:
    rule = api.call("POST", "/faults/demo", {"kind": "outage", "method": "POST", "first": 1}, 201)
    assert api.call("GET", "/faults/demo")[0]["id"] == rule["id"]
    assert api.write("now", {"name": "Big Co."})["result"] == {"success": False}
    assert [item["rule"] for item in api.call("GET", "/faults/demo/fired")] == [rule["id"]]
    api.call("DELETE", "/faults/demo", status=204)
    assert api.write("now", {"name": "Big Co."})["result"]["success"] is True


@pytest.mark.parametrize(
    "rule", [{"kind": "flood"}, {"kind": "outage", "nth": 0}, {"kind": "outage", "nht": 1}, {}]
)
def test_a_rule_that_cannot_be_is_refused(api: Api, rule: Any) -> None:
    api.problem("POST", "/faults/demo", rule, status=400)


def test_a_client_of_a_mock_is_told_when_its_answer_would_be_long_in_coming(api: Api) -> None:
    crm = api.sandbox.crm("demo")
    url = f"{crm.url}/services/data/v60.0/limits"
    for kind, status in (("latency", 504), ("slow-body", 0)):
        rule = api.call("POST", "/faults/demo", {"kind": kind, "seconds": 1e300}, 201)
        try:
            answer = httpx.get(url, headers={"Authorization": f"Bearer {crm.access_token}"}, trust_env=False)
            assert answer.status_code == status
        except httpx.RemoteProtocolError:  # the body was cut off
            assert kind == "slow-body"
        api.call("DELETE", f"/faults/demo/{rule['id']}", status=204)
    assert api.call("GET", "/clock")["now"] == "2026-01-01T00:00:00Z"


def test_a_snapshot_brings_records_operations_and_clock_back(api: Api) -> None:
    operation = api.write("later", LEAD)["operationId"]
    snapshot = api.call("GET", "/snapshot")
    api.call("POST", "/clock/advance", {"days": 1})
    response = api.sandbox.client().post(f"{api.sandbox.url}/_sandbox/v1/restore", content=snapshot)
    assert response.status_code == 204
    assert api.call("GET", f"/operations/{operation}")["state"] == "queued"
    assert api.call("GET", "/records/demo/Lead") == []
    assert api.call("GET", "/clock")["now"] == "2026-01-01T00:00:00Z"


def test_what_is_no_snapshot_is_refused(api: Api) -> None:
    response = api.sandbox.client().post(f"{api.sandbox.url}/_sandbox/v1/restore", content=b"nonsense")
    assert response.status_code == 409
    assert api.write("now", {"name": "Still here"})["result"]["success"] is True


def test_a_reset_forgets_writes_and_keeps_installations(api: Api) -> None:
    api.write("now", {"name": "Big Co."})
    api.call("POST", "/reset", status=204)
    assert api.call("GET", "/operations") == []
    assert api.call("GET", "/records/demo/Account") == []
    assert api.write("now", {"name": "Big Co."})["result"]["success"] is True


def test_the_clock_runs_and_freezes(api: Api) -> None:
    assert api.call("POST", "/clock", {"speed": 60})["speed"] == 60
    assert api.call("POST", "/clock", {"speed": 0})["speed"] == 0
    api.problem("POST", "/clock", {"speed": -1}, status=409)


def test_a_broken_manifest_leaves_the_good_one_in_force(api: Api) -> None:
    loaded = api.call("POST", "/manifest", {"text": "integrations: ["})
    assert loaded["loaded"] is False
    assert api.call("GET", "/findings") == loaded["findings"] != []
    assert api.write("now", {"name": "Big Co."})["result"]["success"] is True
    assert api.call("POST", "/manifest", {"text": MANIFEST})["loaded"] is True


@pytest.mark.parametrize("path", ["/etc/hosts", "../amp.yaml", "../../etc/hosts", "a/../../amp.yaml", "x\0"])
def test_a_manifest_outside_of_the_folder_of_the_first_is_refused(api: Api, path: str) -> None:
    api.problem("POST", "/manifest", {"path": path}, status=404)


def test_a_manifest_in_the_folder_of_the_first_is_taken(api: Api, first_manifest: Path) -> None:
    assert api.call("POST", "/manifest", {"path": first_manifest.name})["loaded"] is True
    assert api.call("POST", "/manifest", {"path": str(first_manifest)})["loaded"] is True
    assert api.call("GET", "/state")["manifest"] == str(first_manifest)


def test_requests_quota_connections_and_events_are_told(api: Api) -> None:
    api.write("now", {"name": "Big Co."})
    [request] = api.call("GET", "/requests")
    assert (request["endpoint"], request["status"], request["group"]) == ("now", 200, "demo")
    assert api.call("GET", "/quota")[0]["writes"] == 1
    assert api.call("GET", "/connections")[0]["circuit"] == "closed"
    assert "write-succeeded" in [event["type"] for event in api.call("GET", "/events")]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("PUT", "/state", None, 405),
        ("GET", "/operations/nope", None, 404),
        ("GET", "/batches/nope", None, 404),
        ("GET", "/records/nobody/Account", None, 404),
        ("GET", "/records/demo/Nothing", None, 409),
        ("POST", "/clock", {"speed": "fast"}, 400),
        ("POST", "/clock", [], 400),
        ("GET", "/operations?limit=many", None, 400),
        ("GET", "/operations?limit=-1", None, 400),
        ("GET", "/operations?limit=99999999999999999999", None, 400),
        ("POST", "/clock/advance", {"hours": 1e8}, 409),
        ("POST", "/clock", {"speed": 1e7}, 409),
        ("POST", "/faults/demo", {"kind": "outage", "status": 42}, 400),
        ("POST", "/faults/demo", {"kind": "outage", "retryAfterS": -1}, 400),
        ("POST", "/faults/demo", {"kind": "outage", "until": "2026-01-01T00:00:00"}, 400),
        ("POST", "/faults/demo", {"kind": "outage", "nth": 5.5}, 400),
        ("POST", "/flush", {"installationId": "nope", "group": "demo"}, 404),
        ("POST", "/installations", {"group": ""}, 400),
    ],
)
def test_wrong_calls_get_problems(api: Api, method: str, path: str, body: Any, status: int) -> None:
    api.problem(method, path, body, status=status)


@pytest.mark.parametrize("name", ["a/b", "50% ü", "a?b#c", 'it\'s "quoted"', "g" * 300])
def test_any_name_of_a_group_is_found_in_the_path(api: Api, name: str) -> None:
    [added] = api.call("POST", "/installations", {"group": name}, 201)["installations"]
    path = f"/records/{quote(name, safe='')}/Account"
    api.call("POST", path, [{"Name": "Big Co."}], 201)
    assert [record["Name"] for record in api.call("GET", path)] == ["Big Co."]
    api.call("DELETE", f"/installations/{added['installation']['id']}", status=204)


def test_a_stream_of_events_goes_on_after_a_reset(api: Api) -> None:
    for _ in range(3):
        api.write("later", LEAD)
    url = f"{api.sandbox.url}/_sandbox/v1/events"
    with httpx.stream("GET", url, headers={"Accept": "text/event-stream"}, trust_env=False) as stream:
        kinds = (line for line in stream.iter_lines() if line.startswith("event: "))
        for kind in kinds:
            if kind == "event: batch-opened":
                api.sandbox.reset()
                break
        assert "event: sandbox-reset" in kinds


@pytest.mark.parametrize("content", [b"{oops", b'{"speed": "\xff"}', b"[" * 100_000])
def test_text_that_is_not_json_is_refused(api: Api, content: bytes) -> None:
    url = f"{api.sandbox.url}/_sandbox/v1/clock"
    response = httpx.post(url, content=content, trust_env=False)
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")


def test_a_client_that_leaves_in_the_middle_of_its_request_is_no_defect(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    url = urlsplit(api.sandbox.url)
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(
            b"POST /_sandbox/v1/flush HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
        )
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    api.call("GET", "/state")
    assert caplog.records == []


def test_openapi_describes_every_endpoint_and_resolves(api: Api) -> None:
    document = httpx.get(f"{api.sandbox.url}/openapi.json", trust_env=False).json()
    assert document["openapi"] == "3.1.0"
    assert {"/projects/demo/now", "/projects/demo/later", "/_sandbox/v1/state"} <= set(document["paths"])
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert _broken_references(document, document) == []


def test_openapi_describes_the_answers_that_come(api: Api) -> None:
    api.write("now", {"name": "Big Co."})
    document = httpx.get(f"{api.sandbox.url}/openapi.json", trust_env=False).json()
    for path in ("/events", "/operations", "/state", "/exchanges", "/requests"):
        described = document["paths"][f"/_sandbox/v1{path}"]["get"]["responses"]["200"]
        schema = described["content"]["application/json"]["schema"] | {"components": document["components"]}
        jsonschema.validate(api.call("GET", path), schema)


def test_openapi_names_the_key_and_what_follows_a_write(api: Api) -> None:
    document = httpx.get(f"{api.sandbox.url}/openapi.json", trust_env=False).json()
    assert document["components"]["securitySchemes"]["apiKey"]["name"] == "X-Api-Key"
    assert document["security"] == [{}, {"apiKey": []}]
    assert "get" in document["paths"]["/projects/demo/operations/{operationId}"]


def test_openapi_of_todays_format_follows_its_operations_and_may_need_the_key() -> None:
    manifest = ROOT / "sample_configs" / "today.yaml"
    with Sandbox(manifest, api_key="k") as sandbox:
        answer = httpx.get(f"{sandbox.url}/openapi.json", headers={"X-Api-Key": "k"}, trust_env=False).json()
    assert answer["security"] == [{"apiKey": []}]
    operation = "/v1/projects/demo/operations/{operationId}"
    assert {operation, f"{operation}/logs"} <= set(answer["paths"])


def test_what_is_sent_has_no_defaults_that_would_have_to_be_sent(api: Api) -> None:
    schemas = httpx.get(f"{api.sandbox.url}/openapi.json", trust_env=False).json()["components"]["schemas"]
    assert schemas["RuleInput"]["required"] == ["kind"]
    assert not any("default" in each for each in schemas["RuleInput"]["properties"].values())
    assert schemas["Rule"]["properties"]["share"]["default"] == 1.0


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("clock", "GET, HEAD, POST"),
        ("records/demo/account/1", "DELETE, GET, HEAD, PATCH"),
        ("records/demo/account/each", "POST"),
    ],
)
def test_a_wrong_method_is_told_all_right_ones(api: Api, path: str, methods: str) -> None:
    answer = httpx.request("OPTIONS", f"{api.sandbox.url}/_sandbox/v1/{path}", trust_env=False)
    assert (answer.status_code, answer.headers["Allow"]) == (405, methods)


def _broken_references(node: Any, document: Any) -> list[str]:
    if isinstance(node, list):
        return [broken for item in node for broken in _broken_references(item, document)]
    if not isinstance(node, dict):
        return []
    found = [broken for item in node.values() for broken in _broken_references(item, document)]
    reference = str(node.get("$ref", "#/components/schemas/Problem"))
    _, _, kind, name = reference.split("/")
    return found if name in document["components"][kind] else [*found, reference]


def test_health_and_readiness_answer(api: Api) -> None:
    for path in ("/_sandbox/health", "/_sandbox/ready"):
        assert httpx.get(api.sandbox.url + path, trust_env=False).json() == {"status": "ok"}
