"""Random histories with faults, crashes and clock moves; `simulate.py` runs many more of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulation.history import History, live

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: a history opens its journal many times."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as root:
        yield Path(root)


@pytest.mark.parametrize("first", range(0, 300, 50))
async def test_no_history_breaks_a_promise(folder: Path, first: int) -> None:
    for seed in range(first, first + 50):
        await live(seed, folder / str(seed))


@pytest.mark.parametrize("seed", [3, 14, 159])
async def test_one_seed_gives_the_same_history_to_the_byte(folder: Path, seed: int) -> None:
    logs = [(await History(seed, folder / name).run(30)).log for name in ("first", "second")]

    assert logs[0] == logs[1]
    assert len(logs[0]) > 50
