"""Pipelines and stages, as live runs of October 2026 saw them (kalup; evidence/hubspot.md)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

DEALS = "/crm/pipelines/2026-09/deals"
TICKETS = "/crm/pipelines/2026-09/tickets"
PAGE = {"accept": "*/*"}


def stage(label: str, order: int = 0, probability: Any = "0.5", **more: Any) -> dict[str, Any]:
    return {"label": label, "displayOrder": order, "metadata": {"probability": probability}} | more


async def made(call: Call, *stages: dict[str, Any], label: str = "Second") -> dict[str, Any]:
    answer = await call("POST", DEALS, {"label": label, "displayOrder": 1, "stages": stages})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def orders(call: Call, pipeline_id: str) -> dict[str, int]:
    stages = (await call("GET", f"{DEALS}/{pipeline_id}/stages")).json()["results"]
    return {each["label"]: each["displayOrder"] for each in stages}


async def test_a_pipeline_is_made_changed_and_removed_for_good(call: Call, new: New) -> None:
    pipeline = await made(call, stage("Open"), stage("Won", 1, "1.0"))
    renamed = await call("PATCH", f"{DEALS}/{pipeline['id']}", {"label": "Third"})
    assert [each["label"] for each in renamed.json()["stages"]] == ["Open", "Won"]
    assert (await call("DELETE", f"{DEALS}/{pipeline['id']}")).status_code == 204
    assert (await call("GET", f"{DEALS}/{pipeline['id']}")).status_code == 404
    assert (await call("DELETE", f"{DEALS}/default")).status_code == 400


async def test_what_is_read_of_metadata_is_not_what_was_sent(call: Call) -> None:
    sent = stage("Won", 1, 1)
    sent["metadata"]["nonsense"] = "x"
    pipeline = await made(call, stage("Open", 0, "0.50"), sent)
    assert [each["metadata"] for each in pipeline["stages"]] == [
        {"probability": "0.50"},
        {"probability": "1", "nonsense": "x"},
    ]
    read = (await call("GET", f"{DEALS}/{pipeline['id']}")).json()
    assert [each["metadata"] for each in read["stages"]] == [
        {"isClosed": "false", "probability": "0.5"},
        {"isClosed": "true", "probability": "1.0"},
    ]
    path = f"{DEALS}/{pipeline['id']}/stages/{read['stages'][0]['id']}"
    patched = (await call("PATCH", path, {"metadata": {"probability": "0"}})).json()
    assert patched["metadata"] == {"isClosed": "false", "probability": "0"}
    assert (await call("GET", path)).json()["metadata"] == {"isClosed": "true", "probability": "0.0"}
    assert (await call("PATCH", path, {"metadata": {}})).json()["metadata"]["probability"] == "0.0"
    assert (await call("PATCH", path, {"metadata": {"probability": None}})).status_code == 400


@pytest.mark.parametrize(
    ("change", "status", "message", "sub_category"),
    [
        ({"stages": []}, 400, "Pipeline must have at least one stage", None),
        (
            {"pipelineId": "default"}, 400,
            "There's another pipeline in this portal with pipelineId (default).", None,
        ),
        (
            {"pipelineId": "0"}, 409, "There's another pipeline in this portal with one of the same stages",
            "PipelineError.STAGE_ID_EXISTS_IN_ANOTHER_PIPELINE",
        ),
        (
            {"stages": [stage("A", stageId="closedwon")]}, 409,
            "There's another pipeline in this portal with one of the same stages",
            "PipelineError.STAGE_ID_EXISTS_IN_ANOTHER_PIPELINE",
        ),
        (
            {"label": "sales pipeline"}, 400,
            "An active pipeline with label sales pipeline already exists.", None,
        ),
        ({"stages": [stage("A"), stage("a ", 1)]}, 400, "Stage with label a  already exists", None),
        ({"stages": [stage("A", -1)]}, 400, "Pipeline display order cannot be negative", None),
        (
            {"stages": [{"label": "A", "displayOrder": 0, "metadata": {}}]}, 400,
            "must specify probability when writing a dealstage", None,
        ),
        (
            {"stages": [stage("A", 0, "7")]}, 400,
            "dealstage probability is not valid, must be between 0.0 and 1.0 (inclusive)", None,
        ),
    ],
)  # fmt: skip
async def test_a_pipeline_that_is_refused(
    call: Call, change: dict[str, Any], status: int, message: str, sub_category: str | None
) -> None:
    body = {"label": "New", "displayOrder": 1, "stages": [stage("A")]} | change
    answer = await call("POST", DEALS, body)
    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert answer.json().get("subCategory") == sub_category
    assert len((await call("GET", DEALS)).json()["results"]) == 1


@pytest.mark.parametrize(
    ("metadata", "code"),
    [({"ticketState": "Open"}, "INVALID_PIPELINE_STAGE_METADATA"), ({}, "MISSING_CLOSED_STAGE")],
)
async def test_tickets_need_a_stage_that_is_closed(call: Call, metadata: dict[str, str], code: str) -> None:
    stages = [{"label": "A", "displayOrder": 0, "metadata": metadata}]
    answer = await call("POST", TICKETS, {"label": "New", "displayOrder": 1, "stages": stages})
    assert (answer.status_code, answer.json()["subCategory"]) == (400, f"PipelineError.{code}")
    # The last closed one of those that there are stays, too.
    assert (await call("DELETE", f"{TICKETS}/0/stages/4")).status_code == 400


async def test_two_stages_never_share_a_place(call: Call) -> None:
    pipeline = await made(call, stage("A"), stage("B", 0), stage("C", 5))
    assert await orders(call, pipeline["id"]) == {"B": 0, "A": 1, "C": 2}
    path = f"{DEALS}/{pipeline['id']}/stages"
    added = await call("POST", path, stage("D", 9))
    assert added.json()["metadata"] == {"probability": "0.5"}
    assert await orders(call, pipeline["id"]) == {"B": 0, "A": 1, "C": 2, "D": 9}
    await call("PATCH", f"{path}/{added.json()['id']}", {"displayOrder": 0})
    assert await orders(call, pipeline["id"]) == {"B": 0, "D": 1, "A": 2, "C": 3}


async def test_a_stage_needs_an_id_and_a_label_of_its_own(call: Call) -> None:
    path = f"{DEALS}/{(await made(call, stage('A')))['id']}/stages"
    taken = await call("POST", path, stage("B", stageId="closedwon"))
    assert taken.json()["message"] == (
        "An existing active stage in another pipeline is already using stage id closedwon"
    )
    assert "category" not in taken.json()
    same = await call("POST", path, stage("a"))
    assert same.json()["subCategory"] == "PipelineError.STAGE_LABEL_EXISTS"


async def test_a_replaced_pipeline_keeps_the_stages_that_are_named(call: Call) -> None:
    pipeline = await made(call, stage("A"), stage("B", 1))
    kept = pipeline["stages"][0]["id"]
    body = {"label": "New", "displayOrder": 3, "stages": [stage("A2", stageId=kept), stage("C", 1)]}
    replaced = (await call("PUT", f"{DEALS}/{pipeline['id']}", body)).json()
    assert [each["label"] for each in replaced["stages"]] == ["A2", "C"]
    assert replaced["stages"][0]["id"] == kept
    assert replaced["stages"][1]["id"].isdecimal()


async def test_stages_with_records_stay(call: Call, new: New) -> None:
    deal = await new("deals", dealname="D", dealstage="contractsent")
    stages = [stage("A", stageId="closedwon")]
    for method, path, body in (
        ("DELETE", f"{DEALS}/default/stages/contractsent", None),
        ("DELETE", f"{DEALS}/default", None),
        ("PUT", f"{DEALS}/default", {"label": "New", "displayOrder": 0, "stages": stages}),
    ):
        await made(call, stage("A"), label=f"{method} {path}")
        refused = (await call(method, path, body)).json()
        assert refused["message"] == (
            f"Stage IDs: [contractsent] are being referenced by object IDs: [{deal}]"
        )
        assert refused["context"] == {"stageIds": ["[contractsent]"], "objectIds": [f"[{deal}]"]}
        assert refused["subCategory"] == "PipelineError.STAGE_ID_IN_USE"
    await call("DELETE", f"/crm/v3/objects/deals/{deal}")
    assert (await call("DELETE", f"{DEALS}/default/stages/contractsent")).status_code == 204


async def test_the_last_stage_stays_and_a_missing_one_is_no_error(call: Call) -> None:
    pipeline = await made(call, stage("A"))
    only = f"{DEALS}/{pipeline['id']}/stages/{pipeline['stages'][0]['id']}"
    assert (await call("DELETE", only)).json()["message"] == "Pipeline must have at least one stage"
    for path in (f"{DEALS}/default/stages/nope", f"{DEALS}/nope/stages/nope"):
        assert (await call("DELETE", path)).status_code == 204


async def test_a_missing_pipeline_is_told_in_four_ways(call: Call) -> None:
    for path in ("nope", "default/stages/nope"):
        bare = await call("GET", f"{DEALS}/{path}")
        assert (bare.status_code, bare.text) == (404, "")
        page = await call("GET", f"{DEALS}/{path}", headers=PAGE)
        assert "HTTP ERROR 404" in page.text
    patched = await call("PATCH", f"{DEALS}/nope", {"label": "x"}, headers=PAGE)
    assert (patched.status_code, patched.text) == (404, "")
    listed = await call("GET", f"{DEALS}/nope/stages")
    assert listed.status_code == 404
    assert "category" not in listed.json()
    assert (await call("DELETE", f"{DEALS}/nope")).json()["category"] == "OBJECT_NOT_FOUND"
