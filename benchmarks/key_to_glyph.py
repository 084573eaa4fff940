"""Key press to glyph: from a letter typed into a field to that letter in the terminal's output.

    python -m benchmarks.key_to_glyph [--presses 200] [--posting PATH]

A Textual app with one Input, `ampsandbox run` on a sample manifest with a state directory of its own, and
Posting with an empty collection where it is named, run side by side on 120x40 pseudo-terminals, and are
pressed in turn. A press waits for the terminal to be silent, and then for a part of a frame that differs from
press to press, so that none keeps step with the 60 frames a second that Textual draws at most. Each letter is
taken away again before the next.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.terminals import Terminal, add_posting, bare, environment, posting, sandbox, say_without

LETTER: Final = "Z"
_BARE: Final = '    def compose(self):\n        yield Input()\n        yield Static("first-text")'
_F3: Final = b"\x1bOR"
_BACKSPACE: Final = b"\x7f"
_FRAME_S: Final = 1 / 60
_WARM_UP: Final = 5


def press(terminal: Terminal, phase: float) -> float:
    """Type the letter at a phase of the frame and take it away again; milliseconds until it was drawn."""
    terminal.settle()
    time.sleep(phase * _FRAME_S)
    start = time.perf_counter()
    terminal.send(LETTER.encode())
    terminal.wait_for(LETTER)
    took = time.perf_counter() - start
    terminal.settle()
    terminal.send(_BACKSPACE)
    terminal.settle()
    return took * 1000


def opened(command: list[str], around: dict[str, str], is_there: str, keys: bytes = b"") -> Terminal:
    """A program with its cursor in a field, where `keys` put it."""
    terminal = Terminal(command, around)
    terminal.wait_for(is_there)
    terminal.settle()
    terminal.send(keys)
    terminal.settle()
    return terminal


def main() -> int:
    """Print medians, 99th percentiles and the ratios of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=200)
    add_posting(parser)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        around = environment(folder)
        fields = {
            "bare Textual Input": opened(bare(_BARE), around, "first-text"),
            "write form": opened(sandbox(Path(folder) / "state"), around, "MOCK", _F3),
        }
        if args.posting:
            fields["Posting, URL"] = opened(posting(args.posting, folder), around, "Enter a URL")
        for terminal in fields.values():
            stack.enter_context(terminal)
        found: dict[str, list[float]] = {name: [] for name in fields}
        for number in range(args.presses + _WARM_UP):
            for name, terminal in fields.items():
                took = press(terminal, number * 0.618 % 1)
                if number >= _WARM_UP:
                    found[name].append(took)
    base = statistics.median(next(iter(found.values())))
    for name, times in found.items():
        cuts = statistics.quantiles(times, n=100)
        ratio = f"{cuts[49] / base:.2f} x, {len(times)} presses"
        print(f"{name:<20}median {cuts[49]:5.1f} ms, p99 {cuts[98]:5.1f} ms, {ratio}")
    say_without(args.posting)
    return 0


if __name__ == "__main__":
    sys.exit(main())
