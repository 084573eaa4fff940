"""The last HTTP exchanges with CRMs, as they were on the wire, secrets masked."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Final

import msgspec

from ampsandbox.engine.exchanges import ObservedExchange
from ampsandbox.server.control.endpoint import Call, Count, Endpoint

_IDS_SHOWN: Final = 1_000


class ExchangesQuery(msgspec.Struct, rename="camel"):
    """Which exchanges to list: those after number `since`, the newest `limit` of them.

    With `operation`, only those that were made for this one.
    """

    since: Count = 0
    limit: Count = 100
    operation: str | None = None


class ExchangeView(msgspec.Struct, rename="camel"):
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


def exchange_view(observed: ObservedExchange) -> ExchangeView:
    """An exchange with its number and installation."""
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


async def _list(call: Call) -> list[ExchangeView]:
    query: ExchangesQuery = call.query
    found = call.server.sandbox.exchanges.since(query.since)
    if query.operation is not None:
        found = [item for item in found if query.operation in item.operations]
    return [exchange_view(item) for item in found[max(len(found) - query.limit, 0) :]]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/exchanges",
        "listExchanges",
        "The last HTTP exchanges with CRMs, oldest first, secrets masked.",
        _list,
        query=ExchangesQuery,
        answer=list[ExchangeView],
    ),
)
