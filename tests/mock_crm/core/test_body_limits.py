"""A request that never ends holds neither a connection nor memory for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from mock_crm.core.body_limits import BodyLimits, Message

pytestmark = pytest.mark.anyio


async def reading(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads the whole body before it answers."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"read"})


async def answer(limits: BodyLimits, pieces: Iterable[bytes]) -> list[Message]:
    """What is sent to a client whose body comes in pieces and never ends, unless the last one is empty."""
    rest, sent = iter(pieces), list[Message]()

    async def receive() -> Message:
        piece = next(rest, None)
        if piece is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": piece, "more_body": piece != b""}

    async def send(message: Message) -> None:
        sent.append(message)

    await limits.serve(reading, {"type": "http"}, receive, send)
    return sent


async def test_a_body_that_does_not_end_in_time_is_answered_with_408() -> None:
    sent = await answer(BodyLimits(deadline_s=0.01), [b"some"])
    assert [message.get("status") for message in sent] == [408, None]
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_bodies_that_hold_too_much_together_are_answered_with_503() -> None:
    limits = BodyLimits(ceiling_bytes=10)
    limits.held_bytes = 8
    sent = await answer(limits, [b"123", b""])
    assert [message.get("status") for message in sent] == [503, None]
    assert (b"retry-after", b"1") in sent[0]["headers"]


async def test_what_a_body_held_is_free_once_it_is_answered() -> None:
    limits = BodyLimits(ceiling_bytes=10)
    for _ in range(3):
        sent = await answer(limits, [b"1234", b"5678", b""])
        assert sent[0]["status"] == 200
    assert limits.held_bytes == 0
