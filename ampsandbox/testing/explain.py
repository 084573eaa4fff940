"""Failure messages that save a look at the log: what was nearest, what still waits, what was said last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ampsandbox.engine.crm import Exchange
from ampsandbox.engine.model import Batch, Operation, OperationState
from ampsandbox.server.traffic import HandledRequest
from ampsandbox.testing.matching import Wanted, nearest

_LAST = 5
_TEXT_SHOWN = 200


def not_written(wanted: Wanted, operations: Sequence[Operation], found: int, times: int | None) -> list[str]:
    """What was expected, and the writes that come nearest to it."""
    count = "" if times is None else f" {times} time{'' if times == 1 else 's'}, and found {found}"
    lines = [f"expected a write of {wanted.object} with {dict(wanted.fields)!r}{count}."]
    candidates = nearest(wanted, operations)
    if not candidates:
        return [*lines, "No write was accepted at all."]
    lines.append("Nearest:" if candidates[0][1] else "It was accepted, but is not in the CRM:")
    for operation, reasons in candidates:
        lines.append(f"  {operation.object} {operation.mode} {operation.id}: {_state(operation)}")
        lines += [f"    {reason}" for reason in reasons]
    return lines


def _state(operation: Operation) -> str:
    if not operation.errors:
        return operation.state.value
    said = "; ".join(f"{error.code}: {error.message}" for error in operation.errors)
    return f"{operation.state.value} ({said})"


def waiting(batches: Iterable[Batch], now: datetime) -> list[str]:
    """What still waits, when it would flush, and the call that would flush it."""
    lines = []
    for batch in batches:
        if not batch.count:
            continue
        what = f"{batch.count} {batch.mode}{'' if batch.count == 1 else 's'} of {batch.object}"
        if batch.flush_at is None:
            lines.append(f"  {what}, {batch.state}: call sandbox.flush()")
        else:
            call = f"sandbox.advance({_amount(batch.flush_at - now)})"
            lines.append(
                f"  {what}, due at {batch.flush_at:%Y-%m-%d %H:%M:%S}: call {call} or sandbox.flush()"
            )
    return ["Still waiting:", *lines] if lines else []


def _amount(left: timedelta) -> str:
    seconds = max(int(left.total_seconds()) + (left.microseconds > 0), 0)
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds and seconds % size == 0:
            return f"{unit}={seconds // size}"
    return f"seconds={seconds}"


def last_requests(requests: Sequence[HandledRequest]) -> list[str]:
    """The last requests to the write endpoints."""
    lines = [
        f"  {r.method} {r.path} -> {r.status} {_cut(r.response_body.decode('utf-8', 'replace'))}"
        for r in requests
    ]
    return ["Last requests:", *lines[-_LAST:]] if lines else []


def last_exchanges(exchanges: Sequence[Exchange]) -> list[str]:
    """The last requests to CRMs."""
    lines = [f"  {e.method} {e.url} -> {e.status or 'no answer'} {_cut(e.response_body)}" for e in exchanges]
    return ["Last CRM requests:", *lines[-_LAST:]] if lines else []


def states(operations: Iterable[Operation], *wanted: OperationState) -> list[str]:
    """One line for each operation in one of the states."""
    return [f"  {o.object} {o.mode} {o.id}: {_state(o)}" for o in operations if o.state in wanted]


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT_SHOWN else line[:_TEXT_SHOWN] + "…"
