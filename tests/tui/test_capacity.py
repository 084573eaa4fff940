"""The page that simulates the loaded manifest's schedules."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandList
from textual.pilot import Pilot
from textual.widgets import Input, Static

from ampsandbox.capacity import simulation
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.screens.capacity import CapacityPanel
from tests.tui.conftest import FakeBackend

pytestmark = pytest.mark.anyio

TRAFFIC = """\
groups: 3
days: 1
traffic: [{endpoint: add-warmth-score, writes_per_day: 100}]
"""


async def _until(pilot: Pilot[int], check: Any) -> None:
    """Wait for what a thread brings about."""
    for _ in range(500):
        if check():
            return
        await pilot.pause(0.02)
    raise AssertionError("it did not happen")


async def _open(app: SandboxApp, pilot: Pilot[int], traffic: Path) -> CapacityPanel:
    """Come from the palette, and name the traffic file."""
    await _until(pilot, lambda: app.state.latest is not None)
    await pilot.press("ctrl+p")
    app.screen.query_one(Input).value = "capacity: simulate the schedules"
    await _until(pilot, lambda: app.screen.query_one(CommandList).option_count == 1)
    await pilot.press("enter")
    await _until(pilot, lambda: app.screen.query(CapacityPanel))
    panel = app.screen.query_one(CapacityPanel)
    panel.query_one("#capacity-traffic", Input).value = str(traffic)
    return panel


async def _simulate(pilot: Pilot[int], panel: CapacityPanel) -> None:
    await pilot.press("ctrl+j")
    await _until(pilot, lambda: not panel.is_simulating)
    await pilot.pause()


def _text(panel: CapacityPanel, name: str) -> str:
    return str(panel.query_one(f"#capacity-{name}", Static).content)


@pytest.mark.performs("show-capacity", "simulate-capacity", "export-capacity")
async def test_findings_or_the_answer_stand_on_the_page_and_the_report_goes_into_a_file(
    backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate = simulation.simulate
    # Processes of their own take longer to start than all of this.
    monkeypatch.setattr(simulation, "simulate", lambda *args, **more: simulate(*args, workers=1, **more))
    traffic, report = tmp_path / "traffic.yaml", tmp_path / "r.html"
    traffic.write_text(TRAFFIC.replace("warmth", "warmht"))
    app = SandboxApp(backend)
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await _open(app, pilot, traffic)
        await _simulate(pilot, panel)
        assert "There is no endpoint “add-warmht-score”" in _text(panel, "line")
        assert "^\n  = Did you mean “add-warmth-score”?" in _text(panel, "text")
        traffic.write_text(TRAFFIC)
        await _simulate(pilot, panel)
        assert _text(panel, "text").startswith("Yes: all 3 groups stay within the day's calls;")
        assert "  0 * * * * " in _text(panel, "text")
        await pilot.press("f7")
        app.screen.query_one(Input).value = str(report)
        await pilot.press("enter")
        await _until(pilot, lambda: report.exists() and report.read_text().endswith("</html>\n\n"))


@pytest.mark.performs("stop-simulation")
async def test_escape_stops_at_first_and_leaves_then(
    backend: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "traffic.yaml").write_text(TRAFFIC)
    simulate, is_pressed = simulation.simulate, threading.Event()

    def slow(*args: Any, should_stop: Any, **more: Any) -> Any:
        is_pressed.wait(30)
        return simulate(*args, workers=1, should_stop=should_stop, **more)

    monkeypatch.setattr(simulation, "simulate", slow)
    app = SandboxApp(backend)
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await _open(app, pilot, tmp_path / "traffic.yaml")
        await pilot.press("ctrl+j", "escape")
        is_pressed.set()
        await _until(pilot, lambda: not panel.is_simulating)
        assert _text(panel, "line").startswith("Stopped ")
        assert app.screen.query(CapacityPanel)
        await pilot.press("escape")
        await _until(pilot, lambda: not app.screen.query(CapacityPanel))
