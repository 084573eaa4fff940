"""Batches as the screen shows them: those that wait, those on their way, and the last ones that ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ampsandbox.engine.model import Batch, BatchState, CircuitState, Installation
from ampsandbox.errors import NotFoundError
from ampsandbox.events import FlushFinished
from ampsandbox.manifest.schedule import ScheduleError, parse_schedule
from ampsandbox.tui.backend.flushes import Flushes, HeldUp
from ampsandbox.tui.backend.views import BatchView

if TYPE_CHECKING:
    from ampsandbox.engine.engine import Engine

_FIRES_SHOWN: Final = 3
_FIRES_KEPT: Final = 1_000


class BatchViews:
    """Makes the views. Used on the engine's loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._flushes = Flushes(engine.events)
        self._fires: dict[tuple[str, datetime], tuple[datetime, ...]] = {}
        self._ended: dict[int, BatchView | None] = {}

    def live(self) -> tuple[BatchView, ...]:
        """The batches that wait or are on their way, oldest first."""
        return self.of(self._engine.batches.all(flushed=0))

    def just_flushed(self) -> tuple[BatchView, ...]:
        """The batches whose flush ended last in this session, newest first."""
        events = self._flushes.ended()
        # Each is read once: counting the outcomes of a large batch takes the journal a while.
        self._ended = {each.seq: self._ended.get(each.seq) or self._look_up(each) for each in events}
        return tuple(view for view in self._ended.values() if view is not None)

    def _look_up(self, event: FlushFinished) -> BatchView | None:
        owner = self._owners().get(event.installation)
        try:
            return self._view(self._engine.batches.get(event.batch), owner, event.at) if owner else None
        except NotFoundError:
            return None

    def of(self, batches: Sequence[Batch]) -> tuple[BatchView, ...]:
        """These batches; those of installations that are gone are left out."""
        owners = self._owners()
        return tuple(
            self._view(item, owners[item.installation_id])
            for item in batches
            if item.installation_id in owners
        )

    def flushed(self, limit: int) -> tuple[BatchView, ...]:
        """The newest batches that are done, newest first, those of earlier sessions too."""
        return self.of([item for item in self._engine.batches.all(limit) if item.state is BatchState.FLUSHED])

    def _owners(self) -> Mapping[str, Installation]:
        return {item.id: item for item in self._engine.installations.all()}

    def _view(self, item: Batch, owner: Installation, finished_at: datetime | None = None) -> BatchView:
        held = self._held_up(item, owner) if item.state is BatchState.FLUSHING else None
        return BatchView(
            id=item.id, installation_id=owner.id, integration=owner.integration, group=owner.group,
            provider=owner.provider, object=item.object_name or item.object, mode=item.mode.value,
            state=item.state.value,
            count=item.count, limit=self._engine.installations.crm(owner.id).limits.collection,
            flush_at=item.flush_at,
            requests_expected=item.requests_expected, requests_unbatched=item.requests_unbatched,
            schedule=item.schedule or "", next_fires=self._next_fires(item, owner),
            is_paused=item.state is BatchState.PAUSED, requests=item.requests,
            reason=item.reason.value if item.reason else "", succeeded=item.succeeded, failed=item.failed,
            in_doubt=item.in_doubt, retry_at=held.until if held else None,
            retry_reason=held.reason if held else "", finished_at=finished_at,
            flush_size=item.flush_size, is_operation=item.is_operation,
        )  # fmt: skip

    def _held_up(self, item: Batch, owner: Installation) -> HeldUp | None:
        """Why a flush makes no requests now: the circuit is open, or its writes wait for a retry."""
        now = self._engine.clock.now()
        connection = self._engine.installations.connection_state(owner.id)
        if connection.circuit is CircuitState.OPEN and connection.until and connection.until > now:
            return HeldUp(connection.until, connection.reason)
        return self._flushes.held_up(item.id, now)

    def _next_fires(self, item: Batch, owner: Installation) -> tuple[datetime, ...]:
        if item.flush_at is None or item.schedule is None:
            return ()
        key = (item.schedule, item.flush_at)
        if key not in self._fires:
            if len(self._fires) > _FIRES_KEPT:
                self._fires.clear()
            self._fires[key] = tuple(self._upcoming(item.schedule, item.flush_at, owner.created_at))
        return self._fires[key]

    def _upcoming(self, schedule: str, first: datetime, anchor: datetime) -> Sequence[datetime]:
        found = [first]
        try:
            parsed = parse_schedule(schedule)
            while len(found) < _FIRES_SHOWN:
                found.append(parsed.next_fire(found[-1], anchor, self._engine.settings.time_zone))
        except ScheduleError:
            return found
        return found
