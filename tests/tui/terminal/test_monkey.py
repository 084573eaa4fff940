"""Random keys, clicks and resizes in a terminal leave the screen alive; see `tests.tui.monkey`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui import monkey

pytestmark = [pytest.mark.terminal, pytest.mark.slow]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_screen_survives_a_monkey(seed: int, tmp_path: Path) -> None:
    survived = monkey.run(400, seed, tmp_path)
    assert survived.events == 400
    assert {"key", "click", "resize"} <= survived.kinds.keys()
