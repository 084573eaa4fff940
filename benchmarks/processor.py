"""Processor time beside wall time, in alternating rounds, and how busy others kept the machine meanwhile.

Processor time is what the operating system counts for a process, user and system together: other programs
make it a little worse, where they make wall time worth nothing. So targets are set on it, as ratios to a
baseline of the same round; the ratio's spread over the rounds tells what a figure is worth.
"""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

BUSY_SHARE: Final = 0.15
"""From this share of the machine on, what others take makes wall times worthless."""
STEADY_SPREAD: Final = 1.3
"""Where the best and the worst round differ by more, processor times are worth little too."""
_TICKS_S: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Slice:
    """What one target did in one round; `more` are further figures, of which medians are shown."""

    operations: int
    cpu_s: float
    wall_s: float
    more: Mapping[str, float] = field(default_factory=dict)

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor time an operation."""
        return self.cpu_s / self.operations * 1e6


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of one value a round."""
        found = list(values)
        return cls(statistics.median(found), min(found), max(found))

    @property
    def is_steady(self) -> bool:
        """Whether the rounds say about the same."""
        return self.most <= self.least * STEADY_SPREAD

    def text(self, decimals: int) -> str:
        """Such as `0.52 (0.50 to 0.55)`."""
        return f"{self.median:,.{decimals}f} ({self.least:,.{decimals}f} to {self.most:,.{decimals}f})"


Target = Callable[[], Slice]


@dataclass(frozen=True, slots=True)
class Rounds:
    """All slices of all targets, in order, and what others did meanwhile."""

    slices: Mapping[str, list[Slice]]
    bystanders: Bystanders

    def cpu_us(self, name: str) -> Spread:
        """Microseconds of processor time an operation."""
        return Spread.of(each.cpu_us for each in self.slices[name])

    def cost(self, name: str, baseline: str) -> Spread:
        """How many times the baseline's processor time an operation takes, round by round."""
        pairs = zip(self.slices[name], self.slices[baseline], strict=True)
        return Spread.of(own.cpu_us / base.cpu_us for own, base in pairs)

    def row(self, name: str, baseline: str | None = None) -> dict[str, object]:
        """The figures of a target, for a line or for JSON; see `line`."""
        own = self.slices[name]
        cpu = self.cpu_us(name)
        row: dict[str, object] = {
            "target": name,
            "cpu_us": cpu.text(1),
            "per_cpu_s": round(1e6 / cpu.median),
            "per_s": round(statistics.median(each.operations / each.wall_s for each in own)),
        }
        if baseline is not None and baseline != name:
            cost = self.cost(name, baseline)
            row["cost"] = f"{cost.text(2)} x {baseline}"
            row["rate"] = f"{1 / cost.median:.2f} of {baseline}"
            if not cost.is_steady:
                row["unsteady"] = "yes"
        for extra in own[0].more:
            row[extra] = round(statistics.median(each.more[extra] for each in own), 2)
        return row

    def rows(self, baseline: str | None = None) -> list[dict[str, object]]:
        """One row a target."""
        return [self.row(name, baseline) for name in self.slices]

    def verdict(self) -> str:
        """Whether the machine was quiet enough for the figures to be believed."""
        return self.bystanders.verdict()


def line(row: Mapping[str, object]) -> str:
    """A row of figures as one line of text."""
    return "  ".join(f"{name}={value}" for name, value in row.items())


def alternate(targets: Mapping[str, Target], rounds: int) -> Rounds:
    """Let each target have its turn in each round, so that what disturbs the machine disturbs all of them."""
    slices: dict[str, list[Slice]] = {name: [] for name in targets}
    with Bystanders() as bystanders:
        for _ in range(rounds):
            for name, target in targets.items():
                slices[name].append(target())
    return Rounds(slices, bystanders)


class Stopwatch:
    """What this process uses from now on."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def slice(self, operations: int) -> Slice:
        """What so many operations have taken since."""
        return Slice(operations, time.process_time() - self._cpu, time.perf_counter() - self._wall)


def timed(operations: int, work: Callable[[], object]) -> Slice:
    """Carry out so many operations in this process."""
    watch = Stopwatch()
    work()
    return watch.slice(operations)


def on_loop(
    runner: asyncio.Runner, operations: int, work: Callable[[], Coroutine[Any, Any, object]]
) -> Slice:
    """Carry out so many operations on an event loop of this process."""
    return timed(operations, lambda: runner.run(work()))


def cpu_s_of(pid: int) -> float:
    """Seconds of processor time that all threads of a process have used, those that ended included.

    Linux tells it to the nanosecond by the process's own clock, whose number is made of the pid (see
    clock_getcpuclockid(3)).
    """
    return time.clock_gettime((~pid << 3) | 2)


_watched: set[int] = set()


def count_in(pid: int) -> None:
    """Count a running child among ourselves; until `count_out`."""
    _watched.add(pid)


def count_out(pid: int) -> None:
    """The child has ended."""
    _watched.discard(pid)


class Bystanders:
    """What other programs, and other guests of the host, take of the processors during a `with` block.

    Attributes:
        share: 0 to 1 of all processors; None where the system does not tell.
    """

    def __init__(self) -> None:
        self.share: float | None = None
        self._began = (0.0, 0.0, 0.0)

    def __enter__(self) -> Bystanders:
        self._began = _spent()
        return self

    def __exit__(self, *_: object) -> None:
        wall, busy, own = (now - then for now, then in zip(_spent(), self._began, strict=True))
        if busy:
            self.share = min(max(busy - own, 0.0) / (wall * (os.cpu_count() or 1)), 1.0)

    def verdict(self) -> str:
        """Whether the machine was quiet enough for the figures to be believed."""
        if self.share is None:
            return "Whether others kept the machine busy is not known here."
        others = f"Others took {self.share:.0%} of the machine's processors"
        if self.share <= BUSY_SHARE:
            return f"{others}: quiet enough."
        return f"{others}: TOO BUSY for wall times, rates and latencies; ratios of processor time may do."


def _spent() -> tuple[float, float, float]:
    """Seconds so far: on the wall, of all processors (stolen ones too), of ourselves and our children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time() + children.ru_utime + children.ru_stime + sum(map(cpu_s_of, _watched))
    return time.perf_counter(), _busy_s(), own


def _busy_s() -> float:
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, stat.read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / _TICKS_S
