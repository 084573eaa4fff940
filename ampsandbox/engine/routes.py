"""Where writes go: an installation, a mode, and an object as its manifest defines it.

A route outlives the manifest it came from, so that what was accepted can still be delivered.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from ampsandbox.engine.context import Context
from ampsandbox.engine.journal import RouteRow, Unit
from ampsandbox.manifest.model import Integration, Manifest, Mode, WriteObject

_INSERT = "INSERT OR REPLACE INTO routes(number, installation, mode, definition) VALUES (?, ?, ?, ?)"

RouteKey = tuple[int, str | None, str, Mode]


@dataclass(slots=True)
class Route:
    """One way of a write. `item` changes with the manifest, the rest does not."""

    number: int
    installation: int
    mode: Mode
    item: WriteObject
    is_stored: bool = False
    is_current: bool = True
    """Whether the manifest still has it."""
    batch_key: tuple[int, str, Mode] = field(init=False)
    """What writes have in common that are flushed together."""

    def __post_init__(self) -> None:
        """Put the key together once: every write asks for it."""
        self.batch_key = (self.installation, self.item.name, self.mode)

    @property
    def schedule(self) -> str | None:
        """The schedule as the current manifest spells it."""
        return self.item.schedule if self.is_current else None


class Routes:
    """Every route there ever was."""

    def __init__(self, context: Context) -> None:
        self._journal = context.journal
        self._by_number: dict[int, Route] = {}
        self._by_key: dict[RouteKey, Route] = {}
        for row in context.journal.read.routes():
            self._add(_from_row(row))

    def __getitem__(self, number: int) -> Route:
        return self._by_number[number]

    def of_installation(self, installation: int) -> list[int]:
        """The numbers of an installation's routes."""
        return [route.number for route in self._by_number.values() if route.installation == installation]

    def scheduled(self, batch_key: tuple[int, str, Mode]) -> Route | None:
        """A route whose writes share a batch of that key and that has a schedule now."""
        routes = self._by_number.values()
        return next((route for route in routes if route.batch_key == batch_key and route.schedule), None)

    def route(self, installation: int, item: WriteObject, mode: Mode) -> Route:
        """The route of a write, new where it is the first one."""
        route = self._by_key.get((installation, item.endpoint, item.name, mode))
        if route is None:
            route = Route(self._journal.next_number("routes"), installation, mode, item)
            self._add(route)
        elif route.item is not item:
            route.is_stored = route.is_stored and route.item == item
            route.item = item
        return route

    def include(self, route: Route, unit: Unit) -> None:
        """Store the route along with what needs it, unless it is stored already."""
        if not route.is_stored:
            row = (route.number, route.installation, route.mode.value, msgspec.json.encode(route.item))
            unit.statements.append((_INSERT, [row]))

    def redefine(self, manifest: Manifest, integrations: dict[int, str]) -> None:
        """Give routes the definitions of a new manifest; `integrations` names that of each installation."""
        for (installation, endpoint, name, mode), route in self._by_key.items():
            integration = manifest.find_integration(integrations.get(installation, ""))
            item = _find(integration, endpoint, name, mode) if integration else None
            route.is_current = item is not None
            if item is not None:
                self.route(installation, item, mode)

    def _add(self, route: Route) -> None:
        self._by_number[route.number] = route
        self._by_key[(route.installation, route.item.endpoint, route.item.name, route.mode)] = route


def _from_row(row: RouteRow) -> Route:
    item = msgspec.json.decode(row.definition, type=WriteObject)
    return Route(row.number, row.installation, Mode(row.mode), item, is_stored=True)


def _find(integration: Integration, endpoint: str | None, name: str, mode: Mode) -> WriteObject | None:
    return next(
        (
            item
            for item in integration.objects
            if item.name == name and item.endpoint == endpoint and item.mode in (mode, None)
        ),
        None,
    )
