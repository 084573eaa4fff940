"""Preferences of a whole sandbox with its screen after 100,000 requests in the log.

    python -m benchmarks.ui_memory [writes]

Runs the screen, headless at 120x40, over a sandbox in the same process with its journal on disk, as
`ampsandbox run` does, while another process posts scheduled writes. Tells what is resident before the first
write, after a tenth, after half and after all, so that growth with the number of events is seen; and
the peak.
What the writes themselves cost while they wait is in it. Linux only: it reads /proc.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
from pathlib import Path

from ampsandbox.manifest.loader import load_manifest
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.session import Starter
from ampsandbox.tui.widgets.log import LogPanel
from benchmarks import ui_under_load

_LOOK_S = 0.02
_SETTLE_S = 3.0
_PAGE_MB = resource.getpagesize() / 2**20


async def measure(app: SandboxApp, runner: Runner, writes: int) -> None:
    """Print what is resident at each milestone."""
    async with app.run_test(size=(120, 40)):
        await asyncio.sleep(_SETTLE_S)
        print(f"{'before the first':<22}{_resident():6.0f} MB")
        for wanted in (writes // 10, writes // 2, writes):
            await _post_until(runner, wanted)
            await asyncio.sleep(_SETTLE_S)
            count = runner.request_log.count
            print(f"{f'after {count:,} writes':<22}{_resident():6.0f} MB")
        assert app.main is not None
        shown = len(app.main.query_one(LogPanel).book.entries)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{'peak':<22}{peak:6.0f} MB, {shown:,} rows in the log on the screen")


async def _post_until(runner: Runner, count: int) -> None:
    """Load from another process until that many requests were handled."""
    port = runner.url.rpartition(":")[2]
    worker = await asyncio.create_subprocess_exec(
        sys.executable, ui_under_load.__file__, "--load", port, "600", stdin=asyncio.subprocess.DEVNULL
    )
    while runner.request_log.count < count and worker.returncode is None:  # noqa: ASYNC110 - it is a plain number
        await asyncio.sleep(_LOOK_S)
    if worker.returncode is not None:
        raise RuntimeError(f"the load ended with {worker.returncode} before {count:,} writes")
    worker.kill()
    await worker.wait()


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_MB


def main(writes: int = 100_000) -> int:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        options = RunnerOptions(manifest=ui_under_load.SAMPLE, watch=False, state=Path(folder))
        with Runner(options) as runner:
            app = SandboxApp(
                starter=Starter(lambda: load_manifest(ui_under_load.SAMPLE), lambda: RunningBackend(runner))
            )
            asyncio.run(measure(app, runner, writes))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
