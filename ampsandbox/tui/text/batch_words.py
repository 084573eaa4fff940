"""A batch in words and bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ampsandbox.tui.text.words import countdown

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import BatchView
    from ampsandbox.tui.widgets.rows import Cell

REASONS: Final = {
    "schedule": "by its schedule", "manual": "by hand", "shutdown": "before the end",
    "uninstall": "before its uninstallation", "recovery": "after a restart",
    "delay": "when its delay was over", "size": "when it was full", "request": "as one request",
}  # fmt: skip


def bar(batch: BatchView, width: int = 6) -> str:
    """How full the last request of the flush is, or an auto-batch; while a flush runs, how far it came."""
    if batch.state == "flushing":
        return _filled(batch.done, batch.done + batch.count, width)
    if batch.flush_size:
        return _filled(min(batch.count, batch.flush_size), batch.flush_size, width, least=bool(batch.count))
    filled = batch.count % batch.limit if batch.limit else 0
    if batch.count and batch.limit and not filled:
        filled = batch.limit
    return _filled(filled, batch.limit, width, least=bool(batch.count))


def _filled(part: int, whole: int, width: int, *, least: int = 0) -> str:
    cells = round(part / whole * width) if whole else 0
    cells = max(cells, least)
    return "━" * cells + "╌" * (width - cells)


def when(batch: BatchView, now: datetime) -> Cell:
    """How long the batch waits still, how far its flush came, or when it ended."""
    if batch.state == "flushed":
        return (f"{batch.finished_at:%H:%M:%S}" if batch.finished_at else "–", "muted")
    if batch.state == "flushing":
        again = batch.retry_at
        return (f"↻ {countdown(again - now)}", "warn") if again else (percent(batch), "accent")
    if batch.is_paused:
        return ("paused", "warn")
    if batch.flush_at is None:
        return ("–", "muted")
    return (countdown(batch.flush_at - now), "strong")


def percent(batch: BatchView) -> str:
    """How much of a flush is done."""
    whole = batch.done + batch.count
    return f"↑ {batch.done * 100 // whole}%" if whole else "↑"


def cost(batch: BatchView) -> str:
    """The requests of the flush, and what it would have cost without batches."""
    if batch.state == "flushed":
        return f"{batch.requests:,} not {batch.done:,}"
    if batch.state == "flushing":
        return f"{batch.requests:,} of {batch.requests + batch.requests_expected:,}"
    return f"{batch.requests_expected:,} not {batch.requests_unbatched:,}"


def total(batches: Sequence[BatchView], group: str = "") -> str:
    """What waits in all, and what its delivery will cost; the group where it is the same for all."""
    if not batches:
        return ""
    waiting = sum(batch.count for batch in batches)
    words = [f"{waiting:,} waiting", group]
    if len(batches) > 1:
        requests = _times(sum(batch.requests_expected for batch in batches), "request")
        unbatched = sum(batch.requests_unbatched for batch in batches)
        words = [f"{waiting:,} waiting in {len(batches):,}", group, f"{requests} not {unbatched:,}"]
    return " · ".join(filter(None, words))


def upcoming(batch: BatchView) -> str:
    """The fires after the next one, as times of day."""
    return " ".join(f"{at:%H:%M}" for at in batch.next_fires[1:3])


def outcome(batch: BatchView) -> Cell:
    """What came of a flush, in a few characters."""
    parts = [(batch.succeeded, "✓"), (batch.failed, "✗"), (batch.in_doubt, "?")]
    words = " ".join(f"{sign} {count:,}" for count, sign in parts if count)
    return (words or "– dropped", "bad" if batch.failed else "warn" if batch.in_doubt else "good")


def in_full(batch: BatchView, now: datetime | None) -> str:
    """What the list has no room for."""
    if batch.state == "flushed":
        return _flushed(batch)
    if batch.state == "flushing" and now is not None:
        return _flushing(batch, now)
    fires = moments(batch.next_fires, now)
    schedule = batch.schedule or _without_schedule(batch, now)
    paused = "paused, p resumes" if batch.is_paused else ""
    limit = f"{batch.limit:,} fit a request" if batch.limit else ""
    requests = f"{_times(batch.requests_expected, 'request')} instead of {batch.requests_unbatched:,}"
    fires = f"at {fires}" if fires and not paused else ""
    return " · ".join(part for part in (paused, schedule, requests, fires, limit) if part)


def _without_schedule(batch: BatchView, now: datetime | None) -> str:
    """What has a batch flushed that no schedule flushes."""
    if batch.flush_size:
        left = f" or in {countdown(batch.flush_at - now)}" if batch.flush_at and now else ""
        return f"auto-batch: at {batch.flush_size:,} writes{left}"
    if batch.is_operation:
        return "one request with many records"
    return "no schedule any more: {flush-batch} flushes it by hand, {drop-batch} drops it"


def moments(found: Sequence[datetime], now: datetime | None) -> str:
    """Times of day, those of another day with its name."""
    return ", ".join(f"{at:%H:%M}" if now and at.date() == now.date() else f"{at:%a %H:%M}" for at in found)


def _flushing(batch: BatchView, now: datetime) -> str:
    whole = batch.done + batch.count
    parts = [f"{batch.done:,} of {whole:,}", f"{cost(batch)} requests", REASONS.get(batch.reason, "")]
    if batch.retry_at is not None:
        parts.insert(1, f"↻ again in {countdown(batch.retry_at - now)} after {batch.retry_reason}")
    return " · ".join(part for part in parts if part)


def _flushed(batch: BatchView) -> str:
    requests = f"{_times(batch.requests, 'request')} instead of {batch.done:,}"
    words = outcome(batch)[0]
    return f"flushed {REASONS.get(batch.reason, '')} · {words} · {requests}"


def _times(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
