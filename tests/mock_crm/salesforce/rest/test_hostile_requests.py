"""Random requests, valid and not: never an error of the mock itself, always Salesforce's own shape."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import msgspec
import pytest

from mock_crm.salesforce.org import SalesforceOrg

Ask = Callable[..., Coroutine[Any, Any, httpx.Response]]

pytestmark = pytest.mark.anyio

BASE = "/services/data/v60.0"
VALUES: list[Any] = [
    None, True, -1, 5, 1.5, 1e300, "", "x", "\x00", "😀", "a" * 300, "2026-01-01", "@{a.id}", "@{a[9].b}",
    "001000000000000AAA", [], {}, [[]], {"attributes": {"type": 5}}, {"records": 5}, {"Id": 5}, {"Email": 5},
]  # fmt: skip
KEYS = [
    "Name", "LastName", "Id", "attributes", "AccountId", "Account", "Email", "records", "allOrNone", "ids",
    "fields", "url", "referenceId", "type", "Contacts", "OwnerId", "IsDeleted", "CloseDate", "\x00", "Nope",
]  # fmt: skip
SEGMENTS = [
    "sobjects", "composite", "tree", "batch", "Contact", "Account", "Opportunity", "Email", "Id", "describe",
    "updated", "recent", "limits", "recordCount", "%2F", "%00", "..", "x" * 200, "001000000000000AAA", "wave",
]  # fmt: skip
PATHS = [
    "composite", "composite/batch", "composite/tree/Account", "composite/sobjects",
    "composite/sobjects/Contact", "composite/sobjects/Contact/Id", "sobjects/Contact",
]  # fmt: skip
QUERIES = ["", "fields=%00,,x", "ids=,", "start=9999-12-31T23:59:59Z&end=x", "_HttpMethod=PATCH", "limit=-1"]
BROKEN = [b"", b"{", b"\xff", b"null", b"5", b'"x"', b"[" * 5000, b'{"a":' * 5000]
URLS = [f"{BASE}/sobjects/Contact", f"{BASE}/limits", "v60.0/limits", "", "%%%", f"{BASE}/composite/sobjects"]


class Requests:
    """Draws requests from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def value(self, depth: int = 0) -> Any:
        draw = self._random.random()
        if depth < 4 and draw < 0.35:
            keys = self._random.choices(KEYS, k=self._random.randint(0, 5))
            return {key: self.value(depth + 1) for key in keys}
        if depth < 4 and draw < 0.5:
            return [self.value(depth + 1) for _ in range(self._random.randint(0, 4))]
        return self._random.choice(VALUES)

    def path(self) -> str:
        if self._random.random() < 0.5:
            return self._random.choice(PATHS)
        return "/".join(self._random.choices(SEGMENTS, k=self._random.randint(0, 5)))

    def body(self, path: str) -> bytes:
        if self._random.random() < 0.1:
            return self._random.choice(BROKEN)
        return msgspec.json.encode(self._parts(path))

    def _parts(self, path: str) -> Any:
        pick, count = self._random.choice, range(self._random.randint(0, 3))
        if path == "composite":
            requests = [
                {"method": pick(["GET", "POST", "X"]), "url": pick(URLS), "referenceId": "abc"[n],
                 "body": self.value()}
                for n in count
            ]  # fmt: skip
            return {"allOrNone": pick([True, False]), "compositeRequest": requests}
        if path == "composite/batch":
            requests = [
                {"method": pick(["GET", "X"]), "url": pick(URLS), "richInput": self.value()} for _ in count
            ]
            return {"batchRequests": requests, "haltOnError": pick([True, False])}
        if path.startswith("composite"):
            type_ = {"attributes": {"type": pick(["Contact", "Account", "x"]), "referenceId": pick("ab")}}
            rows = [{**type_, **part} if isinstance(part := self.value(1), dict) else part for _ in count]
            return {"records": rows, "ids": self.value(), "fields": self.value()}
        return self.value()

    def draw(self) -> tuple[str, str, bytes]:
        path = self.path()
        method = self._random.choice(["GET", "POST", "PATCH", "DELETE", "PUT", "POST", "PATCH"])
        query = self._random.choice(QUERIES)
        body = self.body(path) if method in ("POST", "PATCH", "PUT") else b""
        return method, f"{BASE}/{path}?{query}", body


@pytest.mark.parametrize("seed", range(4))
async def test_every_answer_is_one_that_salesforce_could_give(
    ask: Ask, org: SalesforceOrg, seed: int
) -> None:
    org.create("Contact", {"LastName": "x", "Email": "a@b.co"})
    requests = Requests(seed)
    for _ in range(400):
        method, url, body = requests.draw()
        answer = await ask(method, url, content=body)
        assert answer.status_code != 500, (method, url, body)
        if answer.status_code >= 400:
            refusal = answer.json()
            is_tree = isinstance(refusal, dict) and refusal["hasErrors"]
            assert is_tree or {"errorCode", "message"} <= set(refusal[0]), (method, url, body)


@pytest.mark.parametrize("depth", [400, 500, 900, 980, 100_000])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("sobjects/Account", b'{"Name":@}'),
        ("sobjects/Account", b"@"),
        ("composite/sobjects", b'{"records":[{"attributes":{"type":"Account"},"Name":@}]}'),
        ("composite", b'{"compositeRequest":[{"method":"POST","url":"/services/data/v60.0/sobjects/Account",'
                      b'"referenceId":"a","body":{"Name":@}}]}'),
    ],
)  # fmt: skip
async def test_nesting_of_any_depth_is_refused_as_a_body_that_does_not_fit(
    ask: Ask, depth: int, path: str, body: bytes
) -> None:
    answer = await ask("POST", f"{BASE}/{path}", content=body.replace(b"@", b"[" * depth + b"]" * depth))
    assert "JSON_PARSER_ERROR" in answer.text
