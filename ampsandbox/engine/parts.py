"""The parts of a running engine, as they know each other."""

from __future__ import annotations

import msgspec

from ampsandbox.engine.batches import Batches
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.installations import Installations
from ampsandbox.engine.write_paths import WritePaths


class Parts(msgspec.Struct, frozen=True):
    """What is built anew around the journal at a start, a reset and a restore."""

    context: EngineContext
    installations: Installations
    paths: WritePaths
    batches: Batches
    delivery: Delivery


class Part:
    def __init__(self, parts: Parts) -> None:
        self._context = parts.context
        self._installations = parts.installations
        self._paths = parts.paths
        self._batches = parts.batches
        self._delivery = parts.delivery
