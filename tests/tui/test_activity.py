"""The page that plots what happened over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.events import MouseMove
from textual.widgets import Input

from ampsandbox.tui.screens.activity import ActivityPanel
from ampsandbox.tui.text.plots import GUTTER, Span, axis, columns, timeline

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Read, Settle

NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
MINUTE = int(NOON.timestamp()) // 60


@pytest.mark.parametrize("minutes", [60, 360, 1_440])
@pytest.mark.parametrize("cells", [20, 60, 61, 200])
def test_every_minute_of_a_window_is_counted_once_and_has_a_cell(minutes: int, cells: int) -> None:
    span = Span(NOON, minutes, cells)
    assert span.count <= max(cells, minutes // 120)
    each = dict.fromkeys(range(span.first, span.first + span.count * span.step), 1)
    assert span.sums(each) == [span.step] * span.count
    assert span.sums({MINUTE: 5})[-1] == 5, "the minute that is not over yet is in the last step"
    assert span.sums({span.first - 1: 1, MINUTE + span.step: 1}) == [0] * span.count
    assert [span.step_of(cell) for cell in (0, cells - 1)] == [0, span.count - 1]
    assert span.cell_of(NOON - timedelta(days=2)) == 0
    assert span.cell_of(NOON + timedelta(days=2)) == cells - 1
    assert len(axis(span).plain) <= GUTTER + cells


def test_a_running_sum_forgets_what_is_a_day_old() -> None:
    span = Span(NOON, 60, 60)
    day = 1_440
    used = span.running({span.first - day + 10: 7, span.first + 5: 2}, day)
    assert (used[0], used[5], used[9], used[10], used[-1]) == (7, 9, 9, 2, 2)


def test_columns_show_even_the_least_value_and_mark_the_cursor() -> None:
    span = Span(NOON, 60, 60)
    lines = [line.plain for line in columns([0] * 57 + [1, 500, 1_000], span, 4, "", 58)]
    assert lines[0].startswith("  1,000 ┤")
    assert [line[-3:] for line in lines] == ["  █", "  █", " ██", "▁██", "─▲─"]


def test_a_batch_waits_is_delivered_or_waits_still() -> None:
    span = Span(NOON, 60, 60)
    ago = [NOON - timedelta(minutes=minutes) for minutes in range(30)]
    assert timeline(span, ago[10], ago[5], ago[3]).plain.strip() == "░" * 5 + "█" * 3
    waits = timeline(span, ago[2], None, None).plain
    assert waits.strip() == "░" * 2 + "▸"
    assert len(waits) == GUTTER + span.cells, "it ends where the columns end"
    assert timeline(span, ago[3], ago[3], ago[3]).plain.strip() == "█", (
        "one that came as a request never waits"
    )


@pytest.mark.anyio
@pytest.mark.performs(
    "show-activity", "earlier-activity", "later-activity", "widen-activity", "narrow-activity",
    "export-activity",
)  # fmt: skip
async def test_plots_are_read_by_key_and_mouse_follow_and_are_written(
    backend: FakeBackend, opened: Open, settle: Settle, lines_of: Read, tmp_path: Path
) -> None:
    backend.add_batch()
    async with opened((100, 60)) as (app, pilot):

        async def after(*keys: str) -> str:
            await pilot.press(*keys)
            await settle(app, pilot)
            return "\n".join(lines_of(app))

        shown = await after("ctrl+p", *"plot", "enter")
        for words in (
            "▸1 hour",
            "150 in 1 hour",
            "4 of 15,000 (0.0%) · unbatched 90",
            "░░░",
            "by its schedule",
        ):
            assert words in shown
        panel = app.screen.query_one(ActivityPanel)
        assert "11:59–12:00   40 accepted · 0 written" in await after("left", "left", "left", "right")
        assert "▸24 hours" in await after("w", "w", "w")
        assert "▸1 hour" in await after("n", "n")
        plots = panel.query_one("#activity-plots").content_region
        x, y = plots.x + GUTTER, plots.y + 2
        panel.post_message(MouseMove(panel, x, y, 0, 0, 0, False, False, False, x, y))
        assert "11:01–11:02   0 accepted" in await after()
        backend.now += timedelta(minutes=1)
        await panel.reload()
        assert "11:02–11:03   0 accepted" in await after(), "the plots follow the sandbox's time"
        for name, start in (("plots.html", "<!doctype html>"), ("plots.svg", "<svg ")):
            await after("f")
            app.screen.query_one(Input).value = str(tmp_path / name)
            await after("enter")
            text = (tmp_path / name).read_text(encoding="utf-8")
            assert text.startswith(start)
            assert "without batches: 90" in text
            assert "<script" not in text
