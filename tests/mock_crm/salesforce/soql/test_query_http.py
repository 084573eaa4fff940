"""`query`, `queryAll`, `search` over HTTP: pages, options and refusals."""

from __future__ import annotations

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.salesforce.org import SalesforceOrg

pytestmark = pytest.mark.anyio


@pytest.fixture
def many(org: SalesforceOrg) -> None:
    org.seed("Lead", [{"LastName": f"L{n}", "Company": "C"} for n in range(450)])


async def test_a_result_comes_in_pages(client: httpx.AsyncClient, many: None) -> None:
    options = {"Sforce-Query-Options": "batchSize=200"}
    first = (await client.get("/query/", params={"q": "SELECT LastName FROM Lead"}, headers=options)).json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    assert first["nextRecordsUrl"].startswith("/services/data/v60.0/query/01g")
    assert first["nextRecordsUrl"].endswith("-200")
    second = (await client.get(f"http://mock{first['nextRecordsUrl']}", headers=options)).json()
    third = (await client.get(f"http://mock{second['nextRecordsUrl']}", headers=options)).json()
    assert "nextRecordsUrl" not in third
    assert third["done"] is True
    records = first["records"] + second["records"] + third["records"]
    assert [record["LastName"] for record in records] == [f"L{n}" for n in range(450)]


async def test_deleted_records_come_in_pages_too(client: httpx.AsyncClient, many: None) -> None:
    options = {"Sforce-Query-Options": "batchSize=200"}
    first = (await client.get("/queryAll", params={"q": "SELECT Id FROM Lead"}, headers=options)).json()
    locator = first["nextRecordsUrl"].rpartition("/")[2]
    second = (await client.get(f"/queryAll/{locator}", headers=options)).json()
    assert (second["totalSize"], len(second["records"])) == (450, 200)


@pytest.mark.parametrize(("asked", "size"), [("batchSize=1", 200), ("batchSize=9999", 450), ("", 450)])
async def test_a_page_has_200_to_2000_records(
    client: httpx.AsyncClient, many: None, asked: str, size: int
) -> None:
    answer = await client.get(
        "/query", params={"q": "SELECT Id FROM Lead"}, headers={"Sforce-Query-Options": asked}
    )
    assert len(answer.json()["records"]) == size


async def test_urls_carry_the_path_that_the_org_is_mounted_under(org: SalesforceOrg, many: None) -> None:
    transport = httpx.ASGITransport(org.app, root_path="/_crm/a/b")
    headers = {"authorization": f"Bearer {org.token}", "Sforce-Query-Options": "batchSize=200"}
    async with httpx.AsyncClient(transport=transport, base_url="http://mock", headers=headers) as client:
        url = "/_crm/a/b/services/data/v60.0/query"
        page = (await client.get(url, params={"q": "SELECT Id FROM Lead"})).json()
        assert page["nextRecordsUrl"].startswith("/_crm/a/b/services/data/v60.0/query/01g")
        assert (await client.get(page["nextRecordsUrl"])).status_code == 200


async def test_cursors_end(
    client: httpx.AsyncClient, clock: ManualClock, many: None, org: SalesforceOrg
) -> None:
    options = {"Sforce-Query-Options": "batchSize=200"}
    page = (await client.get("/query", params={"q": "SELECT Id FROM Lead"}, headers=options)).json()
    locator = f"http://mock{page['nextRecordsUrl']}"
    assert (await client.get(locator)).status_code == 200
    refused = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]
    for unknown in ("01g000000000001AAA-200", "nonsense", locator.rpartition("-")[0] + "-5000"):
        url = unknown if unknown.startswith("http") else f"/query/{unknown}"
        answer = await client.get(url)
        assert (answer.status_code, answer.json()) == (400, refused)
    clock.advance(days=3)
    answer = await client.get(locator)
    assert (answer.status_code, answer.json()) == (400, refused)


async def test_query_all_sees_deleted_records(client: httpx.AsyncClient, org: SalesforceOrg) -> None:
    org.delete("Contact", org.records("Contact")[0]["id"])
    counts = [
        (await client.get(path, params={"q": "SELECT COUNT() FROM Contact"})).json()
        for path in ("/query", "/queryAll")
    ]
    assert counts == [
        {"totalSize": 3, "done": True, "records": []},
        {"totalSize": 4, "done": True, "records": []},
    ]


async def test_refusals_are_lists_of_errors(client: httpx.AsyncClient) -> None:
    answer = await client.get("/query", params={"q": "SELECT Id FROM Nope"})
    assert answer.status_code == 400
    assert [set(error) for error in answer.json()] == [{"message", "errorCode"}]
    assert answer.json()[0]["errorCode"] == "INVALID_TYPE"
    empty = await client.get("/query")
    assert empty.json() == [{"errorCode": "MALFORMED_QUERY", "message": "A query string has to be specified"}]


async def test_groups_cannot_be_paged(client: httpx.AsyncClient, many: None) -> None:
    answer = await client.get(
        "/query",
        params={"q": "SELECT LastName, COUNT(Id) FROM Lead GROUP BY LastName"},
        headers={"Sforce-Query-Options": "batchSize=200"},
    )
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"


async def test_columns_are_described_instead_of_queried(client: httpx.AsyncClient) -> None:
    query = "SELECT Id, Account.Name, Account.Owner.Name, (SELECT Id FROM Cases) FROM Contact"
    found = (await client.get("/query", params={"q": query, "columns": "true"})).json()
    assert found["entityName"] == "Contact"
    assert found["keyPrefix"] == "003"
    assert found["idSelected"] is True
    names = {column["columnName"]: column["joinColumns"] for column in found["columnMetadata"]}
    assert list(names) == ["Id", "Account", "Cases"]
    assert [column["columnName"] for column in names["Account"]] == ["Name", "Owner"]


async def test_explain_says_whether_an_index_leads(client: httpx.AsyncClient) -> None:
    kinds = []
    for condition in ("Email = 'a@b.c'", "Id = '003000000000001'", "LastName LIKE '%x'"):
        answer = await client.get("/query", params={"explain": f"SELECT Id FROM Contact WHERE {condition}"})
        kinds.append(answer.json()["plans"][0]["leadingOperationType"])
    assert kinds == ["Index", "Index", "TableScan"]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("FIND {Acme} RETURNING Account(Name)", ["Acme"]),
        ("find {ac*} in name fields returning Account(Name), Contact(Name)", ["Acme"]),
        ("FIND {ada OR alan} IN NAME FIELDS RETURNING Contact(Name ORDER BY Name DESC)",
         ["Alan Turing", "Ada Lovelace"]),
        ("FIND {example AND NOT ada} IN EMAIL FIELDS RETURNING Contact(Name)", ["Alan Turing"]),
        ('FIND {"ada lovelace"} RETURNING Contact(Name WHERE AccountId != null LIMIT 1)', ["Ada Lovelace"]),
        ("FIND {a?n} IN ALL FIELDS RETURNING Contact(Name) LIMIT 5", []),
        ("FIND {al?n} IN ALL FIELDS RETURNING Contact(Name) LIMIT 5", ["Alan Turing"]),
    ],
)  # fmt: skip
async def test_searches(client: httpx.AsyncClient, search: str, names: list[str]) -> None:
    found = (await client.get("/search/", params={"q": search})).json()
    assert [record["Name"] for record in found["searchRecords"]] == names


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("FIND Acme", "No search term found. The search term must be enclosed in braces."),
        ("FIND {Acme", "No search term found. The search term must be enclosed in braces."),
        ("FIND {a}", "search term must be longer than one character: a"),
        ("SELECT Id FROM Account", "unexpected token: 'SELECT'"),
    ],
)
async def test_what_is_no_search_is_refused(client: httpx.AsyncClient, search: str, message: str) -> None:
    answer = await client.get("/search", params={"q": search})
    assert (answer.status_code, answer.json()) == (
        400,
        [{"errorCode": "MALFORMED_SEARCH", "message": message}],
    )


async def test_parameterized_search_takes_both_forms(client: httpx.AsyncClient) -> None:
    by_url = await client.get(
        "/parameterizedSearch", params={"q": "ada", "sobject": "Contact", "Contact.fields": "Id,Name"}
    )
    body = {"q": "ada", "sobjects": [{"name": "Contact", "fields": ["Id", "Name"], "limit": 1}]}
    by_body = await client.post("/parameterizedSearch", json=body)
    assert by_url.json() == by_body.json()
    assert [record["Name"] for record in by_url.json()["searchRecords"]] == ["Ada Lovelace"]
