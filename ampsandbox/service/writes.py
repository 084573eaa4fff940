"""Verbs that accept writes: one, or the writes of one request."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from ampsandbox.engine.intake import Tell
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

    def begin(self, command: WriteCommand, tell: Tell) -> bool:
        """Accept one write as `submit` does, for who waits without a task; see `Engine.begin`.

        Returns:
            Whether it was begun. It is not where the session is recorded or the clock stands still: those are
            what `submit` sees to besides.
        """
        context = self.context
        if context.recorder is not None or context.clock.is_frozen:
            return False
        context.engine.begin(command, tell)
        return True

    @recorded
    @awaited
    def submit_batch(self, command: BatchCommand) -> Coroutine[Any, Any, str]:
        """Accept the writes of one request as one batch; see `Engine.submit_batch`."""
        return self.context.engine.submit_batch(command)
