"""Sandboxes that are started once and reset for each test: a start costs much more than a reset."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from ampsandbox.testing.coverage import Coverage
from ampsandbox.testing.sandbox import Sandbox

# One for the project's manifest and some for tests with settings of their own; the oldest makes room.
_KEPT = 8


class SandboxPool(AbstractContextManager["SandboxPool"]):
    """The sandboxes of one test process, by the arguments that they were made with."""

    def __init__(self) -> None:
        self._sandboxes: dict[str, Sandbox] = {}
        self._coverage = Coverage()

    def take(self, **options: Any) -> Sandbox:
        """A sandbox as new, made with these arguments of `Sandbox`."""
        key = repr(sorted((name, str(value)) for name, value in options.items()))
        sandbox = self._sandboxes.pop(key, None)
        if sandbox is None:
            sandbox = Sandbox(**options)
            sandbox.start()
        # A fresh one too, so that the first test of a process sees just what the others see.
        sandbox.reset()
        self._sandboxes[key] = sandbox
        if len(self._sandboxes) > _KEPT:
            self._sandboxes.pop(next(iter(self._sandboxes))).stop()
        return sandbox

    def note(self, sandbox: Sandbox) -> None:
        """Count what a test did with a sandbox towards the coverage of its manifest."""
        self._coverage.add(sandbox)

    def coverage(self) -> dict[str, Any]:
        """What all tests together exercised, as plain JSON."""
        return self._coverage.as_json()

    def __exit__(self, *exc_info: object) -> None:
        for sandbox in self._sandboxes.values():
            sandbox.stop()
        self._sandboxes.clear()
