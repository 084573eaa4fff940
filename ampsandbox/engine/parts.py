"""The parts of a running engine, as they know each other."""

from __future__ import annotations

from dataclasses import dataclass

from ampsandbox.engine.batches import Batches
from ampsandbox.engine.context import Context
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.installations import Installations
from ampsandbox.engine.routes import Routes


@dataclass(frozen=True, slots=True)
class Parts:
    """What is built anew around the journal at a start, a reset and a restore."""

    context: Context
    installations: Installations
    routes: Routes
    batches: Batches
    delivery: Delivery


class Part:
    """Has the parts at hand."""

    def __init__(self, parts: Parts) -> None:
        self._context = parts.context
        self._installations = parts.installations
        self._routes = parts.routes
        self._batches = parts.batches
        self._delivery = parts.delivery
