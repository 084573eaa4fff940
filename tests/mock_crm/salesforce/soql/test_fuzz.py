"""Random queries: each gives a result or one of Salesforce's refusals, and no index ever changes a result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_crm.salesforce.org import SalesforceOrg
from mock_crm.salesforce.soql.errors import SoqlError
from mock_crm.salesforce.soql.evaluate import evaluate
from mock_crm.salesforce.soql.org_source import OrgSource
from mock_crm.salesforce.soql.parser import parse

_CODES = {
    "INVALID_FIELD",
    "INVALID_QUERY_FILTER_OPERATOR",
    "INVALID_TYPE",
    "MALFORMED_QUERY",
    "NUMBER_OUTSIDE_VALID_RANGE",
}
_PATHS = st.sampled_from(
    [
        *("Id", "Name", "Amount", "CloseDate", "CreatedDate", "LastModifiedDate", "IsWon", "StageName"),
        *(
            "AccountId",
            "Account.Name",
            "Account.BillingCity",
            "Account.Owner.Email",
            "Account.BillingAddress",
        ),
        *("Owner.Name", "Probability", "Description", "Nope", "Account.Nope", "SystemModstamp", "IsDeleted"),
    ]
)
_FUNCTIONS = st.sampled_from(
    [
        *("COUNT", "SUM", "AVG", "MIN", "MAX", "COUNT_DISTINCT", "GROUPING", "FORMAT", "toLabel"),
        *("CALENDAR_YEAR", "DAY_ONLY", "WEEK_IN_YEAR", "HOUR_IN_DAY", "Nope"),
    ]
)
_EXPRESSIONS = _PATHS | st.builds(lambda name, path: f"{name}({path})", _FUNCTIONS, _PATHS)
_LITERALS = st.sampled_from(
    ["null", "true", "false", "5", "-1.5", "1e400", "'x'", "''", "'small'", "'Small%'", "'006000000000001'",
     "'É'", "2026-05-20", "2026-05-20T12:00:00Z", "TODAY", "LAST_N_DAYS:3", "NEXT_YEAR", "USD90", "0"]
)  # fmt: skip
_OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE"])
_LISTS = st.lists(_LITERALS, min_size=1, max_size=3).map(lambda each: f"({', '.join(each)})")
_TESTS = st.builds(" ".join, st.tuples(_EXPRESSIONS, _OPERATORS, _LITERALS)) | st.builds(
    " ".join, st.tuples(_EXPRESSIONS, st.sampled_from(["IN", "NOT IN", "INCLUDES"]), _LISTS)
)
_CONDITIONS = st.recursive(
    _TESTS,
    lambda inner: (
        st.builds(
            lambda word, parts: "(" + f" {word} ".join(parts) + ")",
            st.sampled_from(["AND", "OR"]),
            st.lists(inner, min_size=2, max_size=3),
        )
        | inner.map(lambda condition: f"(NOT {condition})")
    ),
    max_leaves=5,
)


def _clause(word: str, content: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | content.map(lambda text: f" {word} {text}")


_MANY = st.lists(_EXPRESSIONS, min_size=1, max_size=3).map(", ".join)
_QUERIES = st.builds(
    lambda select, *clauses: f"SELECT {select} FROM Opportunity{''.join(clauses)}",
    _MANY,
    _clause("WHERE", _CONDITIONS),
    _clause("GROUP BY", _MANY | _MANY.map(lambda each: f"ROLLUP({each})")),
    _clause("HAVING", _CONDITIONS),
    _clause("ORDER BY", _MANY),
    _clause("LIMIT", st.integers(0, 5).map(str)),
)


class _Unindexed(OrgSource):
    def scan(self, entity: Any, narrowing: Any, *, include_deleted: bool) -> Iterator[Any]:
        return super().scan(entity, None, include_deleted=include_deleted)


def _outcome(source: OrgSource, text: str) -> Any:
    """The records, or the code and text of the refusal."""
    try:
        return evaluate(source, parse(text)).records
    except SoqlError as error:
        return error.code, error.located(text).message


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_QUERIES)
def test_an_index_never_changes_an_outcome(org: SalesforceOrg, text: str) -> None:
    outcome = _outcome(OrgSource(org.context), text)
    assert outcome == _outcome(_Unindexed(org.context), text)
    assert isinstance(outcome, list) or outcome[0] in _CODES


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=_TESTS)
def test_a_condition_and_its_negation_share_the_records(org: SalesforceOrg, condition: str) -> None:
    source = OrgSource(org.context)
    text = "SELECT Id FROM Opportunity WHERE {}"
    found, others = (
        _outcome(source, text.format(condition)),
        _outcome(source, text.format(f"NOT {condition}")),
    )
    if isinstance(found, list):
        assert len(found) + len(others) == 3
