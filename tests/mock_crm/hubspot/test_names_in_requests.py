"""Names that are in no enumeration, object types that there are not, and flags, as measured by others."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

_OPERATORS = (
    "[IN, NOT_HAS_PROPERTY, LT, EQ, GT, NOT_IN, GTE, CONTAINS_TOKEN, HAS_PROPERTY, LTE, NOT_CONTAINS_TOKEN, "
    "BETWEEN, NEQ]"
)


_JSON = {"content-type": "application/json"}


def _search(*operators: str | int, **layout: Any) -> str:
    filters = [{"propertyName": "jobtitle", "operator": each, "value": "Salesperson"} for each in operators]
    return json.dumps({"filterGroups": [{"filters": filters}]}, **layout)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (_search("neq", separators=(",", ":")), "line 1, column 68"),
        (_search("neq"), "line 1, column 73"),
        (_search("neq", indent=2), "line 7, column 23"),
        (_search("BOGUS", separators=(",", ":")), "line 1, column 68"),
        (_search("13", separators=(",", ":")), "line 1, column 68"),
        (_search("01", separators=(",", ":")), "line 1, column 68"),
        (_search("\u00a0EQ", separators=(",", ":")), "line 1, column 68"),
        (_search(5, "neq", separators=(",", ":")), "line 1, column 131"),
    ],
)
async def test_an_unknown_operator_of_a_filter_is_told_those_there_are(
    call: Call, body: str, place: str
) -> None:
    """Measured in September 2026 (brekkylab/backlot), with the places."""
    answer = await call("POST", "/crm/v3/objects/contacts/search", content=body, headers=_JSON)
    assert answer.status_code == 400
    assert (answer.json()["message"], answer.json()["category"]) == (
        f"Invalid input JSON on {place}: Enum type must be one of: {_OPERATORS}",
        "VALIDATION_ERROR",
    )


@pytest.mark.parametrize(("operators", "at"), [(("",), 0), (("  ",), 0), (("EQ", ""), 1)])
async def test_a_blank_operator_of_a_filter_is_named_by_its_path(
    call: Call, operators: tuple[str, ...], at: int
) -> None:
    """The same source."""
    answer = await call("POST", "/crm/v3/objects/contacts/search", content=_search(*operators), headers=_JSON)
    field = f"filterGroups[0].filters[{at}].operator"
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        f'Invalid input JSON: unable to deserialize field "{field}". Invalid value: ',
    )


@pytest.mark.parametrize("operator", [" NEQ", "\tNEQ", "\u0001NEQ", "NEQ ", "0", "12", " 1", 5])
async def test_an_operator_is_read_with_space_around_it_and_by_its_number(
    call: Call, operator: str | int
) -> None:
    """The same source."""
    answer = await call("POST", "/crm/v3/objects/contacts/search", content=_search(operator), headers=_JSON)
    assert answer.status_code == 200


async def test_other_names_that_are_in_no_enumeration_are_refused_alike(call: Call) -> None:
    """Field types: a public project's notes of April 2026; the others are inferred."""
    body = {
        "name": "x", "label": "X", "type": "string", "fieldType": "single_line_text", "groupName": "g",
    }  # fmt: skip
    answer = await call("POST", "/crm/v3/properties/contacts", body)
    assert answer.json()["message"].endswith(
        ": Enum type must be one of: [calculation_equation, checkbox, phonenumber, number, textarea, "
        "booleancheckbox, file, text, date, html, select, radio]"
    )
    sort = {"sorts": [{"propertyName": "email", "direction": "UP"}]}
    answer = await call("POST", "/crm/v3/objects/contacts/search", sort)
    assert answer.json()["message"].endswith(": Enum type must be one of: [ASCENDING, DESCENDING]")
    spec = {"associationCategory": "MINE", "associationTypeId": 1}
    inputs = [{"from": {"id": "1"}, "to": {"id": "2"}, "types": [spec]}]
    answer = await call("POST", "/crm/v4/associations/contacts/companies/batch/create", {"inputs": inputs})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


async def test_half_of_a_pair_of_quotation_marks_is_no_value_to_search_for(call: Call, new: New) -> None:
    """HubSpot/hubspot-api-nodejs#555 (October 2024), with the answer."""
    company = await new("companies", name='the "best"')
    body = {"filterGroups": [{"filters": [{"propertyName": "name", "operator": "EQ", "value": 'hi"'}]}]}
    answer = await call("POST", "/crm/v3/objects/companies/search", body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["message"].endswith(": Filter value 'hi\"' has mismatched quotation marks")
    body["filterGroups"][0]["filters"][0]["value"] = 'the "best"'
    found = (await call("POST", "/crm/v3/objects/companies/search", body)).json()
    assert [record["id"] for record in found["results"]] == [company]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("0-9999", "Invalid object or event type id: 0-9999"),
        ("2-12345", "Invalid object or event type id: 2-12345"),
        ("widgets", "Unable to infer object type from: widgets"),
        ("appointment", "Unable to infer object type from: appointment"),
        ("course", "Unable to infer object type from: course"),
        ("listing", "Unable to infer object type from: listing"),
        ("payment", "Unable to infer object type from: payment"),
    ],
)
async def test_a_name_or_an_id_of_no_object_type(call: Call, name: str, message: str) -> None:
    """Measured in August 2026 (brekkylab/backlot); the plurals of the last are object types."""
    answer = await call("GET", f"/crm/v3/objects/{name}")
    assert (answer.status_code, answer.json()["message"]) == (400, message)
    if not name[0].isdigit() and name != "widgets":
        assert (await call("GET", f"/crm/v3/objects/{name}s")).status_code == 200


@pytest.mark.parametrize(
    ("query", "is_archived"),
    [
        ("archived=TRUE", True), ("archived=1", False), ("archived=yes", False), ("archived=%20true", False),
        ("archived=true&archived=false", True), ("archived=false&archived=true", False),
    ],
)  # fmt: skip
async def test_archived_records_are_asked_for_by_the_first_value_alone(
    call: Call, new: New, query: str, is_archived: bool
) -> None:
    """Measured in October 2026 (brekkylab/backlot)."""
    gone, stays = await new("contacts", firstname="A"), await new("contacts", firstname="B")
    await call("DELETE", f"/crm/v3/objects/contacts/{gone}")
    found = (await call("GET", f"/crm/v3/objects/contacts?{query}")).json()["results"]
    assert [record["id"] for record in found] == [gone if is_archived else stays]
