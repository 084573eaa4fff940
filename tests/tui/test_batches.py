"""Batches on the screen: what waits, how a flush goes, and what is made of single writes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.operation_pages import matches
from ampsandbox.tui.backend.views import OperationView
from ampsandbox.tui.screens.operations import LIMIT
from ampsandbox.tui.text.batch_words import bar, in_full, when
from ampsandbox.tui.widgets.rows import Rows
from tests.tui.rest import at_rest

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
async def pilot(backend: FakeBackend) -> AsyncIterator[Pilot[int]]:
    app = SandboxApp(backend)
    async with app.run_test(size=(120, 40)) as driven:
        await driven.pause()
        await at_rest(driven)
        yield driven


def write(number: int = 1, **values: Any) -> OperationView:
    made = OperationView(f"op{number}", "i1", "demo", "contact", "update", "queued", {"name": f"n{number}"})
    return replace(made, **values)


async def press(pilot: Pilot[int], *keys: str) -> None:
    await at_rest(pilot)  # Keys are for what the backend has by now.
    await pilot.press(*keys)
    await at_rest(pilot)


# -- the list ------------------------------------------------------------------------------------------------


async def test_a_running_flush_shows_how_far_it_came_and_what_it_waits_for(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    going = backend.add_batch(
        state="flushing", count=3_760, succeeded=1_237, failed=3, requests=6, requests_expected=19,
        reason="schedule",
    )  # fmt: skip
    await press(pilot, "f4")
    shown = "\n".join(lines_of(pilot.app))
    assert "↑ 24%" in shown
    assert "1,240 of 5,000 · 6 of 25 requests · by its schedule" in in_full(going, NOON)
    held = replace(going, retry_at=NOON + timedelta(seconds=12), retry_reason="SERVER_UNAVAILABLE: down")
    assert when(held, NOON) == ("↻ 00:12", "warn")
    assert "again in 00:12 after SERVER_UNAVAILABLE" in in_full(held, NOON)
    assert bar(going, 8) == "━━╌╌╌╌╌╌"


async def test_a_batch_tells_its_schedule_and_what_it_spares(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    backend.add_batch()
    await press(pilot, "f4")
    shown = " ".join(" ".join(line.strip("│ ") for line in lines_of(pilot.app)).split())
    assert "every 2 hours · 1 request instead of 120" in shown
    assert "at 12:04, 14:04, 16:04" in in_full(backend.queued[0], NOON)
    assert "200 fit a request" in in_full(backend.queued[0], NOON)


async def test_dropping_a_batch_asks_first(pilot: Pilot[int], backend: FakeBackend) -> None:
    backend.add_batch()
    await press(pilot, "f4", "d")
    assert not backend.calls
    await press(pilot, "y")
    assert backend.calls == [("drop_batch", "b1")]


async def test_flushed_batches_stay_in_reach_with_their_outcome(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    done = backend.add_batch(
        state="flushed", count=0, succeeded=1_237, failed=3, requests=7, reason="schedule"
    )
    backend.queued.clear()
    backend.flushed = [done]
    backend.waiting["b1"] = [write(state="succeeded")]
    await press(pilot, "f4", "f")
    assert not backend.calls, "it was flushed already"
    await press(pilot, "H")
    shown = "\n".join(lines_of(pilot.app))
    assert "✓ 1,237 ✗ 3" in shown
    assert "flushed by its schedule" in shown
    assert "7 not 1,240" in shown
    await press(pilot, "enter")
    assert len(pilot.app.screen.query_one("#operation-rows", Rows).items) == 1


# -- the writes of a batch -----------------------------------------------------------------------------------


async def test_all_writes_of_a_large_batch_are_reached_page_by_page(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    backend.add_batch(count=1_200)
    backend.waiting["b1"] = [write(number) for number in range(1_200)]
    await press(pilot, "f4", "enter")
    rows = pilot.app.screen.query_one("#operation-rows", Rows)
    assert len(rows.items) == LIMIT
    await press(pilot, "n")
    await press(pilot, "G", "down")
    assert (rows.items[0].id, len(rows.items), rows.cursor) == ("op1000", 200, 0)
    assert any("1,001–1,200 shown · b: page before" in line for line in lines_of(pilot.app))
    await press(pilot, "b")
    assert rows.items[0].id == "op500"


async def test_a_batch_is_followed_while_it_is_open_and_one_write_is_sent_alone(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    backend.add_batch(count=2)
    backend.waiting["b1"] = [write(1), write(2)]
    await press(pilot, "f4", "enter")
    backend.waiting["b1"].append(write(3))
    panel: Any = pilot.app.screen.query_one("#operations")
    await panel.reload()
    assert [item.id for item in panel.rows.items] == ["op1", "op2", "op3"]
    await press(pilot, "down", "s")
    assert ("send_now", "op2") in backend.calls
    assert [item.id for item in panel.rows.items] == ["op1", "op3"]
    await press(pilot, "escape")
    assert any("✓ written record 001" in line for line in lines_of(pilot.app))


async def test_operations_are_searched_by_words_and_by_parts(pilot: Pilot[int], backend: FakeBackend) -> None:
    backend.done = [
        write(1, state="failed", group="acme", errors=("DUPLICATES_DETECTED: There is one.",)),
        write(2, state="failed", group="beta", errors=("REQUIRED_FIELD_MISSING: Name",)),
    ]
    await press(pilot, "f12", "slash")
    search = pilot.app.screen.query_one("#operations-search", Input)
    search.value = "error:required group:beta"
    await at_rest(pilot)
    rows = pilot.app.screen.query_one("#operation-rows", Rows)
    assert [item.id for item in rows.items] == ["op2"]
    await press(pilot, "escape")
    assert [item.id for item in rows.items] == ["op1", "op2"]
    assert matches(backend.done[0], "there one")
    assert not matches(backend.done[0], "there two")


# -- in doubt ------------------------------------------------------------------------------------------------


async def test_a_write_in_doubt_is_looked_for_in_the_crm_and_settled(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    backend.done = [write(1, state="in_doubt"), write(2, state="in_doubt"), write(3, state="in_doubt")]
    backend.found = [{"Id": "003A", "CreatedDate": "2026-03-02T12:00:00"}]
    await press(pilot, "f12", "c")
    assert any("1 record of Contact holds these values" in line for line in lines_of(pilot.app))
    assert any("It is record 003A" in line for line in lines_of(pilot.app))
    await press(pilot, "enter")
    assert ("mark_written", "op1", "003A") in backend.calls
    backend.found = []
    await press(pilot, "c")
    assert any("It is not there: send it again" in line for line in lines_of(pilot.app))
    await press(pilot, "enter")
    assert ("retry", "op2", None) in backend.calls
    await press(pilot, "G", "w")
    await press(pilot, *"00X", "enter")
    assert ("mark_written", "op3", "00X") in backend.calls


async def test_dead_letters_are_retried_from_the_main_screen_after_a_question(
    pilot: Pilot[int], backend: FakeBackend
) -> None:
    backend.done = [write(1, state="failed"), write(2, state="in_doubt")]
    app: Any = pilot.app
    app.operations.action_retry_dead_letters()
    await at_rest(pilot)
    assert not backend.calls
    await press(pilot, "y")
    assert backend.calls == [("retry_all",)]
