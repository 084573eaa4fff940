"""The figures of the benchmarks: what they compare, and when they say that they are worth nothing."""

from __future__ import annotations

import os
import time

import pytest

from benchmarks.processor import BUSY_SHARE, Bystanders, Rounds, Slice, alternate, cpu_s_of


def bystanders(share: float | None) -> Bystanders:
    found = Bystanders()
    found.share = share
    return found


def rounds(**cpu_s: list[float]) -> Rounds:
    return Rounds(
        {name: [Slice(10, each, 1.0) for each in taken] for name, taken in cpu_s.items()}, bystanders(0.0)
    )


def test_a_cost_compares_slices_of_the_same_round() -> None:
    measured = rounds(bare=[1.0, 2.0, 4.0], ours=[2.0, 4.0, 8.0])
    cost = measured.cost("ours", "bare")
    assert (cost.least, cost.median, cost.most) == (2.0, 2.0, 2.0)
    assert measured.cpu_us("ours").most == 800_000


def test_rounds_that_differ_are_called_unsteady() -> None:
    assert "unsteady" not in rounds(bare=[1.0, 1.0], ours=[2.0, 2.5]).row("ours", "bare")
    assert rounds(bare=[1.0, 1.0], ours=[2.0, 2.7]).row("ours", "bare")["unsteady"] == "yes"


def test_targets_take_turns() -> None:
    order: list[str] = []

    def target(name: str) -> Slice:
        order.append(name)
        return Slice(1, 1.0, 1.0)

    alternate({"one": lambda: target("one"), "two": lambda: target("two")}, 3)
    assert order == ["one", "two"] * 3


@pytest.mark.parametrize(("share", "is_believed"), [(0.0, True), (BUSY_SHARE + 0.01, False)])
def test_a_run_says_when_the_machine_was_too_busy(share: float, is_believed: bool) -> None:
    assert ("TOO BUSY" not in bystanders(share).verdict()) is is_believed


def test_a_process_is_charged_with_the_work_of_its_threads_alone() -> None:
    own = cpu_s_of(os.getpid())
    assert own == pytest.approx(time.process_time(), abs=0.05)
