"""What came in, what went out, and what happened: requests, exchanges with CRMs, events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Final

import msgspec

from ampsandbox.engine.exchanges import ObservedExchange
from ampsandbox.events import Event
from ampsandbox.service.context import ServiceGroup
from ampsandbox.service.count import Count
from ampsandbox.service.handled_request import HandledRequest

_IDS_SHOWN: Final = 1_000


class RequestView(msgspec.Struct, frozen=True, rename="camel"):
    """One request to a write endpoint and its answer, bodies as text."""

    seq: int
    at: datetime
    method: str
    path: str
    status: int
    endpoint: str
    group: str
    operation_id: str
    request_body: str
    response_body: str
    elapsed_ms: float


class ExchangeView(msgspec.Struct, frozen=True, rename="camel"):
    """One request to a CRM and its answer; `status` is null when no answer came.

    `operation_ids` are the first thousand of the operations that it was made for.
    """

    seq: int
    installation_id: str
    at: datetime
    method: str
    url: str
    status: int | None
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    response_headers: tuple[tuple[str, str], ...]
    response_body: str
    elapsed_ms: float
    records: int
    operation_ids: list[str]


class LogService(ServiceGroup):
    """The newest of what passed through the sandbox."""

    name = "log"

    async def requests(self, since: Count = 0, limit: Count = 100) -> Sequence[RequestView]:
        """The last requests to the write endpoints, oldest first.

        Args:
            since: Only those after this number.
            limit: The newest so many of them.
        """
        return [_request_view(request) for request in self.context.request_log.since(since, limit)]

    async def exchanges(
        self, since: Count = 0, limit: Count = 100, operation: str | None = None
    ) -> Sequence[ExchangeView]:
        """The last HTTP exchanges with CRMs, oldest first, secrets masked.

        Args:
            since: Only those after this number.
            limit: The newest so many of them.
            operation: Only those that were made for this operation.
        """
        observed = self.context.engine.exchanges.since(since)
        if operation is not None:
            observed = [item for item in observed if operation in item.operations]
        return [_exchange_view(item) for item in observed[max(len(observed) - limit, 0) :]]

    async def events(self, since: Count = 0, limit: Count = 1_000) -> Sequence[Event]:
        """Everything that happened after number `since`, oldest first."""
        return self.context.engine.events.since(since, limit)

    async def clear(self) -> None:
        """Forget the requests so far; operations and events stay."""
        self.context.request_log.clear()


def _request_view(request: HandledRequest) -> RequestView:
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


def _exchange_view(observed: ObservedExchange) -> ExchangeView:
    exchange = observed.exchange
    return ExchangeView(
        observed.seq,
        observed.installation_id,
        exchange.at,
        exchange.method,
        exchange.url,
        exchange.status,
        exchange.request_headers,
        exchange.request_body,
        exchange.response_headers,
        exchange.response_body,
        exchange.elapsed_ms,
        exchange.records,
        list(islice(observed.operations, _IDS_SHOWN)),
    )
