"""`serve` as a process: its exit codes, its state, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from ampsandbox.cli.main import main
from tests.server.caller import Caller

if TYPE_CHECKING:
    from tests.server.conftest import Serve, Served

ROOT = Path(__file__).parent.parent.parent
MANIFEST = "sample_configs/mailmonkey.yaml"
LEAD = {"groupId": "demo", "fields": {"lastName": "Ray", "company": "Big Co."}}


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ampsandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=30, check=False)


@pytest.fixture(scope="module")
def shared(serve_once: Serve) -> Served:
    """For what is refused."""
    return serve_once(MANIFEST, "--ephemeral")


def test_a_taken_port_is_told_with_exit_code_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = _run("serve", MANIFEST, "--ephemeral", "--port", port)
    assert result.returncode == 3
    assert port in result.stderr
    assert "--port" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_state_folder_that_cannot_be_made_is_told_with_exit_code_4(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = _run("serve", MANIFEST, "--state", str(tmp_path / "file" / "state"), "--port", "0")
    assert result.returncode == 4
    assert str(tmp_path / "file") in result.stderr
    assert "Traceback" not in result.stderr


def test_a_state_folder_in_use_names_its_holder(serve: Serve, tmp_path: Path) -> None:
    served = serve(MANIFEST, "--state", str(tmp_path))
    result = _run("serve", MANIFEST, "--state", str(tmp_path), "--port", "0")
    assert result.returncode == 4
    assert str(served.process.pid) in result.stderr


@pytest.mark.parametrize("text", ["integrations: 3", "{", "\0"])
def test_a_manifest_that_cannot_be_used_is_told_with_its_findings(tmp_path: Path, text: str) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text(text)
    result = _run("serve", str(path), "--ephemeral", "--port", "0")
    assert result.returncode == 2
    assert f"{path}:" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_accepted_write_survives_kill_9(serve: Serve, tmp_path: Path) -> None:
    served = serve(MANIFEST, "--state", str(tmp_path))
    status, answer = served.curl("POST", "/projects/demo/create-lead", LEAD)
    assert status == 202
    served.stop(signal.SIGKILL)

    again = serve(MANIFEST, "--state", str(tmp_path))
    _, operation = again.curl("GET", f"/projects/demo/operations/{answer['operationId']}")
    assert operation["status"] == "queued"
    again.curl("POST", "/_sandbox/v1/flush", {})
    _, operation = again.curl("GET", f"/projects/demo/operations/{answer['operationId']}")
    assert operation["result"]["success"] is True


def test_stopping_with_flush_on_exit_delivers_what_waits(serve: Serve, tmp_path: Path) -> None:
    served = serve(MANIFEST, "--state", str(tmp_path), "--flush-on-exit")
    _, answer = served.curl("POST", "/projects/demo/create-lead", LEAD)
    assert served.stop() == 0
    again = serve(MANIFEST, "--state", str(tmp_path))
    _, operation = again.curl("GET", f"/projects/demo/operations/{answer['operationId']}")
    assert operation["status"] == "succeeded"


def test_a_wrong_api_key_is_refused_when_one_is_set(serve: Serve) -> None:
    served = serve(MANIFEST, "--ephemeral", "--api-key", "s3cret")
    assert served.curl("POST", "/projects/demo/create-lead", LEAD)[0] == 401
    assert served.curl("POST", "/projects/demo/create-lead", LEAD, "-H", "X-Api-Key: s3cret")[0] == 202


def test_a_key_may_hold_any_character(serve: Serve) -> None:
    served = serve(MANIFEST, "--ephemeral", "--api-key", "schlüssel")
    send = ("send", "create-lead", "lastName=Ray", "company=Big Co.", "--url", served.url)
    assert main([*send, "--api-key", "schlüssel"]) == 0
    assert main([*send, "--api-key", "schluessel"]) == 1


@pytest.mark.parametrize("value", ["NaN", "1e999", "[" * 50_000, '"\udcff"'])
def test_a_value_that_cannot_be_sent_is_told_in_one_line(
    shared: Served, capfd: pytest.CaptureFixture[str], value: str
) -> None:
    code = main(["send", "create-lead", f"company:={value}", "--url", shared.url])
    assert (code, capfd.readouterr().err.count("\n")) == (2, 1)


def test_fields_that_are_not_utf_8_are_told_in_one_line(
    shared: Served, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "fields.json").write_bytes(b'{"company": "\xff"}')
    code = main(["send", "create-lead", "--json", str(tmp_path / "fields.json"), "--url", shared.url])
    assert (code, capfd.readouterr().err.count("\n")) == (2, 1)


def test_an_endpoint_is_one_segment_of_the_path(shared: Served, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["send", "create-lead?x", "lastName=Ray", "company=Big Co.", "--url", shared.url])
    assert (code, "no endpoint 'create-lead?x'" in capfd.readouterr().out) == (1, True)


@pytest.mark.parametrize("project", ["", "a/b", ".."])
def test_a_project_that_is_no_segment_of_a_path_is_told_with_exit_code_2(project: str) -> None:
    done = _run("serve", MANIFEST, "--ephemeral", "--port", "0", "--project", project)
    assert (done.returncode, "--project" in done.stderr) == (2, True)


def test_a_group_without_a_name_is_told_with_exit_code_2() -> None:
    done = _run("serve", MANIFEST, "--ephemeral", "--port", "0", "--group", "")
    assert (done.returncode, "--group" in done.stderr) == (2, True)


def test_two_runs_with_one_seed_and_start_log_the_same_bytes(serve: Serve) -> None:
    def log() -> str:
        when = ("--start", "2026-01-31T09:00:00Z", "--speed", "0", "--seed", "1")
        served = serve(MANIFEST, "--ephemeral", "--log", "json", *when)
        for name in ("Ann", "Bob"):
            served.curl("POST", "/projects/demo/create-account", {**LEAD, "fields": {"name": name}})
            served.curl("POST", "/projects/demo/create-lead", LEAD)
        served.curl("POST", "/_sandbox/v1/clock/advance", {"hours": 3})
        served.process.terminate()
        # Not by communicate(): it passes over what the ready line's reader has in its buffer already.
        assert served.process.stdout is not None
        return served.process.stdout.read()

    first = log()
    assert "flush-finished" in first
    assert log() == first


def test_a_start_without_a_zone_is_told_with_exit_code_2() -> None:
    done = _run("serve", MANIFEST, "--ephemeral", "--port", "0", "--start", "2026-01-31T09:00:00")
    assert (done.returncode, "2026-01-31T09:00:00Z" in done.stderr) == (2, True)


def test_a_body_that_is_too_large_is_refused(shared: Served, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"groupId": "demo", "fields": {"lastName": "x" * 6_000_000}}))
    options = ("-H", "Content-Type: application/json", "--data-binary", f"@{body}")
    status, problem = shared.curl("POST", "/projects/demo/create-lead", None, *options)
    assert (status, problem["status"]) == (413, 413)


def test_a_saved_manifest_is_in_force_within_a_second(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "amp.yaml"
    text = (ROOT / "sample_configs" / "salesforce-only.yaml").read_text()
    path.write_text(text)
    served = serve(str(path), "--ephemeral", "--log", "json")
    path.write_text(text.replace("endpoint: ", "endpoint: renamed-"))
    assert _next_event(served, "manifest-loaded", skip=1)
    _, state = served.curl("GET", "/_sandbox/v1/state")
    assert all(item["endpoint"].startswith("renamed-") for item in state["endpoints"])

    path.write_text("integrations: [")
    assert _next_event(served, "manifest-refused")
    _, after = served.curl("GET", "/_sandbox/v1/state")
    assert after["endpoints"] == state["endpoints"]
    assert served.curl("GET", "/_sandbox/v1/findings")[1]


def _next_event(served: Any, kind: str, skip: int = 0) -> dict[str, Any]:
    """Read the event lines up to one of that kind, leaving out the first `skip`."""
    for line in served.process.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["type"] == kind:
            if not skip:
                return event
            skip -= 1
    raise AssertionError(f"no {kind}")


def test_a_page_of_another_site_cannot_fire_a_write(shared: Served) -> None:
    assert (
        shared.curl("POST", "/projects/demo/create-lead", LEAD, "-H", "Origin: https://evil.example")[0]
        == 403
    )
    assert shared.curl("GET", "/_sandbox/v1/state", None, "-H", "Host: evil.example")[0] == 403


def test_events_arrive_as_they_happen(serve: Serve) -> None:
    served = serve(MANIFEST, "--ephemeral")
    command = ["curl", "-sN", "--max-time", "5", "-H", "Accept: text/event-stream"]
    with subprocess.Popen(
        [*command, served.url + "/_sandbox/v1/events"], stdout=subprocess.PIPE, text=True
    ) as stream:
        served.curl("POST", "/projects/demo/create-lead", LEAD)
        assert stream.stdout is not None
        assert any(line.startswith("event: write-accepted") for line in stream.stdout)
        stream.terminate()


def test_sigterm_lets_requests_in_flight_finish(serve: Serve) -> None:
    served = serve(MANIFEST, "--ephemeral")
    slow = {"kind": "latency", "method": "POST", "seconds": 1.5}
    served.curl("POST", "/_sandbox/v1/faults/demo?integration=mailmonkey-salesforce", slow)
    body = json.dumps({"groupId": "demo", "fields": {"name": "Big Co."}})
    command = ["curl", "-s", "-H", "Content-Type: application/json", "-d", body]
    with subprocess.Popen(
        [*command, served.url + "/projects/demo/create-account"], stdout=subprocess.PIPE, text=True
    ) as writing:
        _wait_for_a_request(served)
        assert served.stop() == 0
        assert json.loads(writing.communicate(timeout=20)[0])["result"]["success"] is True
    assert "Requests on their way are waited for, 15 seconds at most. ctrl+c ends at once." in served.stderr


def test_a_second_signal_ends_at_once_and_the_write_on_its_way_is_in_doubt(
    serve: Serve, tmp_path: Path
) -> None:
    served = serve(MANIFEST, "--state", str(tmp_path))
    slow = {"kind": "latency", "method": "POST", "seconds": 60}
    served.curl("POST", "/_sandbox/v1/faults/demo?integration=mailmonkey-salesforce", slow)
    body = json.dumps({"groupId": "demo", "fields": {"name": "Big Co."}})
    command = ["curl", "-s", "-H", "Content-Type: application/json", "-d", body]
    with subprocess.Popen([*command, served.url + "/projects/demo/create-account"]):
        _wait_for_a_request(served)
        os.kill(served.process.pid, signal.SIGTERM)
        while _listens(served.url):
            pass
        assert served.stop() == 128 + signal.SIGTERM
    [operation] = serve(MANIFEST, "--state", str(tmp_path)).curl("GET", "/_sandbox/v1/operations")[1]
    assert operation["state"] == "in_doubt"


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port)).close()
    except ConnectionRefusedError:
        return False
    return True


def _wait_for_a_request(served: Any) -> None:
    """Return when a write is on its way to the CRM."""
    for _ in range(200):
        _, operations = served.curl("GET", "/_sandbox/v1/operations")
        if operations:
            return
    raise AssertionError("no write arrived")


def test_the_control_api_wants_the_key_too(serve: Serve) -> None:
    served = serve(MANIFEST, "--ephemeral", "--api-key", "s3cret")
    for path in ("/_sandbox/v1/state", "/openapi.json", "/_sandbox/v1/requests"):
        assert served.curl("GET", path)[0] == 401
        assert served.curl("GET", path, None, "-H", "X-Api-Key: s3cret")[0] == 200
    assert served.curl("GET", "/_sandbox/ready")[0] == 200
    assert main(["ctl", "state", "--url", served.url]) == 1
    assert main(["ctl", "state", "--url", served.url, "--api-key", "s3cret"]) == 0


def test_beyond_this_machine_a_key_is_made_up_and_told(serve: Serve) -> None:
    served = serve(MANIFEST, "--ephemeral", "--host", "0.0.0.0")
    port = served.url.rpartition(":")[2]
    assert Caller(f"http://127.0.0.1:{port}").curl("GET", "/_sandbox/v1/state")[0] == 401
    assert served.stop() == 0
    assert "WARNING: 0.0.0.0 is reached from other machines" in served.stderr
    assert "The API key of this run" in served.stderr
