"""A `serve` process as users start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.caller import Caller

ROOT = Path(__file__).parent.parent.parent


class Served:
    """A running `ampsandbox serve`."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "ampsandbox", "serve", *arguments, "--port", "0"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.communicate()[1])
        self.ready = json.loads(line)
        self.caller = Caller(self.ready["url"])
        self.curl, self.curl_text = self.caller.curl, self.caller.curl_text
        self.stderr = ""

    @property
    def url(self) -> str:
        return self.caller.url

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the process with a signal, and return its exit code."""
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        self.stderr = self.process.communicate(timeout=20)[1] or self.stderr
        return self.process.returncode


Serve = Callable[..., Served]
"""Starts `ampsandbox serve` with arguments."""


def _starter() -> Iterator[Serve]:
    running: list[Served] = []

    def start(*arguments: str) -> Served:
        running.append(Served(*arguments))
        return running[-1]

    yield start
    for served in running:
        served.stop(signal.SIGKILL)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts `serve` with arguments, and ends it after the test."""
    yield from _starter()


@pytest.fixture(scope="module")
def serve_once() -> Iterator[Serve]:
    """The same for a whole module, whose tests leave the sandbox as it was."""
    yield from _starter()
