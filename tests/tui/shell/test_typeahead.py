"""What is typed at once after a key that opens a search line goes into that line, however fast it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.widgets import Input

from ampsandbox.tui.widgets.log import LogPanel
from ampsandbox.tui.widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from ampsandbox.tui.app import SandboxApp
    from tests.tui.conftest import FakeBackend, Open, Settle

pytestmark = pytest.mark.anyio

_NAMED = {"/": "slash", ":": "colon"}


def burst(app: SandboxApp, *keys: str) -> None:
    """Put all keys into the app's queue before it sees the first one, as a paste or a slow machine does."""
    for key in keys:
        app.post_message(events.Key(_NAMED.get(key, key), key if len(key) == 1 else None))


async def test_a_burst_after_slash_is_the_filter_of_the_log(
    opened: Open, settle: Settle, backend: FakeBackend
) -> None:
    backend.add_log(status=400)
    async with opened() as (app, pilot):
        burst(app, "f6", *"/status:400")
        await settle(app, pilot)
        assert app.screen.query_one(LogPanel).line.value == "status:400"
        assert app.screen.query_one("#tabs", TabBar).active == "write"


async def test_a_slash_in_the_line_is_a_character(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        burst(app, "f6", *"/path:/projects")
        await settle(app, pilot)
        assert app.screen.query_one(LogPanel).line.value == "path:/projects"


@pytest.mark.parametrize(
    ("way", "line"),
    [
        (["f2"], "#tree-search"),
        (["f6"], "#log-filter"),
        (["f2", "3"], "#records-search"),
        (["f2", "4"], "#schema-search"),
        (["f12"], "#operations-search"),
    ],
)
async def test_every_search_line_takes_a_burst(
    opened: Open, settle: Settle, way: list[str], line: str
) -> None:
    async with opened() as (app, pilot):
        await pilot.press(*way)
        await settle(app, pilot)
        burst(app, *"/4x1q")
        await settle(app, pilot)
        assert app.screen.query_one(line, Input).value == "4x1q"


async def test_the_keys_of_panels_are_characters_in_the_form(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        await pilot.press("f3")
        burst(app, *"a/b")
        await settle(app, pilot)
        focused = app.screen.focused
        assert isinstance(focused, Input)
        assert "a/b" in focused.value


async def test_an_asked_line_takes_what_was_typed_before_it_was_there(opened: Open, settle: Settle) -> None:
    async with opened() as (app, pilot):
        answers: list[str] = []
        app.ask("What?", "", answers.append)
        burst(app, *"now", "enter")
        await settle(app, pilot)
        assert answers == ["now"]
