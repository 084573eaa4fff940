"""Two real orgs behind one host that repeats all that it was sent, to whoever asks: nothing of it stays."""

from __future__ import annotations

import html
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote

import httpx
import pytest

from ampsandbox.clock import Clock
from ampsandbox.secrets import MaskingFormatter, forms_of
from ampsandbox.server.control.endpoints import ENDPOINTS
from ampsandbox.server.runner_options import RunnerOptions
from ampsandbox.server.sandbox_server import SandboxServer
from mock_crm.core.listener import Listener, bind
from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org

pytestmark = pytest.mark.anyio

API_KEY: Final = "known-api-key/76+"
MANIFEST: Final = """
integrations:
  - name: sales
    displayName: Sales
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - {objectName: contact, mode: insert, endpoint: sales-now}
          - {objectName: contact, mode: insert, endpoint: sales-later, schedule: every 1 hours}
  - name: hub
    displayName: Hub
    api: hubspot
    actions:
      - type: write
        standardObjects:
          - {objectName: contact, mode: insert, endpoint: hub-now}
          - {objectName: contact, mode: insert, endpoint: hub-later, schedule: every 1 hours}
"""
SETTINGS: Final = """
connections:
- {{provider: salesforce, auth: refresh-token, client_id: app, client_secret: "${{CLIENT_SECRET}}",
   refresh_token: "${{REFRESH_TOKEN}}", login_url: "{url}"}}
- {{provider: hubspot, auth: access-token, access_token: "${{HS_ACCESS}}", instance_url: "{url}"}}
"""


class EchoingHost:
    """A Salesforce and a HubSpot on one port; when it is hostile, its answers quote what both were sent."""

    def __init__(self, clock: Clock) -> None:
        self.orgs = {
            provider: open_org(provider, clock=clock, settings=OrgSettings(limits=False))
            for provider in ("salesforce", "hubspot")
        }
        self.seen: set[str] = set()
        self.is_hostile = False
        self._answered = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        is_salesforce = scope["path"].startswith("/services")
        org = self.orgs["salesforce" if is_salesforce else "hubspot"]
        shown = dict(scope["headers"]).get(b"authorization", b"").decode().partition(" ")[2]
        form = parse_qs(body.decode("latin-1")) if scope["path"].endswith("/token") else {}
        self.seen |= {shown, *form.get("client_secret", ()), *form.get("refresh_token", ())} - {""}
        if form and not self.is_hostile:
            answer = {"access_token": org.token, "token_type": "Bearer", "expires_in": 7200}
            await self._answer(send, 200, json.dumps(answer).encode())
        elif self.is_hostile:
            await self._echo(send)
        else:
            headers = [(b"authorization", f"Bearer {org.token}".encode())]
            headers += [(name, value) for name, value in scope["headers"] if name != b"authorization"]
            asked = iter([{"type": "http.request", "body": body, "more_body": False}])

            async def again() -> Any:
                return next(asked)

            await org.app({**scope, "headers": headers}, again, send)

    async def _echo(self, send: Any) -> None:
        every = " ".join(sorted(self.seen))
        quoted = f"{every} {quote(every, safe='')} {every!r} {html.escape(every)}"
        bodies = (
            json.dumps([{"errorCode": "X", "message": quoted}]),
            json.dumps({"status": "error", "message": quoted, "category": "VALIDATION_ERROR"}),
            json.dumps({"error": "invalid_grant", "error_description": quoted}),
            f"<html><title>{quoted}</title></html>",
            json.dumps({"id": quoted, "success": True, "errors": []}),
        )
        self._answered += 1
        status = (400, 422, 302, 503, 200, 401)[self._answered % 6]
        location = [(b"location", f"/?token={quote(every)}".encode()), (b"x-echo", quote(every).encode())]
        await self._answer(send, status, bodies[self._answered % len(bodies)].encode(), location)

    async def _answer(self, send: Any, status: int, body: bytes, headers: Any = ()) -> None:
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *headers]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def listening(host: EchoingHost) -> AsyncIterator[str]:
    listener = Listener(host, bind("127.0.0.1", 0))
    await listener.start()
    yield f"http://127.0.0.1:{listener.port}"
    await listener.stop()
    for org in host.orgs.values():
        org.close()


async def session(host: EchoingHost, server: SandboxServer) -> list[str]:
    """Writes that succeed, then the same with hostile answers and a client that shows its key anywhere."""
    shown: list[str] = []
    async with httpx.AsyncClient(
        base_url=server.url, headers={"x-api-key": API_KEY}, trust_env=False, timeout=60
    ) as client:

        async def call(method: str, path: str, **options: Any) -> httpx.Response:
            answer = await client.request(method, path, **options)
            shown.append(answer.content.decode("latin-1") + str(answer.headers))
            return answer

        async def write(endpoint: str, name: str) -> int:
            body = {"groupId": "acme", "fields": {"lastName": name}}
            return (await call("POST", f"/projects/demo/{endpoint}", json=body)).status_code

        assert [await write(each, "Ada") for each in ("sales-now", "hub-now")] == [200, 200]
        host.is_hostile = True
        for number in range(12):
            await write(("sales-now", "hub-now")[number % 2], f"Grace {number}")
        assert [await write(each, "Later") for each in ("sales-later", "hub-later")] == [202, 202]
        await call("POST", "/_sandbox/v1/clock/advance", json={"hours": 2})
        for item in (await call("GET", "/_sandbox/v1/installations")).json():
            path = f"/_sandbox/v1/installations/{item['installation']['id']}"
            await call("GET", f"{path}/live")
            await call("POST", f"{path}/reconnect")
        await call("GET", f"/projects/demo/sales-now?api_key={quote(API_KEY)}&b=1")
        await call("POST", f"/{quote(API_KEY, safe='')}", json={"password": "x", "note": API_KEY})
        headers = {"authorization": f"Bearer {API_KEY}", "x-else": API_KEY}
        await call("POST", "/projects/demo/nowhere", json={"a": 1}, headers=headers)
        for endpoint in ENDPOINTS:
            if endpoint.method == "GET" and "{" not in endpoint.path:
                await call("GET", f"/_sandbox/v1{endpoint.path}")
        await call("GET", "/openapi.json")
    log = server.service.context.request_log
    shown += [repr(each) for each in log.since(0)]
    shown += [repr(each) for each in server.engine.exchanges.since(0)]
    return shown


def content_below(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "".join(path.read_bytes().decode("latin-1") for path in files)


async def test_no_secret_of_any_connection_stays_anywhere(
    clock: Clock,
    secrets: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "ampsandbox")
    caplog.handler.setFormatter(MaskingFormatter())
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    host = EchoingHost(clock)
    async with listening(host) as url:
        (tmp_path / "amp.yaml").write_text(MANIFEST)
        (tmp_path / "sandbox.yaml").write_text(SETTINGS.format(url=url))
        options = RunnerOptions(
            manifest=tmp_path / "amp.yaml",
            settings=tmp_path / "sandbox.yaml",
            state=tmp_path / "state",
            record=tmp_path / "session.jsonl",
            groups=("acme",),
            api_key=API_KEY,
            speed=0,
        )
        server = await SandboxServer.open(options)
        try:
            shown = await session(host, server)
        finally:
            await server.stop()
    everything = "\n".join([*shown, caplog.text, content_below(tmp_path)])
    assert host.seen >= {secrets["CLIENT_SECRET"], secrets["REFRESH_TOKEN"], secrets["HS_ACCESS"]}
    found = {
        form
        for secret in (*host.seen, API_KEY)
        for form in forms_of(secret)
        if form in everything or form.encode().decode("latin-1") in everything
    }
    assert found == set()
    assert "Grace 11" in everything
