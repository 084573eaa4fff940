"""Servers in processes of their own, and load over HTTP by wrk in another."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processor import Slice, count_in, count_out, cpu_s_of

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    pid: int

    def peak_mb(self) -> float | None:
        """The most memory it ever held, in MB; None where the system does not tell."""
        return self._memory_mb("VmHWM")

    def resident_mb(self) -> float | None:
        """The memory that it holds now, in MB; None where the system does not tell."""
        return self._memory_mb("VmRSS")

    def _memory_mb(self, name: str) -> float | None:
        status = Path(f"/proc/{self.pid}/status")
        found = re.search(rf"{name}:\s+(\d+) kB", status.read_text()) if status.exists() else None
        return round(int(found[1]) / 1024, 1) if found else None


@dataclass(frozen=True, slots=True)
class Requests:
    """What wrk sends again and again to a path: a `%d` in the body is counted up."""

    path: str
    body: str
    method: str = "POST"
    headers: Mapping[str, str] | None = None

    @classmethod
    def of(cls, path: str, body: Mapping[str, object]) -> Requests:
        """Post this as JSON."""
        return cls(path, json.dumps(body))

    def once(self) -> bytes:
        """A body as one request has it."""
        return self.body.replace("%d", "1").encode()

    def script(self) -> str:
        """The same as a script of wrk."""
        quoted = self.body.replace("\\", "\\\\").replace("'", "\\'")
        headers = {"Content-Type": "application/json", **(self.headers or {})}
        lines = [f"wrk.headers['{name}'] = '{value}'" for name, value in headers.items()]
        if "%d" not in self.body:
            return "\n".join([f"wrk.method = '{self.method}'", f"wrk.body = '{quoted}'", *lines])
        return "\n".join(
            [
                f"wrk.method = '{self.method}'",
                *lines,
                "local n = 0",
                "request = function()",
                "  n = n + 1",
                f"  return wrk.format(nil, nil, nil, string.format('{quoted}', n))",
                "end",
            ]
        )


@contextmanager
def server(*arguments: str) -> Iterator[Server]:
    """Run `python ARGUMENTS`, which prints a ready line."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        count_in(process.pid)
        yield Server(url, process.pid)
    finally:
        count_out(process.pid)
        process.send_signal(signal.SIGTERM)
        process.communicate()


def has_wrk() -> bool:
    """Whether the load generator is installed."""
    return shutil.which("wrk") is not None


def load(target: Server, requests: Requests, seconds: int, connections: int = 64) -> Slice:
    """Send requests to a server for whole seconds; what is told is its processor time, not the load's."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(requests.script())
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", file.name]
        before = cpu_s_of(target.pid)
        output = subprocess.run(
            [*command, target.url + requests.path], capture_output=True, text=True, check=True
        ).stdout
        cpu_s = cpu_s_of(target.pid) - before
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    found = re.search(r"(\d+) requests in ([\d.]+)(s|m)", output)
    assert found, output
    more = {
        "p50_ms": _latency(output, "50%"),
        "p99_ms": _latency(output, "99%"),
        "errors": float(refused[1]) if refused else 0.0,
    }
    return Slice(int(found[1]), cpu_s, float(found[2]) * (60 if found[3] == "m" else 1), more)


def _latency(output: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", output)
    assert found, output
    return float(found[1]) * _UNITS[found[2]]


def root() -> Path:
    """The repository."""
    return Path(__file__).parent.parent
