"""Groups are picked, installed and uninstalled from the form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Read, Settle
    from tests.tui.write.conftest import RowOf, Typed

pytestmark = pytest.mark.anyio


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def options(app: Any) -> list[str]:
    return list(app.screen.query_one(Rows).items)


async def test_the_list_has_the_installed_groups_and_the_ways_to_install_and_uninstall(
    backend: FakeBackend, opened: Open, settle: Settle, row_of: RowOf
) -> None:
    backend.installed.append(replace(backend.installed[1], id="i3", group="acme"))
    async with opened() as (app, pilot):
        row_of(app, "groupId").input.focus()
        await pilot.press("down")
        await settle(app, pilot)
        assert options(app) == [
            "demo", "acme  not installed here: install", "install for another group…", "config of demo…",
            "uninstall demo…",
        ]  # fmt: skip
        await pilot.press("a", "c", "m", "e", "enter")
        await settle(app, pilot)
        assert ("install", "mailmonkeySalesforce", "acme") in backend.calls
        await pilot.press("escape")
        await settle(app, pilot)
        assert app.form.group == "acme"
        await pilot.press("down", "u", "n", "i", "n", "enter")
        await settle(app, pilot)
        assert not any(call[0] == "uninstall" for call in backend.calls), "only after a question"
        await pilot.press("y")
        await settle(app, pilot)
        assert ("uninstall", "mailmonkeySalesforce", "acme") in backend.calls


async def test_a_group_without_an_installation_says_so_and_enter_installs_it(
    backend: FakeBackend, opened: Open, settle: Settle, row_of: RowOf, typed: Typed, lines_of: Read
) -> None:
    async with opened() as (app, pilot):
        row_of(app, "groupId").input.focus()
        await pilot.press("ctrl+u")
        await typed(pilot, "acme")
        await settle(app, pilot)
        assert any("✗ not installed for acme: enter" in line for line in lines_of(app))
        await pilot.press("enter")
        await settle(app, pilot)
        assert any("1 of 1" in line for line in lines_of(app))
        assert any("✓ Installed for acme" in line for line in lines_of(app))
        await pilot.press("escape")
        await settle(app, pilot)
        assert not any("not installed" in line for line in lines_of(app))


async def test_a_click_on_the_problem_installs_and_another_group_is_asked_for(
    backend: FakeBackend, opened: Open, settle: Settle, row_of: RowOf
) -> None:
    async with opened() as (app, pilot):
        row = row_of(app, "groupId")
        row.set_value("big")
        await settle(app, pilot)
        await pilot.click(row.query_one(".field-problem"))
        await settle(app, pilot)
        assert ("install", "mailmonkeySalesforce", "big") in backend.calls
        await pilot.press("escape")
        await settle(app, pilot)
        row_of(app, "groupId").input.focus()
        await pilot.press("down", "a", "n", "o", "t", "h", "enter")
        await settle(app, pilot)
        app.screen.query_one(Input).value = "third"
        await pilot.press("enter")
        await settle(app, pilot)
        assert ("install", "mailmonkeySalesforce", "third") in backend.calls
        assert app.form.group == "third"


async def test_without_a_browser_the_preview_page_is_named(
    opened: Open, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    async with opened() as (app, pilot):
        monkeypatch.setattr(app, "open_url", lambda *_: pytest.fail("nothing can be opened"))
        await pilot.press("2", "o")
        await settle(app, pilot)
        assert app.clipboard.endswith("preview-mailmonkeySalesforce.html")
        page = Path(app.clipboard)
    assert "preview" in read(page)


async def test_the_form_begins_with_a_group_that_is_installed(backend: FakeBackend, opened: Open) -> None:
    backend.installed[:] = [replace(each, group="acme") for each in backend.installed]
    async with opened() as (app, _):
        assert app.form.group == "acme"
