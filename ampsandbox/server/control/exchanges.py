"""The last HTTP exchanges with CRMs, as they were on the wire, secrets masked."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ampsandbox.engine.exchanges import ObservedExchange
from ampsandbox.server.control.endpoint import Call, Count, Endpoint


class ExchangesQuery(msgspec.Struct, rename="camel"):
    """Which exchanges to list: those after number `since`, the newest `limit` of them."""

    since: Count = 0
    limit: Count = 100


class ExchangeView(msgspec.Struct, rename="camel"):
    """One request to a CRM and its answer; `status` is null when no answer came."""

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
    )


async def _list(call: Call) -> list[ExchangeView]:
    query: ExchangesQuery = call.query
    found = call.service.sandbox.exchanges.since(query.since)
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
