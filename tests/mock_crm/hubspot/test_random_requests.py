"""Random requests against every route: no 500, refusals in HubSpot's shape, lists without loss or repeat."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_crm.core.clock import ManualClock
from mock_crm.core.org import Org
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.org import HubSpotOrg
from mock_crm.hubspot.routes import all_endpoints
from mock_crm.orgs import open_org

_SEED = 3


def _first_ids() -> list[str]:
    """The ids that the records of the `account` fixture get."""
    org = open_org("hubspot", seed=_SEED, clock=ManualClock())
    ids = org.seed("contacts", [{"email": f"c{number}@example.com"} for number in range(4)])
    ids += org.seed("companies", [{"name": f"Company {number}"} for number in range(4)])
    org.close()
    return ids


_IDS = ["1", "42", "x", "a@example.com", "0", "-1", "9" * 30, "é", "%00"]
_KNOWN = _first_ids()
_NAMES = {
    "objectType": ["contacts", "companies", "deals", "pet", "0-1", "tickets", "nope", "feedback_submissions"],
    "toObjectType": ["companies", "contacts", "pet", "nope"],
    "fromObjectType": ["contacts", "pet", "nope"],
    "propertyName": ["email", "p1", "nope", "hs_object_id"],
    "groupName": ["contactinformation", "mine", "nope"],
    "pipelineId": ["default", "0", "nope"],
    "stageId": ["closedwon", "1", "nope"],
    "associationType": ["contact_to_company", "279", "nope"],
    "associationTypeId": ["1", "279", "nope", "9" * 20],
}
_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["a@example.com", "closedwon", "lead", "2026-01-01", "1700000000000", ";a", "1e400"]),
)
_properties = st.dictionaries(
    st.sampled_from(
        ["email", "firstname", "name", "amount", "closedate", "dealstage", "pipeline", "lifecyclestage",
         "hs_pipeline_stage", "title", "nope", "hs_object_id", "hubspot_owner_id", "domain", "numemployees"]
    ),
    _values,
    max_size=4,
)  # fmt: skip
_ids = st.one_of(st.sampled_from(_IDS), st.integers(0, 5), st.sampled_from(_KNOWN))
_specs = st.lists(
    st.fixed_dictionaries(
        {
            "associationCategory": st.sampled_from(["HUBSPOT_DEFINED", "USER_DEFINED", "x"]),
            "associationTypeId": st.sampled_from([1, 3, 13, 279, 449, 0, -1]),
        }
    ),
    max_size=2,
)
_ends = {"from": st.fixed_dictionaries({"id": _ids}), "to": st.fixed_dictionaries({"id": _ids})}
_filters = st.fixed_dictionaries(
    {
        "propertyName": st.sampled_from(["email", "amount", "closedate", "associations.contact", "nope"]),
        "operator": st.sampled_from(
            ["EQ", "NEQ", "LT", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "CONTAINS_TOKEN", "LIKE"]
        ),
    },
    optional={"value": _values, "highValue": _values, "values": st.lists(_values, max_size=3)},
)
_list_filters = st.fixed_dictionaries(
    {"filterType": st.sampled_from(["PROPERTY", "IN_LIST", "x"])},
    optional={
        "property": _values,
        "operation": st.dictionaries(st.sampled_from(["operator", "value"]), _values) | _values,
    },
)
_option = st.fixed_dictionaries({"label": st.text(max_size=4), "value": st.text(max_size=4)})
_definition = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["p1", "p2", "title", "Bad", "email"]),
        "label": st.text(max_size=4),
        "type": st.sampled_from(["string", "number", "bool", "enumeration", "date", "x"]),
        "fieldType": st.sampled_from(["text", "number", "select", "checkbox", "x"]),
        "groupName": st.sampled_from(["contactinformation", "mine", "nope"]),
    },
    optional={"options": st.lists(_option, max_size=2), "hasUniqueValue": st.booleans()},
)
_stage = st.fixed_dictionaries(
    {
        "label": st.text(max_size=4),
        "displayOrder": st.integers(-1, 3),
        "metadata": st.dictionaries(st.sampled_from(["probability", "ticketState"]), st.text(max_size=4)),
    }
)
_item = st.one_of(
    st.fixed_dictionaries({"properties": _properties}, optional={"objectWriteTraceId": st.text(max_size=3)}),
    st.fixed_dictionaries(
        {"id": _ids, "properties": _properties}, optional={"idProperty": st.sampled_from(["email", "nope"])}
    ),
    st.fixed_dictionaries({**_ends, "types": _specs}),
    st.fixed_dictionaries({**_ends, "type": st.sampled_from(["contact_to_company", "x", 279])}),
    _definition,
)
_search = st.fixed_dictionaries(
    {},
    optional={
        "filterGroups": st.lists(
            st.fixed_dictionaries({"filters": st.lists(_filters, max_size=3)}), max_size=3
        ),
        "sorts": st.lists(st.sampled_from(["email", "-amount", "nope"]), max_size=2),
        "query": st.text(max_size=8),
        "limit": st.integers(-1, 300),
        "after": st.sampled_from(["", "0", "2", "x", 3]),
    },
)
_batch = st.fixed_dictionaries({"inputs": st.lists(_item, max_size=3)})
_record = st.fixed_dictionaries({"properties": _properties})
_pipeline = st.fixed_dictionaries(
    {
        "label": st.text(max_size=4),
        "displayOrder": st.integers(-1, 3),
        "stages": st.lists(_stage, max_size=2),
    }
)
_schema = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["pet", "plant", "1st"]),
        "labels": st.fixed_dictionaries({}, optional={"singular": st.text(max_size=4)}),
        "properties": st.lists(_definition, max_size=2),
        "requiredProperties": st.lists(st.sampled_from(["title", "p1", "nope"]), max_size=1),
        "associatedObjects": st.lists(st.sampled_from(["contacts", "0-2", "nope"]), max_size=2),
    }
)
_branches = st.recursive(
    st.fixed_dictionaries({"filterBranchType": st.sampled_from(["OR", "AND", "NOT_ALL", "x"])}),
    lambda below: (
        st.fixed_dictionaries(
            {"filterBranchType": st.sampled_from(["OR", "UNIFIED_EVENTS", "x"])},
            optional={
                "filterBranches": st.lists(below, max_size=2) | _values,
                "filters": st.lists(_list_filters, max_size=2) | _values,
            },
        )
        | st.fixed_dictionaries({"filterBranches": st.lists(below, max_size=2)})
    ),
    max_leaves=5,
)
_FITTING: dict[str, st.SearchStrategy[Any]] = {
    "/search": _search,
    "/merge": st.fixed_dictionaries({"primaryObjectId": _ids, "objectIdToMerge": _ids}),
    "/gdpr-delete": st.fixed_dictionaries({"objectId": _ids}, optional={"idProperty": st.just("email")}),
    "/batch/": _batch,
    "/associations/": _specs,
    "/labels": st.fixed_dictionaries({"name": st.text(max_size=3), "label": st.text(max_size=3)}),
    "/stages": _stage,
    "pipelines": _pipeline,
    "schemas": _schema,
    "properties": _definition,
    "objects": _record,
}
_any_json = st.recursive(
    _values, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner)
)
_queries = st.dictionaries(
    st.sampled_from(["limit", "after", "archived", "properties", "associations", "idProperty", "email"]),
    st.sampled_from(["1", "0", "x", "true", "email", "companies", "email,nope", "", "1000", "\x00"]),
    max_size=3,
)


_HOSTILE = {
    "a huge integer": b"1" + b"0" * 5000,
    "a huge negative": b"-1" + b"0" * 5000,
    "a huge float": b"1e400",
    "deep arrays": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "arrays just within the decoder's depth": b"[" * 950 + b"]" * 950,
    "unclosed arrays": b"[" * 100_000,
    "half a character": b'"\\ud800"',
    "half a character, then a huge integer": b'"\\ud800", "x": 1' + b"0" * 5000,
    "no UTF-8": b'"\xff\xfe"',
}
_PLACES = [
    b"@", b'{"properties":{"lastname":@}}', b'{"inputs":[{"properties":{"lastname":@}}]}', b'{"inputs":@}',
    b'{"inputs":[{"id":@,"properties":{}}]}', b'{"inputs":[@]}', b'{"name":@,"label":"x"}', b'{"x":@}',
    b'{"filterGroups":[{"filters":[{"propertyName":"lastname","operator":"EQ","value":@}]}],"limit":@}',
    b'{"primaryObjectId":@}', b'[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":@}]',
]  # fmt: skip


@pytest.fixture(scope="module")
def account() -> Iterator[HubSpotOrg]:
    org = open_org("hubspot", seed=_SEED, clock=ManualClock(), settings=OrgSettings(limits=False))
    assert isinstance(org, HubSpotOrg)
    org.seed("contacts", [{"email": f"c{number}@example.com"} for number in range(4)])
    org.seed("companies", [{"name": f"Company {number}"} for number in range(4)])
    yield org
    org.close()


def _body_for(path: str) -> st.SearchStrategy[Any]:
    """Mostly a body as the endpoint wants it, sometimes any JSON."""
    fitting = next((body for part, body in _FITTING.items() if part in path), _record)
    return st.one_of(fitting, fitting, fitting, _any_json)


async def _answer(org: Org, method: str, path: str, query: Any, content: bytes) -> httpx.Response:
    transport = httpx.ASGITransport(app=org.app)
    headers = {"authorization": f"Bearer {org.token}", "content-type": "application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://mock", headers=headers) as client:
        return await client.request(method, path, params=query, content=content)


def _check(org: HubSpotOrg, method: str, path: str, answer: httpx.Response) -> None:
    where = f"{method} {path}: {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500 or answer.status_code == 501, where
    assert answer.content or answer.status_code in (204, 404, 405), where
    if answer.status_code >= 400 and answer.content and "html" not in answer.headers["content-type"]:
        body = answer.json()
        assert {"status", "message", "correlationId"} <= body.keys(), where
        assert body["correlationId"] == answer.headers["x-hubspot-correlation-id"]
        assert isinstance(body["message"], str)
    if answer.status_code == 207:
        assert all({"status", "category", "message", "context"} <= e.keys() for e in answer.json()["errors"])


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_request_breaks_the_account(account: HubSpotOrg, data: st.DataObject) -> None:
    endpoint = data.draw(st.sampled_from(all_endpoints()))
    path = data.draw(st.sampled_from(endpoint.patterns()))
    for name in re.findall(r"\{([^}]+)\}", path):
        value = data.draw(st.sampled_from(_NAMES.get(name) or _KNOWN + _IDS))
        path = path.replace(f"{{{name}}}", value if value == "%00" else quote(value, safe=""))
    body = data.draw(_body_for(path))
    content = b"" if endpoint.method in ("GET", "DELETE") else json.dumps(body, allow_nan=True).encode()
    query = data.draw(_queries)
    answer = asyncio.run(_answer(account, endpoint.method, path, query, content))
    _check(account, endpoint.method, path, answer)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=60))
def test_no_body_breaks_the_account(account: HubSpotOrg, content: bytes) -> None:
    for path in ("/crm/v3/objects/contacts", "/crm/v3/objects/contacts/batch/create", "/oauth/v1/token"):
        _check(account, "POST", path, asyncio.run(_answer(account, "POST", path, {}, content)))


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(branch=_branches)
def test_no_filters_of_a_list_break_the_account(account: HubSpotOrg, branch: dict[str, Any]) -> None:
    body = {"name": str(branch), "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    content = json.dumps(body).encode()
    answer = asyncio.run(_answer(account, "POST", "/crm/v3/lists", {}, content))
    _check(account, "POST", "/crm/v3/lists", answer)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    total=st.integers(0, 25),
    size=st.integers(1, 9),
    archived=st.sets(st.integers(0, 24)),
    gone=st.sets(st.integers(0, 24)),
)
def test_a_list_is_paged_without_loss_or_repeat(
    total: int, size: int, archived: set[int], gone: set[int]
) -> None:
    org = open_org("hubspot", clock=ManualClock(), settings=OrgSettings(limits=False))
    ids = org.seed("deals", [{"dealname": f"D{number}"} for number in range(total)])
    for number in archived:
        if number < total:
            org.delete("deals", ids[number])
    expected = [record_id for number, record_id in enumerate(ids) if number not in archived]

    async def pages(method: str) -> list[str]:
        seen: list[str] = []
        after = ""
        while True:
            if method == "GET":
                query = {"limit": size} | ({"after": after} if after else {})
                answer = await _answer(org, "GET", "/crm/v3/objects/deals", query, b"")
            else:
                body = json.dumps({"limit": size, "after": after}).encode()
                answer = await _answer(org, "POST", "/crm/v3/objects/deals/search", {}, body)
            page = answer.json()
            assert len(page["results"]) <= size
            seen += [record["id"] for record in page["results"]]
            after = page.get("paging", {}).get("next", {}).get("after", "")
            if not after:
                return seen

    assert asyncio.run(pages("GET")) == expected
    assert asyncio.run(pages("POST")) == expected
    org.close()


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    endpoint=st.sampled_from([each for each in all_endpoints() if each.method not in ("GET", "DELETE")]),
    value=st.sampled_from(sorted(_HOSTILE)),
    place=st.sampled_from(_PLACES),
)
def test_no_value_that_json_readers_choke_on_breaks_the_account(
    account: HubSpotOrg, endpoint: Endpoint, value: str, place: bytes
) -> None:
    path = re.sub(r"\{[^}]+\}", "contacts", endpoint.patterns()[0])
    content = place.replace(b"@", _HOSTILE[value])
    _check(account, endpoint.method, path, asyncio.run(_answer(account, endpoint.method, path, {}, content)))
