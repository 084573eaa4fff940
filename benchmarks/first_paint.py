"""Time to first paint: from starting the process to text on a terminal, as a ratio to a bare Textual app.

    python benchmarks/first_paint.py [rounds]

Each round starts, in turn, a Textual app with one Static, and `ampsandbox run` on a sample manifest with a
state directory of its own, on a 120x40 pseudo-terminal, and reads until the marker is drawn. Medians are
compared; the ratio matters, not the milliseconds. On Linux the processor time that the process used until
then is told too, which a busy machine distorts less.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_configs" / "mailmonkey.yaml"
BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("first-text")
Bare().run()
"""
TARGET = 1.6
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Seen:
    """When a marker was drawn, in milliseconds of wall clock and of processor time."""

    wall: float
    processor: float


def paint(command: list[str], markers: list[bytes], environment: dict[str, str]) -> list[Seen]:
    """When each marker was drawn; the process is ended after the last one."""
    start = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    found: list[Seen] = []
    try:
        while len(found) < len(markers):
            ready, _, _ = select.select([terminal], [], [], _TIMEOUT_S)
            if not ready:
                raise TimeoutError(f"{markers[len(found)]!r} was not drawn within {_TIMEOUT_S:.0f} s")
            seen += os.read(terminal, 65_536)
            while len(found) < len(markers) and markers[len(found)] in seen:
                found.append(Seen((time.perf_counter() - start) * 1000, _processor_ms(pid)))
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    return found


def _processor_ms(pid: int) -> float:
    """What the threads of a process have run so far; 0 where there is no /proc."""
    spent = [path.read_text().split()[0] for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(map(int, spent)) / 1e6


def main(rounds: int = 9) -> int:
    """Print the medians and the ratios; 1 when the first frame misses the target."""
    bare: list[Seen] = []
    first: list[Seen] = []
    usable: list[Seen] = []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"TERM": "xterm-256color", "XDG_STATE_HOME": folder}
        for n in range(rounds + 1):
            one = paint([sys.executable, "-c", BARE], [b"first-text"], environment)
            state = str(Path(folder) / f"state{n}")
            command = [sys.executable, "-m", "ampsandbox", "run", str(SAMPLE), "--port", "0"]
            two = paint([*command, "--state", state], [b"Integrations", b"create-account"], environment)
            if n:  # The first round only warms the file cache.
                bare.append(one[0])
                first.append(two[0])
                usable.append(two[1])
    wall, processor = _middle(bare)
    print(f"{'bare Textual':<18}{wall:6.0f} ms         {processor:6.0f} ms of processor")
    for name, seen in (("ampsandbox, frame", first), ("ampsandbox, tree", usable)):
        mine, spent = _middle(seen)
        more = f"  {spent / processor:.2f} x" if processor else ""
        print(f"{name:<18}{mine:6.0f} ms  {mine / wall:.2f} x {spent:6.0f} ms of processor{more}")
    return int(_middle(first)[0] / wall > TARGET)


def _middle(seen: list[Seen]) -> tuple[float, float]:
    return statistics.median(item.wall for item in seen), statistics.median(item.processor for item in seen)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
