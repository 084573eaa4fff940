"""Which operation made which version of a record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.manifest.model import Mode
from ampsandbox.service.record_history import authors

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def operation(made: str, accepted: int, finished: int, key: str | None = "001", **fields: Any) -> Operation:
    mode = Mode.UPDATE if key else Mode.INSERT
    return Operation(
        id=made, installation_id="i1", endpoint=None, object="contact", mode=mode, primary_key=key,
        state=OperationState.SUCCEEDED, batch_id=None, fields=fields, record_id="001",
        accepted_at=NOON + timedelta(seconds=accepted, milliseconds=300),
        finished_at=NOON + timedelta(seconds=finished, milliseconds=600),
    )  # fmt: skip


def version(at_s: int, **fields: Any) -> dict[str, Any]:
    at = NOON + timedelta(seconds=at_s)
    return {"at": at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"), "archived": False, "fields": fields}


def test_versions_and_operations_of_one_moment_are_told_apart_by_their_order() -> None:
    versions = [version(0, Name="a"), version(0, Name="b"), version(0, Name="c")]
    wrote = [operation("insert", 0, 0, None, name="a"), operation("u1", 0, 0, name="b"),
             operation("u2", 0, 0, name="c")]  # fmt: skip
    assert authors(versions, wrote) == ["insert", "u1", "u2"]


def test_a_change_by_hand_while_a_write_waits_is_not_ascribed_to_it() -> None:
    versions = [version(0, Name="seeded"), version(60, Name="by hand"), version(7_200, Name="flushed")]
    wrote = [operation("scheduled", 10, 7_200, name="flushed")]
    assert authors(versions, wrote) == ["", "", "scheduled"]


def test_a_change_of_other_fields_is_not_ascribed_to_a_write() -> None:
    versions = [
        version(0, Name="a"),
        version(5, Name="a", Phone="1", Warmth_Score__c="9"),
        version(5, Name="z"),
    ]
    wrote = [operation("u1", 5, 5, **{"warmth-score": "9"})]
    assert authors(versions, wrote) == ["", "u1", ""]


def test_an_update_does_not_make_the_first_version() -> None:
    assert authors([version(0, Name="a")], [operation("u1", 0, 0, name="a")]) == [""]


def test_a_version_whose_moment_cannot_be_read_has_no_author() -> None:
    assert authors([{"at": "soon", "fields": {}}], [operation("insert", 0, 0, None)]) == [""]
