"""What happens to every request around its handler."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.errors import CrmError

if TYPE_CHECKING:
    from tests.mock_crm.core.conftest import TinyOrg

pytestmark = pytest.mark.anyio

AUTH = {"authorization": "Bearer open-sesame"}


async def ask(org: TinyOrg, method: str, path: str, **options: Any) -> httpx.Response:
    headers = {**AUTH, **options.pop("headers", {})}
    transport = httpx.ASGITransport(org.app, root_path=options.pop("root_path", ""))
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.test") as client:
        return await client.request(method, path, headers=headers, **options)


async def test_a_request_reaches_its_handler_with_path_and_body(org: TinyOrg) -> None:
    answer = await ask(org, "POST", "/things/a%2Fb", json={"x": 1})
    assert answer.status_code == 201
    assert answer.json() == {"name": "a/b", "body": {"x": 1}, "url": "http://crm.test/here"}


async def test_urls_carry_the_forwarded_scheme_and_the_prefix_of_the_mount(org: TinyOrg) -> None:
    answer = await ask(
        org,
        "POST",
        "/_crm/acme%20co/things/x",
        json=1,
        root_path="/_crm/acme co",
        headers={"x-forwarded-proto": "https"},
    )
    assert answer.json()["url"] == "https://crm.test/_crm/acme%20co/here"


async def test_a_slash_at_the_end_makes_no_difference(org: TinyOrg) -> None:
    assert (await ask(org, "POST", "/things/x/", json=1)).status_code == 201


async def test_zipped_bodies_are_read_and_big_answers_are_zipped(org: TinyOrg) -> None:
    zipped = gzip.compress(b'{"x": 2}')
    answer = await ask(org, "POST", "/things/x", content=zipped, headers={"content-encoding": "gzip"})
    assert answer.json()["body"] == {"x": 2}
    big = await ask(org, "GET", "/big", headers={"accept-encoding": "gzip"})
    assert big.headers["content-encoding"] == "gzip"
    assert big.json() == "x" * 5000


# Ids are given: a gzip header holds the time, so ids made of these bytes would differ among xdist's workers.
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"not zipped at all", id="not zipped"),
        pytest.param(gzip.compress(b"x" * 100)[:-12], id="cut off"),
    ],
)
async def test_a_damaged_zip_is_refused(org: TinyOrg, content: bytes) -> None:
    answer = await ask(org, "POST", "/things/x", content=content, headers={"content-encoding": "gzip"})
    assert answer.status_code == 400


async def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    org: TinyOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(org.app._middleware, "max_body_bytes", 1000)
    bomb = gzip.compress(b"0" * 10_000_000)
    answer = await ask(org, "POST", "/things/x", content=bomb, headers={"content-encoding": "gzip"})
    too_long = await ask(org, "POST", "/things/x", content=b"1" * 1001)
    assert answer.status_code == 400
    assert "longer than 1000 bytes" in answer.json()
    assert too_long.status_code == 400


async def test_head_answers_like_get_without_a_body(org: TinyOrg) -> None:
    answer = await ask(org, "HEAD", "/big", headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert answer.headers["content-length"] == "5002"
    assert answer.content == b""


async def test_unknown_paths_and_methods_are_told_apart(org: TinyOrg) -> None:
    assert (await ask(org, "GET", "/nowhere")).status_code == 404
    assert (await ask(org, "DELETE", "/things/x")).json() == {"allowed": ["GET", "POST"]}


async def test_a_crm_error_of_a_handler_becomes_an_answer(org: TinyOrg) -> None:
    assert (await ask(org, "GET", "/refused")).json() == {"code": "NO", "message": "not today"}
    assert CrmError("NO", "not today", ["a"]).fields == ("a",)


async def test_the_token_is_asked_for_before_the_quota_counts(org: TinyOrg) -> None:
    refused = await ask(org, "GET", "/big", headers={"authorization": "Bearer wrong"})
    assert refused.status_code == 401
    assert org.quota["daily"].used == 0


async def test_a_spent_quota_refuses_until_the_window_has_passed(org: TinyOrg) -> None:
    statuses = [(await ask(org, "GET", "/big")).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert isinstance(org.clock, ManualClock)
    org.clock.advance(hours=24, minutes=2)
    assert (await ask(org, "GET", "/big")).status_code == 200


async def test_an_error_rule_answers_instead_of_the_handler(org: TinyOrg) -> None:
    org.faults.add({"kind": "error", "code": "BROKEN", "status": 500, "nth": 2, "path": "/things/*"})
    statuses = [(await ask(org, "POST", "/things/x", json=1)).status_code for _ in range(3)]
    assert statuses == [201, 500, 201]
    assert org.applied == 2
    assert [fired.path for fired in org.faults.fired] == ["/things/x"]


async def test_a_rule_may_ask_clients_to_come_back_later(org: TinyOrg) -> None:
    org.faults.add({"kind": "rate-limit", "status": 429, "retryAfterS": 5})
    assert (await ask(org, "GET", "/big")).headers["retry-after"] == "5"


@pytest.mark.parametrize(("kind", "applied"), [("drop-before", 0), ("drop-after", 1)])
async def test_a_dropped_connection_promises_a_body_and_ends_without_it(
    org: TinyOrg, kind: str, applied: int
) -> None:
    org.faults.add({"kind": kind})
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"1", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/things/x", "raw_path": b"/things/x", "root_path": "",
        "scheme": "http", "query_string": b"", "headers": [(b"authorization", b"Bearer open-sesame")],
    }  # fmt: skip
    await org.app(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert (b"content-length", b"1") in sent[0]["headers"]
    assert org.applied == applied
