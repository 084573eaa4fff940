"""Time, faults, quotas, and the lines at the top and the bottom of the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from ampsandbox.errors import UsageError
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.views import Counts, FaultView, QuotaUsage
from ampsandbox.tui.forms.fault_rules import RECIPES, parameters_of, read_rule
from ampsandbox.tui.screens.clock_jump import ClockJumpDialog
from ampsandbox.tui.screens.faults import gauge
from ampsandbox.tui.screens.operations import OperationsPanel
from ampsandbox.tui.widgets.parts import PartsLine
from ampsandbox.tui.widgets.status_line import StatusLine
from mock_crm.core.faults import Faults, Kind, Rule
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


async def press(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await at_rest(pilot)


async def click(pilot: Pilot[int], line: str, words: str, lines_of: Read) -> None:
    """Click on words in the header or the status line."""
    widget = pilot.app.screen.query_one(line, PartsLine)
    x = lines_of(pilot.app)[widget.region.y].index(words)
    await pilot.click(line, offset=(x + 1, 0))
    await at_rest(pilot)


# -- header and status line ----------------------------------------------------------------------------------


async def test_the_parts_of_the_header_lead_to_what_they_show(pilot: Pilot[int], lines_of: Read) -> None:
    await click(pilot, "#header", "MOCK", lines_of)
    assert pilot.app.screen.query("#connections")
    await press(pilot, "escape")
    await click(pilot, "#header", "12:00:00", lines_of)
    assert any("Jump to when?" in line for line in lines_of(pilot.app))
    await press(pilot, "escape")
    await click(pilot, "#header", "4001", lines_of)
    assert pilot.app.clipboard == "http://127.0.0.1:4001"


@pytest.mark.parametrize(("width", "words"), [
    (64, ("● MOCK", "12:00:00")),
    (80, ("mailmonkey", "● MOCK Demo org +1", "127.0.0.1:4001", "12:00:00")),
    (200, ("ampsandbox", "mailmonkey", "2 integrations", "● MOCK Demo org +1", "Mon 2026-03-02 12:00:00")),
])  # fmt: skip
async def test_the_header_says_as_much_as_fits(
    backend: FakeBackend, lines_of: Read, width: int, words: tuple[str, ...]
) -> None:
    app = SandboxApp(backend)
    async with app.run_test(size=(width, 24)) as pilot:
        await at_rest(pilot)
        top = lines_of(app)[0]
        assert all(word in top for word in words), top


async def test_what_failed_is_counted_and_a_click_on_it_shows_it(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    # A second after the first look the line would make room for the pace.
    pilot.app.screen.query_one(StatusLine).pace.add = lambda total, at: None  # type: ignore[method-assign]
    backend.counts = Counts(accepted=1_200, queued=3, succeeded=1_190, failed=5, in_doubt=2)
    await at_rest(pilot)
    assert any(
        "1,200 accepted  ◷ 3 waiting  ✓ 1,190 written  ✗ 5 failed  ? 2 in doubt" in line
        for line in lines_of(pilot.app)
    )
    await click(pilot, "#status", "5 failed", lines_of)
    assert pilot.app.screen.query(OperationsPanel)


# -- time ----------------------------------------------------------------------------------------------------


async def test_a_long_jump_shows_how_far_it_came_and_can_be_left(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    async def slowly(*, by: Any = None, to: Any = None) -> None:
        backend.now = NOON + timedelta(hours=6)
        await asyncio.Event().wait()

    backend.clock.advance = slowly  # type: ignore[method-assign]
    app: Any = pilot.app
    app.clock.travel(NOON + timedelta(hours=24))
    for _ in range(100):
        await pilot.pause(0.02)
        if isinstance(app.screen, ClockJumpDialog):
            break
    await app.refresh_state()
    app.screen._look()
    await pilot.pause()
    shown = "\n".join(lines_of(app))
    assert "On the way to Tue 2026-03-03 12:00:00" in shown
    assert "Mon 2026-03-02 18:00:00" in shown
    await press(pilot, "escape")
    assert any("Left the way at Mon 2026-03-02 18:00:00" in line for line in lines_of(app))


# -- faults and quotas ---------------------------------------------------------------------------------------


def test_every_kind_of_fault_has_a_recipe_that_the_mock_takes() -> None:
    faults = Faults(_Standing())
    assert {recipe["kind"] for recipe in RECIPES.values()} == set(Kind.__args__)  # type: ignore[attr-defined]
    for recipe in RECIPES.values():
        faults.add(dict(recipe))


def test_the_form_of_a_fault_covers_every_parameter_of_a_rule() -> None:
    known = {name for recipe in RECIPES.values() for name in parameters_of(recipe["kind"])}
    fields = {"retryAfterS" if name == "retry_after_s" else name for name in Rule.__struct_fields__}
    assert known == fields - {"kind", "id"}


def test_the_texts_of_a_form_become_a_rule() -> None:
    given = {"method": "post", "first": "3", "share": "10%", "until": "in 1 hour"}
    rule = read_rule("outage", given, NOON)
    assert rule == {
        "kind": "outage", "method": "POST", "first": 3, "share": 0.1, "until": "2026-03-02T13:00:00+00:00",
    }  # fmt: skip
    Faults(_Standing()).add(rule)
    for name, text in {"first": "0", "share": "2", "seconds": "soon", "until": "yesterday"}.items():
        with pytest.raises(UsageError, match=f"^{name}: "):
            read_rule("latency", {name: text}, NOON)


async def test_a_fault_is_filled_in_put_in_force_seen_to_fire_and_removed(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    await press(pilot, "f11", "a")
    await press(pilot, *"be", "space", *"down", "enter")
    pilot.app.screen.query_one("#first", Input).value = "none"
    await press(pilot, "ctrl+j")
    assert any("✗ first: is a whole number" in line for line in lines_of(pilot.app))
    pilot.app.screen.query_one("#first", Input).value = "2"
    await press(pilot, "ctrl+j")
    assert ("add_fault", {"kind": "outage", "first": 2}) in backend.calls
    backend.rules = [FaultView("fault-1", "outage  first=2", 2, 0, NOON, "POST /services/data")]
    panel: Any = pilot.app.screen.query_one("#faults")
    await panel.reload()
    await pilot.pause()
    assert any(
        all(word in line for word in ("outage", "spent", "12:00:00", "POST /services/data"))
        for line in lines_of(pilot.app)
    )
    await press(pilot, "d")
    assert ("remove_fault", "fault-1") in backend.calls


async def test_a_live_org_shows_its_quota_and_takes_no_faults(
    pilot: Pilot[int], backend: FakeBackend, lines_of: Read
) -> None:
    backend.installed[0] = replace(backend.installed[0], connection="live", org="Big Corp")
    backend.gauges = [QuotaUsage("last 24 hours", 9_500, 10_000, "24 h")]
    await at_rest(pilot)
    await press(pilot, "f11", "a")
    shown = "\n".join(lines_of(pilot.app))
    assert "▲ LIVE" in shown
    assert "9,500 of 10,000 · 95% in 24 h" in shown
    assert not [call for call in backend.calls if call[0] == "add_fault"]


def test_a_gauge_compares_with_what_it_would_be_without_batches() -> None:
    shown = gauge(QuotaUsage("since installation", 25, 0, "", 5_000)).plain
    assert "25 requests instead of 5,000 without batches" in shown
    assert "━╌╌╌╌╌╌╌╌╌" in shown


class _Standing:
    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None:
        """Nothing waits here."""
