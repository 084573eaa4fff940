"""Programs on pseudo-terminals of 120x40: started, read, pressed, and ended with the `with` block."""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ROOT: Final = Path(__file__).resolve().parent.parent
SAMPLE: Final = ROOT / "sample_configs" / "mailmonkey.yaml"
_CONTROL: Final = re.compile(r"\x1b(?:\[[0-9;:?<>=$ !]*[@-~]|[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]P])")
_TIMEOUT_S: Final = 60.0
_SILENCE_S: Final = 0.04


class Terminal:
    """One program on a terminal of its own."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
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

    def read(self) -> bytes:
        """What is drawn next.

        Raises:
            TimeoutError: Nothing is.
        """
        if not select.select([self.terminal], [], [], _TIMEOUT_S)[0]:
            raise TimeoutError(f"nothing was drawn within {_TIMEOUT_S:.0f} s")
        return os.read(self.terminal, 65_536)

    def wait_for(self, text: str) -> None:
        """Read until the text is drawn."""
        seen = b""
        while text not in _CONTROL.sub("", seen.decode(errors="replace")):
            seen += self.read()

    def settle(self) -> None:
        """Read until nothing was drawn for a moment."""
        while select.select([self.terminal], [], [], _SILENCE_S)[0]:
            os.read(self.terminal, 65_536)

    def processor_ms(self) -> float:
        """What the program's threads have run so far; 0 where there is no /proc."""
        spent = [path.read_text().split()[0] for path in Path(f"/proc/{self.pid}/task").glob("*/schedstat")]
        return sum(map(int, spent)) / 1e6


def environment(folder: str) -> dict[str, str]:
    """The environment of programs that keep what they remember in a folder of their own."""
    homes = {f"XDG_{name}_HOME": folder for name in ("STATE", "CONFIG", "DATA", "CACHE")}
    return os.environ | homes | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def bare(body: str) -> list[str]:
    """A Textual app that shows these widgets and does nothing else."""
    code = f"from textual.app import App\nfrom textual.widgets import Input, Static\nclass Bare(App):\n{body}"
    return [sys.executable, "-c", f"{code}\nBare().run()"]


def sandbox(state: Path) -> list[str]:
    """`ampsandbox run` on a sample manifest with a state directory of its own."""
    command = [sys.executable, "-m", "ampsandbox", "run", str(SAMPLE), "--port", "0"]
    return [*command, "--state", str(state)]


def posting(executable: str, collection: str) -> list[str]:
    """Posting on an empty collection."""
    return [executable, "--collection", collection]


def add_posting(parser: argparse.ArgumentParser) -> None:
    """Add the option that names Posting, which is measured where it is installed."""
    parser.add_argument(
        "--posting",
        default=os.environ.get("POSTING", ""),
        metavar="PATH",
        help="the executable of Posting, to measure it too (default: $POSTING)",
    )


def say_without(executable: str) -> None:
    """Say why a comparison is missing."""
    if not executable:
        print("Posting: not measured; name its executable with --posting or $POSTING")
