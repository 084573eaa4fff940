"""Endpoints as they are declared, and all the paths under which each is reached.

HubSpot serves the same API under several generations of paths: `/crm/v3/objects/…`, `/crm/v4/objects/…`, and
dated ones, `/crm/objects/2026-03/…`. An endpoint is declared once, and answers under all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mock_crm.core.http import Request, Response
from mock_crm.core.routing import Fidelity, Route
from mock_crm.hubspot.context import HubSpotContext

Handler = Callable[[Request, HubSpotContext], Response]

DATED = ("2025-09", "2026-03", "2026-09", "2026-09-beta")
V3 = ("v3",)
V4 = ("v4", *DATED)
ALL = (*V3, *V4)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of HubSpot's API.

    Attributes:
        method: HTTP method.
        api: The first part of the path, such as `crm/objects` or `oauth`; the version goes behind it.
        path: The rest of the path, with a slash in front, or empty.
        handler: What answers.
        versions: Under which versions.
        fidelity: How close to HubSpot it is.
        note: What is simplified.
        windows: Quota windows that it counts against beside the common ones.
        is_open: Whether it takes requests without a token.
    """

    method: str
    api: str
    path: str
    handler: Handler
    versions: tuple[str, ...] = ALL
    fidelity: Fidelity = "simulated"
    note: str = ""
    windows: tuple[str, ...] = ()
    is_open: bool = False

    def patterns(self) -> list[str]:
        """All paths under which it is reached, the usual one first."""
        family, _, name = self.api.partition("/")
        found = []
        for version in self.versions:
            spellings = [f"/{family}/{version}/{name}", f"/{family}/{name}/{version}"]
            if not name:
                spellings = [f"/{family}/{version}"]
            elif version in DATED:
                spellings.reverse()
            found += [spelling + self.path for spelling in spellings]
        return found


def routes_of(endpoints: Iterable[Endpoint]) -> list[Route[HubSpotContext]]:
    """The routes of all endpoints under all their paths."""
    return [
        Route(
            endpoint.method,
            pattern,
            endpoint.handler,
            is_open=endpoint.is_open,
            is_counted=not endpoint.is_open,
            windows=endpoint.windows,
        )
        for endpoint in endpoints
        for pattern in endpoint.patterns()
    ]
