"""Runs a scenario: group after group, on one process, many, or a Dask cluster, with the same results."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ampsandbox.capacity.results import SimulationResults, VariantResult
from ampsandbox.capacity.scenario import Scenario
from ampsandbox.errors import AmpSandboxError, UsageError

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

# Below so many writes, processes take longer to start than they save.
_WORTH_PROCESSES = 3_000_000

# About how many writes a worker simulates before it hands over what it has.
_WRITES_A_PART = 200_000

# How often, in seconds, whoever waits is asked whether to stop.
_PATIENCE_S = 0.2


class MissingLibraryError(UsageError):
    """The simulation needs a library that is not installed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a simulation is; `writes` counts those of the first variant."""

    done_groups: int
    total_groups: int
    writes: int


def simulate(
    scenario: Scenario,
    *,
    workers: int | None = None,
    dask: str | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
    groups: Sequence[int] | None = None,
) -> SimulationResults:
    """Run a scenario and say what came of it. The results do not depend on where it runs.

    Args:
        scenario: What to run.
        workers: Processes; None takes one for each core where there is enough to do, 1 this one alone.
        dask: The address of a Dask scheduler, whose workers run it instead, such as `tcp://10.0.0.1:8786`.
        on_progress: Called, in this thread, several times a second.
        should_stop: Asked about as often; after True the results hold the groups that are done.
        groups: Only these groups, by number; all of them when None.

    Raises:
        MissingLibraryError: numpy is not installed, or Dask, where it is asked for.
        UsageError: No Dask scheduler answers at that address.
        AmpSandboxError: A process of the simulation was killed, as for lack of memory.
    """
    _require("numpy", "capacity")
    numbers = range(scenario.groups) if groups is None else groups
    results = no_results(scenario, len(numbers))

    def goes_on(part: SimulationResults | None = None) -> bool:
        if part is not None:
            results.merge(part)
        writes = results.variants[0].outcomes.writes if results.variants else 0
        on_progress(Progress(results.done_groups, len(numbers), writes))
        return not should_stop()

    a_group = max(scenario.expected_writes * len(scenario.variants), 1)
    if workers is None:
        workers = (os.cpu_count() or 1) if a_group * len(numbers) > _WORTH_PROCESSES else 1
    size = max(min(int(_WRITES_A_PART / a_group), len(numbers) // (4 * workers)), 1)
    chunks = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    if dask is not None:
        with _dask(scenario, dask) as (submit, slots):
            _gather(chunks, submit, 2 * slots, goes_on)
    elif workers > 1:
        with _processes(scenario, workers) as submit:
            _gather(chunks, submit, 2 * workers, goes_on)
    else:
        all(goes_on(run_groups(scenario, [number])) for number in numbers)
    for variant in results.variants:
        variant.groups.sort(key=lambda group: group.number)
    return results


def no_results(scenario: Scenario, groups: int) -> SimulationResults:
    """The results before any of so many groups was run."""
    return SimulationResults(
        groups, [VariantResult(each.name, scenario.days * 24) for each in scenario.variants]
    )


def run_groups(
    scenario: Scenario, numbers: Sequence[int], should_stop: Callable[[], bool] = lambda: False
) -> SimulationResults:
    """Run some groups of a scenario, one after the other, under each of its variants."""
    # What needs numpy is imported where it is used: whoever only reads results does without.
    from ampsandbox.capacity.aggregation import add_group
    from ampsandbox.capacity.group_run import run_group
    from ampsandbox.capacity.population import draw_group

    results = no_results(scenario, len(numbers))
    for number in numbers:
        if should_stop():
            break
        group = draw_group(scenario, number)
        for variant, found in zip(scenario.variants, results.variants, strict=True):
            add_group(found, scenario, group, run_group(scenario, variant, group))
        results.done_groups += 1
    return results


Submit = Callable[[Sequence[int]], "Future[SimulationResults]"]


def _gather(
    chunks: Sequence[Sequence[int]],
    submit: Submit,
    most: int,
    goes_on: Callable[[SimulationResults | None], bool],
) -> None:
    """Have chunks of groups run, at most so many at a time, until they are done or it goes no further."""
    upcoming, running = iter(chunks), set[Future[SimulationResults]]()
    while True:
        while len(running) < most and (chunk := next(upcoming, None)) is not None:
            running.add(submit(chunk))
        if not running:
            return
        done, running = wait(running, timeout=_PATIENCE_S, return_when=FIRST_COMPLETED)
        if not all([goes_on(future.result()) for future in done] or [goes_on(None)]):
            for future in running:
                future.cancel()
            return


# -- processes of this machine -------------------------------------------------------------------------------

_scenario: Scenario
_stop: Event


@contextmanager
def _processes(scenario: Scenario, workers: int) -> Iterator[Submit]:
    # Others than spawned ones would take over the threads of a screen or a server half.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    pool = ProcessPoolExecutor(workers, context, _begin_process, (scenario, stop))
    try:
        yield lambda numbers: pool.submit(_run_in_process, numbers)
    except BrokenProcessPool as error:
        raise AmpSandboxError(
            "A process of the simulation was killed, perhaps for lack of memory.",
            "Use fewer --workers, or simulate fewer groups at a time.",
        ) from error
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _begin_process(scenario: Scenario, stop: Event) -> None:
    global _scenario, _stop
    _scenario, _stop = scenario, stop
    # Ctrl+C goes to every process of the terminal; the first one says what is to be done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_in_process(numbers: Sequence[int]) -> SimulationResults:
    return run_groups(_scenario, numbers, _stop.is_set)


# -- a Dask cluster ------------------------------------------------------------------------------------------


@contextmanager
def _dask(scenario: Scenario, address: str) -> Iterator[tuple[Submit, int]]:
    _require("distributed", "dask")
    from distributed import Client

    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"No Dask scheduler answers at {address}: {error}.",
            "Start one with 'dask scheduler', and give its address, such as tcp://127.0.0.1:8786.",
        ) from error
    with client:
        slots = sum(client.nthreads().values())
        if not slots:
            raise UsageError(
                f"The Dask scheduler at {address} has no workers.",
                f"Start some with 'dask worker {address} --nthreads 1 --nworkers auto'.",
            )
        shared = client.scatter(scenario, broadcast=True)
        executor = client.get_executor(pure=False)
        yield lambda numbers: executor.submit(run_groups, shared, numbers), slots


def _require(module: str, extra: str) -> None:
    if find_spec(module) is None:
        raise MissingLibraryError(
            f"This simulation needs a package that is not installed: {module}.",
            f"Install it with 'pip install {module}', or ampsandbox with its extra [{extra}].",
        )
