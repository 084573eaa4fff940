"""Time to first paint: from starting the process to text on a terminal, as a ratio to a bare Textual app.

    python benchmarks/first_paint.py [rounds]

Each round starts, in turn, a Textual app with one Static, and `ampsandbox run` on a sample manifest with a
state directory of its own, on a 120x40 pseudo-terminal, and reads until the marker is drawn. Medians are
compared; the ratio matters, not the milliseconds.
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


def paint(command: list[str], markers: list[bytes], environment: dict[str, str]) -> list[float]:
    """Milliseconds until each marker is drawn; the process is ended after the last one."""
    start = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    found: list[float] = []
    try:
        while len(found) < len(markers):
            ready, _, _ = select.select([terminal], [], [], _TIMEOUT_S)
            if not ready:
                raise TimeoutError(f"{markers[len(found)]!r} was not drawn within {_TIMEOUT_S:.0f} s")
            seen += os.read(terminal, 65_536)
            while len(found) < len(markers) and markers[len(found)] in seen:
                found.append((time.perf_counter() - start) * 1000)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    return found


def main(rounds: int = 9) -> int:
    """Print both medians and the ratio; 1 when the ratio misses the target."""
    bare: list[float] = []
    first: list[float] = []
    usable: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"TERM": "xterm-256color", "XDG_STATE_HOME": folder}
        for n in range(rounds + 1):
            one = paint([sys.executable, "-c", BARE], [b"first-text"], environment)
            state = str(Path(folder) / f"state{n}")
            command = [sys.executable, "-m", "ampsandbox", "run", str(SAMPLE), "--port", "0"]
            two = paint([*command, "--state", state], [b"ampsandbox", b"create-account"], environment)
            if n:  # The first round only warms the file cache.
                bare.append(one[0])
                first.append(two[0])
                usable.append(two[1])
    middle = statistics.median
    ratio = middle(first) / middle(bare)
    print(f"bare Textual      {middle(bare):6.0f} ms")
    print(f"ampsandbox, frame {middle(first):6.0f} ms   {ratio:.2f} x bare (target {TARGET})")
    print(f"ampsandbox, tree  {middle(usable):6.0f} ms   {middle(usable) / middle(bare):.2f} x bare")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
