"""When the screen is laid out anew: for what takes another place, and not for each figure that changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from ampsandbox.tui.app import SandboxApp
from tests.tui.rest import at_rest

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pilot(backend: FakeBackend) -> AsyncIterator[Pilot[int]]:
    backend.add_batch(count=1_200)
    backend.add_batch(count=1_300, state="flushing", succeeded=100, requests=1)
    for _ in range(30):
        backend.add_log()
    async with SandboxApp(backend).run_test(size=(120, 40)) as driven:
        await at_rest(driven)
        yield driven


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch, pilot: Pilot[int]) -> list[Screen[Any]]:
    """The screens that were laid out."""
    laid_out: list[Screen[Any]] = []
    lay_out = Screen._refresh_layout

    def counted(screen: Screen[Any], *args: Any, **options: Any) -> None:
        laid_out.append(screen)
        lay_out(screen, *args, **options)

    monkeypatch.setattr(Screen, "_refresh_layout", counted)
    return laid_out


async def test_a_poll_with_other_figures_and_new_rows_lays_nothing_out(
    pilot: Pilot[int], backend: FakeBackend, layouts: list[Screen[Any]]
) -> None:
    for number in range(3):
        backend.now += timedelta(seconds=1)
        waiting, going = backend.queued
        backend.queued = [
            replace(waiting, count=waiting.count + 1),
            replace(going, count=going.count - 100, succeeded=going.succeeded + 100, requests=2 + number),
        ]
        for _ in range(20):
            backend.add_log()
        await at_rest(pilot)
    assert layouts == []


async def test_words_about_a_batch_get_a_second_line_when_they_need_it_and_give_it_back(
    pilot: Pilot[int], backend: FakeBackend
) -> None:
    detail = pilot.app.screen.query_one("#batch-detail", Static)
    long = backend.queued[0]
    short = replace(long, schedule="hourly", next_fires=(), limit=0)
    heights = []
    for batch in (short, long, short):
        backend.queued[0] = batch
        await at_rest(pilot)
        heights.append(detail.size.height)
    assert heights == [1, 2, 1]
