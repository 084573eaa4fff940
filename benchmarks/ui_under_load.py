"""How the screen feels while the server is busy, and what the screen costs the server.

    python -m benchmarks.ui_under_load [--seconds 6] [--rounds 2]

A sandbox in this process, started as `ampsandbox run` starts it (which calms the garbage collector once all
is up), takes scheduled writes from another process that keeps 64 connections busy: in turn with the screen,
headless at 120x40, and without it. Told are

- the lag: how much later than asked a 10 ms sleep on the screen's loop returns; target: p99 under 50 ms;
- the frame rate: how often a second a widget is painted that asks for 60 paintings a second;
- the rate of writes with the screen as a share of that without it; target: 0.60 or more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from textual.widget import Widget

from ampsandbox.manifest.loader import load_manifest
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.session import Starter
from benchmarks.processor import Bystanders

SAMPLE = Path(__file__).resolve().parent.parent / "sample_configs" / "mailmonkey.yaml"
CONNECTIONS = 64
TARGET_MS = 50.0
TARGET_SHARE = 0.6
FRAMES_ASKED = 60
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


class Frames(Widget):
    """One cell that wants to be painted with every frame, and counts how often it is."""

    DEFAULT_CSS = "Frames { dock: right; width: 1; height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.auto_refresh = 1 / FRAMES_ASKED

    def render(self) -> str:
        """Another character each time, so that every painting reaches the terminal."""
        self.count += 1
        return "-+"[self.count % 2]


@dataclass(slots=True)
class Figures:
    """What was seen: rates a second, one for each round, and lags in milliseconds."""

    open_rates: list[float] = field(default_factory=list)
    headless_rates: list[float] = field(default_factory=list)
    frame_rates: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)


async def load(runner: Runner, seconds: float, meanwhile: Callable[[], Awaitable[object]]) -> float:
    """Have another process post for that long; the writes a second that were accepted."""
    command = [sys.executable, __file__, "--load", runner.url.rpartition(":")[2], str(seconds)]
    before = runner.request_log.count
    worker = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    while worker.returncode is None:
        await meanwhile()
    return (runner.request_log.count - before) / seconds


async def with_screen(runner: Runner, seconds: float, figures: Figures) -> None:
    """One round with the screen."""

    async def tick() -> None:
        start = time.perf_counter()
        await asyncio.sleep(_TICK_S)
        figures.lags.append((time.perf_counter() - start - _TICK_S) * 1000)

    app = SandboxApp(starter=Starter(lambda: load_manifest(SAMPLE), lambda: RunningBackend(runner)))
    async with app.run_test(size=(120, 40)):
        frames = Frames()
        await app.screen.mount(frames)
        await asyncio.sleep(_WARM_UP_S)
        start, count = time.perf_counter(), frames.count
        figures.open_rates.append(await load(runner, seconds, tick))
        figures.frame_rates.append((frames.count - count) / (time.perf_counter() - start))


def measure(seconds: float, rounds: int) -> Figures:
    """Rounds with and without the screen, in turn."""
    figures = Figures()
    for _ in range(rounds):
        with Runner(RunnerOptions(manifest=SAMPLE, watch=False)) as runner:
            asyncio.run(with_screen(runner, seconds, figures))
        with Runner(RunnerOptions(manifest=SAMPLE, watch=False)) as runner:
            rest = load(runner, seconds, lambda: asyncio.sleep(_TICK_S))
            figures.headless_rates.append(asyncio.run(rest))
    return figures


def main() -> int:
    """Print the figures; 1 when one misses its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    with Bystanders() as bystanders:
        figures = measure(args.seconds, args.rounds)
    cuts = statistics.quantiles(figures.lags, n=100)
    shown, bare = statistics.mean(figures.open_rates), statistics.mean(figures.headless_rates)
    print(f"loop lag p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, max {max(figures.lags):.1f} ms")
    print(f"{statistics.mean(figures.frame_rates):.0f} frames a second of {FRAMES_ASKED} asked for")
    print(f"{shown:,.0f} writes/s with the screen, {bare:,.0f}/s without it: {shown / bare:.2f}")
    print(f"targets: p99 lag {TARGET_MS:g} ms, share {TARGET_SHARE:.2f}. {bystanders.verdict()}")
    return int(cuts[98] > TARGET_MS or shown / bare < TARGET_SHARE)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--load"]:
        asyncio.run(post_for(int(sys.argv[2]), float(sys.argv[3])))
        sys.exit(0)
    sys.exit(main())
