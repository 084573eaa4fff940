"""`ctl` and `send`: the control API from the shell, all of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ampsandbox.cli.main import main
from ampsandbox.server.control.endpoint import PREFIX
from ampsandbox.server.control.endpoints import ENDPOINTS
from ampsandbox.testing import Sandbox

ROOT = Path(__file__).parent.parent.parent
CRM = ("--integration", "mailmonkey-salesforce")

# These only make sense with a real org; tests of live connections call them.
OTHERS = {"listLiveRecords", "removeLiveRecords"}

Ctl = Callable[..., Any]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(ROOT / "sample_configs" / "mailmonkey.yaml") as started:
        yield started


@pytest.fixture
def ctl(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> Ctl:
    """Runs `ctl` with some arguments; its JSON when it ends with 0, else its exit code and output."""
    sandbox.reset()

    def run(*arguments: str) -> Any:
        code = main(["ctl", *arguments, "--url", sandbox.url])
        output = capsys.readouterr().out
        return (json.loads(output) if output else None) if code == 0 else (code, output)

    return run


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the endpoints that were called, as OpenAPI has them."""
    names: set[str] = set()
    request = httpx.Client.request

    def noted(self: httpx.Client, method: str, url: str, **options: Any) -> httpx.Response:
        for endpoint in ENDPOINTS:
            pattern = re.sub(r"{\w+}", "[^/]+", PREFIX + endpoint.path)
            if endpoint.method == method and re.fullmatch(pattern, url):
                names.add(endpoint.name)
        return request(self, method, url, **options)

    monkeypatch.setattr(httpx.Client, "request", noted)
    return names


def test_ctl_reaches_every_endpoint(
    ctl: Ctl, called: set[str], sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = sandbox.send("create-lead", {"lastName": "Ann", "company": "Big Co."})
    assert ctl("state")["pending"] == 1
    for view in (
        "events",
        "requests",
        "exchanges",
        "connections",
        "quota",
        "findings",
        "dead-letters",
        "installations",
    ):
        assert isinstance(ctl(view), list), view
    assert ctl("clock")["speed"] == 0
    assert ctl("settle")["speed"] == 0
    assert ctl("requests", "--clear") is None
    assert ctl("requests") == []
    assert ctl("dead-letters", "--retry") == {"retried": 0, "left": 0}
    assert ctl("operations")[0]["id"] == lead.id
    fields = json.dumps({"lastName": "Bea", "company": "Big Co."})
    assert ctl("operation", lead.id, "--fields", fields)["fields"]["lastName"] == "Bea"
    assert ctl("operation", lead.id)["state"] == "queued"

    [batch] = ctl("batches")
    assert ctl("batch", batch["id"])["count"] == 1
    assert ctl("batch", batch["id"], "--operations")[0]["id"] == lead.id
    assert ctl("batch", batch["id"], "--pause")["state"] == "paused"
    assert ctl("batch", batch["id"], "--resume")["state"] == "waiting"
    kept = tmp_path / "kept"
    assert ctl("snapshot", str(kept)) is None
    assert ctl("diff", str(kept))["changes"] == []
    assert ctl("batch", batch["id"], "--drop")["count"] == 0
    assert ctl("restore", str(kept)) is None
    other = sandbox.send("create-lead", {"lastName": "Cis", "company": "Big Co."})
    assert ctl("operation", other.id, "--send-now")["state"] == "succeeded"
    assert ctl("flush", "--object", "company") == []
    assert ctl("flush", batch["id"])[0]["succeeded"] == 1

    assert ctl("speed", "60")["speed"] == 60
    assert ctl("speed", "0")["speed"] == 0
    before = ctl("state")["now"]
    assert ctl("advance", "--hours", "1")["now"] > before

    assert ctl("install", "acme", "--dry-run")["plan"]
    [made] = ctl("install", "acme", *CRM)["installations"]
    assert len(ctl("state")["installations"]) == 3
    made_id = made["installation"]["id"]
    assert ctl("installation", made_id)["installation"]["group"] == "acme"
    config = tmp_path / "config.json"
    config.write_text('{"provider": "salesforce"}')
    assert ctl("installation", made_id, "--configure", str(config))["createdBy"] == "api:ctl"
    assert ctl("installation", made_id, "--go-mock")["connection"] == "mock"
    [made_id] = [
        i["installation"]["id"] for i in ctl("installations") if i["installation"]["group"] == "acme"
    ]
    for way in ("--preview-live", "--go-live", "--reconnect"):
        assert ctl("installation", made_id, way)[0] == 1, way
    assert ctl("reset-org", "acme", *CRM) is None
    assert ctl("uninstall", made_id) is None

    monkeypatch.setattr("sys.stdin", io.StringIO('[{"Name": "Big Co."}]'))
    [account] = ctl("records", "demo", "Account", *CRM, "--seed", "-")
    assert ctl("records", "demo", "Account", *CRM)[0]["Id"] == account
    assert ctl("record", "demo", "Account", account, *CRM)["Name"] == "Big Co."
    assert (
        ctl("record", "demo", "Account", account, *CRM, "--update", '{"Name": "Bigger"}')["Name"] == "Bigger"
    )
    assert len(ctl("record", "demo", "Account", account, *CRM, "--history")) == 2
    assert ctl("query", "demo", "SELECT Name FROM Account", *CRM)[0]["Name"] == "Bigger"
    assert ctl("schema", "demo", "Account", *CRM)["name"] == "Account"
    [owner] = ctl("record", "demo", "Account", account, *CRM, "--related")
    assert owner["label"] == "OwnerId"
    assert ctl("record", "demo", "Account", account, *CRM, "--delete") is None
    assert ctl("records", "demo", "Account", *CRM, "--archived")[0]["Id"] == account
    assert ctl("record", "demo", "Account", account, *CRM, "--undelete") is None
    assert ctl("records", "demo", "Account", *CRM, "--search", "igge")["total"] == 1
    assert {"name": "Account", "count": 1, "isCustom": False} in ctl("objects", "demo", *CRM)
    rows = tmp_path / "rows.json"
    rows.write_text('[{"Name": "Small Co."}, {"Nam": "No Co."}]')
    made, refused = ctl("records", "demo", "Account", *CRM, "--create", str(rows))
    assert (list(made), refused["code"]) == (["recordId"], "INVALID_FIELD")

    rule = {"kind": "error", "method": "POST", "code": "INVALID_FIELD", "first": 1}
    assert ctl("faults", "demo", *CRM, "--add", json.dumps(rule))["kind"] == "error"
    failed = sandbox.send("create-account", {"name": "Big Co."})
    assert ctl("faults", "demo", *CRM)[0]["kind"] == "error"
    assert ctl("faults", "demo", *CRM, "--fired")[0]["method"] == "POST"
    [rule] = ctl("faults", "demo", *CRM)
    assert ctl("faults", "demo", *CRM, "--remove", rule["id"]) is None
    assert ctl("faults", "demo", *CRM, "--clear") is None
    assert ctl("operation", failed.id, "--lookup")["total"] == 0
    assert ctl("operation", failed.id, "--mark-written")[0] == 1, "it failed, and is not in doubt"
    again = ctl("operation", failed.id, "--retry", "--fields", '{"name": "Bigger"}')
    assert (again["state"], again["fields"]) == ("succeeded", {"name": "Bigger"})
    given_up = sandbox.send("create-account", {})
    assert ctl("operation", given_up.id, "--drop")["state"] == "dropped"

    assert ctl("notifications") == ctl("notifications", "--ended") == []
    assert ctl("notifications", "--redeliver", "msg_nope")[0] == 1

    manifest = ROOT / "sample_configs" / "mailmonkey.yaml"
    assert ctl("load", str(manifest))["loaded"] is True
    assert ctl("reset") is None
    assert {endpoint.name for endpoint in ENDPOINTS} - called - OTHERS == set()


def test_a_search_of_hubspots_is_json(ctl: Ctl, sandbox: Sandbox) -> None:
    sandbox.crm("demo", "mailmonkey-hubspot").create("contacts", {"email": "ada@example.com"})
    search = {"objectType": "contacts", "query": "ada"}
    [found] = ctl("query", "demo", json.dumps(search), "--integration", "mailmonkey-hubspot")
    assert found["email"] == "ada@example.com"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("operation", "nope"), 1),
        (("batch", "nope", "--pause"), 1),
        (("records", "demo", "Account"), 1),
        (("advance", "--to", "yesterday"), 1),
    ],
)
def test_a_refusal_is_exit_code_1_and_a_problem_on_stdout(
    ctl: Ctl, arguments: tuple[str, ...], code: int
) -> None:
    found, output = ctl(*arguments)
    assert found == code
    assert json.loads(output)["status"] >= 400


@pytest.mark.parametrize(
    "arguments",
    [
        ("operation", "x", "--fields", "{oops"),
        ("faults", "demo", "--add", "{oops"),
        ("records", "demo"),
        ("restore", "/no/such/file"),
        ("load", "/no/such/file"),
        ("snapshot", "/no/such/folder/file"),
    ],
)
def test_a_wrong_call_is_exit_code_2_and_says_why(
    sandbox: Sandbox, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ctl", *arguments, "--url", sandbox.url]) == 2
    assert capsys.readouterr().err.startswith("ampsandbox: ")


@pytest.mark.parametrize("command", [("ctl", "state"), ("send", "create-account", "name=x")])
def test_without_a_sandbox_the_exit_code_is_5(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--url", "http://127.0.0.1:9"]) == 5
    assert "ampsandbox serve" in capsys.readouterr().err


def test_send_writes_strings_json_values_and_files(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.reset()
    file = tmp_path / "fields.json"
    file.write_text('{"website": "https://big.example"}')
    arguments = ["create-account", "name=Big Co.", "numberOfEmployees:=10", "--json", str(file)]
    assert main(["send", *arguments, "--url", sandbox.url]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["success"] is True
    sandbox.assert_written(
        "account", {"name": "Big Co.", "numberOfEmployees": 10, "website": "https://big.example"}
    )
    assert main(["send", "create-account", "nam=Big Co.", "--url", sandbox.url]) == 1
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "INVALID_FIELD"


def test_operations_are_filtered_and_paged(sandbox: Sandbox, ctl: Ctl) -> None:
    lead = sandbox.send("create-lead", {"lastName": "Ann", "company": "Big Co."})
    account, other = (sandbox.send("create-account", {"name": name}) for name in ("Big Co.", "Other"))
    refused = sandbox.send("create-account", {"nam": "Big Co."})

    def ids(*arguments: str) -> list[str]:
        return [each["id"] for each in ctl("operations", *arguments)]

    assert ids() == [refused.id, other.id, account.id, lead.id]
    assert ids("--limit", "1") == [refused.id]
    assert ids("--before", refused.id, "--limit", "2") == [other.id, account.id]
    assert ids("--object", "Lead", "--group", "demo", *CRM) == [lead.id]
    assert ids("--state", "failed") == [refused.id]
    assert ids("--integration", "mailmonkey-hubspot") == []
    for wrong in (("--object", "leed"), ("--group", "dmeo"), ("--integration", "mailmonkey-hubspto")):
        code, problem = ctl("operations", *wrong)
        assert code == 1
        assert "Did you mean" in json.loads(problem)["remedy"]


def test_answers_come_as_a_table_or_a_line_each(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.reset()
    operations = [sandbox.send("create-account", {"name": name}) for name in ("Big Co.", "Über")]
    command = ["ctl", "operations", "--url", sandbox.url, "--format"]
    assert main([*command, "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == [each.id for each in reversed(operations)]
    assert main([*command, "table"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["id", "installationId", "endpoint"]
    assert [row.split()[0] for row in rows] == [each.id for each in reversed(operations)]


def test_a_flush_of_what_is_not_there_is_refused(sandbox: Sandbox, ctl: Ctl) -> None:
    code, problem = ctl("flush", "--object", "nope")
    assert code == 1
    assert json.loads(problem)["detail"] == "The manifest has no object 'nope'."
