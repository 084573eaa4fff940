"""Load over HTTP by wrk, against servers that run beside each other, in interleaved slices."""

from __future__ import annotations

import json
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk measured: requests a second, and latencies in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float
    errors: int


_pids: dict[str, int] = {}


@contextmanager
def server(*arguments: str) -> Iterator[str]:
    """Run `python ARGUMENTS`, which prints a ready line, and give its URL."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        _pids[url] = process.pid
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def peak_mb(url: str) -> float | None:
    """The most memory that a running `server` ever held, in MB; None where the system does not tell."""
    status = Path(f"/proc/{_pids[url]}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return round(int(found[1]) / 1024, 1) if found else None


def encoded(body: Mapping[str, object]) -> bytes:
    """A body of `wrk` as one request has it."""
    return json.dumps(body).replace("%d", "1").encode()


def has_wrk() -> bool:
    """Whether the load generator is installed."""
    return shutil.which("wrk") is not None


def wrk(url: str, body: Mapping[str, object], seconds: float, connections: int = 64) -> Load:
    """Post `body` again and again; a `%d` in it is counted up, so that no two requests are the same."""
    script = _script(json.dumps(body))
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds:g}s", "--latency", "-s", file.name, url]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    return Load(
        _rate(output), _latency(output, "50%"), _latency(output, "99%"), int(errors[1]) if errors else 0
    )


def _script(body: str) -> str:
    quoted = body.replace("\\", "\\\\").replace("'", "\\'")
    return f"""
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local n = 0
request = function()
  n = n + 1
  return wrk.format(nil, nil, nil, string.format('{quoted}', n))
end
"""


def _rate(output: str) -> float:
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert found, output
    return float(found[1])


def _latency(output: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", output)
    assert found, output
    return float(found[1]) * _UNITS[found[2]]


def interleaved(
    targets: Mapping[str, tuple[str, Mapping[str, object]]], rounds: int, seconds: float
) -> dict[str, list[Load]]:
    """Measure each target once a round, so that what disturbs the machine disturbs all of them."""
    loads: dict[str, list[Load]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, (url, body) in targets.items():
            loads[name].append(wrk(url, body, seconds))
    return loads


def table(loads: Mapping[str, list[Load]], baseline: str) -> list[dict[str, object]]:
    """One row a target: medians, and the rate as a ratio to the baseline's."""
    base = statistics.median(load.rate for load in loads[baseline])
    return [
        {
            "target": name,
            "ratio": round(statistics.median(load.rate for load in found) / base, 3),
            "req_s": round(statistics.median(load.rate for load in found)),
            "p50_ms": round(statistics.median(load.p50_ms for load in found), 2),
            "p99_ms": round(statistics.median(load.p99_ms for load in found), 2),
            "errors": sum(load.errors for load in found),
        }
        for name, found in loads.items()
    ]


def root() -> Path:
    """The repository."""
    return Path(__file__).parent.parent
