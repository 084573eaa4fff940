"""Key press to glyph: from a letter typed into the write form to that letter in the terminal's output.

    python benchmarks/key_to_glyph.py [presses]

A Textual app with one Input and `ampsandbox run` on a sample manifest, with a state directory of its own, run
side by side on 120x40 pseudo-terminals, and are pressed in turn. A press waits for the terminal to be silent,
and then for a part of a frame that differs from press to press, so that none keeps step with the 60 frames a
second that Textual draws at most. Each letter is taken away again before the next.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_configs" / "mailmonkey.yaml"
BARE = """
from textual.app import App
from textual.widgets import Input, Static
class Bare(App):
    AUTO_FOCUS = "Input"
    def compose(self):
        yield Input()
        yield Static("first-text")
Bare().run()
"""
LETTER = "Z"
_F3 = b"\x1bOR"
_BACKSPACE = b"\x7f"
_CONTROL = re.compile(r"\x1b(?:\[[0-9;:?<>=$ !]*[@-~]|[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]P])")
_TIMEOUT_S = 30.0
_SILENCE_S = 0.04
_FRAME_S = 1 / 60
_WARM_UP = 5


class Terminal:
    """One program on a pseudo-terminal, ended when the `with` block is left."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def send(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.terminal, keys)

    def wait_for(self, text: str) -> float:
        """Read until the text is drawn; the seconds that took."""
        start = time.perf_counter()
        seen = b""
        while text not in _CONTROL.sub("", seen.decode(errors="replace")):
            ready, _, _ = select.select([self.terminal], [], [], _TIMEOUT_S)
            if not ready:
                raise TimeoutError(f"{text!r} was not drawn within {_TIMEOUT_S:.0f} s")
            seen += os.read(self.terminal, 65_536)
        return time.perf_counter() - start

    def settle(self) -> None:
        """Read until nothing was drawn for a moment."""
        while select.select([self.terminal], [], [], _SILENCE_S)[0]:
            os.read(self.terminal, 65_536)

    def press(self, phase: float) -> float:
        """Type the letter at a phase of the frame and take it away again; milliseconds until it was drawn."""
        self.settle()
        time.sleep(phase * _FRAME_S)
        self.send(LETTER.encode())
        took = self.wait_for(LETTER)
        self.settle()
        self.send(_BACKSPACE)
        self.settle()
        return took * 1000


def main(presses: int = 200) -> int:
    """Print medians, 99th percentiles and the ratio of the medians."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"TERM": "xterm-256color", "XDG_STATE_HOME": folder}
        state = ["--port", "0", "--state", str(Path(folder) / "state")]
        command = [sys.executable, "-m", "ampsandbox", "run", str(SAMPLE), *state]
        with (
            Terminal([sys.executable, "-c", BARE], environment) as bare,
            Terminal(command, environment) as form,
        ):
            bare.wait_for("first-text")
            form.wait_for("create-account")
            form.settle()
            form.send(_F3)
            found = [
                (bare.press(phase), form.press(phase))
                for phase in (n * 0.618 % 1 for n in range(presses + _WARM_UP))
            ][_WARM_UP:]
    beside, mine = zip(*found, strict=True)
    for name, times in (("bare Textual Input", beside), ("write form", mine)):
        cuts = statistics.quantiles(times, n=100)
        print(f"{name:<20}median {cuts[49]:5.1f} ms, p99 {cuts[98]:5.1f} ms, {len(times)} presses")
    ratio = statistics.median(mine) / statistics.median(beside)
    print(f"{'ratio of medians':<20}{ratio:.2f} x")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
