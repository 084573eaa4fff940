"""Random requests to every endpoint: no defect of the mock comes up, and refusals have their API's form."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org
from mock_crm.salesforce.routes import Endpoints
from mock_crm.salesforce.soap.document import parse

pytestmark = pytest.mark.anyio

REQUESTS = 500
TEXTS = [
    "",
    "x",
    "\x00",
    "😀",
    "a" * 300,
    "%2F",
    "' OR 1=1",
    "-1",
    "1e999",
    "null",
    "001",
    "2026-01-01",
]
VALUES: list[Any] = [None, True, -1, 1e300, [], {}, [[]], {"type": 5}, {"records": [5]}, *TEXTS]
KEYS = [
    "Name", "LastName", "Id", "attributes", "AccountId", "Account", "records", "allOrNone", "ids", "fields",
    "object", "operation", "query", "state", "contentType", "externalIdFieldName", "columnDelimiter", "q",
    "in",
    "sobjects", "FullName", "Metadata", "label", "type", "compositeRequest",
    "batchRequests", "method", "url",
]  # fmt: skip
WORDS = [
    "Contact", "insert", "upsert", "query", "UploadComplete", "Aborted", "Closed", "CSV", "JSON", "XML", "Id",
    "SELECT Id FROM Contact", "SELECT count() FROM Account", "FIND {x}", "Text", "Contact.A__c", "POST",
    "GET",
    "/services/data/v60.0/sobjects/Contact", "TAB", "Email",
]  # fmt: skip
FORMS = [
    "grant_type=password&username=a&password=b&client_id=c&client_secret=d", "grant_type=x", "token=x",
    "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=a.b.c",
    "response_type=code&client_id=x",
    "grant_type=refresh_token&refresh_token=x&client_id=x",
    "redirect_uri=http://x/&response_type=token&client_id=x",
]  # fmt: skip
OPERATIONS = [
    "login", "getUserInfo", "createMetadata", "readMetadata", "listMetadata", "deploy", "checkDeployStatus",
    "describeMetadata", "retrieve", "deleteMetadata", "renameMetadata", "upsertMetadata", "describeValueType",
]  # fmt: skip
SOAP = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header><SessionHeader><sessionId>{token}'
    "</sessionId></SessionHeader></e:Header><e:Body>{body}</e:Body></e:Envelope>"
)


class Requests:
    """Draws requests from a seed."""

    def __init__(self, seed: int, org: Any) -> None:
        self._random = random.Random(seed)
        self._pick = self._random.choice
        self._org = org
        router = Endpoints()
        router.load_all()
        self._routes = [route for route in router.routes if not route.is_absent]
        self._ids = [
            org.create("Contact", {"LastName": "x"})["id"],
            org.create("Account", {"Name": "x"})["id"],
        ]

    def learn(self, answer: httpx.Response) -> None:
        """Use the ids that answers give in later requests."""
        if answer.status_code < 300 and answer.text.startswith('{"id":'):
            self._ids = [*self._ids[-20:], answer.json()["id"]]

    def draw(self) -> tuple[str, str, bytes]:
        route = self._pick(self._routes)
        path = "/".join(self._segment(segment) for segment in route.pattern.split("/"))
        parameters = "&".join(
            f"{self._pick(KEYS)}={quote(self._pick([*TEXTS, *WORDS]))}"
            for _ in range(self._random.randint(0, 3))
        )
        body = b"" if route.method in ("GET", "DELETE") else self._body(route.pattern)
        return route.method, f"{path}?{parameters}", body

    def _segment(self, segment: str) -> str:
        if not segment.startswith("{"):
            return segment
        if self._random.random() < 0.1:
            return quote(self._pick(TEXTS), safe="") or "-"
        if segment == "{version}":
            return self._pick(["v60.0", "v40.0", "60.0"])
        if segment in ("{object}", "{names}"):
            return self._pick(["Contact", "account", "CustomField", "Opportunity", "Nope"])
        return str(self._pick([*self._ids, self._ids[-1], "Id", "Email", "Status"]))

    def _body(self, pattern: str) -> bytes:
        if self._random.random() < 0.1:
            return self._pick([b"", b"{", b"\xff", b"null", b"[" * 3000, b"<" * 3000, b"<a>" * 3000])
        if "Soap" in pattern:
            return self._soap().encode()
        if "oauth2" in pattern:
            return self._pick(FORMS).encode()
        if pattern.endswith(("batches", "batch")) and self._random.random() < 0.7:
            return self._pick(
                [b"LastName,Email\nx,\n,a@b.co\n", b'LastName\n"x\n', b"Nope\nx\n", b"\xff", b"Id\n"]
            )
        return msgspec.json.encode(
            {self._pick(KEYS): self._value() for _ in range(self._random.randint(0, 6))}
        )

    def _value(self, depth: int = 0) -> Any:
        draw = self._random.random()
        if depth < 3 and draw < 0.2:
            return {self._pick(KEYS): self._value(depth + 1) for _ in range(self._random.randint(0, 5))}
        if depth < 3 and draw < 0.35:
            return [self._value(depth + 1) for _ in range(self._random.randint(0, 3))]
        return self._pick(VALUES if draw < 0.6 else WORDS)

    def _soap(self) -> str:
        kind = self._pick(["CustomField", "CustomObject", "PermissionSet", "Flow", ""])
        parts = "".join(
            f"<{name}>{self._pick(['', 'Contact.A__c', 'A__c', 'Text', 'CustomField', '5'])}</{name}>"
            for name in self._random.choices(["fullName", "label", "type", "length", "fullNames", "x"], k=4)
        )
        operation = self._pick(OPERATIONS)
        inner = f'<metadata xsi:type="{kind}">{parts}</metadata>' if self._random.random() < 0.5 else parts
        token = self._org.token if self._random.random() < 0.9 else "x"
        return SOAP.format(token=token, body=f"<{operation}>{inner}</{operation}>")


@pytest.fixture
def org() -> Iterator[Any]:
    opened = open_org("salesforce", clock=ManualClock(), settings=OrgSettings(limits=False))
    yield opened
    opened.close()


def check(answer: httpx.Response, url: str) -> None:
    """A refusal has the form of the API that it comes from."""
    if "/Soap/" in url:
        assert parse(answer.content).tag == "Envelope"
    elif "/async/" in url and answer.status_code >= 400:
        is_json = answer.headers["content-type"].startswith("application/json")
        assert "exceptionCode" in (answer.json() if is_json else answer.text)
    elif url.startswith("/services/data/") and answer.status_code >= 400:
        refusal = answer.json()
        is_tree = isinstance(refusal, dict) and "hasErrors" in refusal
        assert is_tree or {"errorCode", "message"} <= set(refusal[0])
    assert answer.status_code != 500 or "/Soap/" in url


@pytest.mark.parametrize("seed", range(3))
async def test_every_endpoint_answers_whatever_comes(org: Any, seed: int) -> None:
    requests = Requests(seed, org)
    transport = httpx.ASGITransport(org.app)
    headers = {"authorization": f"Bearer {org.token}", "x-sfdc-session": org.token}
    async with httpx.AsyncClient(transport=transport, base_url="http://sf.test", headers=headers) as client:
        for _ in range(REQUESTS):
            method, url, body = requests.draw()
            answer = await client.request(method, url, content=body)
            try:
                check(answer, url)
            except Exception as error:
                raise AssertionError(
                    f"{method} {url} {body!r}: {answer.status_code} {answer.text}"
                ) from error
            requests.learn(answer)
