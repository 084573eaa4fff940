"""Calls to a mock CRM in this process, without a socket and without a client."""

from __future__ import annotations

from typing import Any

from mock_crm.core.clock import ManualClock
from mock_crm.core.org import Org
from mock_crm.core.settings import OrgSettings
from mock_crm.orgs import open_org


def org_of(provider: str) -> Org:
    """An org in memory, without limits."""
    return open_org(provider, clock=ManualClock(), settings=OrgSettings(limits=False))


async def call(
    org: Org, method: str, path: str, body: bytes = b"", content_type: str = "application/json"
) -> bytes:
    """The body of the answer to one request, which must succeed."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "root_path": "",
        "scheme": "http", "query_string": query.encode(),
        "headers": [
            (b"host", b"mock"),
            (b"authorization", f"Bearer {org.token}".encode()),
            (b"content-type", content_type.encode()),
        ],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await org.app(scope, receive, send)
    answer = b"".join(message["body"] for message in sent if "body" in message)  # one alone is not copied
    assert 200 <= sent[0]["status"] < 300, (method, path, sent[0]["status"], answer[:300])
    return answer
