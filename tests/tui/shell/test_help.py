"""Help is there wherever the focus is, in panels, pages and dialogs."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest
from textual.screen import ModalScreen
from textual.widgets import Input

import ampsandbox.tui
from ampsandbox.tui.screens.help import HelpScreen
from ampsandbox.tui.widgets.pane import Pane
from ampsandbox.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from tests.tui.conftest import Open, Read, Settle

KINDS = (Panel, Pane, ModalScreen)


def parts() -> list[type[Any]]:
    """Every panel, tab and dialog of the package."""
    found: dict[str, type[Any]] = {}
    for item in pkgutil.walk_packages(ampsandbox.tui.__path__, "ampsandbox.tui."):
        if "screenshots" not in item.name and "actions.docs" not in item.name:
            module = importlib.import_module(item.name)
            found |= {name: kind for name, kind in vars(module).items() if isinstance(kind, type)}
    skipped = ("Panel", "Pane", "RecordListView", "Centre", "HelpScreen", "Modal")
    ours = [kind for name, kind in found.items() if issubclass(kind, KINDS) and name not in skipped]
    return [kind for kind in ours if kind.__module__.startswith("ampsandbox.")]


@pytest.mark.parametrize("part", parts(), ids=lambda part: part.__name__)
def test_every_panel_tab_and_dialog_has_words_for_help(part: type[Any]) -> None:
    assert part.HELP


@pytest.mark.anyio
async def test_f1_explains_panels_pages_dialogs_and_the_palette(
    opened: Open, settle: Settle, lines_of: Read
) -> None:
    ways = {
        ("f2",): ("Help · Integrations", "The integrations of amp.yaml"),
        ("f11",): ("Help · Faults", "Rules by which the mock CRM misbehaves"),
        ("f6", "z"): ("Help · ", "Something that cannot be taken back", "y enter", "Yes."),
        ("ctrl+t",): ("Help · Jump to when?", "Type one line."),
        ("ctrl+p",): ("Help · Command palette", "Every action of the screen by name."),
        ("ctrl+o",): ("Help · ", "press it to be there"),
    }
    async with opened() as (app, pilot):
        for keys, words in ways.items():
            for key in (*keys, "f1"):
                await pilot.press(key)
                await settle(app, pilot)
            shown = "\n".join(lines_of(app))
            assert [word for word in words if word not in shown] == [], shown
            await pilot.press("f1")
            await settle(app, pilot)
            assert not isinstance(app.screen, HelpScreen)
            await pilot.press("escape")
            await settle(app, pilot)


@pytest.mark.anyio
async def test_what_a_key_does_is_wrapped_beside_it(opened: Open, settle: Settle, lines_of: Read) -> None:
    async with opened((80, 24)) as (app, pilot):
        await pilot.press("f3", "f1")
        await settle(app, pilot)
        lines = lines_of(app)
        start = next(n for n, line in enumerate(lines) if "Send the write N times" in line)
        column = lines[start].index("Send the write N times")
        assert "ctrl+r" in lines[start][:column]
        assert lines[start + 1][column - 2 : column].isspace()
        assert not lines[start + 1][column].isspace()


@pytest.mark.anyio
async def test_ctrl_q_leaves_from_a_dialog_too(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        await pilot.press("ctrl+t")
        await settle(app, pilot)
        assert app.screen.query(Input)
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app.return_value == 0
