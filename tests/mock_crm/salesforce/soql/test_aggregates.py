"""Counting, grouping, and the order of results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mock_crm.salesforce.org import SalesforceOrg
from mock_crm.salesforce.soql import SoqlError, execute

Find = Callable[..., list[dict[str, Any]]]


def test_a_bare_count_has_no_records(org: SalesforceOrg) -> None:
    result = execute(org.context, "SELECT COUNT() FROM Contact WHERE AccountId != null")
    assert (result.total_size, result.records) == (3, [])
    assert execute(org.context, "SELECT count() FROM Contact").total_size == 4
    assert execute(org.context, "SELECT COUNT() FROM Contact LIMIT 2").total_size == 2


def test_functions_without_an_alias_are_numbered(org: SalesforceOrg) -> None:
    result = execute(
        org.context,
        "SELECT COUNT(Id), COUNT(Amount) amounts, SUM(Amount), AVG(Amount), MIN(CloseDate), MAX(Name),"
        " COUNT_DISTINCT(AccountId) FROM Opportunity",
    )
    assert result.records == [
        {
            "attributes": {"type": "AggregateResult"},
            "expr0": 3,
            "amounts": 2,
            "expr1": 100.0,
            "expr2": 50.0,
            "expr3": "2025-12-31",
            "expr4": "Small",
            "expr5": 2,
        }
    ]


def test_functions_of_nothing_are_null(find: Find) -> None:
    found = find("SELECT COUNT(Id), SUM(Amount), MIN(Name) FROM Opportunity WHERE Name = 'nobody'")
    assert found == [{"expr0": 0, "expr1": None, "expr2": None}]


def test_groups_are_made_without_regard_to_case(org: SalesforceOrg, find: Find) -> None:
    org.create("Account", {"Name": "d", "Industry": "ENERGY"})
    found = find(
        "SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry ORDER BY COUNT(Id) DESC, Industry"
    )
    assert found == [
        {"Industry": "Energy", "n": 2},
        {"Industry": None, "n": 1},
        {"Industry": "Banking", "n": 1},
    ]


def test_groups_by_parents_and_by_date_functions(find: Find) -> None:
    found = find(
        "SELECT Account.Name, CALENDAR_YEAR(CloseDate) y, SUM(Amount) total FROM Opportunity"
        " GROUP BY Account.Name, CALENDAR_YEAR(CloseDate) HAVING SUM(Amount) > 1 OR COUNT(Id) = 1"
        " ORDER BY Account.Name"
    )
    assert found == [{"Name": "Acme", "y": 2026, "total": 100.0}, {"Name": "bolt", "y": 2025, "total": None}]


def test_rollup_adds_subtotals_and_cube_all_of_them(find: Find) -> None:
    text = (
        "SELECT Account.Name a, StageName s, COUNT(Id) n, GROUPING(StageName) g FROM Opportunity"
        " GROUP BY {}(Account.Name, StageName)"
    )
    rollup = [tuple(record.values()) for record in find(text.format("ROLLUP"))]
    assert rollup == [
        ("Acme", "Closed Won", 1, 0),
        ("Acme", "Prospecting", 1, 0),
        ("Acme", None, 2, 1),
        ("bolt", "Closed Lost", 1, 0),
        ("bolt", None, 1, 1),
        (None, None, 3, 1),
    ]
    assert len(find(text.format("CUBE"))) == 3 + 2 + 3 + 1


@pytest.mark.parametrize(
    ("clauses", "names"),
    [
        ("ORDER BY Amount", ["Old", "Small", "Big"]),
        ("ORDER BY Amount DESC", ["Old", "Big", "Small"]),
        ("ORDER BY Amount NULLS LAST", ["Small", "Big", "Old"]),
        ("ORDER BY Amount DESC NULLS LAST", ["Big", "Small", "Old"]),
        ("ORDER BY Account.Name DESC, CloseDate", ["Old", "Small", "Big"]),
        ("ORDER BY StageName", ["Small", "Big", "Old"]),
        ("ORDER BY CloseDate LIMIT 1 OFFSET 1", ["Small"]),
        ("LIMIT 2", ["Small", "Big"]),
        ("LIMIT 0", []),
        ("OFFSET 2", ["Old"]),
    ],
)
def test_order_and_limits(find: Find, clauses: str, names: list[str]) -> None:
    assert [record["Name"] for record in find(f"SELECT Name FROM Opportunity {clauses}")] == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # apex-async-processor issue 2, jetstream pull request 1337
        ("SELECT COUNT() FROM Account ORDER BY Name", "COUNT() and ORDER BY may not be used together."),
        ("SELECT Name, COUNT(Id) FROM Account", "Field must be grouped or aggregated: Name"),
        ("SELECT Name FROM Account GROUP BY Industry", "Field must be grouped or aggregated: Name"),
        ("SELECT SUM(Name) FROM Account", "field Name does not support aggregate operator SUM"),
        # apex-rollup issue 186, SFDX-Data-Move-Utility issue 46
        ("SELECT COUNT(Id) FROM Account ORDER BY Name", "Ordered field must be grouped or aggregated: Name"),
        (
            "SELECT COUNT(Id) c FROM FeedItem",
            "field Id does not support aggregate operator COUNT",
        ),
        (
            "SELECT COUNT(Id) FROM Account LIMIT 1",
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
        ),
        ("SELECT COUNT(Id) c, MAX(Name) c FROM Account", "duplicate alias: c"),
        (
            "SELECT Description FROM Account GROUP BY Description",
            "field 'Description' can not be grouped in a query call",
        ),
        (
            "SELECT Id FROM Account ORDER BY Description",
            "field 'Description' can not be sorted in a query call",
        ),
        ("SELECT Id FROM Account OFFSET 2001", "Maximum SOQL offset allowed for apiName Account is 2000"),
    ],
)
def test_what_cannot_be_grouped_or_sorted_is_refused(org: SalesforceOrg, text: str, message: str) -> None:
    with pytest.raises(SoqlError) as caught:
        execute(org.context, text)
    assert caught.value.message.split("\n")[-1] == message
