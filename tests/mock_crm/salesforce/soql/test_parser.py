"""Reading SOQL: what is taken, and where and how the rest is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_crm.salesforce.soql.errors import SoqlError
from mock_crm.salesforce.soql.nodes import FieldPath, Literal, LiteralKind, Query
from mock_crm.salesforce.soql.parser import parse
from mock_crm.salesforce.soql.tokens import like_pattern, unescape


@pytest.mark.parametrize(
    "text",
    [
        "select id from account",
        "SELECT Id, Name FROM Account AS a WHERE a.Name = 'x'",
        "SELECT Id FROM Contact c, c.Account a, a.Owner o WHERE o.Name LIKE 'A%'",
        "SELECT COUNT() FROM Group",
        "SELECT Id FROM Order ORDER BY Id",
        "SELECT Order.Name FROM OrderItem",
        "SELECT Name, (SELECT LastName FROM Contacts WHERE Email != null LIMIT 5) FROM Account",
        "SELECT Id FROM Account WHERE (A = 1 OR B = 2) AND (NOT (C = 3)) AND D IN (1, 2)",
        "SELECT Id FROM Account WHERE (NOT Name = 'x') AND Id NOT IN (SELECT AccountId FROM Contact)",
        "SELECT Id FROM Account WHERE P INCLUDES ('a;b', 'c') OR Q EXCLUDES ('d')",
        "SELECT Id FROM Account WHERE CreatedDate > LAST_N_DAYS:30 AND B = 2020-01-01",
        "SELECT Id FROM Account WHERE C = 2020-01-01T10:00:00+02:00 AND D <> -1.5e3 AND E = USD10.5",
        "SELECT A, COUNT(Id) n FROM X GROUP BY ROLLUP(A, B) HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC",
        "SELECT A FROM X ORDER BY A DESC NULLS LAST, B ASC NULLS FIRST, C",
        "SELECT CALENDAR_YEAR(convertTimezone(CreatedDate)) FROM X GROUP BY CUBE(Y)",
        "SELECT TYPEOF What WHEN Account THEN Phone, Name WHEN Case THEN Subject ELSE Name END FROM Event",
        "SELECT FIELDS(ALL) FROM Account USING SCOPE mine WITH SECURITY_ENFORCED LIMIT 10 OFFSET 5 FOR VIEW",
        "SELECT Id FROM Account WITH USER_MODE LIMIT 1 FOR UPDATE ALL ROWS",
        "SELECT Id FROM Account FOR VIEW, REFERENCE UPDATE TRACKING, VIEWSTAT",
        "SELECT Id FROM A WHERE DISTANCE(L__c, GEOLOCATION(37.7, -122.4), 'mi') < 20",
    ],
)  # fmt: skip
def test_the_grammar_takes(text: str) -> None:
    assert parse(text).sources


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("SELECT Id, FROM Account", "unexpected token: 'FROM'", (1, 11)),
        ("SELECT Id FROM", "unexpected token: '<EOF>'", (1, 14)),
        ("SELECT Id\nFROM Account\nWHERE", "unexpected token: '<EOF>'", (3, 5)),
        ("SELECT Duration__c) AS total FROM A", "unexpected token: ')'", (1, 18)),  # django-salesforce 8
        ("SELECT Id FROM A WHERE (B = ''a0W'')", "unexpected token: 'a0W'", (1, 30)),  # recorded
        ("SELECT Id FROM A WHERE B >= Thu Dec 27 2018", "Bind variables only allowed in Apex code", (1, 28)),
        ("SELECT Id FROM A WHERE B = foo.bar", "Bind variables only allowed in Apex code", (1, 27)),
        ("SELECT Id FROM A LIMIT x", "unexpected token: 'x'", (1, 23)),
        ("SELECT Id FROM A WHERE B = :x", "Bind variables only allowed in Apex code", (1, 27)),
        # soql-parser-js 201 and 237, apex-dml-mocking 32 and 50, sf_model 24
        ("SELECT Id FROM A WHERE B = 1 AND NOT C LIKE 'x'", "unexpected token: 'NOT'", (1, 33)),
        ("SELECT Id FROM A WHERE (B = 1 OR NOT (C = 2))", "unexpected token: 'NOT'", (1, 33)),
        ("SELECT Id FROM A WHERE (NOT B = 1 AND C = 2)", "unexpected token: 'AND'", (1, 34)),
        ("SELECT Id FROM A WHERE (B = 1", "expecting a right parentheses, found '<EOF>'", (1, 29)),
    ],
)
def test_a_refusal_counts_columns_from_0_and_points_before_the_token(
    text: str, message: str, place: tuple[int, int]
) -> None:
    with pytest.raises(SoqlError) as caught:
        parse(text)
    assert caught.value.code == "MALFORMED_QUERY"
    row, column = place
    line = text.split("\n")[row - 1]
    excerpt, start = shown(line, column - 1)
    pointer = f"\n{excerpt}\n{' ' * (column - 1 - start)}^\nERROR at Row:{row}:Column:{column}\n"
    assert caught.value.message == pointer + message


def shown(line: str, at: int) -> tuple[str, int]:
    """Thirty characters each way, then to the end of the word: the rule of all recorded excerpts."""
    start = max(0, at - 30)
    start = start if line[start : start + 1] == " " else line.rfind(" ", 0, start) + 1
    end = line.find(" ", at + 30)
    return (line[start:] if end < 0 else line[start:end]), start


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("q=SELECT Id FROM Account", "q"),  # SublimeApex issue 23
        ("SELECT Id FROM A WHERE B > 2021-08-11 12:52:08.062712+00:00", "12:52:08.062712+00:00"),
        ("SELECT Id FROM A WHERE B = 1 AND C = 2 OR D = 3", "OR"),
        ("SELECT Id FROM A WHERE NOT B = 1 AND C = 2", "AND"),
    ],
)
def test_what_stands_outside_of_a_statement_is_named_without_a_place(text: str, token: str) -> None:
    with pytest.raises(SoqlError) as caught:  # simple-salesforce issue 500
        parse(text)
    assert caught.value.message == f"unexpected token: '{token}'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('SELECT Id FROM A WHERE B = "x"', "line 1:27 no viable alternative at character '\"'"),
        ("SELECT Id FROM A WHERE B = 'x", "line 1:29 mismatched character '<EOF>' expecting '''"),
        (
            r"SELECT Id FROM A WHERE B = 'a\x'",
            r"Invalid string literal 'a\x'. Illegal character sequence '\x' in string literal.",
        ),
    ],
)
def test_what_is_no_token_is_refused_by_line_and_character(text: str, message: str) -> None:
    with pytest.raises(SoqlError) as caught:
        parse(text)
    assert caught.value.message.split("\n")[-1] == message
    assert caught.value.message.startswith("\nSELECT")


@pytest.mark.parametrize(
    ("literal", "character"), [("2013-12-01T12:00:00 00:00", " "), ("2013-12-01T12:00:00", "<EOF>")]
)
def test_a_moment_without_a_zone_ends_where_the_zone_belongs(literal: str, character: str) -> None:
    # SalesforceSharp issue 4: the "+" of an offset that was not percent-encoded arrives as a blank
    text = f"SELECT Id FROM Account WHERE LastModifiedDate >= {literal}"
    column = text.index("00:00") + 5 if character == " " else len(text)
    with pytest.raises(SoqlError, match=f"line 1:{column} no viable alternative at character '{character}'"):
        parse(text)


def test_a_name_where_a_list_belongs_is_taken_for_a_variable_of_apex() -> None:
    with pytest.raises(SoqlError, match="Bind variables only allowed in Apex code"):  # jsforce issue 551
        parse("SELECT Id FROM Account WHERE Name IN foo")


def test_a_long_line_is_shown_around_the_place() -> None:
    fields = ", ".join(f"Field{n}__c" for n in range(100))
    with pytest.raises(SoqlError) as caught:
        parse(f"SELECT {fields}, FROM Account")
    shown, caret, place, message = caught.value.message.strip("\n").split("\n")
    assert len(shown) <= 120
    assert shown[caret.index("^") + 1 :].startswith("FROM")
    assert (place.partition(":")[0], message) == ("ERROR at Row", "unexpected token: 'FROM'")


def test_a_statement_may_have_100_000_characters() -> None:
    text = "SELECT Id FROM Account WHERE Name = 'x'"
    assert parse(text + " " * (100_000 - len(text)))
    with pytest.raises(SoqlError, match="can not be longer than 100000 characters"):
        parse(text + " " * (100_001 - len(text)))


def test_nesting_is_bounded() -> None:
    with pytest.raises(SoqlError, match="too complicated"):
        parse("SELECT Id FROM A WHERE " + "(" * 5000 + "B = 1" + ")" * 5000)


def test_escapes_stand_for_their_characters() -> None:
    assert unescape(r"a\'b\\c\nd\u0041\"") == "a'b\\c\ndA\""


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a%", "ABC", True),
        ("a_c", "abc", True),
        ("a_c", "abbc", False),
        (r"50\%\_", "50%_", True),
        (r"50\%", "500", False),
        ("a.c", "abc", False),
        ("%", "", True),
        ("a%c", "a\nc", True),
    ],
)
def test_like_patterns(pattern: str, text: str, *, matches: bool) -> None:
    assert (like_pattern(pattern).fullmatch(text) is not None) == matches


def test_literals_keep_what_was_written() -> None:
    where = parse("SELECT Id FROM A WHERE B = LAST_N_DAYS:7").where
    assert where is not None
    assert where.value == Literal(LiteralKind.DATE_RANGE, "LAST_N_DAYS:7")  # type: ignore[union-attr]
    assert where.left == FieldPath(("B",))  # type: ignore[union-attr]


_WORDS = st.sampled_from(
    [
        *[
            "SELECT",
            "FROM",
            "WHERE",
            "AND",
            "OR",
            "NOT",
            "IN",
            "LIKE",
            "INCLUDES",
            "NULL",
            "TRUE",
            "ASC",
            "DESC",
            "NULLS",
            "FIRST",
            "LAST_N_DAYS",
        ],
        *[
            "COUNT",
            "GROUP",
            "BY",
            "ROLLUP",
            "HAVING",
            "ORDER",
            "LIMIT",
            "OFFSET",
            "TYPEOF",
            "WHEN",
            "THEN",
            "ELSE",
            "END",
            "FOR",
            "VIEW",
            "ALL",
            "ROWS",
        ],
        *[
            "USING",
            "SCOPE",
            "WITH",
            "Id",
            "Name",
            "Account",
            "(",
            ")",
            ",",
            ".",
            ":",
            "=",
            "!=",
            "<>",
            "<",
            ">",
            "<=",
            ">=",
            "'x'",
            "'it\\'s'",
            "1",
            "-2.5",
            "2020-01-01",
        ],
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_WORDS, max_size=40).map(" ".join) | st.text(max_size=60))
def test_any_text_is_a_query_or_malformed(text: str) -> None:
    outcome = _outcome(text)
    assert isinstance(outcome, Query) or outcome == "MALFORMED_QUERY"


@settings(max_examples=200, deadline=None)
@given(st.lists(_WORDS, max_size=20).map(" ".join))
def test_layout_and_case_of_keywords_make_no_difference(text: str) -> None:
    query = f"SELECT Id FROM Account WHERE {text}"
    spread = query.replace(" ", "\n  ").replace("WHERE", "where").replace("SELECT", "select")
    assert _outcome(query) == _outcome(spread)


def _outcome(text: str) -> object:
    try:
        return parse(text.replace("select", "SELECT"))
    except SoqlError as error:
        return error.code
