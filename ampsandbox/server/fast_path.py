"""The way of most writes: a head that was seen before, and an answer straight out of the journal's commit.

What `Guard`, the dispatcher and `WriteEndpoints` say of a head is asked once. A write behind a right one is
then taken without the task, the messages and the coroutines of ASGI, which were a third of the 303,000
instructions that accepting took (cachegrind, without sockets). All else goes that way, and is refused there.
"""

from __future__ import annotations

from typing import Any, Final

from ampsandbox.server.asgi import Scope
from ampsandbox.server.guard import Guard
from ampsandbox.server.routing import leads_to_writes
from ampsandbox.server.writes import WriteEndpoints, WriteRoute
from mock_crm.core.http_connection import Exchange

_DECISIVE: Final = frozenset(
    {
        b"content-type", b"host", b"origin", b"sec-fetch-mode", b"sec-fetch-site", b"x-amp-proxy-version",
        b"x-api-key",
    }
)  # fmt: skip
"""The headers that guard, dispatcher and endpoints look at."""
_HEADS_KEPT: Final = 256


class WriteFastPath:
    """Takes writes from the connections that they come by."""

    def __init__(self, guard: Guard, writes: WriteEndpoints) -> None:
        self._guard = guard
        self._writes = writes
        self._manifest: object = None
        self._routes: dict[tuple[Any, ...], WriteRoute | None] = {}

    def take(self, exchange: Exchange) -> bool:
        """Accept the write of a request that arrived whole, and answer later; False leaves it to ASGI."""
        route = self._route(exchange.scope)
        return route is not None and self._writes.begin(exchange, route)

    def _route(self, scope: Scope) -> WriteRoute | None:
        """Where a request leads whose head nobody objects to."""
        if self._manifest is not self._writes.manifest:
            self._manifest = self._writes.manifest
            self._routes.clear()
        told = [pair for pair in scope["headers"] if pair[0] in _DECISIVE]
        head = (scope["method"], scope["scheme"], scope["raw_path"], *told)
        if head not in self._routes:
            if len(self._routes) == _HEADS_KEPT:
                self._routes.clear()
            is_let_in = self._guard.objection(scope) is None and leads_to_writes(scope)
            self._routes[head] = self._writes.route(scope) if is_let_in else None
        return self._routes[head]
