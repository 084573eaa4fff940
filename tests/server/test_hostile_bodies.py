"""Whatever a body holds, the answer says what is wrong with it: never a 5xx, on no route of the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ampsandbox.server.control.endpoint import PREFIX
from ampsandbox.server.control.endpoints import ENDPOINTS
from ampsandbox.testing import Sandbox

SAMPLES = Path(__file__).parent.parent.parent / "sample_configs"
DEEP = 100_000

VALUES = {
    "a number of 5,000 digits": b"1" + b"0" * 5_000,
    "a negative one": b"-1" + b"0" * 5_000,
    "a number of 4,000 digits": b"1" + b"0" * 4_000,
    "1e400": b"1e400",
    "NaN": b"NaN",
    "half of a character": b'"\\ud800"',
    "half of one in UTF-8": b'"\xed\xa0\x80"',
    "half of one, and a long number": b'"\\ud800", "y": 1' + b"0" * 5_000,
    "half of one, and depth": b'"\\ud800", "x":' + b"[" * DEEP,
    "no UTF-8": b'"\xff\xfe"',
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and not closed": b"[" * DEEP,
    "900 deep": b"[" * 900 + b"]" * 900,
    "NUL": b'"a\\u0000b"',
    "a raw control character": b'"a\nb"',
    "nothing": b"",
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with Sandbox(SAMPLES / "mailmonkey.yaml", listen=False) as sandbox, sandbox.client() as client:
        client.base_url = httpx.URL("http://localhost")
        yield client


@pytest.fixture(scope="module")
def today() -> Iterator[httpx.Client]:
    with Sandbox(SAMPLES / "today.yaml", listen=False) as sandbox, sandbox.client() as client:
        client.base_url = httpx.URL("http://localhost")
        yield client


def bodies(value: bytes, *members: str) -> list[bytes]:
    """The value as the whole body, as one member, and as all of them."""
    everywhere = b",".join(b'"%s":%s' % (name.encode(), value) for name in members)
    return [value, b'{"%s":%s}' % (members[0].encode(), value), b"{" + everywhere + b"}"]


def post(client: httpx.Client, method: str, path: str, body: bytes) -> int:
    headers = {"Content-Type": "application/json"}
    return client.request(method, path, content=body, headers=headers).status_code


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("endpoint", ["create-account", "create-lead", "add-warmth-score"])
def test_write_endpoints_refuse_it(client: httpx.Client, endpoint: str, value: bytes) -> None:
    around = b'{"groupId":"demo","primaryKey":"x","fields":{"name":%s}}' % value
    for body in [around, *bodies(value, "groupId", "primaryKey", "fields")]:
        assert post(client, "POST", f"/projects/demo/{endpoint}", body) < 500, body[:80]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_todays_write_api_refuses_it(today: httpx.Client, value: bytes) -> None:
    path = "/v1/projects/demo/integrations/webinar-walrus-hubspot/objects/contacts"
    around = b'{"groupRef":"demo","type":"create","record":{"email":%s}}' % value
    for body in [around, *bodies(value, "groupRef", "type", "record", "mode", "retryPolicy")]:
        assert post(today, "POST", path, body) < 500, body[:80]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize(
    ("method", "path"),
    [(e.method, PREFIX + e.path) for e in ENDPOINTS if e.body_type is not None and e.body_type is not bytes],
)
def test_the_control_api_refuses_it(client: httpx.Client, method: str, path: str, value: bytes) -> None:
    path = re.sub(r"{\w+}", "demo", path) + "?integration=mailmonkey-salesforce"
    for body in bodies(value, "group", "text", "hours", "query", "kind", "fields", "batchId", "seconds"):
        assert post(client, method, path, body) < 500, body[:80]


CRM_ROUTES = [
    ("salesforce", "services/data/v60.0/sobjects/Account", b'{"Name":%s}'),
    ("salesforce", "services/data/v60.0/composite/sobjects", b'{"records":[{"Name":%s}]}'),
    ("salesforce", "services/data/v60.0/composite", b'{"compositeRequest":[{"body":%s}]}'),
    ("salesforce", "services/data/v60.0/jobs/ingest", b'{"object":%s}'),
    ("salesforce", "services/data/v60.0/tooling/sobjects/CustomField", b'{"Metadata":{"label":%s}}'),
    ("hubspot", "crm/v3/objects/contacts", b'{"properties":{"email":%s}}'),
    ("hubspot", "crm/v3/objects/contacts/batch/create", b'{"inputs":[{"properties":{"email":%s}}]}'),
    ("hubspot", "crm/v3/objects/contacts/search", b'{"filterGroups":[{"filters":%s}]}'),
    ("hubspot", "crm/v3/properties/contacts", b'{"name":%s}'),
]


@pytest.mark.parametrize(("provider", "path", "body"), CRM_ROUTES)
def test_the_mocks_refuse_it(client: httpx.Client, provider: str, path: str, body: bytes) -> None:
    # Among the bodies before these there are groups that can be installed, if oddly named.
    views = client.get(f"{PREFIX}/installations").json()
    names = {"group": "demo", "provider": provider}
    [crm] = [each["crm"] for each in views if each["installation"].items() >= names.items()]
    headers = {"Authorization": f"Bearer {crm['accessToken']}", "Content-Type": "application/json"}
    url = f"{httpx.URL(crm['url']).path}/{path}"
    for name, value in VALUES.items():
        for content in (value, body % value):
            assert client.post(url, content=content, headers=headers).status_code < 500, name


@pytest.mark.parametrize("value", [b"\x00", b"\xc1", b"\x81" * DEEP, b"not a snapshot"])
def test_what_is_no_snapshot_is_refused(client: httpx.Client, value: bytes) -> None:
    assert post(client, "POST", f"{PREFIX}/restore", value) == 409
