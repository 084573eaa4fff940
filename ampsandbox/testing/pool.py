"""Sandboxes that are started once and reset for each test: a start costs much more than a reset."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from ampsandbox.testing.sandbox import Sandbox

# One for the project's manifest and some for tests with settings of their own; the oldest makes room.
_KEPT = 8


class SandboxPool(AbstractContextManager["SandboxPool"]):
    """The sandboxes of one test process, by the arguments that they were made with."""

    def __init__(self) -> None:
        self._sandboxes: dict[str, Sandbox] = {}

    def take(self, **options: Any) -> Sandbox:
        """A sandbox as new, made with these arguments of `Sandbox`."""
        key = repr(sorted((name, str(value)) for name, value in options.items()))
        sandbox = self._sandboxes.pop(key, None)
        if sandbox is not None and not sandbox.is_as_started:
            # What a test installed, uninstalled or loaded would change the ids that the next test sees.
            sandbox.stop()
            sandbox = None
        if sandbox is None:
            sandbox = Sandbox(**options)
            sandbox.start()
        else:
            sandbox.reset()
        self._sandboxes[key] = sandbox
        if len(self._sandboxes) > _KEPT:
            self._sandboxes.pop(next(iter(self._sandboxes))).stop()
        return sandbox

    def __exit__(self, *exc_info: object) -> None:
        for sandbox in self._sandboxes.values():
            sandbox.stop()
        self._sandboxes.clear()
