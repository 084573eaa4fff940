"""What HubSpot takes as a stage of a pipeline, and what it keeps of one (live runs of October 2026)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mock_crm.hubspot import errors
from mock_crm.hubspot.model import ObjectType
from mock_crm.hubspot.pipelines import Stage

_DEALS = "0-3"
_TICKETS = "0-5"
_STATES = ("OPEN", "CLOSED")


def check_metadata(kind: ObjectType, metadata: Mapping[str, str]) -> None:
    """Refuse a deal's stage without a probability, and one that is neither open nor closed.

    Raises:
        HubSpotError: It is one.
    """
    if kind.id == _DEALS:
        if "probability" not in metadata:
            raise errors.no_probability()
        if not 0 <= _number(metadata["probability"]) <= 1:
            raise errors.invalid_probability()
    elif metadata.get(_state(kind), "OPEN") not in _STATES:
        raise errors.invalid_metadata(kind.plural)


def stored(kind: ObjectType, metadata: Mapping[str, str]) -> dict[str, str]:
    """What is kept of a stage's metadata: what the object type has, and what follows from it."""
    if kind.id == _DEALS:
        probability = float(metadata["probability"])
        return {"isClosed": _flag(probability in (0.0, 1.0)), "probability": str(probability)}
    state = metadata.get(_state(kind), "OPEN")
    return {"isClosed": _flag(state == "CLOSED"), _state(kind): state}


def has_label(label: str, others: Iterable[str]) -> bool:
    """Whether a label is among others, whatever its case and the spaces around it."""
    return label.strip().lower() in (other.strip().lower() for other in others)


def check_closed(kind: ObjectType, pipeline_id: str, stages: Sequence[Stage]) -> None:
    """Refuse a pipeline of tickets of which no stage is closed.

    Raises:
        HubSpotError: It is one.
    """
    if kind.id == _TICKETS and all(stage.metadata.get("ticketState") != "CLOSED" for stage in stages):
        raise errors.no_closed_stage(kind.plural, pipeline_id)


def placed(stages: Sequence[Stage], stage: Stage, order: int) -> list[Stage]:
    """The stages with one that is written to a place: behind the one that has it, all numbered anew.

    A place that none has is taken as it is; gaps stay.
    """
    rest = sorted((each for each in stages if each is not stage), key=lambda each: each.display_order)
    holder = next((at for at, each in enumerate(rest) if each.display_order == order), None)
    if holder is None:
        stage.display_order = order
        return [*rest, stage]
    rest.insert(holder + 1, stage)
    return _numbered(rest)


def untied(stages: Sequence[Stage]) -> list[Stage]:
    """The stages of one request, numbered anew where two of them want one place: the later one is first."""
    if len({stage.display_order for stage in stages}) == len(stages):
        return list(stages)
    later_first = list(stages[::-1])
    later_first.sort(key=lambda stage: stage.display_order)
    return _numbered(later_first)


def _numbered(stages: list[Stage]) -> list[Stage]:
    for number, stage in enumerate(stages):
        stage.display_order = number
    return stages


def _state(kind: ObjectType) -> str:
    return "ticketState" if kind.id == _TICKETS else "state"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


def _flag(value: bool) -> str:
    return "true" if value else "false"
