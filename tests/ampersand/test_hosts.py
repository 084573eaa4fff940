"""Ampersand's own hosts, over HTTPS through the proxy, and proxy actions."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ampsandbox.server.runner import Runner
from ampsandbox.server.runner_options import RunnerOptions
from tests.ampersand import schemas
from tests.ampersand.conformance import row
from tests.ampersand.conftest import SAMPLE
from tests.ampersand.schemas import departures

GROUP = {"x-amp-group-ref": "acme"}
PROXIED = {"x-amp-proxy-version": "1", "x-amp-project-id": "demo", "x-api-key": "k"}
HUBSPOT = {**PROXIED, **GROUP, "x-amp-integration-name": "webinar-walrus-hubspot"}
SALESFORCE = {**PROXIED, **GROUP, "x-amp-integration-name": "webinar-walrus-salesforce"}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    ca: Path = tmp_path_factory.mktemp("ca")
    options = RunnerOptions(
        manifest=SAMPLE, groups=("acme",), proxy_port=0, ca_dir=ca, watch=False, use_environment=False
    )
    with Runner(options) as running:
        yield running


@pytest.fixture(scope="module")
def client(runner: Runner) -> Iterator[httpx.Client]:
    """A client that knows nothing of the sandbox but a proxy and a certificate."""
    secure = runner.server.secure
    assert secure is not None
    trusted = ssl.create_default_context(cafile=secure.ca)
    with httpx.Client(proxy=secure.proxy_url, verify=trusted, trust_env=False) as made:
        yield made


@row("Hosts", "`write.`, `api.` and `search.withampersand.com`", "same", "by `--proxy-port` and the CA")
def test_code_with_the_hosts_written_in_reaches_the_sandbox(client: httpx.Client) -> None:
    root = "v1/projects/demo/integrations/webinar-walrus-hubspot"
    body = {"groupRef": "acme", "type": "create", "record": {"email": "h@x.com"}}
    written = client.post(f"https://write.withampersand.com/{root}/objects/person", json=body)
    assert written.status_code == 200, written.text
    assert client.get("https://api.withampersand.com/v1/projects").json()[0]["name"] == "demo"
    filters = [{"fieldName": "email", "operator": "eq", "value": "h@x.com"}]
    found = client.post(
        f"https://search.withampersand.com/{root}?groupRef=acme",
        json={"objectName": "person", "fieldFilters": filters},
    )
    assert found.json()["result"][0]["fields"]["email"] == "h@x.com"


@row("Hosts", "`read.withampersand.com`: triggered reads", "not served", "501; reads do not run")
def test_a_triggered_read_is_no_write(client: httpx.Client) -> None:
    url = "https://read.withampersand.com/v1/projects/demo/integrations/x/objects/contacts"
    answer = client.post(url, json={"groupRef": "acme", "mode": "async"})
    assert answer.status_code == 501
    assert departures(answer.json(), schemas.PROBLEM) == []


def test_no_other_host_is_reached(client: httpx.Client) -> None:
    with pytest.raises(httpx.ProxyError, match="403"):
        client.get("https://dashboard.withampersand.com/")


@row(
    "Proxy actions", "any method and path, to the CRM of the group, the answer as it is", "same", "mocks only"
)
def test_a_request_is_passed_through_to_the_groups_crm(client: httpx.Client) -> None:
    url = "https://proxy.withampersand.com"
    made = client.post(
        f"{url}/crm/v3/objects/contacts", json={"properties": {"email": "p@x.com"}}, headers=HUBSPOT
    )
    assert made.status_code == 201
    read = client.get(f"{url}/crm/v3/objects/contacts/{made.json()['id']}", headers=HUBSPOT)
    assert read.json()["properties"]["email"] == "p@x.com"
    described = client.get(f"{url}/services/data/v60.0/sobjects/Contact", headers=SALESFORCE)
    assert described.json()["objectDescribe"]["name"] == "Contact"
    refused = client.get(f"{url}/services/data/v60.0/sobjects/Nothing", headers=SALESFORCE)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (404, "NOT_FOUND")


@row("Proxy actions", "`x-amp-installation-id` wins over name and group", "same")
def test_an_installation_is_named_by_its_id(client: httpx.Client) -> None:
    listed = client.get(
        "https://api.withampersand.com/v1/projects/demo/integrations/webinar-walrus-salesforce/installations"
    )
    named = {**HUBSPOT, "x-amp-installation-id": listed.json()[0]["id"]}
    answer = client.get("https://proxy.withampersand.com/services/data", headers=named)
    assert answer.status_code == 200


@row("Proxy actions", "missing headers, unknown installations, a proxy that is not enabled", "not public",
     "400, 403, 404 problem")  # fmt: skip
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"x-amp-proxy-version": "2"}, 400),
        ({"x-amp-group-ref": ""}, 400),
        ({"x-amp-project-id": "other"}, 404),
        ({"x-amp-group-ref": "nobody"}, 404),
        ({"x-amp-integration-name": "nothing"}, 404),
    ],
)
def test_a_request_that_names_no_installation_is_refused(
    client: httpx.Client, change: dict[str, str], status: int
) -> None:
    answer = client.get("https://proxy.withampersand.com/crm/v3/objects/contacts", headers=HUBSPOT | change)
    assert answer.status_code == status
    assert departures(answer.json(), schemas.PROBLEM) == []


@row("Proxy actions", "`X-Amp-Rate-Limiter-Mode: throttle`", "same")
def test_throttling_keeps_requests_from_a_crm_that_would_refuse_them(
    client: httpx.Client, runner: Runner
) -> None:
    path = "/_sandbox/v1/faults/acme?integration=webinar-walrus-hubspot"
    with httpx.Client(base_url=runner.url, trust_env=False) as control:
        made = control.post(path, json={"kind": "rate-limit", "first": 1})
    assert made.status_code == 201, made.text
    url = "https://proxy.withampersand.com/crm/v3/objects/contacts"
    throttled = HUBSPOT | {"X-Amp-Rate-Limiter-Mode": "throttle"}
    for _ in range(2):
        answer = client.get(url, headers=throttled)
        assert answer.status_code == 429
        assert answer.headers["x-amp-retryable"] == "true"
        assert answer.headers["x-amp-retry-after"].endswith("UTC")
    assert client.get(url, headers=HUBSPOT).status_code == 200
