"""A sandbox with the sample of today's format, and a client of Ampersand's API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from ampsandbox.server.runner import Runner
from ampsandbox.server.runner_options import RunnerOptions

SAMPLE = Path(__file__).parents[2] / "sample_configs" / "today.yaml"
ORIGIN = "http://localhost:5173"


@dataclass
class Answer:
    """What the API answered."""

    status: int
    json: Any
    text: str
    headers: httpx.Headers = field(repr=False)


class Api:
    """Calls Ampersand's API of one sandbox; paths are below `/v1`, and `{p}` is the project."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, trust_env=False)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        full = f"/v1{path}".replace("{p}", "/projects/demo")
        reply = self.client.request(method, full, json=body, headers=named)
        is_json = "json" in reply.headers.get("content-type", "")
        return Answer(reply.status_code, reply.json() if is_json else None, reply.text, reply.headers)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def connect(self, provider: str, group: str) -> str:
        body = {"provider": provider, "groupRef": group, "consumerRef": "ada"}
        connection_id: str = self.post("{p}/connections:generate", body).json["id"]
        return connection_id


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    options = RunnerOptions(
        manifest=SAMPLE, groups=("acme",), allow_origins=(ORIGIN,), watch=False, use_environment=False
    )
    with Runner(options) as running:
        yield running


@pytest.fixture(scope="module")
def api(runner: Runner) -> Iterator[Api]:
    caller = Api(runner.url)
    yield caller
    caller.client.close()


@pytest.fixture(params=["salesforce", "hubspot"])
def provider(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name
