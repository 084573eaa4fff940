"""Pipelines and their stages, as live runs of October 2026 saw them (kalup)."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.core.store import field_sql
from mock_crm.hubspot import bodies, errors, guards, query, request_models, responses, stage_rules
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.model import ObjectType
from mock_crm.hubspot.pipelines import Pipeline, Stage
from mock_crm.hubspot.timestamps import iso_ms
from mock_crm.hubspot.values import text

API = "crm/pipelines"
_ONE = "/{objectType}/{pipelineId}"
_STAGES = f"{_ONE}/stages"
_STAGE = f"{_STAGES}/{{stageId}}"
_LONGEST_PIPELINE_ID = 36
_LONGEST_STAGE_ID = 100
# The ids of pipelines differ among deals and tickets together (live).
_SHARED_IDS = {"0-3": "0-5", "0-5": "0-3"}


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", API, "/{objectType}", list_pipelines),
        Endpoint("POST", API, "/{objectType}", create),
        Endpoint("GET", API, _ONE, read),
        Endpoint("PUT", API, _ONE, replace),
        Endpoint("PATCH", API, _ONE, update),
        Endpoint("DELETE", API, _ONE, delete),
        Endpoint("GET", API, f"{_ONE}/audit", audit, fidelity="simplified", note="always empty"),
        Endpoint("GET", API, _STAGES, list_stages),
        Endpoint("POST", API, _STAGES, create_stage),
        Endpoint("GET", API, _STAGE, read_stage),
        Endpoint("PUT", API, _STAGE, replace_stage),
        Endpoint("PATCH", API, _STAGE, update_stage),
        Endpoint("DELETE", API, _STAGE, delete_stage),
        Endpoint("GET", API, f"{_STAGE}/audit", audit, fidelity="simplified", note="always empty"),
    ]


# -- pipelines -----------------------------------------------------------------------------------------------


def list_pipelines(request: Request, org: HubSpotContext) -> Response:
    """All pipelines of an object type, in the order of their creation."""
    kind = guards.need_type(request, org, "read").type
    return responses.answer({"results": [pipeline_body(p) for p in org.pipelines.all(kind.id)]})


def create(request: Request, org: HubSpotContext) -> Response:
    """A new pipeline with its stages; the answer has their metadata as they were sent."""
    kind = _writable(request, org)
    given = bodies.read(request, request_models.PipelineInput)
    pipelines = org.pipelines.all(kind.id)
    if len(pipelines) >= org.edition.pipelines:
        raise errors.limit_reached("pipelines", org.edition.pipelines)
    if not given.stages:
        raise errors.no_stages("VALIDATION_ERROR")
    pipeline_id = _checked_id(given.pipeline_id, _LONGEST_PIPELINE_ID)
    if any(pipeline.id == pipeline_id for pipeline in pipelines):
        raise errors.pipeline_id_taken(pipeline_id)
    _check_not_taken(org, kind, pipeline_id, [item.stage_id for item in given.stages])
    _check_pipeline_label(given.label, pipelines)
    pipeline = _new_pipeline(org, kind, given, pipeline_id or _new_id(org))
    sent = {stage.id: _texts(item) for stage, item in zip(pipeline.stages, given.stages, strict=True)}
    pipeline.stages = stage_rules.untied(pipeline.stages)
    pipelines.append(pipeline)
    org.pipelines.save(kind.id, org.now_ms())
    return responses.created(request, _echoed(pipeline, sent), pipeline.id)


def read(request: Request, org: HubSpotContext) -> Response:
    return responses.answer(pipeline_body(_need(request, org, guards.need_type(request, org, "read").type)))


def replace(request: Request, org: HubSpotContext) -> Response:
    """Give a pipeline a new label and order, and the stages listed alone; those it had stay by their ids."""
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    given = bodies.read(request, request_models.PipelineInput)
    if not given.stages:
        raise errors.no_stages("VALIDATION_ERROR")
    _check_pipeline_label(given.label, org.pipelines.all(kind.id), pipeline)
    fresh = _new_pipeline(org, kind, given, pipeline.id)
    kept = {stage.id: stage.created_at for stage in pipeline.stages}
    for stage in fresh.stages:
        stage.created_at = kept.pop(stage.id, stage.created_at)
    _check_unused(request, org, kind, list(kept))
    sent = {stage.id: _texts(item) for stage, item in zip(fresh.stages, given.stages, strict=True)}
    pipeline.label, pipeline.display_order = given.label, given.display_order
    pipeline.stages = stage_rules.untied(fresh.stages)
    pipeline.updated_at = org.now_ms()
    org.pipelines.save(kind.id, org.now_ms())
    return responses.answer(_echoed(pipeline, sent))


def update(request: Request, org: HubSpotContext) -> Response:
    """Change a pipeline's label or order, which counts as a change of its stages."""
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    given = bodies.read(request, request_models.PipelineChange)
    if given.label is not None:
        _check_pipeline_label(given.label, org.pipelines.all(kind.id), pipeline)
        pipeline.label = given.label
    if given.display_order is not None:
        pipeline.display_order = given.display_order
    pipeline.updated_at = org.now_ms()
    for stage in pipeline.stages:
        stage.updated_at = pipeline.updated_at
    org.pipelines.save(kind.id, org.now_ms())
    return responses.answer(pipeline_body(pipeline))


def delete(request: Request, org: HubSpotContext) -> Response:
    """Remove a pipeline for good; see `_check_unused` for one that records are in."""
    kind = _writable(request, org)
    pipeline = org.pipelines.find(kind.id, request.params["pipelineId"])
    if pipeline is None:
        raise errors.no_pipeline_to_delete(request.params["pipelineId"])
    pipelines = org.pipelines.all(kind.id)
    if len(pipelines) == 1:
        raise errors.invalid("The last pipeline of an object type cannot be deleted.")
    _check_unused(request, org, kind, [stage.id for stage in pipeline.stages])
    pipelines.remove(pipeline)
    org.pipelines.save(kind.id, org.now_ms())
    return responses.no_content()


def audit(request: Request, org: HubSpotContext) -> Response:
    """Who changed what; nothing is recorded."""
    _need(request, org, guards.need_type(request, org, "read").type)
    return responses.answer({"results": []})


# -- stages --------------------------------------------------------------------------------------------------


def list_stages(request: Request, org: HubSpotContext) -> Response:
    kind = guards.need_type(request, org, "read").type
    pipeline = org.pipelines.find(kind.id, request.params["pipelineId"])
    if pipeline is None:
        raise errors.not_found()
    return responses.answer({"results": [stage_body(stage) for stage in pipeline.ordered()]})


def create_stage(request: Request, org: HubSpotContext) -> Response:
    """A new stage; the answer has its metadata as they were sent."""
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    given = bodies.read(request, request_models.StageInput)
    if given.stage_id and any(each.stage(given.stage_id) for each in org.pipelines.all(kind.id)):
        raise errors.stage_id_taken(given.stage_id)
    _check_stage_label(given.label, pipeline.stages)
    stage = _new_stage(org, kind, given)
    pipeline.stages = stage_rules.placed(pipeline.stages, stage, given.display_order)
    org.pipelines.save(kind.id, org.now_ms())
    return responses.created(request, stage_body(stage) | {"metadata": _texts(given)}, stage.id)


def read_stage(request: Request, org: HubSpotContext) -> Response:
    pipeline = _need(request, org, guards.need_type(request, org, "read").type)
    return responses.answer(stage_body(_need_stage(request, pipeline)))


def replace_stage(request: Request, org: HubSpotContext) -> Response:
    """Give a stage a new label and order; metadata that are not sent stay."""
    return _change_stage(request, org, request_models.StageInput)


def update_stage(request: Request, org: HubSpotContext) -> Response:
    return _change_stage(request, org, request_models.StageChange)


def _change_stage(
    request: Request,
    org: HubSpotContext,
    model: type[request_models.StageInput | request_models.StageChange],
) -> Response:
    """Change a stage; the answer has its metadata as they were, with those that were sent."""
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    stage = _need_stage(request, pipeline)
    given = bodies.read(request, model)
    others = [each for each in pipeline.stages if each is not stage]
    label = stage.label if given.label is None else given.label
    _check_stage_label(label, others)
    sent = _texts(given)
    unset = {name for name, value in (given.metadata or {}).items() if value is None}
    metadata = {name: value for name, value in (stage.metadata | sent).items() if name not in unset}
    changed = msgspec.structs.replace(stage, label=label, updated_at=org.now_ms())
    stage_rules.check_metadata(kind, metadata)
    changed.metadata = stage_rules.stored(kind, metadata)
    stage_rules.check_closed(kind, pipeline.id, [*others, changed])
    order = given.display_order
    if order is None or order == stage.display_order:
        pipeline.stages = [*others, changed]
    else:
        _check_order(order)
        pipeline.stages = stage_rules.placed(others, changed, order)
    org.pipelines.save(kind.id, org.now_ms())
    return responses.answer(stage_body(changed) | {"metadata": stage.metadata | sent})


def delete_stage(request: Request, org: HubSpotContext) -> Response:
    """Remove a stage for good; one that is not there is no error. See `_check_unused` for one in use."""
    kind = _writable(request, org)
    pipeline = org.pipelines.find(kind.id, request.params["pipelineId"])
    stage = pipeline and pipeline.stage(request.params["stageId"])
    if pipeline is None or stage is None:
        return responses.no_content()
    rest = [each for each in pipeline.stages if each is not stage]
    if not rest:
        raise errors.no_stages()
    stage_rules.check_closed(kind, pipeline.id, rest)
    _check_unused(request, org, kind, [stage.id])
    pipeline.stages = rest
    org.pipelines.save(kind.id, org.now_ms())
    return responses.no_content()


# -- bodies and rules ----------------------------------------------------------------------------------------


def pipeline_body(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline as the API shows it."""
    return {
        "label": pipeline.label,
        "displayOrder": pipeline.display_order,
        "id": pipeline.id,
        "stages": [stage_body(stage) for stage in pipeline.ordered()],
        "createdAt": iso_ms(pipeline.created_at),
        "updatedAt": iso_ms(pipeline.updated_at),
        "archived": False,
    }


def _echoed(pipeline: Pipeline, sent: dict[str, dict[str, str]]) -> dict[str, Any]:
    """A pipeline as the answer to writing it shows it: metadata are those sent, not what is kept of them."""
    body = pipeline_body(pipeline)
    for stage in body["stages"]:
        stage["metadata"] = sent[stage["id"]]
    return body


def stage_body(stage: Stage) -> dict[str, Any]:
    """A stage as the API shows it."""
    return {
        "label": stage.label,
        "displayOrder": stage.display_order,
        "metadata": stage.metadata,
        "id": stage.id,
        "createdAt": iso_ms(stage.created_at),
        "updatedAt": iso_ms(stage.updated_at),
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "archived": False,
    }


def _writable(request: Request, org: HubSpotContext) -> ObjectType:
    kind = guards.need_type(request, org, "write").type
    if not kind.pipeline and not kind.is_custom:
        raise errors.invalid(f"{kind.plural} have no pipelines.")
    return kind


def _need(request: Request, org: HubSpotContext, kind: ObjectType) -> Pipeline:
    pipeline = org.pipelines.find(kind.id, request.params["pipelineId"])
    if pipeline is None:
        raise errors.no_such_pipeline()
    return pipeline


def _need_stage(request: Request, pipeline: Pipeline) -> Stage:
    stage = pipeline.stage(request.params["stageId"])
    if stage is None:
        raise errors.no_such_pipeline()
    return stage


def _new_pipeline(
    org: HubSpotContext, kind: ObjectType, given: request_models.PipelineInput, pipeline_id: str
) -> Pipeline:
    at = org.now_ms()
    pipeline = Pipeline(pipeline_id, given.label, given.display_order, [], at, at)
    for item in given.stages:
        _check_stage_label(item.label, pipeline.stages, is_within_pipeline=True)
        pipeline.stages.append(_new_stage(org, kind, item))
    stage_rules.check_closed(kind, pipeline_id, pipeline.stages)
    return pipeline


def _new_stage(org: HubSpotContext, kind: ObjectType, given: request_models.StageInput) -> Stage:
    _check_order(given.display_order)
    metadata = _texts(given)
    stage_rules.check_metadata(kind, metadata)
    stage_id = _checked_id(given.stage_id, _LONGEST_STAGE_ID) or _new_id(org)
    at = org.now_ms()
    return Stage(stage_id, given.label, given.display_order, stage_rules.stored(kind, metadata), at, at)


def _texts(given: request_models.StageInput | request_models.StageChange) -> dict[str, str]:
    """The metadata that a body sets, as texts."""
    return {name: text(value) for name, value in (given.metadata or {}).items() if value is not None}


def _checked_id(given: str | None, longest: int) -> str:
    """An id that a client chose; line breaks and the like cannot be part of it, nor of any path."""
    if given is not None and not (given.isprintable() and given.strip()):
        raise errors.invalid(f"{given!r} is not a valid id.")
    if given and len(given) > longest:
        raise errors.invalid(f"The id {given} is longer than {longest} characters.")  # 500 in HubSpot
    return given or ""


def _new_id(org: HubSpotContext) -> str:
    return str(100_000 + org.store.next_number("pipelines and stages"))


def _check_not_taken(
    org: HubSpotContext, kind: ObjectType, pipeline_id: str, stage_ids: list[str | None]
) -> None:
    """Refuse what others have: stages of the object type, and ids that deals and tickets share."""
    wanted = {stage_id for stage_id in stage_ids if stage_id}
    taken = any(stage.id in wanted for p in org.pipelines.all(kind.id) for stage in p.stages)
    sharing = _SHARED_IDS.get(kind.id, "")
    if taken or (sharing and org.pipelines.find(sharing, pipeline_id) is not None):
        raise errors.stages_taken()


def _check_pipeline_label(label: str, pipelines: list[Pipeline], own: Pipeline | None = None) -> None:
    _check_text(label)
    if stage_rules.has_label(label, (each.label for each in pipelines if each is not own)):
        raise errors.pipeline_label_taken(label)


def _check_stage_label(label: str, others: list[Stage], *, is_within_pipeline: bool = False) -> None:
    _check_text(label)
    if stage_rules.has_label(label, (each.label for each in others)):
        raise errors.stage_label_taken(label, is_within_pipeline=is_within_pipeline)


def _check_text(label: str) -> None:
    if not label.strip():
        raise errors.invalid("A label must not be empty.")


def _check_order(order: int) -> None:
    if order < 0:
        raise errors.negative_order()


def _check_unused(request: Request, org: HubSpotContext, kind: ObjectType, stages: list[str]) -> None:
    """Refuse to remove stages that records are in, where that is asked for.

    Since version 2026-09 it is, whatever the query says (live); before, records keep the id of a stage that
    is gone unless the query asks for it (developer changelog, July 2026).
    """
    parameter = f"validate{'DealStageUsages' if kind.id == '0-3' else 'References'}BeforeDelete"
    is_new = any(segment.startswith("2026-09") for segment in request.segments[:3])
    if not (is_new or query.flag_in(request, parameter)) or not kind.stage or not stages:
        return
    marks = ", ".join("?" * len(stages))
    rows = list(org.store.scan(kind.id, where=f"{field_sql(kind.stage)} IN ({marks})", parameters=stages))
    if rows:
        used = {row.document[kind.stage] for row in rows}
        raise errors.stages_in_use([each for each in stages if each in used], [row.id for row in rows])
