"""The last requests that reached the write endpoints, whole, for those who look at what their app sends."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

import msgspec

BYTES_KEPT = 64 * 1024 * 1024
REQUESTS_KEPT = 5_000
Headers = Sequence[tuple[bytes, bytes]]


class HandledRequest(msgspec.Struct, frozen=True, gc=False):
    """One request and its answer, as they were on the wire.

    `endpoint`, `group` and `operation_id` are empty where the request did not get that far. `headers` are the
    request's, names in lower case; what is secret in them is for whoever shows them to mask. `target` is what
    was asked for, not decoded, with the query. `elapsed_ms` is wall time, 0 on a frozen clock; `span` is the
    start and end in `ampsandbox.clock.wall_s` on any clock, for drawing.
    """

    seq: int
    at: datetime
    method: str
    path: str
    status: int
    endpoint: str
    group: str
    operation_id: str
    request_body: bytes
    response_body: bytes
    elapsed_ms: float
    headers: Headers = ()
    response_headers: Headers = ()
    target: bytes = b""
    span: tuple[float, float] = (0.0, 0.0)

    @property
    def size(self) -> int:
        """The bytes of both bodies."""
        return len(self.request_body) + len(self.response_body)


class RequestLog:
    """A ring of handled requests, bounded in number and in bytes.

    Written on the server's loop, read from any thread.
    """

    def __init__(self, kept: int = REQUESTS_KEPT, bytes_kept: int = BYTES_KEPT) -> None:
        self._ring: deque[HandledRequest] = deque()
        self._kept = kept
        self._bytes_kept = bytes_kept
        self._bytes = 0
        self.count = 0

    def add(
        self,
        at: datetime,
        method: str,
        path: str,
        status: int,
        names: tuple[str, str, str],
        bodies: tuple[bytes, bytes],
        elapsed_ms: float,
        headers: tuple[Headers, Headers] = ((), ()),
        target: bytes = b"",
        span: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Keep one request.

        `names` are its endpoint, group and operation id; `bodies` and `headers` what came and what went.
        """
        self.count += 1
        request = HandledRequest(
            self.count, at, method, path, status, *names, *bodies, elapsed_ms, *headers, target, span
        )
        self._ring.append(request)
        self._bytes += len(bodies[0]) + len(bodies[1])
        while len(self._ring) > self._kept or self._bytes > self._bytes_kept:
            self._bytes -= self._ring.popleft().size

    def since(self, seq: int, limit: int = 1_000) -> list[HandledRequest]:
        """The requests after number `seq`, oldest first, at most the last `limit` of them."""
        ring = self._ring.copy()
        new = min(self.count - seq, len(ring), limit)
        return list(islice(reversed(ring), max(new, 0)))[::-1]

    def find(self, seq: int) -> HandledRequest | None:
        """The request of that number, while it is kept."""
        ring = self._ring.copy()
        index = seq - ring[0].seq if ring else -1
        return ring[index] if 0 <= index < len(ring) else None

    def of(self, operation_id: str) -> HandledRequest | None:
        """The request that an operation was made of, while it is kept."""
        return next((item for item in reversed(self._ring.copy()) if item.operation_id == operation_id), None)

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._ring.clear()
        self._bytes = 0
