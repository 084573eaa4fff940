"""Simulating groups: writes a second of the processor, memory, and what a second process brings.

    python -m benchmarks.capacity
    python -m benchmarks.capacity --groups 10000 --days 30     # as many as are promised; some minutes

Each group sends a thousand writes a day: inserts every hour, updates every quarter of an hour, a tenth of
them to the record of the one before, and single ones. The baseline draws the same writes and does nothing.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from ampsandbox.capacity.population import draw_group
from ampsandbox.capacity.scenario import AS_GIVEN, UNBATCHED, OrgShare, PathTraffic, Scenario, Variant
from ampsandbox.capacity.simulation import simulate
from ampsandbox.manifest.model import Mode, Provider
from benchmarks.processor import Slice, Target, alternate, line, timed

TARGET_PER_CPU_S: Final = 300_000
_FEW: Final = 50
_SALESFORCE: Final = Provider.SALESFORCE


def scenario(groups: int, days: int, variant: Variant, daily_requests: int | None = None) -> Scenario:
    """Groups with a thousand writes a day each."""

    def path(name: str, mode: Mode, schedule: str | None, a_day: float, again: float = 0) -> PathTraffic:
        return PathTraffic("crm", _SALESFORCE, name, mode, schedule, (a_day / 24,) * 168, again)

    return Scenario(
        groups=groups,
        start=datetime(2026, 1, 5, tzinfo=UTC),
        days=days,
        seed="benchmark",
        paths=(
            path("contact", Mode.INSERT, "every 1 hours", 400),
            path("contact", Mode.UPDATE, "every 15 minutes", 500, 0.1),
            path("lead", Mode.INSERT, None, 100),
        ),
        orgs=(OrgShare(_SALESFORCE, "professional", daily_requests=daily_requests),),
        variants=(variant,),
        latency_s=0.3,
    )


def run(made: Scenario) -> Slice:
    """Simulate it in this process."""
    writes = 0

    def work() -> None:
        nonlocal writes
        writes = simulate(made, workers=1).variants[0].outcomes.writes

    taken = timed(1, work)
    return replace(taken, operations=writes)


def draw(made: Scenario) -> Slice:
    """Only draw the writes."""
    writes = 0

    def work() -> None:
        nonlocal writes
        for number in range(made.groups):
            writes += sum(len(each.times) for each in draw_group(made, number).arrivals)

    taken = timed(1, work)
    return replace(taken, operations=writes)


def main() -> None:
    """Measure, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--groups", type=int, default=500, help="of the runs on one and on two processes")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dask", help="the address of a scheduler, to run on its workers as well")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    few = min(_FEW, args.groups)
    targets: dict[str, Target] = {
        "drawing alone": partial(draw, scenario(few, args.days, AS_GIVEN)),
        "batches": partial(run, scenario(few, args.days, AS_GIVEN)),
        "every 5 minutes": partial(run, scenario(few, args.days, Variant("often", "every 5 minutes"))),
        "single writes": partial(run, scenario(few, args.days, UNBATCHED)),
        "batches, out of calls from noon on": partial(run, scenario(few // 5, args.days, AS_GIVEN, 110)),
    }
    measured = alternate(targets, args.rounds)
    rows = measured.rows("drawing alone")
    for row in rows:
        print(line(row))
    print(f"target: {TARGET_PER_CPU_S:,} writes a second of the processor. {measured.verdict()}")
    large = scenario(args.groups, args.days, AS_GIVEN)
    rows.append(_whole("1 process", large, workers=1))
    rows.append(_whole("2 processes", large, workers=2))
    if args.dask:
        rows.append(_whole("Dask", large, dask=args.dask))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


def _whole(
    name: str, made: Scenario, *, workers: int | None = None, dask: str | None = None
) -> dict[str, object]:
    """Run all groups somewhere, and say what that took."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    writes = simulate(made, workers=workers, dask=dask).variants[0].outcomes.writes
    wall_s, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    row: dict[str, object] = {
        "target": name,
        "groups": made.groups,
        "writes": writes,
        "wall_s": round(wall_s, 1),
        "per_s": round(writes / wall_s),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    if workers != 1 and dask is None:
        row["cpu_s"] = round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)
        row["peak_mb_of_a_process"] = round(after.ru_maxrss / 1024)
    print(line(row))
    return row


if __name__ == "__main__":
    main()
