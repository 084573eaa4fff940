"""The last requests that reached the write endpoints, whole, for those who look at what their app sends."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from itertools import islice

from ampsandbox.secrets import Masker
from ampsandbox.service.handled_request import HandledRequest, Headers, without_secrets
from ampsandbox.service.request_store import RequestStore

BYTES_KEPT = 64 * 1024 * 1024
REQUESTS_KEPT = 5_000
_KEPT_BESIDE_STORE = 500  # which saves 8 MB


class RequestLog:
    """A ring of handled requests, bounded in number and in bytes; older ones are on disk, where there is one.

    Written on the server's loop, read from any thread. What is read holds no secret.
    """

    def __init__(
        self, kept: int = REQUESTS_KEPT, bytes_kept: int = BYTES_KEPT, masker: Masker | None = None
    ) -> None:
        self.masker = masker or Masker()
        self._kept = kept
        self._bytes_kept = bytes_kept
        self._ring: deque[HandledRequest] = deque()
        self._bytes = 0
        self._store: RequestStore | None = None
        self.count = 0

    def keep_in(self, store: RequestStore) -> None:
        """Go on with what a store holds, and keep there what comes. Called before the first request."""
        self._store = store
        self._kept = min(self._kept, _KEPT_BESIDE_STORE)
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
        self.count = count = self.count + 1
        endpoint, group, operation_id = names
        body, answer = bodies
        own, sent = headers
        request = HandledRequest(
            count, at, method, path, status, endpoint, group, operation_id, body, answer, elapsed_ms,
            own, sent, target, span,
        )  # fmt: skip
        ring = self._ring
        ring.append(request)
        self._bytes += len(body) + len(answer)
        if self._store is not None:
            self._store.save(request)
        while len(ring) > self._kept or self._bytes > self._bytes_kept:
            self._bytes -= ring.popleft().size

    def since(self, seq: int, limit: int = 1_000) -> list[HandledRequest]:
        """The requests after number `seq`, oldest first, at most the last `limit` of them."""
        ring = self._ring.copy()
        wanted = max(min(self.count - seq, limit), 0)
        newest = list(islice(reversed(ring), wanted))[::-1]
        found = without_secrets(newest, self.masker)
        if found and len(found) < wanted and self._store is not None:
            older = self._store.before(found[0].seq, wanted - len(found))
            found = [*(each for each in older if each.seq > seq), *found]
        return found

    def before(self, seq: int, limit: int = 1_000) -> list[HandledRequest]:
        """The requests below number `seq` that are no longer in the ring, oldest first: the last `limit`."""
        return self._store.before(seq, limit) if self._store is not None else []

    def find(self, seq: int) -> HandledRequest | None:
        """The request of that number, while it is kept."""
        ring = self._ring.copy()
        index = seq - ring[0].seq if ring else -1
        if 0 <= index < len(ring):
            return without_secrets([ring[index]], self.masker)[0]
        return self._store.find(seq) if self._store is not None else None

    def of(self, operation_id: str) -> HandledRequest | None:
        """The request that an operation was made of, while it is kept."""
        for request in reversed(self._ring.copy()):
            if request.operation_id == operation_id:
                return without_secrets([request], self.masker)[0]
        return self._store.of(operation_id) if self._store is not None else None

    def clear(self) -> None:
        """Forget all requests; the next one gets the next number all the same."""
        self._ring.clear()
        self._bytes = 0
        if self._store is not None:
            self._store.clear()

    def close(self) -> None:
        """Write what is not on disk yet, where there is one."""
        if self._store is not None:
            self._store.close()
