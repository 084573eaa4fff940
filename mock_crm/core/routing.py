"""Which handler answers a path: a tree of segments, walked once per request.

A module announces its endpoints with a function `routes() -> list[Route]`; the provider's org collects them.
Patterns are segments divided by slashes: `{name}` takes one segment, `{name...}` the rest of the path (at
least one segment). Literal segments win over `{name}`. A slash at the end of a path makes no difference.

    def routes() -> list[Route[SalesforceOrg]]:
        return [Route("GET", "/services/data/{version}/limits", limits)]

    def limits(request: Request, org: SalesforceOrg) -> Response:
        return json_response(...)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, Literal, TypeVar

import msgspec

from mock_crm.core.http import Request, Response

OrgT = TypeVar("OrgT", contravariant=True)
_OrgT = TypeVar("_OrgT")
_PATHS_KEPT = 512

Fidelity = Literal["simulated", "simplified", "absent"]
"""How close to the CRM an endpoint is: as far as is known, with the differences that a note tells, or not at
all, which its answer says."""

Handler = Callable[[Request, _OrgT], Response | Awaitable[Response]]


class Route(msgspec.Struct, Generic[_OrgT], frozen=True):
    """One endpoint.

    Attributes:
        method: HTTP method; a GET route answers HEAD too.
        pattern: Path below the org's root; see the module.
        handler: Called with the request and the org. May be a coroutine function when it has to wait for the
            org's clock; it must not wait inside a store transaction.
        is_open: Whether it takes requests without an access token.
        is_counted: Whether it counts against the org's quota.
        scopes: What the access token must be allowed, where the provider has scopes; any of them will do.
        windows: Names of further quota windows that a request counts against.
        is_absent: Whether it only says that the mock does not simulate it.
        note: What is simplified; empty for an endpoint that follows the CRM as far as is known.
    """

    method: str
    pattern: str
    handler: Handler[_OrgT]
    is_open: bool = False
    is_counted: bool = True
    scopes: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    is_absent: bool = False
    note: str = ""

    @property
    def fidelity(self) -> Fidelity:
        """How close to the CRM it is."""
        return "absent" if self.is_absent else "simplified" if self.note else "simulated"


class _Node(msgspec.Struct, Generic[_OrgT]):
    literal: dict[str, _Node[_OrgT]] = {}
    param: _Node[_OrgT] | None = None
    rest: dict[str, tuple[Route[_OrgT], list[str]]] = {}
    routes: dict[str, tuple[Route[_OrgT], list[str]]] = {}


class Router(Generic[_OrgT]):
    """The routes of one provider.

    Args:
        routes: All routes; a later one replaces an earlier one of the same method and pattern.
    """

    def __init__(self, routes: Iterable[Route[_OrgT]] = ()) -> None:
        self._root: _Node[_OrgT] = _Node()
        self._found: dict[tuple[str, ...], tuple[Route[_OrgT], list[str], list[str]]] = {}
        self.routes: list[Route[_OrgT]] = []
        for route in routes:
            self.add(route)

    def add(self, route: Route[_OrgT]) -> None:
        self._found.clear()
        node = self._root
        names: list[str] = []
        self.routes.append(route)
        for segment in route.pattern.strip("/").split("/"):
            if segment.endswith("...}"):
                node.rest[route.method] = (route, [*names, segment[1:-4]])
                return
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.param = node.param or _Node()
                node = node.param
            else:
                node = node.literal.setdefault(segment, _Node())
        node.routes[route.method] = (route, names)

    def find(self, method: str, segments: list[str]) -> tuple[Route[_OrgT], dict[str, str]] | None:
        """The route for a method and path, and the values of its parameters."""
        path = (method, *segments)
        found = self._found.get(path)
        if found is None:
            for routes, values in _matches(self._root, segments, 0, []):
                if method in routes:
                    found = (*routes[method], values)
                    break
            else:
                return None
            # Most paths come again and again; the bound is for those with ids in them.
            if len(self._found) >= _PATHS_KEPT:
                self._found.clear()
            self._found[path] = found
        route, names, values = found
        return route, dict(zip(names, values, strict=True))

    def allowed(self, segments: list[str]) -> list[str]:
        """The methods that the path answers, sorted; empty when there is no such path."""
        return sorted({method for routes, _ in _matches(self._root, segments, 0, []) for method in routes})


def _matches(
    node: _Node[_OrgT], segments: list[str], at: int, values: list[str]
) -> list[tuple[dict[str, tuple[Route[_OrgT], list[str]]], list[str]]]:
    """All nodes that a path leads to, the most literal first."""
    if at == len(segments):
        return [(node.routes, values)] if node.routes else []
    found: list[tuple[dict[str, tuple[Route[_OrgT], list[str]]], list[str]]] = []
    segment = segments[at]
    below = node.literal.get(segment)
    if below is not None:
        found = _matches(below, segments, at + 1, values)
    if node.param is not None:
        found += _matches(node.param, segments, at + 1, [*values, segment])
    if node.rest:
        found.append((node.rest, [*values, "/".join(segments[at:])]))
    return found
