"""Verbs that accept writes: one, or the writes of one request."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from ampsandbox.engine.model import Operation
from ampsandbox.engine.write_command import BatchCommand, WriteCommand
from ampsandbox.service.awaited import awaited
from ampsandbox.service.context import ServiceGroup
from ampsandbox.service.recorded import recorded


class WriteService(ServiceGroup):
    """Takes writes, whichever endpoint they came to."""

    name = "writes"

    @recorded
    @awaited
    def submit(self, command: WriteCommand) -> Coroutine[Any, Any, Operation]:
        """Accept one write; see `Engine.submit` for when it returns and what it raises."""
        return self.context.engine.submit(command)

    @recorded
    @awaited
    def submit_batch(self, command: BatchCommand) -> Coroutine[Any, Any, str]:
        """Accept the writes of one request as one batch; see `Engine.submit_batch`."""
        return self.context.engine.submit_batch(command)
