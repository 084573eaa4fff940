"""Nothing that is pressed, resized or wrong inside ends the screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.command import CommandList
from textual.geometry import Offset, Size

from ampsandbox.errors import DefectError, UsageError
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.tui import run
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.forms.target import targets
from ampsandbox.tui.screens.dialogs import ErrorDialog
from ampsandbox.tui.screens.page import Page
from ampsandbox.tui.widgets.field_row import FieldRow
from ampsandbox.tui.widgets.group_row import GroupRow
from ampsandbox.tui.widgets.log import LogPanel
from ampsandbox.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Settle

pytestmark = pytest.mark.anyio


async def test_endpoints_may_be_passed_faster_than_their_forms_are_laid_out(
    opened: Open, settle: Settle, backend: FakeBackend
) -> None:
    every = targets(backend.loaded.manifest)
    async with opened() as (app, pilot):
        main = app.main
        assert main is not None
        for n in range(40):
            main._follow(every[n % len(every)])
            await asyncio.sleep(0.003 * (n % 5))  # `pause` would wait until it is laid out
        main._follow(every[1])
        await settle(app, pilot)
        assert app.is_running
        assert app.form.model is not None
        assert app.form.model.target.key == every[1].key
        names = [row.field.name for row in app.form.request.form.query(FieldRow)]
        assert names[:2] == ["groupId", "primaryKey"]
        assert len(names) == len(set(names))


async def test_a_line_of_the_form_has_its_value_before_it_is_on_the_screen(
    opened: Open, backend: FakeBackend
) -> None:
    async with opened() as (app, _):
        assert backend.loaded.manifest is not None
        row = GroupRow(backend.loaded.manifest.integrations[0], "acme", ["demo"], "groupId")
        app.form.request.form.mount(row)
        row.show_installed(["demo", "beta"])
        assert not row.is_mounted
        assert row.value == "acme"


async def test_a_defect_in_the_poll_is_shown_once_and_polling_goes_on(
    opened: Open, monkeypatch: pytest.MonkeyPatch, defects: list[BaseException], backend: FakeBackend
) -> None:
    looks = 0

    def fail(self: LogPanel, snapshot: object) -> None:
        nonlocal looks
        looks += 1
        raise RuntimeError("a bug of ours")

    async with opened() as (app, pilot):
        monkeypatch.setattr(LogPanel, "show", fail)
        while looks < 3:
            await pilot.pause(0.05)
        assert isinstance(app.screen, ErrorDialog)
        assert len(app.screen_stack) == 2
        assert "A defect of ampsandbox: RuntimeError at test_alive.py" in app.screen.message
        monkeypatch.undo()
        backend.now = backend.now.replace(year=2031)
        await app.refresh_state()
        assert app.is_running
    defects.clear()


async def test_a_defect_in_a_command_is_shown_and_the_screen_goes_on(
    opened: Open, settle: Settle, defects: list[BaseException]
) -> None:
    async def fail() -> None:
        raise RuntimeError("a bug of ours")

    async with opened() as (app, pilot):
        app.command(fail())
        await settle(app, pilot)
        assert isinstance(app.screen, ErrorDialog)
        assert app.return_code is None
    defects.clear()


async def test_what_a_command_would_show_on_a_page_that_was_closed_meanwhile_is_left_out(
    opened: Open, settle: Settle, defects: list[BaseException]
) -> None:
    class Reading(Panel):
        def reload(self) -> None:
            self.query_one("#gone-already")

    is_released = asyncio.Event()

    async def work() -> None:
        await is_released.wait()

    async with opened() as (app, pilot):
        app.open_page(page := Reading(id="going"))
        await pilot.pause()
        app.command(work(), then=page.reload)
        assert isinstance(app.screen, Page)
        app.screen.action_close()
        await pilot.pause()
        is_released.set()
        await settle(app, pilot)
        assert app.is_running
    assert defects == []


async def test_what_a_page_misses_while_it_goes_is_no_defect_whoever_opened_it(
    opened: Open, settle: Settle
) -> None:
    async with opened() as (app, pilot):

        async def open_page() -> None:
            app.open_page(Panel(id="going"))

        # Workers of the app open pages; the tasks of a page run in the context of the worker that opened it.
        app.run_worker(open_page())
        await settle(app, pilot)
        page = app.screen
        assert isinstance(page, Page)
        page.action_close()
        page.panel.call_later(page.panel.query_one, "#gone-already")
        await settle(app, pilot)
        assert app.is_running
        assert app.return_code is None


async def test_escape_pressed_twice_closes_one_page(opened: Open) -> None:
    async with opened() as (app, pilot):
        app.batches.action_show_flushed()
        await pilot.pause()
        app.window.action_show_messages()
        await pilot.pause()
        assert len(app.screen_stack) == 3
        page = app.screen
        assert isinstance(page, Page)
        page.action_close()
        page.action_close()
        await pilot.pause()
        assert len(app.screen_stack) == 2


async def test_a_page_that_is_open_already_is_gone_back_to(opened: Open) -> None:
    async with opened() as (app, pilot):
        for show in (
            app.batches.action_show_flushed,
            app.window.action_show_messages,
            app.batches.action_show_flushed,
        ) * 2:
            show()
            await pilot.pause()
        pages = [screen.panel.id for screen in app.screen_stack if isinstance(screen, Page)]
        assert pages == ["flushed"]


async def test_two_palettes_asked_for_at_once_are_one(opened: Open) -> None:
    async with opened() as (app, pilot):
        for _ in range(3):
            app.action_command_palette()
            app.screen.dismiss(None)
            app.action_command_palette()
        await pilot.pause()
        assert len(app.screen_stack) == 2


async def test_a_click_on_a_line_that_the_palette_has_no_longer_does_nothing(
    opened: Open, settle: Settle
) -> None:
    async with opened(size=(120, 40)) as (app, pilot):
        await pilot.press("ctrl+p")
        await settle(app, pilot)
        lines = app.screen.query_one(CommandList)
        x, y = lines.region.offset + Offset(6, 4)
        assert "option" in app.screen.get_style_at(x, y).meta
        with app.batch_update():  # what was painted stays
            lines.clear_options()
            assert app.screen.get_style_at(x, y).meta == {}
            await pilot.click(offset=(x, y))
        assert app.is_running


@pytest.mark.parametrize("key", ["ctrl+p", "f1", "ctrl+t", "f4"])
async def test_a_window_without_room_for_anything_ends_nothing(
    opened: Open, settle: Settle, key: str
) -> None:
    async with opened(size=(120, 40)) as (app, pilot):
        await pilot.press(key)
        await settle(app, pilot)
        for size in ((4, 8), (1, 1), (3, 200), (200, 2)):
            await pilot.resize_terminal(*size)
            await settle(app, pilot)
        assert app.return_code is None


async def test_a_size_that_the_terminal_had_before_is_not_taken(opened: Open) -> None:
    async with opened(size=(120, 40)) as (app, pilot):
        await pilot.press("f1")
        for screen in app.screen_stack:
            screen.post_message(events.Resize(Size(100, 30), Size(100, 30)))
        await pilot.pause()
        assert {screen.size for screen in app.screen_stack} == {Size(120, 40)}


def test_an_end_that_nobody_asked_for_is_an_error(
    monkeypatch: pytest.MonkeyPatch, state_home: object
) -> None:
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.headless_driver:HeadlessDriver")
    monkeypatch.setattr(SandboxApp, "run", lambda self: None)
    with pytest.raises(DefectError, match="although nobody left it"):
        run.run_app(lambda: parse_manifest("", "amp.yaml"), lambda: pytest.fail("not started"))


def test_a_server_that_any_page_may_reach_gets_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    with pytest.raises(UsageError, match="any page of any site") as refused:
        run.run_app(lambda: pytest.fail("not read"), lambda: pytest.fail("not started"))
    assert "run --web" in refused.value.hint
