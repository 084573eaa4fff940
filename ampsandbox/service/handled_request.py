"""One request to a write endpoint and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

Headers = Sequence[tuple[bytes, bytes]]


class HandledRequest(msgspec.Struct, frozen=True, gc=False, array_like=True):
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
