"""What a test may assert of a sandbox, and failures that explain themselves.

A name that nothing has (an object, group, integration, endpoint, mode or reason, and a field where its
absence is asserted) is an error with the one that was probably meant, and no assertion that happens to hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from ampsandbox.engine.model import Batch, Operation, OperationState
from ampsandbox.testing import failure_messages
from ampsandbox.testing.inspection import Inspection
from ampsandbox.testing.matching import Wanted
from ampsandbox.testing.names import check_fields, one_of

if TYPE_CHECKING:
    from ampsandbox.events import FlushStarted
    from ampsandbox.service.handled_request import HandledRequest

_CLIENT_ERROR = 400

WriteMode = Literal["insert", "update", "delete"]
"""What a write does; the mode of an operation."""

BatchReason = Literal["schedule", "delay", "size", "request", "manual", "shutdown", "uninstall", "recovery"]
"""Why a batch was delivered; see `ampsandbox.engine.model.FlushReason`."""


class Assertions(Inspection):
    """The `assert_…` methods of `Sandbox`, whose failures show what was written instead."""

    def assert_written(
        self,
        object_name: str,
        fields: Mapping[str, Any] | None = None,
        *,
        group: str | None = None,
        integration: str | None = None,
        mode: WriteMode | None = None,
        key: str | None = None,
        associated_with: str | None = None,
        times: int | None = None,
    ) -> list[Operation]:
        """Assert that the CRM took a write with at least these values, and return the writes that match.

        Args:
            object_name: The object's name in the manifest or in the CRM.
            fields: Values by the names that the app sent.
            group: Written for this group.
            integration: Written by this integration.
            mode: `insert`, `update` or `delete`.
            key: The CRM's id of the record that an update or a delete names.
            associated_with: The CRM's id of a record that it was associated with (HubSpot).
            times: Exactly so many of them; at least one when None.
        """
        __tracebackhide__ = True
        if mode is not None:
            one_of("mode", mode, get_args(WriteMode))
        ids = self._installation_ids(group, integration)
        wanted = Wanted(
            object_name, self._objects(object_name), fields or {}, ids, mode, key, associated_with
        )
        operations = self._operations()
        found = [operation for operation in operations if wanted.is_met_by(operation)]
        if len(found) != times if times is not None else not found:
            self._read(operations)
            self._fail(failure_messages.not_written(wanted, operations, len(found), times))
        return found

    def assert_not_written(
        self,
        object_name: str,
        fields: Mapping[str, Any] | None = None,
        *,
        group: str | None = None,
        integration: str | None = None,
    ) -> None:
        """Assert that the CRM took no write with these values; one that waits or was refused is none."""
        __tracebackhide__ = True
        ids = self._installation_ids(group, integration)
        wanted = Wanted(object_name, self._objects(object_name), fields or {}, ids)
        self._on_loop(lambda: check_fields(self._service.context, object_name, wanted.objects, wanted.fields))
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
        integration: str | None = None,
    ) -> list[Operation]:
        """Assert that a write failed or is in doubt, and return the writes that match.

        Args:
            object_name: The object's name in the manifest or in the CRM.
            fields: Values by the names that the app sent.
            code: The CRM's error code, such as `REQUIRED_FIELD_MISSING`.
            group: Written for this group.
            integration: Written by this integration.
        """
        __tracebackhide__ = True
        ids = self._installation_ids(group, integration)
        wanted = Wanted(object_name, self._objects(object_name), fields or {}, ids)
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
        reason: BatchReason | None = None,
        group: str | None = None,
        integration: str | None = None,
    ) -> None:
        """Assert that a flush delivered writes of an object together.

        Args:
            object_name: The object's name in the manifest or in the CRM.
            size: How many writes the flush had.
            reason: Why it took place, such as `schedule`, `size` or `manual`.
            group: Written for this group.
            integration: Written by this integration.
        """
        __tracebackhide__ = True
        if reason is not None:
            one_of("reason", reason, get_args(BatchReason))
        ids = self._installation_ids(group, integration)
        objects = self._objects(object_name)
        flushes = [
            (batch, event)
            for batch, event in self._flushed_batches()
            if batch.object.lower() in objects and (ids is None or batch.installation_id in ids)
        ]
        if not any(size in (None, flush.writes) and reason in (None, flush.reason) for _, flush in flushes):
            self._fail(failure_messages.not_batched(object_name, size, reason, flushes))

    def assert_no_pending(self) -> None:
        """Assert that no accepted write waits: for its flush, or to be tried again."""
        __tracebackhide__ = True
        if any(batch.count for batch in self.batches):
            self._fail(["expected that nothing waits."])

    def assert_rejected(
        self, endpoint: str | None = None, *, status: int | None = None
    ) -> list[HandledRequest]:
        """Assert that the sandbox itself did not accept a request (4xx), and return those that match.

        A write that it accepted, and that the CRM did not take, is none: see `assert_refused`.

        Args:
            endpoint: The endpoint that was called, as `write_url` takes it.
            status: The HTTP status of the answer.
        """
        __tracebackhide__ = True
        url_path = None if endpoint is None else urlsplit(self.write_url(endpoint)).path
        found = [
            request
            for request in self.requests
            if not request.operation_id
            and request.status >= _CLIENT_ERROR
            and url_path in (None, request.path)
            and status in (None, request.status)
        ]
        if not found:
            to = "" if endpoint is None else f" to {endpoint}"
            answer = "" if status is None else f" with {status}"
            self._fail([f"expected a request{to} that is rejected{answer}."])
        self._seen_rejections.update(request.seq for request in found)
        return found

    def assert_api_calls(
        self, *, at_most: int, group: str | None = None, integration: str | None = None
    ) -> None:
        """Assert that the CRMs were asked at most so often since the test began.

        What an installation asks is counted when the test itself installs.
        """
        __tracebackhide__ = True
        ids = self._installation_ids(group, integration)
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
