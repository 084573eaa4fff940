"""The last requests that reached the write endpoints, whole, for those who look at what their app sends."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

import msgspec

BODY_KEPT = 65_536
REQUESTS_KEPT = 5_000
Headers = Sequence[tuple[bytes, bytes]]


class HandledRequest(msgspec.Struct, frozen=True, gc=False):
    """One request and its answer, as they were on the wire; bodies are cut at 64 KiB.

    `endpoint`, `group` and `operation_id` are empty where the request did not get that far.
    `elapsed_ms` is wall time, 0 on a frozen clock. `headers` are the request's, names in lower case; what is
    secret in them is for whoever shows them to mask.
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


class Traffic:
    """A bounded ring of handled requests. Written on the server's loop, read from any thread."""

    def __init__(self, kept: int = REQUESTS_KEPT) -> None:
        self._ring: deque[HandledRequest] = deque(maxlen=kept)
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
        headers: Headers = (),
    ) -> None:
        """Keep one request; `names` are its endpoint, group and operation id, `bodies` what came and went."""
        self.count += 1
        request, response = bodies
        self._ring.append(
            HandledRequest(
                self.count,
                at,
                method,
                path,
                status,
                *names,
                request[:BODY_KEPT],
                response[:BODY_KEPT],
                elapsed_ms,
                headers,
            )
        )

    def since(self, seq: int, limit: int = 1_000) -> list[HandledRequest]:
        """The requests after number `seq`, oldest first, at most the last `limit` of them."""
        new = min(self.count - seq, len(self._ring), limit)
        return list(islice(reversed(self._ring.copy()), max(new, 0)))[::-1]

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._ring.clear()
