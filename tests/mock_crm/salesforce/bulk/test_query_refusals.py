"""What the Bulk APIs do not query, in their own words."""

from __future__ import annotations

import httpx
import pytest

from mock_crm.salesforce.bulk.bulk_v1 import BulkV1
from mock_crm.salesforce.org import SalesforceOrg

pytestmark = pytest.mark.anyio

COMPOUND = "Selecting compound data not supported in Bulk Query"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Id, BillingAddress FROM Account",
        "SELECT FIELDS(ALL) FROM Account LIMIT 1",
        "SELECT Account.BillingAddress FROM Contact",
    ],
)
async def test_compound_fields_are_not_queried_in_bulk(client: httpx.AsyncClient, query: str) -> None:
    # Reported in airbyte issue 8206, and in the tests of salesforcer
    answer = await client.post("/query", json={"operation": "query", "query": query})
    assert (answer.status_code, answer.json()[0]) == (400, {"errorCode": "API_ERROR", "message": COMPOUND})


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "SELECT Id FROM Contact",
            "InvalidBatch : Failed to process query: INVALID_TYPE_FOR_OPERATION: The root entity of the "
            "requested query (Contact) does not match the entity of the requested Bulk API Job (Account).",
        ),
        (
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            "FeatureNotEnabled : Aggregate Relationships not supported in Bulk Query with CSV content type",
        ),
        (
            "SELECT BillingAddress FROM Account",
            f"InvalidBatch : Failed to process query: FUNCTIONALITY_NOT_ENABLED: {COMPOUND}",
        ),
        (
            "SELECT Id FROM Account ORDER BY Id LIMIT 1 OFFSET 1",
            "InvalidBatch : Failed to process query: FUNCTIONALITY_NOT_ENABLED: OFFSET not supported in Bulk "
            "Query",
        ),
        (
            "SELECT COUNT(Id) FROM Account",
            "InvalidBatch : Failed to process query: FUNCTIONALITY_NOT_ENABLED: Aggregate functions not "
            "supported in Bulk Query",
        ),
    ],
)
async def test_a_batch_of_bulk_1_fails_over_a_query_that_it_cannot_run(
    org: SalesforceOrg, query: str, message: str
) -> None:
    # Reported in simple-salesforce issue 502, and in the tests of salesforcer
    headers = {"x-sfdc-session": org.token, "content-type": "application/json"}
    transport = httpx.ASGITransport(org.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sf.test", headers=headers) as client:
        job = {"operation": "query", "object": "Account", "contentType": "CSV"}
        made = (await client.post("/services/async/60.0/job", json=job)).json()
        place = f"/services/async/60.0/job/{made['id']}"
        await client.post(f"{place}/batch", content=query, headers={"content-type": "text/csv"})
    bulk = BulkV1(org.context)
    found = bulk.jobs.find(place.rpartition("/")[2], "V1")
    assert found is not None
    batch = bulk.batches(found)[0]
    assert (batch.state, batch.message) == ("Failed", message)
