"""What is wrong with a row of CSV, in the words of the Bulk APIs."""

from __future__ import annotations

import httpx
import pytest

from .test_ingest import _run

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            "LastName,Birthdate\nA,2003-04-987654321\n",
            "Failed to deserialize field at col 1. Due to, '2003-04-987654321' is not a valid value for the "
            "type xsd:date:Birthdate --",
        ),
        (
            "DoNotCall,LastName\nmaybe,A\n",
            "Failed to deserialize field at col 0. Due to, 'maybe' is not a valid value for the "
            "type xsd:boolean:DoNotCall --",
        ),
    ],
)
async def test_a_cell_of_the_wrong_type_is_named_by_its_column(
    client: httpx.AsyncClient, content: str, reason: str
) -> None:
    # recorded: amp-labs/connectors, partial-failure.csv of the Salesforce connector
    job = await _run(client, content)
    text = (await client.get(f"/ingest/{job['id']}/failedResults")).text
    assert f'"INVALID_FIELD:{reason}"' in text
