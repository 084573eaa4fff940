"""One request to a write endpoint and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Final

import msgspec

from ampsandbox.secrets import MASK, Masker
from ampsandbox.snippets import is_secret

_MASKED: Final = MASK.encode()
_encode = msgspec.msgpack.Encoder().encode

Headers = Sequence[tuple[bytes, bytes]]


class HandledRequest(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One request and its answer, as they were on the wire.

    `endpoint`, `group` and `operation_id` are empty where the request did not get that far. `headers` are the
    request's, names in lower case; see `without_secrets`. `target` is what was asked for, not decoded, with
    the query. `elapsed_ms` is wall time, 0 on a frozen clock; `span` is the start and end in
    `ampsandbox.clock.wall_s` on any clock, for drawing.
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


def without_secrets(requests: Sequence[HandledRequest], masker: Masker) -> list[HandledRequest]:
    """Requests as they may reach a disk, a client or a screen.

    The body of an accepted write is in the journal as it is; in others, what is named like a secret is
    masked, as what missed the endpoints may have been meant for another program.
    """
    shown = [_masked(each, masker) if _names_secrets(each) else each for each in requests]
    # Hardly any hold a known value, which one look tells for all of them: to look through each part of each
    # request took most of a save, and the screen reads thousands a second.
    return [_masked(each, masker) for each in shown] if masker.is_in(_encode(shown)) else shown


def _names_secrets(request: HandledRequest) -> bool:
    """Whether some of it may be a secret by its place; those that are known by value are not looked for."""
    if not request.operation_id or b"?" in request.target:
        return True
    names = [name for name, _ in chain(request.headers, request.response_headers)]
    return any(map(_is_secret_header, names))


def _masked(request: HandledRequest, masker: Masker) -> HandledRequest:
    def masked(headers: Headers) -> Headers:
        return [(name, _MASKED if _is_secret_header(name) else masker.body(value)) for name, value in headers]

    return msgspec.structs.replace(
        request,
        path=masker.values(request.path),
        headers=masked(request.headers),
        response_headers=masked(request.response_headers),
        target=masker.target(request.target),
        request_body=request.request_body
        if request.operation_id
        else masker.stray_body(request.request_body),
        response_body=masker.body(request.response_body),
    )


@lru_cache(maxsize=1_024)
def _is_secret_header(name: bytes) -> bool:
    """Whether a header of that name holds a secret; asking each time took half of a save."""
    return is_secret(name.decode("latin-1"))
