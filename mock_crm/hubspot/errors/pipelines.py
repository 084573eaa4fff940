"""Refusals of pipelines and stages; the texts are those of live runs in October 2026 (kalup)."""

from __future__ import annotations

from collections.abc import Sequence

from mock_crm.hubspot.errors.refusal import HubSpotError, invalid, unknown


def no_such_pipeline() -> HubSpotError:
    """No pipeline or stage of this id: a page, or nothing at all for clients that ask for JSON (live)."""
    return HubSpotError(404, "Not Found", is_page=True, is_bare=True)


def no_pipeline_to_delete(identifier: str) -> HubSpotError:
    """No pipeline of this id to be deleted (live; text reported by others)."""
    return unknown(f"No pipeline found with id {identifier}")


def pipeline_id_taken(identifier: str) -> HubSpotError:
    """The object type has a pipeline of this id (live)."""
    return invalid(f"There's another pipeline in this portal with pipelineId ({identifier}).")


def stages_taken() -> HubSpotError:
    """Another pipeline has one of the stages, or another object type the pipeline's id (live)."""
    return HubSpotError(
        409,
        "There's another pipeline in this portal with one of the same stages",
        "OBJECT_ALREADY_EXISTS",
        sub_category="PipelineError.STAGE_ID_EXISTS_IN_ANOTHER_PIPELINE",
    )


def stage_id_taken(identifier: str) -> HubSpotError:
    """A stage that is added has the id of another pipeline's (live)."""
    message = f"An existing active stage in another pipeline is already using stage id {identifier}"
    return HubSpotError(400, message)


def pipeline_label_taken(label: str) -> HubSpotError:
    """The object type has a pipeline of this label, whatever its case (live)."""
    return invalid(f"An active pipeline with label {label} already exists.")


def stage_label_taken(label: str, *, is_within_pipeline: bool) -> HubSpotError:
    """The pipeline has a stage of this label; that of a new pipeline is told no reason (live)."""
    reason = "" if is_within_pipeline else "PipelineError.STAGE_LABEL_EXISTS"
    return invalid(f"Stage with label {label} already exists", sub_category=reason)


def no_stages(category: str = "") -> HubSpotError:
    """A pipeline without any stage (live)."""
    return HubSpotError(400, "Pipeline must have at least one stage", category)


def negative_order() -> HubSpotError:
    """A stage before the first one (live)."""
    return HubSpotError(400, "Pipeline display order cannot be negative")


def no_probability() -> HubSpotError:
    """The stage of a deal without its probability (live)."""
    return HubSpotError(400, "must specify probability when writing a dealstage")


def invalid_probability() -> HubSpotError:
    """A probability that is none (live)."""
    return HubSpotError(400, "dealstage probability is not valid, must be between 0.0 and 1.0 (inclusive)")


def invalid_metadata(plural: str) -> HubSpotError:
    """A stage that is neither open nor closed (live)."""
    return invalid(
        f"Failed to deserialize metadata for object type {plural}",
        sub_category="PipelineError.INVALID_PIPELINE_STAGE_METADATA",
    )


def no_closed_stage(plural: str, identifier: str) -> HubSpotError:
    """A pipeline of tickets in which none can be closed (live)."""
    return invalid(
        f"{plural} pipeline: {identifier} must have at least one closed stage",
        sub_category="PipelineError.MISSING_CLOSED_STAGE",
    )


def stages_in_use(stages: Sequence[str], records: Sequence[str]) -> HubSpotError:
    """Stages that records are in cannot go (live)."""
    listed, users = f"[{', '.join(stages)}]", f"[{', '.join(records)}]"
    return invalid(
        f"Stage IDs: {listed} are being referenced by object IDs: {users}",
        sub_category="PipelineError.STAGE_ID_IN_USE",
        context={"stageIds": [listed], "objectIds": [users]},
    )
