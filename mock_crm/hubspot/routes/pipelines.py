"""Pipelines and their stages."""

from __future__ import annotations

from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.core.store import field_sql
from mock_crm.hubspot import bodies, errors, guards, query, request_models, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.model import ObjectType
from mock_crm.hubspot.pipelines import Pipeline, Stage
from mock_crm.hubspot.timestamps import iso_ms

API = "crm/pipelines"
_ONE = "/{objectType}/{pipelineId}"
_STAGES = f"{_ONE}/stages"
_STAGE = f"{_STAGES}/{{stageId}}"


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", API, "/{objectType}", list_pipelines),
        Endpoint("POST", API, "/{objectType}", create),
        Endpoint("GET", API, _ONE, read),
        Endpoint("PUT", API, _ONE, replace),
        Endpoint("PATCH", API, _ONE, update),
        Endpoint("DELETE", API, _ONE, archive),
        Endpoint("GET", API, f"{_ONE}/audit", audit, fidelity="simplified", note="always empty"),
        Endpoint("GET", API, _STAGES, list_stages),
        Endpoint("POST", API, _STAGES, create_stage),
        Endpoint("GET", API, _STAGE, read_stage),
        Endpoint("PUT", API, _STAGE, replace_stage),
        Endpoint("PATCH", API, _STAGE, update_stage),
        Endpoint("DELETE", API, _STAGE, archive_stage),
        Endpoint("GET", API, f"{_STAGE}/audit", audit, fidelity="simplified", note="always empty"),
    ]


# -- pipelines -----------------------------------------------------------------------------------------------


def list_pipelines(request: Request, org: HubSpotContext) -> Response:
    """All pipelines of an object type."""
    kind = guards.need_type(request, org, "read").type
    return responses.answer({"results": [pipeline_body(p) for p in org.pipelines.of(kind.id)]})


def create(request: Request, org: HubSpotContext) -> Response:
    """A new pipeline with its stages."""
    kind = _writable(request, org)
    given = bodies.read(request, request_models.PipelineInput)
    existing = org.pipelines.all(kind.id)
    if len(org.pipelines.of(kind.id)) >= org.edition.pipelines:
        raise errors.limit_reached("pipelines", org.edition.pipelines)
    _check_label(given.label, [p.label for p in existing if not p.archived])
    pipeline = _new_pipeline(org, kind, given, _checked_id(given.pipeline_id) or _new_id(org))
    if any(p.id == pipeline.id for p in existing):
        raise errors.invalid(f"A pipeline with id {pipeline.id} already exists.")
    existing.append(pipeline)
    org.pipelines.save(kind.id, org.now_ms())
    return responses.created(request, pipeline_body(pipeline), pipeline.id)


def read(request: Request, org: HubSpotContext) -> Response:
    return responses.answer(pipeline_body(_need(request, org, guards.need_type(request, org, "read").type)))


def replace(request: Request, org: HubSpotContext) -> Response:
    """Give a pipeline a new label, order and stages."""
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    given = bodies.read(request, request_models.PipelineInput)
    others = [p.label for p in org.pipelines.of(kind.id) if p is not pipeline]
    _check_label(given.label, others)
    fresh = _new_pipeline(org, kind, given, pipeline.id)
    pipeline.label, pipeline.display_order, pipeline.stages = given.label, given.display_order, fresh.stages
    return _changed(org, kind, pipeline)


def update(request: Request, org: HubSpotContext) -> Response:
    """Change a pipeline's label or order."""
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    given = bodies.read(request, request_models.PipelineChange)
    if given.label is not None:
        _check_label(given.label, [p.label for p in org.pipelines.of(kind.id) if p is not pipeline])
        pipeline.label = given.label
    if given.display_order is not None:
        pipeline.display_order = given.display_order
    return _changed(org, kind, pipeline)


def archive(request: Request, org: HubSpotContext) -> Response:
    """Remove a pipeline; see `_check_unused` for one that records are in."""
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    if len(org.pipelines.of(kind.id)) == 1:
        raise errors.invalid("The last pipeline of an object type cannot be deleted.")
    _check_unused(request, org, kind, kind.pipeline, pipeline.id)
    pipeline.archived = True
    org.pipelines.save(kind.id, org.now_ms())
    return responses.no_content()


def audit(request: Request, org: HubSpotContext) -> Response:
    """Who changed what; nothing is recorded."""
    _need(request, org, guards.need_type(request, org, "read").type)
    return responses.answer({"results": []})


# -- stages --------------------------------------------------------------------------------------------------


def list_stages(request: Request, org: HubSpotContext) -> Response:
    pipeline = _need(request, org, guards.need_type(request, org, "read").type)
    return responses.answer({"results": [stage_body(stage) for stage in pipeline.living()]})


def create_stage(request: Request, org: HubSpotContext) -> Response:
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    given = bodies.read(request, request_models.StageInput)
    _check_label(given.label, [s.label for s in pipeline.living()])
    stage = _new_stage(org, kind, given)
    pipeline.stages.append(stage)
    org.pipelines.save(kind.id, org.now_ms())
    return responses.created(request, stage_body(stage), stage.id)


def read_stage(request: Request, org: HubSpotContext) -> Response:
    pipeline = _need(request, org, guards.need_type(request, org, "read").type)
    return responses.answer(stage_body(_need_stage(request, pipeline)))


def replace_stage(request: Request, org: HubSpotContext) -> Response:
    """Give a stage a new label, order and metadata."""
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    stage = _need_stage(request, pipeline)
    given = bodies.read(request, request_models.StageInput)
    _check_metadata(kind, given.metadata)
    _check_label(given.label, [s.label for s in pipeline.living() if s is not stage])
    stage.label, stage.display_order, stage.metadata = given.label, given.display_order, given.metadata
    return _changed_stage(org, kind, stage)


def update_stage(request: Request, org: HubSpotContext) -> Response:
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    stage = _need_stage(request, pipeline)
    given = bodies.read(request, request_models.StageChange)
    metadata = stage.metadata | (given.metadata or {})
    label = stage.label if given.label is None else given.label
    _check_metadata(kind, metadata)
    _check_label(label, [s.label for s in pipeline.living() if s is not stage])
    stage.metadata, stage.label = metadata, label
    if given.display_order is not None:
        stage.display_order = given.display_order
    return _changed_stage(org, kind, stage)


def archive_stage(request: Request, org: HubSpotContext) -> Response:
    """Remove a stage; see `_check_unused` for one that records are in."""
    kind = _writable(request, org)
    pipeline = _need(request, org, kind)
    stage = _need_stage(request, pipeline)
    _check_unused(request, org, kind, kind.stage, stage.id)
    stage.archived = True
    org.pipelines.save(kind.id, org.now_ms())
    return responses.no_content()


# -- bodies and rules ----------------------------------------------------------------------------------------


def pipeline_body(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline as the API shows it."""
    return {
        "label": pipeline.label,
        "displayOrder": pipeline.display_order,
        "id": pipeline.id,
        "stages": [stage_body(stage) for stage in pipeline.living()],
        "createdAt": iso_ms(pipeline.created_at),
        "updatedAt": iso_ms(pipeline.updated_at),
        "archived": pipeline.archived,
    }


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
        "archived": stage.archived,
    }


def _writable(request: Request, org: HubSpotContext) -> ObjectType:
    kind = guards.need_type(request, org, "write").type
    if not kind.pipeline and not kind.is_custom:
        raise errors.invalid(f"{kind.plural} have no pipelines.")
    return kind


def _need(request: Request, org: HubSpotContext, kind: ObjectType) -> Pipeline:
    pipeline = org.pipelines.find(kind.id, request.params["pipelineId"])
    if pipeline is None:
        raise errors.no_such_pipeline(request.params["pipelineId"])
    return pipeline


def _need_stage(request: Request, pipeline: Pipeline) -> Stage:
    stage = pipeline.stage(request.params["stageId"])
    if stage is None:
        raise errors.no_such_pipeline(request.params["stageId"])
    return stage


def _new_pipeline(
    org: HubSpotContext, kind: ObjectType, given: request_models.PipelineInput, pipeline_id: str
) -> Pipeline:
    labels: list[str] = []
    for item in given.stages:
        _check_label(item.label, labels)
        labels.append(item.label)
    at = org.now_ms()
    stages = [_new_stage(org, kind, item) for item in given.stages]
    return Pipeline(pipeline_id, given.label, given.display_order, stages, at, at)


def _new_stage(org: HubSpotContext, kind: ObjectType, given: request_models.StageInput) -> Stage:
    _check_metadata(kind, given.metadata)
    at = org.now_ms()
    metadata = dict(given.metadata)
    if kind.id == "0-3":
        metadata["isClosed"] = "true" if float(metadata["probability"]) in (0.0, 1.0) else "false"
    return Stage(
        _checked_id(given.stage_id) or _new_id(org), given.label, given.display_order, metadata, at, at
    )


def _checked_id(given: str | None) -> str:
    """An id that a client chose; line breaks and the like cannot be part of it, nor of any path."""
    if given is not None and not (given.isprintable() and given.strip()):
        raise errors.invalid(f"{given!r} is not a valid id.")
    return given or ""


def _new_id(org: HubSpotContext) -> str:
    return str(100_000 + org.store.next_number("pipelines and stages"))


def _check_label(label: str, others: list[str]) -> None:
    if not label.strip():
        raise errors.invalid("A label must not be empty.")
    if label in others:
        raise errors.invalid(f"The label {label} is not unique.")


def _check_metadata(kind: ObjectType, metadata: dict[str, str]) -> None:
    """Stages of deals need a probability in steps of a tenth; those of tickets are open or closed."""
    if kind.id == "0-3":
        tenths = [str(number / 10) for number in range(11)]
        try:
            is_valid = str(float(metadata.get("probability", ""))) in tenths
        except ValueError:
            is_valid = False
        if not is_valid:
            raise errors.invalid("Deal stages need metadata.probability from 0.0 to 1.0.")
    if kind.id == "0-5" and metadata.get("ticketState", "OPEN") not in ("OPEN", "CLOSED"):
        raise errors.invalid("metadata.ticketState must be OPEN or CLOSED.")


def _check_unused(request: Request, org: HubSpotContext, kind: ObjectType, name: str, value: str) -> None:
    """Refuse to remove what records are in, where that is asked for.

    By default it is asked for since version 2026-09 only (developer changelog, July 2026); before, records
    keep the id of a pipeline or stage that is gone.
    """
    parameter = f"validate{'DealStageUsages' if kind.id == '0-3' else 'References'}BeforeDelete"
    is_new = any(segment.startswith("2026-09") for segment in request.segments[:3])
    is_asked = query.flag_in(request, parameter) if parameter in request.query else is_new
    if is_asked and name and org.store.count(kind.id, where=f"{field_sql(name)} = ?", parameters=(value,)):
        raise errors.invalid(f"{value} is in use by records and cannot be deleted.")


def _changed(org: HubSpotContext, kind: ObjectType, pipeline: Pipeline) -> Response:
    pipeline.updated_at = org.now_ms()
    org.pipelines.save(kind.id, org.now_ms())
    return responses.answer(pipeline_body(pipeline))


def _changed_stage(org: HubSpotContext, kind: ObjectType, stage: Stage) -> Response:
    stage.updated_at = org.now_ms()
    org.pipelines.save(kind.id, org.now_ms())
    return responses.answer(stage_body(stage))
