"""Operations: follow, edit, retry, drop; and the traffic that made them."""

from __future__ import annotations

from typing import Any

import msgspec

from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.server.control.endpoint import Call, Count, Endpoint
from ampsandbox.service.request_log import HandledRequest


class OperationQuery(msgspec.Struct, rename="camel"):
    """Which operations to list, newest first; `before` is the id of the last one seen."""

    state: OperationState | None = None
    installation_id: str | None = None
    before: str | None = None
    limit: Count = 100


class RetryAllBody(msgspec.Struct, rename="camel"):
    """Whose dead letters to send again; all when None."""

    installation_id: str | None = None


class RetriedAll(msgspec.Struct, rename="camel"):
    """How many dead letters were sent again, and how many there are now."""

    retried: int
    left: int


class FieldsBody(msgspec.Struct, rename="camel"):
    """New values for an operation; None leaves them as they are."""

    fields: dict[str, Any] | None = None


class TrafficQuery(msgspec.Struct, rename="camel"):
    """Which requests to list: those after number `since`."""

    since: Count = 0
    limit: Count = 100


class RequestView(msgspec.Struct, rename="camel"):
    """One request to a write endpoint and its answer."""

    seq: int
    at: Any
    method: str
    path: str
    status: int
    endpoint: str
    group: str
    operation_id: str
    request_body: str
    response_body: str
    elapsed_ms: float


def request_view(request: HandledRequest) -> RequestView:
    """A handled request with its bodies as text."""
    return RequestView(
        request.seq,
        request.at,
        request.method,
        request.path,
        request.status,
        request.endpoint,
        request.group,
        request.operation_id,
        request.request_body.decode("utf-8", "replace"),
        request.response_body.decode("utf-8", "replace"),
        request.elapsed_ms,
    )


async def _list(call: Call) -> list[Operation]:
    query: OperationQuery = call.query
    return call.server.sandbox.operations(
        state=query.state, installation_id=query.installation_id, before=query.before, limit=query.limit
    )


async def _get(call: Call) -> Operation:
    return call.server.sandbox.operation(call.path["id"])


async def _edit(call: Call) -> Operation:
    return await call.server.sandbox.edit(call.path["id"], call.body.fields or {})


async def _retry(call: Call) -> Operation:
    return await call.server.sandbox.retry(call.path["id"], call.body.fields)


async def _drop(call: Call) -> Operation:
    return await call.server.sandbox.drop(call.path["id"])


async def _retry_all(call: Call) -> RetriedAll:
    sandbox = call.server.sandbox
    return RetriedAll(await sandbox.retry_all(call.body.installation_id), sandbox.dead_letter_count())


async def _dead_letters(call: Call) -> list[Operation]:
    return call.server.sandbox.dead_letters()


async def _traffic(call: Call) -> list[RequestView]:
    return [
        request_view(request) for request in call.server.request_log.since(call.query.since, call.query.limit)
    ]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/operations",
        "listOperations",
        "Accepted writes, newest first.",
        _list,
        query=OperationQuery,
        answer=list[Operation],
    ),
    Endpoint(
        "GET", "/operations/{id}", "getOperation", "One operation and its outcome.", _get, answer=Operation
    ),
    Endpoint(
        "PATCH",
        "/operations/{id}",
        "editOperation",
        "Change the values of a write that still waits.",
        _edit,
        body=FieldsBody,
        answer=Operation,
    ),
    Endpoint(
        "POST",
        "/operations/{id}/retry",
        "retryOperation",
        "Send a failed or doubtful write again, as it is or with other values.",
        _retry,
        body=FieldsBody,
        answer=Operation,
    ),
    Endpoint(
        "POST",
        "/operations/{id}/drop",
        "dropOperation",
        "Give up a waiting, failed or doubtful write.",
        _drop,
        answer=Operation,
    ),
    Endpoint(
        "GET",
        "/dead-letters",
        "listDeadLetters",
        "Writes that failed for good or are in doubt.",
        _dead_letters,
        answer=list[Operation],
    ),
    Endpoint(
        "POST",
        "/dead-letters/retry",
        "retryDeadLetters",
        "Send all dead letters again, in order; answers when their outcomes are known.",
        _retry_all,
        body=RetryAllBody,
        answer=RetriedAll,
    ),
    Endpoint(
        "GET",
        "/requests",
        "listRequests",
        "The last requests to the write endpoints, oldest first.",
        _traffic,
        query=TrafficQuery,
        answer=list[RequestView],
    ),
)
