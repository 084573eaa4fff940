"""The registry of actions is complete, free of clashes, documented, and open to other keys."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.tui.actions.docs import document
from ampsandbox.tui.actions.registry import ACTIONS, actions_of
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.screens.activity import ActivityPanel
from ampsandbox.tui.screens.capacity import CapacityPanel
from ampsandbox.tui.screens.config import ConfigPanel
from ampsandbox.tui.screens.connections import ConnectionsPanel
from ampsandbox.tui.screens.exchange import ExchangePanel
from ampsandbox.tui.screens.faults import FaultsPanel
from ampsandbox.tui.screens.findings import FindingsView
from ampsandbox.tui.screens.flushed import FlushedPanel
from ampsandbox.tui.screens.messages import MessagesPanel
from ampsandbox.tui.screens.operations import OperationsPanel
from ampsandbox.tui.screens.query import QueryPanel
from ampsandbox.tui.screens.record import RecordPanel
from ampsandbox.tui.screens.seeding import SeedPanel
from ampsandbox.tui.widgets.answer import AnswerPanel
from ampsandbox.tui.widgets.batches import BatchesPanel
from ampsandbox.tui.widgets.installer import InstallerPane
from ampsandbox.tui.widgets.integrations import IntegrationsPanel
from ampsandbox.tui.widgets.log import LogPanel
from ampsandbox.tui.widgets.records import RecordsPane
from ampsandbox.tui.widgets.schema import SchemaPane
from ampsandbox.tui.widgets.write import WritePane

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

OWNERS: dict[str, type[Any]] = {
    "app": SandboxApp, "integrations": IntegrationsPanel, "write": WritePane, "answer": AnswerPanel,
    "installer": InstallerPane, "config": ConfigPanel, "records": RecordsPane,
    "record": RecordPanel, "query": QueryPanel, "seeding": SeedPanel, "schema": SchemaPane,
    "batches": BatchesPanel, "log": LogPanel, "operations": OperationsPanel, "exchange": ExchangePanel,
    "flushed": FlushedPanel,
    "faults": FaultsPanel, "connections": ConnectionsPanel, "findings": FindingsView,
    "messages": MessagesPanel, "capacity": CapacityPanel, "activity": ActivityPanel,
}  # fmt: skip


SHOWN_INSTEAD = ("undelete-this-record", "check-operation", "mark-operation")
"""What the footer offers where others of the panel cannot be done: for a deleted record, in doubt."""


def test_ids_are_unique_and_kebab_case() -> None:
    ids = [action.id for action in ACTIONS]
    assert len(set(ids)) == len(ids)
    assert all(part.isalnum() and part.islower() for name in ids for part in name.split("-"))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_an_action_is_carried_out_by_its_panel(action: Any) -> None:
    part, _, name = action.command.split("(")[0].rpartition(".")
    owner = getattr(SandboxApp(), part) if part else OWNERS[action.panel]
    assert hasattr(owner, f"action_{name}")


@pytest.mark.parametrize("panel", OWNERS)
def test_no_two_actions_of_a_panel_share_a_key(panel: str) -> None:
    keys = Counter(key for action in actions_of(panel) for key in action.keys.split(",") if key)
    assert not [key for key, count in keys.items() if count > 1]


@pytest.mark.parametrize("panel", OWNERS)
def test_the_footer_has_room_for_the_keys_of_each_panel(panel: str) -> None:
    # The pages over the main screen have the way back in place of the key that sends.
    everywhere = sum(bool(action.footer) for action in actions_of("app"))
    shown = [action for action in actions_of(panel) if action.footer and action.id not in SHOWN_INSTEAD]
    own = len(shown) if panel != "app" else 0
    assert everywhere + own <= 8


def test_every_panel_has_words_for_help() -> None:
    assert all(owner.HELP for panel, owner in OWNERS.items() if panel != "app")


def test_every_action_is_carried_out_by_a_test_of_its_own_screen() -> None:
    """`performs` marks name the actions; the `performed` fixture sees to it that they are not just named."""
    named = {
        argument.value
        for path in Path(__file__).parent.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "performs"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    ids = {action.id for action in ACTIONS}
    assert sorted(ids - named) == []
    assert sorted(named - ids) == []


def test_titles_are_noun_and_verb() -> None:
    assert all(": " in action.title and action.about.endswith(".") for action in ACTIONS)


def test_the_docs_list_every_action() -> None:
    page = (Path(__file__).parents[2] / "docs" / "actions.md").read_text(encoding="utf-8")
    assert page == document(), "run: python -m ampsandbox.tui.actions.docs > docs/actions.md"


@pytest.mark.anyio
async def test_the_keymap_is_in_force_and_help_shows_it(backend: FakeBackend, lines_of: Read) -> None:
    app = SandboxApp(backend)
    app.set_keymap({"toggle-clock": "ctrl+k"})
    async with app.run_test(size=(120, 50)) as pilot:
        await pilot.pause()
        await app.refresh_state()
        await pilot.press("ctrl+k")
        await pilot.pause(0.05)
        assert ("set_speed", 1) in backend.calls
        await pilot.press("f1")
        await pilot.pause()
        assert any("ctrl+k" in line and "stand still" in line for line in lines_of(app))
