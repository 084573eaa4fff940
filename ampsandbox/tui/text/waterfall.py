"""The way of one write as a picture: when it came, how long it waited, each CRM request it led to, its end.

Bars share one scale, so that their lengths compare; the waits between them, which may be hours, are words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from textual.content import Content

from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.log_rows import result

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Exchange
    from ampsandbox.tui.backend.views import LogDetail, OperationView

_LEAST_BAR: Final = 12
_MOST_BAR: Final = 60
_BESIDE_BAR: Final = 76
_MARGIN: Final = 10
_SHOWN: Final = 100

# Requests of one flush follow each other closely; a longer gap of either clock is a wait. A clock that is
# hurried makes gaps of its own, of about as many seconds as it is faster.
_GAP: Final = timedelta(seconds=0.5)
_WALL_GAP_S: Final = 0.25
_MOST_SPEED: Final = 4_000

_ENDS: Final = {
    "succeeded": ("✓ written", "$text-success"),
    "failed": ("✗ failed", "$text-error"),
    "in_doubt": ("? in doubt: the answer of the CRM was lost", "$text-warning"),
    "dropped": ("– dropped", "$muted"),
}


class Bar(msgspec.Struct, frozen=True):
    """One request: its start and end in seconds, how it ended, what it was, and what else there is to say."""

    start: float
    end: float
    status: Content
    method: str
    path: str
    style: str
    note: str = ""


class Phase(msgspec.Struct):
    """Bars that follow each other closely, from a moment of the sandbox's clock on."""

    at: datetime
    bars: list[Bar] = msgspec.field(default_factory=list)
    is_retry: bool = False

    @property
    def start(self) -> float:
        """When its first bar starts."""
        return min(bar.start for bar in self.bars)

    @property
    def length(self) -> float:
        """The seconds from the start of the first bar to the end of the last."""
        return max(bar.end for bar in self.bars) - self.start


def waterfall(detail: LogDetail, now: datetime | None, width: int) -> Content:
    """The picture, for a width in cells; `now` is the sandbox's time, for what still waits."""
    phases = _phases(detail)
    room = max(_LEAST_BAR, min(_MOST_BAR, width - _BESIDE_BAR))
    scale = max(phase.length for phase in phases) or 0.001
    lines: list[Content] = []
    for number, phase in enumerate(phases):
        if number:
            lines.append(_wait(phases, number, detail))
        lines += [
            _line(phase.at if not index else None, _drawn(bar, phase.start, scale, room, width))
            for index, bar in enumerate(phase.bars)
        ]
    lines += _end(detail, now)
    return Content("\n").join(lines)


def _phases(detail: LogDetail) -> list[Phase]:
    begin, end = detail.span if detail.span[1] else (0.0, detail.row.elapsed_ms / 1000)
    row, answered = detail.row, plain(result(detail.row)[0])
    phases = [Phase(row.at, [Bar(begin, end, answered, row.method, row.path, "$text-primary")])]
    previous: Exchange | None = None
    for item in detail.crm[-_SHOWN:]:
        start = _starts(item)
        if start > end if previous is None else _waited(previous, item):
            phases.append(Phase(item.at, is_retry=previous is not None and not _is_good(previous)))
        phases[-1].bars.append(_bar(item, start))
        previous = item
    return phases


def _bar(item: Exchange, start: float) -> Bar:
    tone = "$text-success" if _is_good(item) else "$text-error"
    records = f"  {item.records:,} record{'' if item.records == 1 else 's'}" if item.records else ""
    return Bar(start, start + took_s(item), status(item), item.method, path(item.url), tone, records)


def _waited(previous: Exchange, item: Exchange) -> bool:
    """Whether something was waited for between two requests."""
    gap = item.at - previous.at
    distance = _starts(item) - _starts(previous)
    if distance - took_s(previous) > _WALL_GAP_S:
        return True
    return gap > _GAP and (not _is_good(previous) or gap.total_seconds() > distance * _MOST_SPEED)


def _starts(item: Exchange) -> float:
    return item.span[0] if item.span[1] else item.at.timestamp()


def took_s(item: Exchange) -> float:
    """How many seconds of wall time a request took."""
    return item.span[1] - item.span[0] if item.span[1] else item.elapsed_ms / 1000


def _is_good(item: Exchange) -> bool:
    return item.status is not None and item.status < 400


def status(item: Exchange) -> Content:
    """The status of a CRM's answer, with a sign, so that colour is not needed."""
    if item.status is None:
        return Content.styled("? no answer", "$text-warning")
    if _is_good(item):
        return Content.styled(f"✓ {item.status}", "$text-success")
    return Content.styled(f"✗ {item.status}", "$text-error")


def path(url: str) -> str:
    """The URL without scheme and host, which are the same for all."""
    return "/" + url.partition("://")[2].partition("/")[2] if "://" in url else url


# -- lines -------------------------------------------------------------------------------------------------


def _line(at: datetime | None, content: Content) -> Content:
    stamp = f"{at:%H:%M:%S}" if at else ""
    return Content.assemble((f"{stamp:<{_MARGIN}}", "$muted"), content)


def _drawn(bar: Bar, start: float, scale: float, room: int, width: int) -> Content:
    left = min(round((bar.start - start) / scale * room), room - 1)
    length = max(1, min(round((bar.end - bar.start) / scale * room), room - left))
    drawn = " " * left + "━" * length
    took = f"{(bar.end - bar.start) * 1000:>9,.1f} ms  "
    beside = width - _MARGIN - room - len(took) - len(bar.status) - len(bar.method) - 3 - len(bar.note)
    return Content.assemble(
        (f"{drawn:<{room}}", bar.style), (took, "$muted"), bar.status,
        plain(f"  {bar.method} {_end_of(bar.path, beside)}{bar.note}"),
    )  # fmt: skip


def _end_of(text: str, room: int) -> str:
    """The end of a path, which tells requests apart, where there is no room for all of it."""
    return text if len(text) <= room else "…" + text[-max(room - 1, 8) :]


def _wait(phases: Sequence[Phase], number: int, detail: LogDetail) -> Content:
    phase = phases[number]
    words = lasting(phase.at - phases[number - 1].at)
    if phase.is_retry:
        words = f"tried again {f'{words} later' if words else 'at once'}"
    elif number == 1 and detail.operation is not None and detail.operation.batch_id is not None:
        words = f"waited {words or 'a moment'} in its batch"
    else:
        words = f"{words or 'a moment'} later"
    return _line(None, Content.styled(f"┊ {words}", "$text-warning"))


def _end(detail: LogDetail, now: datetime | None) -> Iterator[Content]:
    operation = detail.operation
    if operation is None:
        yield _line(None, Content.styled("It went no further: no operation was made of it.", "$muted"))
        return
    if len(detail.crm) > _SHOWN:
        yield _line(None, Content.styled(f"The last {_SHOWN} CRM requests are shown.", "$muted"))
    if operation.state in _ENDS:
        words, style = _ENDS[operation.state]
        yield _line(operation.finished_at, plain(f"{words}{_outcome(operation)}", f"bold {style}"))
        return
    if not detail.crm:
        yield _line(None, Content.styled(f"◷ {_due(detail, now)}", "$text-warning"))
    elif operation.next_attempt_at is not None:
        left = lasting(operation.next_attempt_at - now) if now else ""
        words = f"◷ tried again {f'in {left}' if left else 'now'} ({operation.next_attempt_at:%H:%M:%S})"
        yield _line(None, Content.styled(words, "$text-warning"))
    else:
        yield _line(None, Content.styled("↑ with the CRM", "$text-primary"))


def _outcome(operation: OperationView) -> str:
    words = f": record {operation.record_id}" if operation.record_id else ""
    if operation.errors:
        words = f": {operation.errors[0]}"
    if operation.accepted_at and operation.finished_at:
        took = lasting(operation.finished_at - operation.accepted_at)
        words += f", {took} after it came" if took else ""
    return words


def _due(detail: LogDetail, now: datetime | None) -> str:
    """When the flush of a write that waits is due, as its answer said."""
    try:
        due = datetime.fromisoformat(str(json.loads(detail.answered)["flushAt"]))
    except (ValueError, KeyError, TypeError):
        return "waits in its batch"
    left = lasting(due - now) if now else ""
    return f"waits in its batch; the flush is {f'in {left}' if left else 'due'} ({due:%Y-%m-%d %H:%M:%S})"


def lasting(span: timedelta) -> str:
    """How long something lasted, in its two largest units; empty below a second."""
    seconds = max(0, int(span.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds % 60, "s")]
    first = next((index for index, (count, _) in enumerate(parts) if count > 0), len(parts))
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)
