"""An org, and a client that speaks the Metadata API to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.orgs import open_org
from mock_crm.salesforce.model import Field
from mock_crm.salesforce.org import SalesforceOrg
from mock_crm.salesforce.soap.document import parse

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <soapenv:Header xmlns="http://soap.sforce.com/2006/04/metadata">
    <AllOrNoneHeader><allOrNone>{all_or_none}</allOrNone></AllOrNoneHeader>
    <SessionHeader><sessionId>{token}</sessionId></SessionHeader>
  </soapenv:Header>
  <soapenv:Body xmlns="http://soap.sforce.com/2006/04/metadata">{body}</soapenv:Body>
</soapenv:Envelope>"""


class MetadataClient:
    """Sends SOAP to the org in process, and REST beside it."""

    def __init__(self, org: SalesforceOrg, http: httpx.AsyncClient) -> None:
        self.org = org
        self.http = http

    def field(self, object_name: str, name: str) -> Field | None:
        """A field of the org's, permitted or not; None where there is none."""
        definition = self.org.context.schema.definition(object_name)
        return definition.field(name) if definition is not None else None

    async def send(self, body: str, *, all_or_none: bool = False, token: str | None = None) -> httpx.Response:
        content = ENVELOPE.format(
            body=body, all_or_none=str(all_or_none).lower(), token=token or self.org.token
        )
        return await self.http.post("/services/Soap/m/60.0", content=content)

    async def call(self, body: str, *, all_or_none: bool = False) -> list[dict[str, Any]]:
        """The results of an operation, as dicts of their elements' texts; repeated elements as lists."""
        answer = await self.send(body, all_or_none=all_or_none)
        assert answer.status_code == 200, answer.text
        operation = parse(answer.content)[0][0]
        return [as_dict(result) for result in operation.findall("result")]

    async def fault(self, body: str, *, token: str | None = None) -> tuple[str, str]:
        """The code and the text of the fault that an operation ends with."""
        answer = await self.send(body, token=token)
        assert answer.status_code == 500, answer.text
        fault = parse(answer.content)[0][0]
        return fault.findtext("faultcode", ""), fault.findtext("faultstring", "")


def as_dict(element: Element) -> Any:
    if len(element) == 0:
        return None if element.get("nil") else (element.text or "")
    found: dict[str, Any] = {}
    for child in element:
        value = as_dict(child)
        if child.tag in found:
            known = found[child.tag]
            found[child.tag] = [*(known if isinstance(known, list) else [known]), value]
        else:
            found[child.tag] = value
    return found


@pytest.fixture
def org() -> Iterator[SalesforceOrg]:
    opened = open_org("salesforce", seed=1, clock=ManualClock())
    assert isinstance(opened, SalesforceOrg)
    yield opened
    opened.close()


@pytest.fixture
async def metadata(org: SalesforceOrg) -> AsyncIterator[MetadataClient]:
    transport = httpx.ASGITransport(org.app)
    headers = {"Authorization": f"Bearer {org.token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://acme.my.salesforce.com", headers=headers
    ) as http:
        yield MetadataClient(org, http)
