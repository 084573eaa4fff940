"""Writes that come in one piece skip ASGI: nobody can tell by what is answered, kept or refused."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.errors import JournalUnavailableError
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.server.writes import WriteEndpoints
from ampsandbox.service.handled_request import HandledRequest

MANIFEST = """\
integrations:
  - name: crm
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - {objectName: account, mode: insert, endpoint: later, schedule: every 1 days}
          - {objectName: contact, mode: insert, endpoint: now}
          - {objectName: contact, mode: update, endpoint: change}
"""
GOOD = b'{"groupId": "demo", "fields": {"name": "Big \xc3\xb6 Co."}}'
CONTACT = b'{"groupId": "demo", "fields": {"lastName": "Ann"}}'
REFUSED = b'{"groupId": "demo", "fields": {"noSuchField": "x"}}'
GONE = b'{"groupId": "demo", "primaryKey": "003000000000000AAA", "fields": {"lastName": "x"}}'
_CHANGING = re.compile(
    rb"Date: [^\r]*|[0-9a-f]{8}-[0-9a-f-]{27}|\"recordId\":\"\w+|\"(?:flushAt|time|requestId)\":\"[^\"]*"
)

Taken = list[bool]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("fast_path") / "amp.yaml"
    path.write_text(MANIFEST)
    return path


@pytest.fixture(scope="module")
def runner(path: Path) -> Iterator[Runner]:
    start = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    options = RunnerOptions(manifest=path, project="demo", start=start, watch=False, api_key="k3y")
    with Runner(options) as running:
        yield running


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """Whether the fast path took a write, for each that it was offered."""
    found: Taken = []
    begin = WriteEndpoints.begin

    def watched(self: WriteEndpoints, *given: Any) -> bool:
        found.append(begin(self, *given))
        return found[-1]

    monkeypatch.setattr(WriteEndpoints, "begin", watched)
    return found


def request(
    body: bytes = GOOD,
    path: str = "/projects/demo/later",
    method: str = "POST",
    version: str = "1.1",
    **headers: str,
) -> tuple[bytes, bytes]:
    """The head and the body of a request; an empty header is left out."""
    given = {"Host": "localhost", "Content-Type": "application/json", "X-Api-Key": "k3y"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = [
        f"{method} {path} HTTP/{version}",
        *(f"{name}: {value}" for name, value in given.items() if value),
    ]
    return ("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])).encode(), body


def answers(runner: Runner, *pieces: bytes, count: int = 1) -> list[bytes]:
    """What comes back for what is sent in these pieces, one after the other."""
    host, _, port = runner.url.partition("://")[2].partition(":")
    found: list[bytes] = []
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            sock.sendall(piece)
            if piece is not pieces[-1]:
                runner.run(_a_few_passes())  # so that it has been read by itself
        reader = sock.makefile("rb")
        for _ in range(count):
            head = b"".join(iter(reader.readline, b"\r\n"))
            length = re.search(rb"Content-Length: (\d+)", head)
            found.append(head + b"\r\n" + reader.read(int(length[1]) if length else 0))
    return found


async def _a_few_passes() -> None:
    for _ in range(20):
        await asyncio.sleep(0.001)


def kept(request: HandledRequest) -> tuple[Any, ...]:
    """What of a kept request does not change from one to the next."""
    body = _CHANGING.sub(b"", request.response_body)
    return (
        request.method, request.path, request.target, request.status, request.endpoint, request.group,
        bool(request.operation_id), request.request_body, body, request.headers, request.response_headers[:1],
    )  # fmt: skip


CASES: dict[str, tuple[bytes, bytes]] = {
    "a scheduled write": request(),
    "an immediate one": request(CONTACT, "/projects/demo/now"),
    "one that the CRM refuses": request(REFUSED, "/projects/demo/now"),
    "an update of a record that is gone": request(GONE, "/projects/demo/change"),
    "a query and a slash at the end": request(path="/projects/demo/later/?a=%20b"),
    "HTTP/1.0": request(version="1.0"),
    "a client that closes": request(Connection="close"),
    "a name that leads here": request(Host="write.withampersand.com"),
    "a body that breaks the rules": request(b'{"groupId": "", "fields": []}'),
    "no JSON": request(b"{"),
    "a group that is not installed": request(b'{"groupId": "other", "fields": {}}'),
    "an endpoint that is not there": request(path="/projects/demo/latr"),
    "a project that is not there": request(path="/projects/dmo/later"),
    "a wrong method": request(method="PUT"),
    "a wrong content type": request(Content_Type="text/plain"),
    "a wrong key": request(X_Api_Key="key"),
    "no key": request(X_Api_Key=""),
    "another host": request(Host="evil.example"),
    "a page of another site": request(Origin="https://evil.example"),
    "a browser that tells the site": request(Sec_Fetch_Site="cross-site"),
    "a host of another API": request(Host="read.withampersand.com"),
    "a passthrough": request(X_Amp_Proxy_Version="1"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_answer_and_what_is_kept_are_the_same_on_both_ways(runner: Runner, name: str) -> None:
    head, body = CASES[name]
    seen: list[tuple[Any, ...]] = []
    for pieces in ([head + body], [head + body], [head, body]):  # new, known by its head, and by ASGI
        before = runner.request_log.count
        [answer] = answers(runner, *pieces)
        logged = [kept(each) for each in runner.request_log.since(before)]
        seen.append((_CHANGING.sub(b"", answer), logged))
    assert seen[0] == seen[1] == seen[2]


def test_only_what_comes_in_one_piece_and_is_right_takes_the_fast_path(runner: Runner, taken: Taken) -> None:
    for name in ("a scheduled write", "an immediate one", "one that the CRM refuses"):
        answers(runner, b"".join(CASES[name]))
    assert taken == [True, True, True]
    taken.clear()
    for name in ("another host", "a page of another site", "a wrong key", "a wrong method", "a passthrough"):
        answers(runner, b"".join(CASES[name]))
    answers(runner, *CASES["a scheduled write"])
    assert taken == []
    for name in ("no JSON", "a group that is not installed"):
        answers(runner, b"".join(CASES[name]))
    assert taken == [False, False]


def test_a_client_that_asks_to_go_on_is_told_to_first(runner: Runner, taken: Taken) -> None:
    answer, last = answers(runner, b"".join(request(Expect="100-continue")), count=2)
    assert answer.startswith(b"HTTP/1.1 100 Continue")
    assert last.startswith(b"HTTP/1.1 202 ")
    assert taken == []


def test_requests_that_follow_each_other_at_once_are_answered_in_order(runner: Runner, taken: Taken) -> None:
    names = ["a scheduled write", "no JSON", "an immediate one", "a scheduled write", "another host"]
    found = answers(runner, b"".join(part for name in names for part in CASES[name]), count=len(names))
    assert [answer.split()[1] for answer in found] == [b"202", b"400", b"200", b"202", b"403"]
    assert taken == [True, False, True, True]


def test_a_write_that_the_journal_cannot_take_is_not_accepted(runner: Runner, taken: Taken) -> None:
    context = runner.engine._context

    async def refuse(error: JournalUnavailableError | None) -> None:
        context.journal.refuse(error)

    runner.run(refuse(JournalUnavailableError("The disk is full.")))
    try:
        [answer] = answers(runner, b"".join(request()))
    finally:
        runner.run(refuse(None))
    assert taken == [True]
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 1" in answer
    [accepted] = answers(runner, b"".join(request()))
    assert accepted.startswith(b"HTTP/1.1 202 ")


def test_a_client_that_has_left_changes_nothing_for_its_write(runner: Runner) -> None:
    before = runner.run(_last_number(runner))
    host, _, port = runner.url.partition("://")[2].partition(":")
    with socket.create_connection((host, int(port))) as sock:
        sock.sendall(b"".join(request()))
    answers(runner, b"".join(request()))
    assert runner.run(_last_number(runner)) == before + 2


async def _last_number(runner: Runner) -> int:
    return runner.engine.operations.last_number


def test_the_endpoints_are_those_of_the_manifest_in_force(runner: Runner, path: Path) -> None:
    [answer] = answers(runner, b"".join(request()))
    assert answer.startswith(b"HTTP/1.1 202 ")
    path.write_text(MANIFEST.replace("later", "sooner"))
    runner.run(runner.service.manifests.load(str(path)))
    try:
        [answer] = answers(runner, b"".join(request()))
        assert answer.startswith(b"HTTP/1.1 404 ")
        [answer] = answers(runner, b"".join(request(path="/projects/demo/sooner")))
        assert answer.startswith(b"HTTP/1.1 202 ")
    finally:
        path.write_text(MANIFEST)
        runner.run(runner.service.manifests.load(str(path)))


@pytest.mark.parametrize("speed", [0, 1])
def test_a_recording_and_a_clock_that_stands_still_go_by_the_verb(
    path: Path, tmp_path: Path, taken: Taken, speed: float
) -> None:
    record = tmp_path / "session.jsonl" if speed else None
    options = RunnerOptions(manifest=path, project="demo", watch=False, speed=speed, record=record)
    with Runner(options) as running:
        [answer] = answers(running, b"".join(request()))
    assert answer.startswith(b"HTTP/1.1 202 ")
    assert taken == [False]
    if record is not None:
        assert b'"writes.submit"' in record.read_bytes()


def test_a_stop_answers_what_was_accepted(path: Path) -> None:
    with Runner(RunnerOptions(manifest=path, project="demo", watch=False)) as running:
        host, _, port = running.url.partition("://")[2].partition(":")
        sock = socket.create_connection((host, int(port)), timeout=10)
        sock.sendall(b"".join(request(CONTACT, "/projects/demo/now")))
    with sock:
        assert sock.makefile("rb").readline() in (b"HTTP/1.1 200 OK\r\n", b"")
