"""Failure messages that save a look at the log: what was nearest, what still waits, what was said last."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Exchange
    from ampsandbox.engine.model import Batch, Operation
    from ampsandbox.events import FlushStarted
    from ampsandbox.service.handled_request import HandledRequest
    from ampsandbox.testing.matching import Wanted

_LAST = 5
_TEXT_SHOWN = 200
_CLIENT_ERROR = 400


def not_written(wanted: Wanted, operations: Sequence[Operation], found: int, times: int | None) -> list[str]:
    """What was expected, and the writes that come nearest to it."""
    count = "" if times is None else f", {times} time{'' if times == 1 else 's'}, and found {found}"
    article = "a" if wanted.mode is None else "an"
    return [f"expected {article} {wanted.text()}{count}.", *nearest_to(wanted, operations)]


def nearest_to(wanted: Wanted, operations: Sequence[Operation]) -> list[str]:
    """The writes that come nearest to the one wanted, each with what is different about it."""
    candidates = wanted.nearest(operations)
    if not candidates:
        return ["No write was accepted at all."]
    lines = ["Nearest:"]
    for operation, reasons in candidates:
        lines += listed([operation])
        lines += [f"      {reason}" for reason in reasons]
    return lines


def not_batched(
    object_name: str, size: int | None, reason: str | None, flushes: Sequence[tuple[Batch, FlushStarted]]
) -> list[str]:
    """What flush was expected, and the flushes that there were."""
    wanted = f"a flush of {object_name}"
    wanted += f" with {size} write{'' if size == 1 else 's'}" if size is not None else ""
    wanted += f" by {reason}" if reason is not None else ""
    seen = [
        f"  {flush.writes} of {batch.object} by {flush.reason} at {flush.at:%Y-%m-%d %H:%M:%S}"
        for batch, flush in flushes
    ]
    return [f"expected {wanted}.", *(["Flushes:", *seen] if seen else [f"{object_name} was not flushed."])]


def waiting(batches: Iterable[Batch], retried: Mapping[str | None, Operation], now: datetime) -> list[str]:
    """What still waits, until when, and the call that would send it.

    `retried` has, by batch, a write that is tried again after an error of the CRM.
    """
    return ["Still waiting:", *(_waiting(batch, retried.get(batch.id), now) for batch in batches)]


def _waiting(batch: Batch, retried: Operation | None, now: datetime) -> str:
    what = f"  {batch.count} {batch.mode}{'' if batch.count == 1 else 's'} of {batch.object}"
    if retried is not None and retried.next_attempt_at is not None:
        call = f"sandbox.advance({_amount(retried.next_attempt_at - now)})"
        tried = f"tried {retried.attempts} time{'' if retried.attempts == 1 else 's'}"
        return f"{what}, {tried}, again at {retried.next_attempt_at:%Y-%m-%d %H:%M:%S}: call {call}"
    if batch.flush_at is None:
        return f"{what}, {batch.state}: call sandbox.flush()"
    call = f"sandbox.advance({_amount(batch.flush_at - now)})"
    return f"{what}, due at {batch.flush_at:%Y-%m-%d %H:%M:%S}: call {call} or sandbox.flush()"


def _amount(left: timedelta) -> str:
    """The arguments of `advance` that reach so far."""
    seconds = max(math.ceil(left.total_seconds()), 0)
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds and seconds % size == 0:
            return f"{unit}={seconds // size}"
    return f"seconds={seconds}"


def last_requests(requests: Sequence[HandledRequest]) -> list[str]:
    """The last requests to the write endpoints."""
    lines = [
        f"  {r.method} {r.path} -> {r.status} {_body(r.response_body.decode('utf-8', 'replace'), r.status)}"
        for r in requests[-_LAST:]
    ]
    return ["Last requests:", *lines] if lines else []


def last_exchanges(exchanges: Sequence[Exchange]) -> list[str]:
    """The last requests to CRMs, one line each, for the end of a failure's message."""
    lines = [
        f"  {e.method} {_path(e.url)} -> {e.status or 'no answer'} {_body(e.response_body, e.status)}"
        for e in exchanges[-_LAST:]
    ]
    return ["Last CRM requests:", *map(str.rstrip, lines)] if lines else []


def listed(operations: Iterable[Operation]) -> list[str]:
    """One line for each operation: what it is, what it holds, how it stands."""
    return [
        f"  {operation.mode} of {operation.object}{_key(operation)}, {_state(operation)}:"
        f" {_cut(repr(operation.fields))}"
        for operation in operations
    ]


def _key(operation: Operation) -> str:
    return f" {operation.primary_key}" if operation.primary_key is not None else ""


def _state(operation: Operation) -> str:
    state = operation.state.value.replace("_", " ")
    said = "; ".join(f"{error.code}: {error.message}" for error in operation.errors)
    return f"{state} ({_line(said)})" if said else state


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _body(text: str, status: int | None) -> str:
    """The body of an answer; that of a refusal has the reason, and is shown whole."""
    return _line(text) if status is not None and status >= _CLIENT_ERROR else _cut(text)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)


def _cut(text: str) -> str:
    line = _line(text)
    return line if len(line) <= _TEXT_SHOWN else line[:_TEXT_SHOWN] + "…"
