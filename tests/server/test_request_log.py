"""What is kept of the requests to a sandbox."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.service.handled_request import HandledRequest
from ampsandbox.service.request_log import RequestLog

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

MANIFEST = """\
integrations:
  - name: crm
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - {objectName: account, mode: insert, endpoint: now}
"""


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    path: Path = tmp_path_factory.mktemp("request_log") / "amp.yaml"
    path.write_text(MANIFEST)
    options = RunnerOptions(manifest=path, project="demo", start=START, speed=0, watch=False, api_key="k3y")
    with Runner(options) as running:
        yield running


def send(runner: Runner, method: str, path: str, body: bytes = b"", **headers: str) -> HandledRequest:
    """One request over a socket; what is kept of it."""
    connection = http.client.HTTPConnection(runner.url.partition("://")[2], timeout=10)
    given = {"Content-Type": "application/json", "X-Api-Key": "k3y"} | headers
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in given.items()})
    connection.getresponse().read()
    connection.close()
    return runner.request_log.since(0)[-1]


def test_a_request_is_kept_as_it_was_sent_and_its_answer_too(runner: Runner) -> None:
    body = b'{"groupId": "demo", "fields": {"name": "Big \xc3\xb6 Co."}}'
    kept = send(runner, "POST", "/projects/demo/now?a=%20b&c", body, X_Trace="t1")
    assert (kept.target, kept.path) == (b"/projects/demo/now?a=%20b&c", "/projects/demo/now")
    assert (kept.request_body, kept.status, kept.group, kept.at) == (body, 200, "demo", START)
    assert (b"x-trace", b"t1") in kept.headers
    assert dict(kept.response_headers)[b"content-length"] == b"%d" % len(kept.response_body)
    assert kept.elapsed_ms == 0 < kept.span[1] - kept.span[0]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/projects/demo/now", {}, 400),
        ("PUT", "/projects/demo/now", {}, 405),
        ("POST", "/projects/demo/nowhere", {}, 404),
        ("POST", "/projects/other/now", {}, 404),
        ("POST", "/projects/demo/now", {"X_Api_Key": "wrong"}, 401),
        ("POST", "/projects/demo/now", {"Content_Type": "text/plain"}, 415),
    ],
)
def test_a_refused_request_is_kept_with_the_group_that_its_body_names(
    runner: Runner, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    kept = send(runner, method, path, b'{"groupId": "acme", "fields": 1}', **headers)
    assert (kept.method, kept.path, kept.status, kept.group) == (method, path, status, "acme")


@pytest.mark.parametrize("body", [b"{", b'{"groupId": 7}', b"\xff", b"[]", b""])
def test_a_body_that_names_no_group_is_kept_without(runner: Runner, body: bytes) -> None:
    assert send(runner, "POST", "/projects/demo/now", body).group == ""


def test_requests_that_went_astray_or_were_turned_away_are_kept(runner: Runner) -> None:
    assert send(runner, "POST", "/project5/demo/now", b"{}").status == 404
    assert send(runner, "OPTIONS", "/projects/demo/now", Origin="https://evil.example").status == 403


def test_looking_at_the_sandbox_leaves_no_trace(runner: Runner) -> None:
    count = runner.request_log.count
    for path in (
        "/openapi.json",
        "/_sandbox/v1/requests",
        "/_crm/crm/demo/services/data",
        "/_sandbox/health",
    ):
        send(runner, "GET", path)
    assert runner.request_log.count == count


def keep(request_log: RequestLog, size: int) -> None:
    request_log.add(START, "POST", "/", 200, ("", "", f"op{request_log.count + 1}"), (b"x" * size, b""), 0.0)


def test_the_oldest_requests_are_forgotten_when_they_are_too_many_or_too_large() -> None:
    request_log = RequestLog(kept=3, bytes_kept=1_000)
    for _ in range(5):
        keep(request_log, 10)
    assert [item.seq for item in request_log.since(0)] == [3, 4, 5]
    keep(request_log, 985)
    assert [item.seq for item in request_log.since(0)] == [5, 6]
    assert request_log.find(4) is None
    assert request_log.find(7) is None
    found = request_log.find(5)
    assert found is not None
    assert found == request_log.of(found.operation_id)
    request_log.clear()
    assert request_log.find(6) is request_log.of("op6") is None
    keep(request_log, 10)
    assert [item.seq for item in request_log.since(0)] == [7]
