"""The in-process way to a mock carries the exact requests and answers that sockets carry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from ampsandbox.clock import Clock
from ampsandbox.crm.http import HttpRequest, HttpResponse, HttpSender
from ampsandbox.crm.in_process import InProcessSender
from ampsandbox.crm.sockets import HttpxSender, http_client
from mock_crm.core.clock import ManualClock
from mock_crm.core.listener import Listener, bind
from mock_crm.core.org import Org
from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org

pytestmark = pytest.mark.anyio

TRAVEL = frozenset({"accept-encoding", "connection", "accept"})
"""What says how the bytes travel; the clients name what they accept themselves."""
ONLY_SENT = frozenset({"date", "content-encoding", "content-length", "vary", "transfer-encoding"})

Seen = list[dict[str, Any]]


@asynccontextmanager
async def ways(provider: str, clock: Clock) -> AsyncIterator[tuple[str, Org, list[HttpSender], list[Seen]]]:
    """A URL, an org, and senders to orgs of one seed each: in this process, over sockets, and without ASGI.

    The requests that the first two carry are noted.
    """
    orgs = [
        open_org(provider, seed=7, clock=ManualClock(), settings=OrgSettings(limits=False)) for _ in range(3)
    ]
    seen: list[Seen] = [[], []]

    def watched(org: Org, requests: Seen) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            body = bytearray()

            async def watch() -> Any:
                message = await receive()
                body.extend(message.get("body", b""))
                return message

            await org.app(scope, watch, send)
            parts = ("method", "scheme", "path", "raw_path", "query_string", "http_version")
            headers = sorted(pair for pair in scope["headers"] if pair[0].decode() not in TRAVEL)
            requests.append({name: scope[name] for name in parts} | {"headers": headers, "body": bytes(body)})

        return app

    listener = Listener(watched(orgs[1], seen[1]), bind("127.0.0.1", 0))
    await listener.start()
    url = f"http://127.0.0.1:{listener.port}"
    sockets = HttpxSender(http_client(url=url))
    try:
        within = InProcessSender(watched(orgs[0], seen[0]), clock)
        yield url, orgs[0], [within, sockets, InProcessSender(orgs[2].app, clock, orgs[2])], seen
    finally:
        await sockets.aclose()
        await listener.stop()
        for org in orgs:
            org.close()


def requests(provider: str, url: str, token: str) -> list[HttpRequest]:
    """Writes of each kind, one that is refused, a URL with escapes, reads, and a stale token."""
    headers = (("Authorization", f"Bearer {token}"), ("Accept", "application/json"))
    json = (*headers, ("Content-Type", "application/json"))

    def post(path: str, content: Any) -> HttpRequest:
        return HttpRequest("POST", url + path, json, msgspec.json.encode(content))

    if provider == "salesforce":
        root = "/services/data/v60.0"
        contact = {"attributes": {"type": "Contact"}, "LastName": "Ünal"}
        return [
            post(f"{root}/sobjects/Contact", {"LastName": "Ann"}),
            post(f"{root}/sobjects/Contact", {"LastName": None, "Nope": 1}),
            post(
                f"{root}/composite/sobjects", {"allOrNone": False, "records": [contact, {**contact, "x": 1}]}
            ),
            HttpRequest("GET", f"{url}{root}/sobjects/Contact/describe", headers),
            HttpRequest(
                "GET", f"{url}{root}/query?q=SELECT+Id+FROM+Contact+WHERE+LastName%3D%27%C3%9Cnal%27", headers
            ),
            HttpRequest("DELETE", f"{url}{root}/sobjects/Contact/no%2Fid", headers),
            HttpRequest("GET", f"{url}{root}/limits", (("Authorization", "Bearer stale"),)),
        ]
    root = "/crm/v3/objects/contacts"
    properties = [{"properties": {"email": f"p{n}@example.com", "firstname": "Ünal"}} for n in range(3)]
    return [
        post(root, properties[0]),
        post(root, properties[0]),
        post(f"{root}/batch/create", {"inputs": properties[1:]}),
        HttpRequest("GET", f"{url}{root}/p%31@example.com?idProperty=email", headers),
        HttpRequest("GET", f"{url}{root}?limit=2", headers),
        HttpRequest("DELETE", f"{url}{root}/no%2Fid", headers),
        HttpRequest("GET", f"{url}{root}", (("Authorization", "Bearer stale"),)),
    ]


def told(answer: HttpResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer, less what only a socket needs."""
    pairs = sorted((name.lower(), value) for name, value in answer.headers)
    return answer.status, [pair for pair in pairs if pair[0] not in ONLY_SENT], answer.body


@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
async def test_requests_and_answers_are_the_same_on_all_ways(provider: str, clock: Clock) -> None:
    async with ways(provider, clock) as (url, org, senders, seen):
        answers = []
        for sender in senders:
            # Those with one record go without ASGI, where there is such a way.
            asked = [msgspec.structs.replace(each, records=1) for each in requests(provider, url, org.token)]
            answers.append([told(await sender.prepare(each).send()) for each in asked])
        assert len(seen[0]) == len(answers[0])
        assert seen[0] == seen[1]
        assert answers[0] == answers[1] == answers[2]
        assert {status // 100 for status, _, _ in answers[0]} == {2, 4}
