"""Start-up of the screen: from starting the process to its parts on a terminal, as ratios to bare Textual.

    python -m benchmarks.startup [--rounds 9] [--cold ROUNDS] [--posting PATH]

Each round starts, in turn, a Textual app with one Static, `ampsandbox run` on a sample manifest with a state
directory of its own, and Posting on an empty collection where it is named, each on a 120x40 pseudo-terminal,
and reads until the markers are drawn: the first frame, the tree of endpoints, a form with its fields, and the
URL, which says that the server takes requests. Medians are compared; the ratio matters, not the milliseconds.
On Linux the processor time that the process used until then is told too, which a busy machine distorts less.

Cold rounds have the system forget the files that Python and the programs are read from before each start;
what other running processes have mapped, such as the interpreter itself, stays in memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import sysconfig
import tempfile
import time
from compileall import compile_dir
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.terminals import ROOT, Terminal, add_posting, bare, environment, posting, sandbox, say_without

TARGETS: Final = {"frame": 1.6, "form": 2.5, "URL": 3.0}
COLD_TARGET: Final = 1.9
_BARE: Final = '    def compose(self):\n        yield Static("first-text")'


@dataclass(frozen=True, slots=True)
class Seen:
    """When a marker was drawn, in milliseconds of wall clock and of processor time."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Program:
    """What is started; `markers` are the texts whose drawing is waited for, by what they mean."""

    name: str
    command: list[str]
    markers: dict[str, bytes]


def paint(program: Program, around: dict[str, str]) -> dict[str, Seen]:
    """When each marker was drawn; the process is ended after the last one."""
    start = time.perf_counter()
    found: dict[str, Seen] = {}
    seen = b""
    with Terminal(program.command, around) as terminal:
        while len(found) < len(program.markers):
            seen += terminal.read()
            for name, marker in program.markers.items():
                if name not in found and marker in seen:
                    found[name] = Seen((time.perf_counter() - start) * 1000, terminal.processor_ms())
    return found


def programs(folder: Path, executable: str, number: int) -> list[Program]:
    """What is compared in a round."""
    ours = {"frame": b"Integrations", "tree": b"create-account", "form": b"groupId", "URL": b"127.0.0.1:"}
    compared = [
        Program("bare Textual", bare(_BARE), {"text": b"first-text"}),
        Program("ampsandbox", sandbox(folder / f"state{number}"), ours),
    ]
    if executable:
        theirs = {"frame": b"Posting", "form": b"Enter a URL"}
        compared.append(Program("Posting", posting(executable, str(folder)), theirs))
    return compared


def rounds(count: int, executable: str, *, is_cold: bool) -> dict[tuple[str, str], list[Seen]]:
    """The figures of each program's markers; a round before them only warms the file cache."""
    figures: dict[tuple[str, str], list[Seen]] = {}
    files = _files(executable) if is_cold else []
    with tempfile.TemporaryDirectory() as folder:
        around = environment(folder)
        for number in range(count + 1):
            for program in programs(Path(folder), executable, number):
                _forget(files)
                for marker, seen in paint(program, around).items():
                    if number:
                        figures.setdefault((program.name, marker), []).append(seen)
    return figures


def _files(executable: str) -> list[Path]:
    """What the programs read: the standard library, what is installed beside it, and ourselves."""
    folders = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")] + [ROOT / "ampsandbox"]
    if executable:
        folders.append(Path(executable).resolve().parent.parent / "lib")
    return [path for folder in folders for path in folder.rglob("*") if path.suffix in (".pyc", ".py", ".so")]


def _forget(files: list[Path]) -> None:
    """Have the system drop its copies of the files."""
    for path in files:
        file = os.open(path, os.O_RDONLY)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def show(title: str, figures: dict[tuple[str, str], list[Seen]]) -> dict[str, float]:
    """Print the medians and their ratios to the first row's; returns our ratios by marker."""
    print(title)
    base = _middle(next(iter(figures.values())))
    for (name, marker), seen in figures.items():
        mine = _middle(seen)
        ratios = f"{mine.wall / base.wall:.2f} x" + (
            f", {mine.processor / base.processor:.2f} x in processor time" if base.processor else ""
        )
        print(
            f"  {f'{name}, {marker}':<20}{mine.wall:6.0f} ms {mine.processor:6.0f} ms of processor  {ratios}"
        )
    return {
        marker: _middle(seen).wall / base.wall
        for (name, marker), seen in figures.items()
        if name == "ampsandbox"
    }


def _middle(seen: list[Seen]) -> Seen:
    return Seen(
        statistics.median(item.wall for item in seen), statistics.median(item.processor for item in seen)
    )


def main() -> int:
    """Print the figures; 1 when a marker misses its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cold", type=int, default=0, metavar="ROUNDS")
    add_posting(parser)
    args = parser.parse_args()
    # An installation has its bytecode; a checkout may not.
    for package in ("ampsandbox", "mock_crm"):
        compile_dir(ROOT / package, quiet=1)
    targets = ", ".join(f"{marker} {ratio:g} x" for marker, ratio in TARGETS.items())
    warm = show(f"warm file cache; targets: {targets}", rounds(args.rounds, args.posting, is_cold=False))
    is_missed = any(warm[marker] > ratio for marker, ratio in TARGETS.items())
    if args.cold:
        cold = rounds(args.cold, args.posting, is_cold=True)
        is_missed |= show(f"cold file cache; target: frame {COLD_TARGET:g} x", cold)["frame"] > COLD_TARGET
    say_without(args.posting)
    return int(is_missed)


if __name__ == "__main__":
    sys.exit(main())
