"""What the Bulk APIs do not query, in their own words."""

from __future__ import annotations

import httpx
import pytest

from mock_crm.salesforce.bulk.bulk_v1 import BulkV1
from mock_crm.salesforce.bulk.jobs import Job
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


async def test_an_object_that_only_other_apis_read_is_no_entity_of_bulk(client: httpx.AsyncClient) -> None:
    # airbyte issues 13088 and 16135
    answer = await client.post("/query", json={"operation": "query", "query": "SELECT Id FROM CaseStatus"})
    assert (answer.status_code, answer.json()) == (
        400,
        [{"message": "Entity 'CaseStatus' is not supported by the Bulk API.", "errorCode": "INVALIDENTITY"}],
    )


async def test_a_batch_in_json_may_ask_by_type(org: SalesforceOrg) -> None:
    # Recorded by CumulusCI
    bulk = BulkV1(org.context)
    now = bulk.jobs.now_ms()
    query = b"SELECT TYPEOF Owner WHEN User THEN Alias END FROM Lead"
    for content_type, state in (("JSON", "Completed"), ("CSV", "Failed")):
        job = Job(
            id=org.context.ids.next("750"), kind="V1", operation="query", object="Lead", created=now,
            modified=now, api_version="60.0", content_type=content_type,
        )  # fmt: skip
        batch = bulk.add_batch(bulk.jobs.add(job), query, None)
        seen = bulk.batch(job, batch.id)
        assert seen is not None
        assert seen.state == state
