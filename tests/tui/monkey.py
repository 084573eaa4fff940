"""Random keys, clicks, pastes and resizes at the screen in a terminal of its own, to find what ends it.

`python -m tests.tui.monkey --events 50000 --seed 1` says how many events it survived, or what it died of.
"""

from __future__ import annotations

import argparse
import builtins
import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLE: Final = ROOT / "sample_configs" / "mailmonkey.yaml"

RESTS_S: Final = 60.0
"""For how long the screen may be busy with what it was sent before it counts as hanging."""

_ROUND: Final = 250
"""Events between two lines on the progress."""

_BURST: Final = 10
"""Events that are sent before the screen is given time to handle them: it keeps what it cannot handle yet."""

_LOOK_S: Final = 0.05
_LOOKS: Final = 3
"""How often in a row it is seen to wait before it counts as at rest."""

_TAIL: Final = 60_000
"""Bytes of output that are kept to say what happened."""

_ARROWS: Final = {"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D"}
_MOVES: Final = {"home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~"}
_FUNCTION: Final = {
    f"f{number + 1}": code
    for number, code in enumerate(
        ["\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS"]
        + [f"\x1b[{code}~" for code in (15, 17, 18, 19, 20, 21, 23, 24)]
    )
}
# Without ctrl+q, which leaves; ctrl+z, which hands the terminal to a shell; and ctrl+m, which is enter.
_CONTROL: Final = {f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklnoprstuvwxy"}
_EDITING: Final = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
}
_PRINTED: Final = "abcdefghijklmnopqrstuvwxyz0123456789/?!+-<>{}[]:., ADGJS"
_PASTED: Final = (
    "Big Co.",
    "[bold]not markup[/]",
    "\u202eright to left",
    "{{n}} {{email}}",
    "2 hours",
    "line one\nline two",
    "x" * 5_000,
    "SELECT Id, Name FROM Account",
    "\N{FAMILY}\N{ZERO WIDTH JOINER}\N{COMBINING ACUTE ACCENT}",
)

_SEQUENCES: Final = r"\x1b(\[[0-9;?<>=$]*[A-Za-z~]|[()=>][0-9A-B]?|\][^\x07]*\x07|P[^\x1b]*\x1b\\)"


@dataclass
class Survived:
    """How a run went: what was done, and how often the program was left by the monkey's own choice."""

    events: int = 0
    starts: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.kinds.items()))
        return f"{self.events:,} events ({kinds}) over {self.starts} starts"


class DiedError(AssertionError):
    """The program ended, hung or had a defect; says after which events."""


class App:
    """The program on a pseudo-terminal, with its files in a folder of its own."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self.tail = bytearray()
        self.read = 0
        self.exit_code: int | None = None
        self.size = (120, 40)
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execve(command[0], list(command), _environment(folder))
        self.pid = pid
        os.set_blocking(self.terminal, False)
        self.resize(*self.size)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size, as its window does."""
        self.size = (width, height)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def pump(self, seconds: float) -> None:
        """Take what the program prints for so long, or until it has ended."""
        end = time.monotonic() + seconds
        while self.exit_code is None:
            readable, _, _ = select.select([self.terminal], [], [], max(0.0, end - time.monotonic()))
            if not readable:
                return
            try:
                data = os.read(self.terminal, 65_536)
            except OSError:  # The other end was closed.
                data = b""
            if not data:
                self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            self.read += len(data)
            self.tail = (self.tail + data)[-_TAIL:]

    def type(self, text: str) -> bool:
        """Send keys; False when the program does not read them in time."""
        data, end = text.encode(), time.monotonic() + RESTS_S
        while data and self.exit_code is None:
            try:
                data = data[os.write(self.terminal, data) :]
            except BlockingIOError:
                if time.monotonic() > end:
                    return False
                self.pump(0.05)
            except OSError:
                self.pump(1)
        return True

    def comes_to_rest(self) -> bool:
        """Whether the program has handled what it was sent, and waits for more, or ended.

        Its patience is counted in the program's processor time: on a busy machine it gets little of it.
        """
        began, end = self._processor_s(), time.monotonic() + 10 * RESTS_S
        waits = 0
        while self._processor_s() - began < RESTS_S and time.monotonic() < end:
            self.pump(_LOOK_S)
            if self.exit_code is not None:
                return True
            waits = waits + 1 if self._waits() else 0
            if waits == _LOOKS:
                return True
        return False

    def _waits(self) -> bool:
        """Whether its main thread sleeps; one that is ready and gets no processor does not."""
        stat = self._stat()
        return not stat or stat[0] == "S"

    def _processor_s(self) -> float:
        """The processor time of the program; none where the system has no `/proc`."""
        return sum(map(int, self._stat()[11:13])) / os.sysconf("SC_CLK_TCK")

    def _stat(self) -> list[str]:
        stat = Path(f"/proc/{self.pid}/stat")
        return stat.read_text().rpartition(")")[2].split() if stat.exists() else []

    def words(self) -> str:
        """What was printed last, without what positions and colours it."""
        text = self.tail.decode(errors="replace")
        return re.sub(
            r"\x1b(\[[0-9;?<>=$]*[A-Za-z~]|[()=>][0-9A-B]?|\][^\x07]*\x07|P[^\x1b]*\x1b\\)", "", text
        )

    def __enter__(self) -> App:
        return self

    def __exit__(
        self,
        kind: builtins.type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            self.pump(10)
        os.close(self.terminal)


def _environment(folder: Path) -> dict[str, str]:
    homes = {f"XDG_{name}_HOME": str(folder / name) for name in ("STATE", "CONFIG", "CACHE")}
    programs = {"EDITOR": "true", "BROWSER": "true", "PAGER": "true"}
    terminal = {"HOME": str(folder), "TERM": "xterm-256color", "PYTHONFAULTHANDLER": "1"}
    return os.environ | homes | programs | terminal


class Monkey:
    """Makes events up; the same seed makes the same ones, though not at the same instants of the program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.last: deque[str] = deque(maxlen=60)

    def act(self, app: App) -> tuple[str, bool]:
        """Do one thing; its kind, and whether the program took it."""
        kind = self.random.choices(
            ["key", "letter", "click", "wheel", "drag", "paste", "resize"], [40, 25, 20, 5, 4, 1, 5]
        )[0]
        if kind == "resize":
            width, height = self.random.choice([(80, 24), (100, 30), (120, 40), (200, 60), (0, 0)])
            app.resize(width or self.random.randint(1, 220), height or self.random.randint(1, 70))
            self.last.append(f"resize {app.size}")
            return kind, True
        text = getattr(self, f"_{kind}")(app)
        self.last.append(f"{kind} {text[:40]!r}")
        return kind, app.type(text)

    def pause(self) -> float:
        """How long a person waits: often not at all, sometimes until everything has come to rest."""
        return self.random.choices([0.0, 0.01, 0.05, 0.2, 0.8], [50, 25, 18, 6, 1])[0]

    def _key(self, _: App) -> str:
        group = self.random.choices(
            [_ARROWS, _MOVES, _FUNCTION, _CONTROL, _EDITING, {"esc": "\x1b"}], [8, 2, 4, 3, 5, 3]
        )[0]
        return self.random.choice(list(group.values())) * self.random.choice([1, 1, 1, 2, 5])

    def _letter(self, _: App) -> str:
        return "".join(self.random.choices(_PRINTED, k=self.random.choice([1, 1, 1, 2, 8])))

    def _click(self, app: App) -> str:
        x, y = self._spot(app)
        return f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m" * self.random.choice([1, 1, 1, 2, 3])

    def _wheel(self, app: App) -> str:
        x, y = self._spot(app)
        return f"\x1b[<{self.random.choice([64, 65])};{x};{y}M" * self.random.randint(1, 6)

    def _drag(self, app: App) -> str:
        (x, y), (to_x, to_y) = self._spot(app), self._spot(app)
        return f"\x1b[<0;{x};{y}M\x1b[<32;{to_x};{to_y}M\x1b[<0;{to_x};{to_y}m"

    def _paste(self, _: App) -> str:
        return f"\x1b[200~{self.random.choice(_PASTED)}\x1b[201~"

    def _spot(self, app: App) -> tuple[int, int]:
        width, height = app.size
        return self.random.randint(1, width), self.random.randint(1, height)


def run(events: int, seed: int, folder: Path, say: Callable[[str], None] = lambda _: None) -> Survived:
    """Let the monkey loose.

    Args:
        events: How many events to survive.
        seed: Where the randomness starts.
        folder: Where the program keeps its files.
        say: Takes a line on the progress.

    Raises:
        DiedError: The program ended otherwise than by being left, hung, or showed a defect.
    """
    options = ["--port", "0", "--ephemeral", "--seed", str(seed)]
    command = [str(ROOT / ".venv/bin/ampsandbox"), "run", str(SAMPLE), *options]
    monkey, survived = Monkey(seed), Survived()
    while survived.events < events:
        with App(folder, command) as app:
            survived.starts += 1
            app.pump(4)
            while survived.events < events and app.exit_code is None:
                _round(app, monkey, survived, min(_ROUND, events - survived.events))
                say(f"seed {seed}: {survived}")
            if app.exit_code is None:
                app.resize(120, 40)
                app.comes_to_rest()
                app.type("\x11")
                app.pump(RESTS_S)  # Its end waits for requests on their way: 15 seconds at most.
            if app.exit_code != 0 or "defect of ampsandbox" in app.words() or "Traceback" in app.words():
                raise DiedError(_report(app, monkey, survived))
    return survived


def _round(app: App, monkey: Monkey, survived: Survived, events: int) -> None:
    for _ in range(events):
        kind, is_taken = monkey.act(app)
        survived.events += 1
        survived.kinds[kind] = survived.kinds.get(kind, 0) + 1
        app.pump(monkey.pause())
        if app.exit_code is not None:
            return
        if not is_taken:
            raise DiedError("It reads no more keys. " + _report(app, monkey, survived))
        if survived.events % _BURST == 0 and not app.comes_to_rest():
            raise DiedError("It does not come to rest. " + _report(app, monkey, survived))


def _report(app: App, monkey: Monkey, survived: Survived) -> str:
    last = "\n  ".join(monkey.last)
    ended = f"exit code {app.exit_code} after {survived}"
    if app.exit_code is None:
        # The interpreter says where each thread is before it goes: what a program that hangs was busy with.
        os.kill(app.pid, signal.SIGABRT)
        app.pump(10)
    return f"{ended}\nlast events:\n  {last}\nlast output:\n{app.words()[-6_000:]}"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.tui.monkey", description=__doc__)
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            survived = run(args.events, args.seed, Path(folder), lambda line: print(line, flush=True))
        except DiedError as died:
            print(died)
            return 1
    print(f"alive: {survived}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
