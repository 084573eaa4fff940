"""Whatever an org answers at whatever call, every write ends: as succeeded, failed, or in doubt."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ampsandbox.clock import Clock
from ampsandbox.crm import sockets
from ampsandbox.crm.connect import Connections
from ampsandbox.crm.transport import InProcessTransport
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.errors import AmpSandboxError
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.model import Mode
from ampsandbox.secrets import forms_of
from ampsandbox.settings import EngineSettings, read_connection
from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org

SECRET = "s3cr3t/with+odd=chars%"
MANIFEST = """\
specVersion: 0.1.0
integrations:
  - name: crm
    displayName: CRM
    api: {provider}
    actions:
      - type: write
        standardObjects:
          - {{objectName: {object}, mode: insert, endpoint: later, schedule: every 3 hours}}
          - {{objectName: {object}, mode: insert, endpoint: now}}
          - {{objectName: {object}, mode: update, endpoint: change, schedule: every 3 hours}}
"""
DEEP = b"[" * 20_000 + b"]" * 20_000
ECHOES = st.sampled_from(
    [
        b'{"error":"invalid_grant","error_description":"bad %s"}' % SECRET.encode(),
        b"<title>%s</title>" % SECRET.encode(),
        b'[{"errorCode":"X","message":%s}]' % json.dumps(SECRET).encode(),
    ]
)
TOKENS = st.sampled_from(
    [
        b'{"access_token":"x","expires_in":"soon"}',
        b'{"access_token":"x","expires_in":1e30}',
        b'{"access_token":"x","expires_in":-1}',
        b'{"access_token":"x","instance_url":5}',
        b'{"access_token":"x","instance_url":"http://evil.example/%zz"}',
        b'{"access_token":"x\\ny"}',
        b'{"access_token":"\\u00e9"}',
        b'{"access_token":["x"]}',
        b'{"access_token":"x","refresh_token":7}',
    ]
)
GOOD = st.sampled_from(
    [
        b'{"records":[{"Id":"00D1","Name":"Org","IsSandbox":true}]}',
        b'{"portalId":1,"accountType":"SANDBOX"}',
        b'{"name":"Lead","fields":[]}',
        b'{"results":[]}',
        b'{"id":"1","success":true}',
        b'[{"id":"1","success":true},{"id":"2","success":true}]',
        b'{"id":{"a":1},"success":true,"errors":[{"message":[],"fields":7}]}',
    ]
)
BODIES = st.one_of(ECHOES, TOKENS, GOOD, st.just(DEEP), st.just(b""), st.binary(max_size=30))
HEADERS = st.sampled_from(
    [
        {},
        {"retry-after": "9" * 400},
        {"retry-after": b"\xc2\xb2"},
        {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"},
        {"location": f"/login?token={SECRET}"},
        {"content-type": "text/xml"},
    ]
)
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 207, 302, 400, 401, 403, 404, 409, 429, 500, 502, 503])
HOSTILE = st.tuples(STATUSES, HEADERS, BODIES)
MOSTLY_GOOD = st.lists(st.none() | st.none() | st.none() | HOSTILE, max_size=30)
ANSWERS = st.lists(st.none() | HOSTILE | HOSTILE, max_size=30)
ENDED = {OperationState.SUCCEEDED, OperationState.FAILED, OperationState.IN_DOUBT}


class Front(httpx.AsyncBaseTransport):
    """A mock org whose answers are replaced by others, one after the other, where the script has one."""

    def __init__(self, provider: str, clock: Clock) -> None:
        self.org = open_org(provider, clock=clock, settings=OrgSettings(limits=False))
        self._good = InProcessTransport(self.org.app, clock)
        self.script: list[Any] = []
        self.replaced = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.script.pop(0) if self.script else None
        if answer is not None:
            self.replaced += 1
            status, headers, body = answer
            return httpx.Response(status, headers=headers, content=body)
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": self.org.token})
        request.headers["authorization"] = f"Bearer {self.org.token}"
        return await self._good.handle_async_request(request)


@settings(max_examples=30, deadline=None)
@given(provider=st.sampled_from(["salesforce", "hubspot"]), at_start=MOSTLY_GOOD, later=ANSWERS)
def test_every_write_ends_whatever_the_org_answers(
    provider: str, at_start: list[Any], later: list[Any]
) -> None:
    shown = asyncio.run(live_through(provider, at_start, later))
    assert [form for form in forms_of(SECRET) if form in shown] == []


async def live_through(provider: str, at_start: list[Any], later: list[Any]) -> str:
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC), speed=0)
    front = Front(provider, clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sockets, "http_client", lambda **_: httpx.AsyncClient(transport=front))
        credentials = {name: f"${{{name}}}" for name in ("client_id", "client_secret", "refresh_token")}
        live = read_connection({"provider": provider, "auth": "refresh-token", **credentials}, Path())
        variables = {"client_id": "app", "client_secret": SECRET, "refresh_token": SECRET}
        connections = Connections(clock, 0, live=[live], variables=variables)
        engine = Engine("demo", clock, connections.connect, EngineSettings(retry_deadline_s=60), None, 0)
        await engine.start()
        try:
            name = "lead" if provider == "salesforce" else "contacts"
            await engine.load(parse_manifest(MANIFEST.format(provider=provider, object=name), "amp.yaml"))
            front.script = list(at_start)
            refusals = ""
            try:
                await engine.installations.install("acme", connection="live")
            except AmpSandboxError as error:
                refusals = f"{error.message} {error.hint}"
                front.script = []
                await engine.installations.install("acme", connection="live")
            for item in engine.installations.all():
                client = connections.client(item.id)
                assert client is not None
                client.forget_schema()
            front.script = list(later)
            operations = await write_everything(engine, "first")
            await asyncio.wait_for(clock.advance(clock.now() + timedelta(days=2)), 20)
            operations = [engine.operations.get(each.id) for each in operations]
            assert {each.state for each in operations} <= ENDED, operations
            assert all(batch.state == "flushed" for batch in engine.batches.all())
            front.script = []
            again = await write_everything(engine, "again")
            await asyncio.wait_for(clock.advance(clock.now() + timedelta(days=2)), 20)
            ends = {engine.operations.get(each.id).state for each in again if each.mode is Mode.INSERT}
            assert ends == {OperationState.SUCCEEDED}
            shown = f"{refusals} {operations} {engine.exchanges.since(0)} {engine.events.since(0)} "
            return shown + engine.snapshot().decode("latin-1")
        finally:
            await engine.stop()
            await connections.aclose()
            front.org.close()


async def write_everything(engine: Engine, name: str) -> list[Operation]:
    assert engine.manifest is not None
    operations = []
    for endpoint, mode in (("later", Mode.INSERT), ("now", Mode.INSERT), ("change", Mode.UPDATE)):
        integration, item = engine.manifest.endpoints()[endpoint]
        for number in range(2):
            fields = {"lastName": str(number), "company": "c", "email": f"{name}{endpoint}{number}@x.io"}
            fields = fields if integration.provider == "salesforce" else {"email": fields["email"]}
            key = str(number) if mode is Mode.UPDATE else None
            command = WriteCommand(integration, item, mode, "acme", fields, key)
            operations.append(await asyncio.wait_for(engine.submit(command), 20))
    return operations
