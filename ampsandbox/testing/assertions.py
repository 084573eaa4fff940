"""What a test may assert of a sandbox, and failures that explain themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ampsandbox.engine.model import Batch, Operation, OperationState
from ampsandbox.testing import failure_messages
from ampsandbox.testing.inspection import Inspection
from ampsandbox.testing.matching import Wanted

if TYPE_CHECKING:
    from ampsandbox.events import FlushStarted


class Assertions(Inspection):
    """The `assert_…` methods."""

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
        operations = self._operations()
        found = [operation for operation in operations if wanted.is_met_by(operation)]
        if len(found) != times if times is not None else not found:
            self._read(operations)
            self._fail(failure_messages.not_written(wanted, operations, len(found), times))
        return found

    def assert_not_written(
        self, object_name: str, fields: Mapping[str, Any] | None = None, *, group: str | None = None
    ) -> None:
        """Assert that the CRM took no write with these values; one that waits or was refused is none."""
        __tracebackhide__ = True
        wanted = Wanted(object_name, fields or {}, self._installation_ids(group))
        found = [operation for operation in self._operations() if wanted.is_met_by(operation)]
        if found:
            self._fail([f"expected no {wanted.text()}, and found:", *failure_messages.listed(found)])

    def assert_refused(
        self,
        object_name: str,
        fields: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
        group: str | None = None,
    ) -> list[Operation]:
        """Assert that a write failed or is in doubt, and return the writes that match.

        Args:
            object_name: The object's name in the manifest.
            fields: Values by the names that the app sent.
            code: The CRM's error code, such as `REQUIRED_FIELD_MISSING`.
            group: Written for this group.
        """
        __tracebackhide__ = True
        wanted = Wanted(object_name, fields or {}, self._installation_ids(group))
        refused = [item for item in self._dead_letters() if not wanted.reasons_against(item)]
        found = self._read(
            item for item in refused if code is None or code in (error.code for error in item.errors)
        )
        if not found:
            suffix = f" with the code {code}" if code is not None else ""
            self._fail(
                [
                    f"expected a refused {wanted.text()}{suffix}.",
                    *failure_messages.nearest_to(wanted, self.operations),
                ]
            )
        return found

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
            self._fail(failure_messages.not_batched(object_name, size, reason, flushes))

    def assert_no_pending(self) -> None:
        """Assert that no accepted write waits: for its flush, or to be tried again."""
        __tracebackhide__ = True
        if any(batch.count for batch in self.batches):
            self._fail(["expected that nothing waits."])

    def assert_api_calls(self, *, at_most: int, group: str | None = None) -> None:
        """Assert that the CRMs were asked at most so often since the test began.

        What an installation asks is counted when the test itself installs.
        """
        __tracebackhide__ = True
        ids = self._installation_ids(group)
        made = sum(view.requests for view in self.quota if ids is None or view.installation_id in ids)
        if made > at_most:
            self._fail([f"expected at most {at_most} CRM requests, and there were {made}."])

    # -- inside ----------------------------------------------------------------------------------------------

    def _flushed_batches(self) -> list[tuple[Batch, FlushStarted]]:
        by_id = {batch.id: batch for batch in self.batches}
        return [(by_id[event.batch], event) for event in self.flushes() if event.batch in by_id]

    def _fail(self, lines: list[str]) -> None:
        __tracebackhide__ = True
        more = [
            *self.still_waiting(),
            *failure_messages.last_requests(self.requests),
            *failure_messages.last_exchanges(self.exchanges),
        ]
        raise AssertionError("\n".join([*lines, *more]))

    def still_waiting(self) -> list[str]:
        """What waits and the call that would send it, as lines of text; none when nothing waits."""
        batches = [batch for batch in self.batches if batch.count]
        if not batches:
            return []
        retried = {
            item.batch_id: item
            for item in self._operations()
            if item.next_attempt_at is not None and item.state is not OperationState.SUCCEEDED
        }
        return failure_messages.waiting(batches, retried, self.now)
