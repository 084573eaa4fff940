"""What a test may assert of a sandbox, and failures that explain themselves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ampsandbox.engine.model import Batch, Installation, Operation, OperationState, QuotaView
from ampsandbox.testing import explain
from ampsandbox.testing.matching import Wanted

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Exchange
    from ampsandbox.events import Event, FlushStarted
    from ampsandbox.server.traffic import HandledRequest


class Assertions(ABC):
    """The `assert_…` methods, over what a sandbox shows of itself."""

    seen_operations: set[str]

    @property
    @abstractmethod
    def operations(self) -> list[Operation]:
        """The accepted writes, oldest first."""

    @property
    @abstractmethod
    def batches(self) -> list[Batch]:
        """Batches that wait or were flushed lately."""

    @property
    @abstractmethod
    def installations(self) -> list[Installation]:
        """All installations."""

    @property
    @abstractmethod
    def requests(self) -> list[HandledRequest]:
        """The last requests to the write endpoints."""

    @property
    @abstractmethod
    def exchanges(self) -> list[Exchange]:
        """The last HTTP exchanges with CRMs."""

    @property
    @abstractmethod
    def events(self) -> list[Event]:
        """The last events."""

    @property
    @abstractmethod
    def quota(self) -> list[QuotaView]:
        """CRM requests used, per installation."""

    @property
    @abstractmethod
    def now(self) -> datetime:
        """The sandbox's current moment."""

    def writes(self, object_name: str | None = None, *, group: str | None = None) -> list[Operation]:
        """The accepted writes of an object and group, oldest first; all of them when nothing is named."""
        ids = self._installation_ids(group)
        return [
            operation
            for operation in self.operations
            if object_name is None or operation.object.lower() == object_name.lower()
            if ids is None or operation.installation_id in ids
        ]

    def assert_written(
        self,
        object_name: str,
        fields: Mapping[str, Any] | None = None,
        *,
        group: str | None = None,
        mode: str | None = None,
        key: str | None = None,
        times: int | None = None,
    ) -> list[Operation]:
        """Assert that the CRM took a write with at least these values, and return the writes that match.

        Args:
            object_name: The object's name in the manifest.
            fields: Values by the names that the app sent.
            group: Written for this group.
            mode: `insert` or `update`.
            key: The primary key of an update.
            times: Exactly so many of them; at least one when None.
        """
        __tracebackhide__ = True
        wanted = Wanted(object_name, fields or {}, self._installation_ids(group), mode, key)
        operations = self.operations
        found = [operation for operation in operations if wanted.is_met_by(operation)]
        if len(found) != times if times is not None else not found:
            self._mark_seen(operations)
            self._fail(explain.not_written(wanted, operations, len(found), times))
        return found

    def assert_not_written(
        self, object_name: str, fields: Mapping[str, Any] | None = None, *, group: str | None = None
    ) -> None:
        """Assert that the CRM took no write with these values."""
        __tracebackhide__ = True
        wanted = Wanted(object_name, fields or {}, self._installation_ids(group))
        found = [operation for operation in self.operations if wanted.is_met_by(operation)]
        if found:
            lines = [f"  {operation.id}: {operation.fields!r}" for operation in found]
            self._fail(
                [f"expected no write of {object_name} with {dict(wanted.fields)!r}, and found:", *lines]
            )

    def assert_batched(
        self,
        object_name: str,
        *,
        size: int | None = None,
        reason: str | None = None,
        group: str | None = None,
    ) -> None:
        """Assert that a flush delivered writes of an object together.

        Args:
            object_name: The object's name in the manifest.
            size: How many writes the flush had.
            reason: Why it took place: schedule, manual, shutdown or uninstall.
            group: Written for this group.
        """
        __tracebackhide__ = True
        ids = self._installation_ids(group)
        flushes = [
            (batch, event)
            for batch, event in self._flushed_batches()
            if batch.object.lower() == object_name.lower() and (ids is None or batch.installation_id in ids)
        ]
        if not any(size in (None, flush.writes) and reason in (None, flush.reason) for _, flush in flushes):
            wanted = f"a flush of {object_name}" + (f" with {size} writes" if size is not None else "")
            wanted += f" by {reason}" if reason is not None else ""
            seen = [
                f"  {f.writes} writes of {b.object} by {f.reason} at {f.at:%Y-%m-%d %H:%M}"
                for b, f in flushes
            ]
            self._fail([f"expected {wanted}.", *(["Flushes:", *seen] if seen else ["There was none."])])

    def assert_no_pending(self) -> None:
        """Assert that no accepted write waits for its flush."""
        __tracebackhide__ = True
        if any(batch.count for batch in self.batches):
            self._fail(["expected that nothing waits."])

    def assert_api_calls(self, *, at_most: int, group: str | None = None) -> None:
        """Assert that the CRMs were asked at most so often, provisioning and descriptions included."""
        __tracebackhide__ = True
        ids = self._installation_ids(group)
        made = sum(view.requests for view in self.quota if ids is None or view.installation_id in ids)
        if made > at_most:
            self._fail([f"expected at most {at_most} CRM requests, and there were {made}."])

    def flushes(self) -> list[FlushStarted]:
        """The last flushes, oldest first."""
        from ampsandbox.events import FlushStarted

        return [event for event in self.events if isinstance(event, FlushStarted)]

    def _flushed_batches(self) -> list[tuple[Batch, FlushStarted]]:
        by_id = {batch.id: batch for batch in self.batches}
        return [(by_id[event.batch], event) for event in self.flushes() if event.batch in by_id]

    def _installation_ids(self, group: str | None) -> frozenset[str] | None:
        if group is None:
            return None
        return frozenset(item.id for item in self.installations if item.group == group)

    def _mark_seen(self, operations: Sequence[Operation]) -> None:
        """A failure that was shown once is not reported again at the end of the test."""
        self.seen_operations |= {o.id for o in operations if o.state is not OperationState.SUCCEEDED}

    def _fail(self, lines: list[str]) -> None:
        __tracebackhide__ = True
        more = [
            *explain.waiting(self.batches, self.now),
            *explain.last_requests(self.requests),
            *explain.last_exchanges(self.exchanges),
        ]
        raise AssertionError("\n".join([*lines, *more]))
