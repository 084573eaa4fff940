"""The last requests that reached the write endpoints, whole, for those who look at what their app sends."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from ampsandbox.service.handled_request import HandledRequest, Headers
from ampsandbox.service.request_store import RequestStore

BYTES_KEPT = 64 * 1024 * 1024
REQUESTS_KEPT = 5_000
_SHARED = 1_000
T = TypeVar("T", bound=Hashable)


class RequestLog:
    """A ring of handled requests, bounded in number and in bytes; older ones are on disk, where there is one.

    Written on the server's loop, read from any thread.
    """

    def __init__(self, kept: int = REQUESTS_KEPT, bytes_kept: int = BYTES_KEPT) -> None:
        self._kept = kept
        self._bytes_kept = bytes_kept
        self._ring: deque[HandledRequest] = deque()
        self._bytes = 0
        self._shared: dict[Any, Any] = {}
        self._store: RequestStore | None = None
        self.count = 0

    def keep_in(self, store: RequestStore) -> None:
        """Go on with what a store holds, and keep there what comes. Called before the first request."""
        self._store = store
        self._ring.extend(store.newest(self._kept, self._bytes_kept))
        self._bytes = sum(request.size for request in self._ring)
        self.count = self._ring[-1].seq if self._ring else 0

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
        share = self._share
        endpoint, group, operation_id = names
        request = HandledRequest(
            self.count,
            at,
            method,
            share(path),
            status,
            share(endpoint),
            share(group),
            operation_id,
            *bodies,
            elapsed_ms,
            tuple(map(share, headers[0])),
            tuple(map(share, headers[1])),
            share(target),
            span,
        )
        self._ring.append(request)
        self._bytes += len(bodies[0]) + len(bodies[1])
        if self._store is not None:
            self._store.save(request)
        while len(self._ring) > self._kept or self._bytes > self._bytes_kept:
            self._bytes -= self._ring.popleft().size

    def _share(self, value: T) -> T:
        """The same value as before: requests differ in little, and a full log takes 4 MB less so."""
        if len(self._shared) >= _SHARED:
            self._shared.clear()
        found: T = self._shared.setdefault(value, value)
        return found

    def since(self, seq: int, limit: int = 1_000) -> list[HandledRequest]:
        """The requests after number `seq`, oldest first, at most the last `limit` of them."""
        ring = self._ring.copy()
        new = min(self.count - seq, len(ring), limit)
        return list(islice(reversed(ring), max(new, 0)))[::-1]

    def before(self, seq: int, limit: int = 1_000) -> list[HandledRequest]:
        """The requests below number `seq` that are no longer in the ring, oldest first: the last `limit`."""
        return self._store.before(seq, limit) if self._store is not None else []

    def find(self, seq: int) -> HandledRequest | None:
        """The request of that number, while it is kept."""
        ring = self._ring.copy()
        index = seq - ring[0].seq if ring else -1
        if 0 <= index < len(ring):
            return ring[index]
        return self._store.find(seq) if self._store is not None else None

    def of(self, operation_id: str) -> HandledRequest | None:
        """The request that an operation was made of, while it is kept."""
        for request in reversed(self._ring.copy()):
            if request.operation_id == operation_id:
                return request
        return self._store.of(operation_id) if self._store is not None else None

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._ring.clear()
        self._bytes = 0
        if self._store is not None:
            self._store.clear()

    def close(self) -> None:
        """Write what is not on disk yet, where there is one."""
        if self._store is not None:
            self._store.close()
