"""What is offered at a place of a query."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from ampsandbox.engine.crm import CrmField
from ampsandbox.service.record_views import CrmObject
from ampsandbox.tui.backend.views import SchemaView
from ampsandbox.tui.forms.completion import Completion, complete_search, complete_soql
from ampsandbox.tui.widgets.query_editor import CompletionList, QueryEditor

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

SCHEMAS = {
    "contact": SchemaView("Contact", "Contact", (
        CrmField("Id", "Contact ID", "id"), CrmField("LastName", "Last Name", "string"),
        CrmField("AccountId", "Account ID", "reference", refers_to=("Account",), relationship="Account"),
        CrmField("Level__c", "Level", "picklist", options=("Primary", "Secondary")),
        CrmField("CreatedDate", "Created", "datetime"), CrmField("IsDeleted", "Deleted", "boolean"),
    )),
    "account": SchemaView("Account", "Account", (
        CrmField("Id", "Account ID", "id"), CrmField("Name", "Name", "string"),
        CrmField("OwnerId", "Owner", "reference", refers_to=("User",), relationship="Owner"),
    ), children={"Contacts": "Contact", "Opportunities": "Opportunity"}),
    "user": SchemaView("User", "User", (CrmField("Username", "Username", "string"),)),
}  # fmt: skip
OBJECTS = ("Account", "Contact", "User")


async def describe(name: str) -> SchemaView | None:
    return SCHEMAS.get(name.lower())


Way = Callable[..., Coroutine[Any, Any, Completion]]


def offered(text: str, way: Way = complete_soql) -> list[str]:
    completion = asyncio.run(way(text.replace("|", ""), text.index("|"), OBJECTS, describe))
    return [each.text for each in completion.suggestions]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("|", ["SELECT "]),
        ("SELECT | FROM Contact", ["Id", "LastName", "AccountId"]),
        ("SELECT Id, La| FROM Contact", ["LastName"]),
        ("SELECT Id, Acc| FROM Contact", ["AccountId", "Account."]),
        ("SELECT Account.| FROM Contact", ["Account.Id", "Account.Name"]),
        ("SELECT Account.Owner.u| FROM Contact", ["Account.Owner.Username"]),
        ("SELECT name| FROM contact", ["LastName"]),
        ("SELECT Id FROM C|", ["Contact", "Account"]),
        ("SELECT Id FROM Contact W|", ["WHERE"]),
        ("SELECT Id fr|", ["FROM "]),
        ("SELECT Name, (SELECT Id FROM |) FROM Account", ["Contacts", "Opportunities"]),
        ("SELECT Name, (SELECT L| FROM Contacts) FROM Account", ["LastName", "Level__c"]),
        ("SELECT Id FROM Account WHERE Id IN (SELECT Acc| FROM Contact)", ["AccountId", "Account."]),
        ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM C|)", ["Contact", "Account"]),
        ("SELECT Id FROM Contact WHERE L|", ["LastName", "Level__c"]),
        ("SELECT Id FROM Contact WHERE Level__c |", ["=", "!=", "LIKE"]),
        ("SELECT Id FROM Contact WHERE Level__c = |", ["'Primary'", "'Secondary'"]),
        ("SELECT Id FROM Contact WHERE Level__c = 'Se|", ["Secondary"]),
        ("SELECT Id FROM Contact WHERE Level__c IN ('Primary', '|')", ["Primary", "Secondary"]),
        ("SELECT Id FROM Contact WHERE LastName = 'FROM User WHERE' AND L|", ["LastName", "Level__c"]),
        ("SELECT Id FROM Contact WHERE LastName = 'x' AND Level__c |", ["=", "!="]),
        ("SELECT Id FROM Contact WHERE LastName = 'x' |", ["AND ", "OR "]),
        ("SELECT Id FROM Contact WHERE CreatedDate > l|", ["LAST_WEEK", "LAST_MONTH"]),
        ("SELECT Id FROM Contact WHERE IsDeleted = t|", ["true"]),
        ("SELECT Id FROM Contact WHERE LastName LIKE '|", []),
        ("SELECT Id FROM Contact ORDER BY Cr|", ["CreatedDate"]),
        ("SELECT Id FROM Contact ORDER BY Id d|", ["DESC"]),
        ("SELECT COUNT(| FROM Contact", ["Id", "LastName"]),
        ("SELECT Id\nFROM Contact\nWHERE Account.Owner.|", ["Account.Owner.Username"]),
        ("SELECT Nope.| FROM Contact", []),
        ("SELECT Id FROM Nope WHERE |", []),
    ],
)
def test_a_query_is_offered_what_may_stand_there(text: str, first: list[str]) -> None:
    found = offered(text)
    assert found[: len(first)] == first
    assert bool(found) is bool(first)


ODD = ("(((|", "SELECT (SELECT (|", "')|", "'|", "\\'|", "FROM |", ")))|(", "SELECT\x00|", "..|")


@pytest.mark.parametrize("text", ODD)
def test_no_text_is_too_odd(text: str) -> None:
    offered(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ('{"objectType": "c|"}', ["Contact", "Account"]),
        ('{"objectType": "contact", "properties": ["Id", "La|"]}', ["LastName"]),
        ('{"objectType": "contact", "filterGroups": [{"filters": [{"propertyName": "Le|"}]}]}', ["Level__c"]),
        ('{"filterGroups": [{"filters": [{"operator": "h|"}]}]}', ["HAS_PROPERTY", "NOT_HAS_PROPERTY"]),
        ('{"sorts": [{"direction": "d|"}]}', ["DESCENDING", "ASCENDING"]),
        ('{"fil|', ["filterGroups", "filters"]),
        ('{"query": "c|"}', []),
        ('{"limit": |}', []),
    ],
)
def test_a_search_is_offered_names_and_values_between_quotes(text: str, first: list[str]) -> None:
    found = offered(text, complete_search)
    assert found[: len(first)] == first
    assert bool(found) is bool(first)


@pytest.mark.anyio
@pytest.mark.performs("complete-query")
async def test_names_are_offered_while_typing_and_taken_by_key_and_by_click(
    records: Pilot[int], press: Callable[..., Awaitable[None]], backend: FakeBackend, lines_of: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async def schema(installation_id: str, name: str) -> SchemaView:
        return replace(SCHEMAS[name.lower()])

    async def objects(installation_id: str) -> list[CrmObject]:
        return [CrmObject(name, 1, is_custom=False) for name in OBJECTS]

    monkeypatch.setattr(backend.records, "schema", schema)
    monkeypatch.setattr(backend.records, "objects", objects)
    await press(records, "x")
    screen = records.app.screen
    editor, offered_list = screen.query_one(QueryEditor), screen.query_one(CompletionList)
    editor.load_text("SELECT  FROM Contact")
    editor.move_cursor((0, 7))
    await press(records, "text:acc")
    assert any("→ Account" in line for line in lines_of(records.app))
    await press(records, "down", "enter", "text:ow", "down", "tab", "ctrl+@", "escape")
    assert (editor.text, offered_list.display) == ("SELECT Account.Owner. FROM Contact", False)
    await press(records, "text:u")
    await records.click(CompletionList, offset=(3, 0))
    await press(records)
    assert editor.text == "SELECT Account.Owner.Username FROM Contact"
    await press(records, "enter")
    assert editor.document.line_count == 2, "where nothing is offered, enter begins a line"
