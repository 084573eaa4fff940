"""How the screen feels while the server is busy: event-loop lag and memory of the interface under full load.

    python benchmarks/ui_under_load.py [seconds]

Runs the screen, headless at 120x40, over a sandbox in the same process, started as `ampsandbox run` starts it
(which calms the garbage collector once all is up), while another process keeps 64 connections posting
scheduled writes. The lag is how much later than asked a 10 ms sleep on the interface's loop returns. Target:
p99 under 50 ms.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import sys
import time
from pathlib import Path

from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.running import RunningBackend

SAMPLE = Path(__file__).resolve().parent.parent / "sample_configs" / "mailmonkey.yaml"
CONNECTIONS = 64
TARGET_MS = 50.0
_TICK_S = 0.01
_WARM_UP_S = 3.0


async def post_for(port: int, seconds: float) -> None:
    """Keep every connection busy with one write after another."""
    fields = {"lastName": "Hopper", "company": "Globex"}
    body = json.dumps({"groupId": "demo", "fields": fields}).encode()
    head = f"POST /projects/demo/create-lead HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    request = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    end = time.monotonic() + seconds

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < end:
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(
                line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length")
            )
            await reader.readexactly(int(length.split(b":")[1]))
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))


async def measure(app: SandboxApp, port: int, seconds: float) -> list[float]:
    """The lags in milliseconds while the load runs."""
    lags: list[float] = []
    async with app.run_test(size=(120, 40)):
        await asyncio.sleep(_WARM_UP_S)
        command = [sys.executable, __file__, "--load", str(port), str(seconds)]
        worker = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
        while worker.returncode is None:
            start = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            lags.append((time.perf_counter() - start - _TICK_S) * 1000)
    return lags


def main(seconds: float = 8.0) -> int:
    """Print the figures; 1 when the lag misses the target."""
    with Runner(RunnerOptions(manifest=SAMPLE, watch=False)) as runner:
        app = SandboxApp(starter=lambda: RunningBackend(runner))
        lags = asyncio.run(measure(app, int(runner.url.rpartition(":")[2]), seconds))
        accepted = runner.traffic.count
    cuts = statistics.quantiles(lags, n=100)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{accepted:,} writes in {seconds:g} s: {accepted / seconds:,.0f}/s with the screen open")
    print(
        f"loop lag p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, max {max(lags):.1f} ms, target {TARGET_MS:g}"
    )
    print(f"memory {memory:.0f} MB at most, server, engine and screen together")
    return int(cuts[98] > TARGET_MS)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--load"]:
        asyncio.run(post_for(int(sys.argv[2]), float(sys.argv[3])))
        sys.exit(0)
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 8.0))
