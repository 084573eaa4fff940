"""Batches: what waits, what is in it, flush, pause, resume."""

from __future__ import annotations

import msgspec

from ampsandbox.engine.model import Batch, Operation
from ampsandbox.server.control.endpoint import Call, Count, Endpoint


class FlushBody(msgspec.Struct, rename="camel"):
    """What to flush: one batch, those of an installation or object, or, with nothing named, all."""

    batch_id: str | None = None
    installation_id: str | None = None
    object: str | None = None


class PageQuery(msgspec.Struct, rename="camel"):
    """Which part of a long list."""

    offset: Count = 0
    limit: Count = 100


async def _list(call: Call) -> list[Batch]:
    return call.server.sandbox.batches()


async def _get(call: Call) -> Batch:
    return call.server.sandbox.batch(call.path["id"])


async def _operations(call: Call) -> list[Operation]:
    return call.server.sandbox.batch_operations(call.path["id"], call.query.offset, call.query.limit)


async def _flush(call: Call) -> list[Batch]:
    body: FlushBody = call.body
    return await call.server.sandbox.flush(body.batch_id, body.installation_id, body.object)


async def _pause(call: Call) -> Batch:
    return await call.server.sandbox.pause(call.path["id"])


async def _resume(call: Call) -> Batch:
    return await call.server.sandbox.resume(call.path["id"])


async def _drop(call: Call) -> Batch:
    return await call.server.sandbox.drop_batch(call.path["id"])


ENDPOINTS = (
    Endpoint(
        "GET",
        "/batches",
        "listBatches",
        "Batches that wait or were flushed lately.",
        _list,
        answer=list[Batch],
    ),
    Endpoint("GET", "/batches/{id}", "getBatch", "One batch.", _get, answer=Batch),
    Endpoint(
        "GET",
        "/batches/{id}/operations",
        "listBatchOperations",
        "The writes of a batch, in order.",
        _operations,
        query=PageQuery,
        answer=list[Operation],
    ),
    Endpoint(
        "POST",
        "/flush",
        "flush",
        "Deliver batches now; answers when their outcomes are known.",
        _flush,
        body=FlushBody,
        answer=list[Batch],
    ),
    Endpoint("POST", "/batches/{id}/pause", "pauseBatch", "Let its schedule pass.", _pause, answer=Batch),
    Endpoint(
        "POST", "/batches/{id}/resume", "resumeBatch", "Follow its schedule again.", _resume, answer=Batch
    ),
    Endpoint("POST", "/batches/{id}/drop", "dropBatch", "Give up all its writes.", _drop, answer=Batch),
)
