"""`convertLead` of the partner API, as jsforce calls it."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterator

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.errors import CrmError
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.org import SalesforceOrg

pytestmark = pytest.mark.anyio

Convert = Callable[[str], Coroutine[None, None, str]]


@pytest.fixture
def org() -> Iterator[SalesforceOrg]:
    opened = SalesforceOrg("leads", 1, ManualClock(), None, OrgSettings())
    yield opened
    opened.close()


@pytest.fixture
def convert(org: SalesforceOrg) -> Convert:
    async def call(inner: str) -> str:
        content = (
            '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header><SessionHeader '
            f'xmlns="urn:partner.soap.sforce.com"><sessionId>{org.token}</sessionId></SessionHeader></env:Header>'
            '<env:Body xmlns="urn:partner.soap.sforce.com"><convertLead><leadConverts>'
            f"{inner}</leadConverts></convertLead></env:Body></env:Envelope>"
        )
        transport = httpx.ASGITransport(org.app)
        headers = {"content-type": "text/xml", "soapaction": '""'}
        async with httpx.AsyncClient(transport=transport, base_url="http://sf.test") as client:
            return (await client.post("/services/Soap/u/42.0", content=content, headers=headers)).text

    return call


async def test_a_lead_becomes_an_account_and_a_contact(org: SalesforceOrg, convert: Convert) -> None:
    # Recorded by grouparoo, export-objects/export-records-lead (2021)
    lead = org.create("Lead", {"LastName": "L", "FirstName": "F", "Company": "C", "City": "Bonn"})["id"]
    status = "<convertedStatus>Closed - Converted</convertedStatus>"
    text = await convert(
        f"<leadId>{lead}</leadId>{status}<doNotCreateOpportunity>true</doNotCreateOpportunity>"
    )
    names = re.findall(r"<(\w+)[ >/]", text.partition("<result>")[2])
    assert names == ["accountId", "contactId", "leadId", "opportunityId", "success"]
    assert "<LimitInfoHeader><limitInfo><current>" in text
    assert org.records("Account")[0]["BillingCity"] == "Bonn"
    contact = org.records("Contact")[0]
    assert (contact["Name"], contact["AccountId"]) == ("F L", org.records("Account")[0]["id"])
    assert org.records("Lead")[0]["IsConverted"] is True
    with pytest.raises(CrmError, match="cannot reference converted lead"):
        org.update("Lead", lead, {"Title": "x"})


async def test_a_conversion_that_cannot_be_made_makes_nothing(org: SalesforceOrg, convert: Convert) -> None:
    lead = org.create("Lead", {"LastName": "L", "Company": "C"})["id"]
    text = await convert(f"<leadId>{lead}</leadId><convertedStatus>Nope</convertedStatus>")
    assert "<success>false</success>" in text
    assert org.count("Account") == 0
