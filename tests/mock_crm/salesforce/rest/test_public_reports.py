"""What public bug reports tell of REST's answers; each test names the report."""

from __future__ import annotations

from typing import Any

import pytest

from mock_crm.salesforce.org import SalesforceOrg

from .conftest import BASE, Ask

pytestmark = pytest.mark.anyio

LIBRARY_WORDS = ("Expected `", "got `", "Object missing", "$.")


async def test_a_bulk_query_that_is_no_text_is_told_where(ask: Ask) -> None:
    # Reported in simple-salesforce issue 722
    answer = await ask("POST", "jobs/query", content='{"operation":"query","query":["SELECT Id"]}')
    assert answer.status_code == 400
    assert answer.json()[0] == {
        "errorCode": "API_ERROR",
        "message": "Value does not match expected type at [line:1, column:22]",
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("composite", {"compositeRequest": [{"method": "GET", "url": f"{BASE}/limits"}]}),
        ("composite", {"compositeRequest": [{"method": "GET", "referenceId": "r"}]}),
        ("composite", {"compositeRequest": {}}),
        ("composite", []),
        ("composite/batch", {"batchRequests": [{"method": 1, "url": "x"}]}),
        ("composite/sobjects/Account", {"ids": [None], "fields": ["Name"]}),
        ("composite/sobjects/Account", {"ids": "x"}),
        ("jobs/ingest", {"operation": ["insert"], "object": "Account"}),
        ("jobs/ingest", 5),
        ("parameterizedSearch", {"q": ["x"]}),
    ],
)
async def test_no_refusal_speaks_with_the_words_of_a_library(ask: Ask, path: str, body: Any) -> None:
    answer = await ask("POST", path, body)
    assert answer.status_code == 400
    assert not any(words in answer.text for words in LIBRARY_WORDS)


@pytest.mark.parametrize(("method", "status"), [("FOO", 400), ("PUT", 405), ("post", 201)])
async def test_a_wrong_method_inside_a_composite_is_no_matter_of_the_session(
    ask: Ask, method: str, status: int
) -> None:
    item = {"method": method, "url": f"{BASE}/sobjects/Account", "referenceId": "r", "body": {"Name": "A"}}
    answer = (await ask("POST", "composite", {"compositeRequest": [item]})).json()["compositeResponse"][0]
    assert answer["httpStatusCode"] == status


@pytest.mark.parametrize("reference", ["ref-1", "ref.1", ""])
async def test_a_reference_id_holds_letters_digits_and_underscores(
    ask: Ask, org: SalesforceOrg, reference: str
) -> None:
    # The REST guide on subrequest results
    item = {
        "method": "POST",
        "url": f"{BASE}/sobjects/Account",
        "referenceId": reference,
        "body": {"Name": "A"},
    }
    assert (await ask("POST", "composite", {"compositeRequest": [item]})).status_code == 400
    assert org.count("Account") == 0


@pytest.mark.parametrize("path", ["sobjects/Account/Id", "sobjects/Account/Id/"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_an_upsert_by_id_without_a_value_is_not_allowed(ask: Ask, method: str, path: str) -> None:
    # Reported in jsforce issue 667 and restforce issue 263
    answer = await ask(method, path, {"Name": "foo"})
    assert (answer.status_code, answer.json()[0]) == (
        405,
        {
            "message": f"HTTP Method '{method}' not allowed. Allowed are GET,HEAD,POST",
            "errorCode": "METHOD_NOT_ALLOWED",
        },
    )


async def test_an_upsert_that_may_only_update_creates_nothing(
    ask: Ask, org: SalesforceOrg, custom_field: Any
) -> None:
    # The REST guide on updateOnly
    custom_field("Account", "Key__c", external_id=True)
    answer = await ask("PATCH", "sobjects/Account/Key__c/absent?updateOnly=true", {"Name": "x"})
    assert (answer.status_code, org.count("Account")) == (404, 0)
