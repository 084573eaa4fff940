"""The start: a first frame that waits for nothing, then the tree, then the sandbox."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.session import Starter

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend

LATER = (
    "ampsandbox.engine", "ampsandbox.manifest.loader", "ampsandbox.manifest.model", "ampsandbox.server",
    "ampsandbox.tui.backend.views", "ampsandbox.tui.widgets.write", "httpx", "mock_crm.core.app",
    "mock_crm.hubspot", "mock_crm.salesforce", "pydantic", "starlette", "httptools", "yaml",
    "textual.widgets._text_area",
)  # fmt: skip


def test_the_first_frame_imports_only_what_it_shows() -> None:
    code = f"import ampsandbox.tui.app, sys; print([name for name in {LATER} if name in sys.modules])"
    assert _python(code) == "[]"


def test_no_start_makes_methods_for_plain_values() -> None:
    """Making a dataclass takes a millisecond, a struct of msgspec none. Messages are as Textual has them."""
    code = (
        "import dataclasses, textual.message\n"
        "from ampsandbox.cli import main\n"
        "made, make = [], dataclasses._process_class\n"
        "dataclasses._process_class = lambda cls, *rest: made.append(cls) or make(cls, *rest)\n"
        "import ampsandbox.tui.app, ampsandbox.tui.widgets.write, ampsandbox.tui.backend.running\n"
        "ours = [cls for cls in made if cls.__module__.startswith('ampsandbox.tui')]\n"
        "print([cls.__name__ for cls in ours if not issubclass(cls, textual.message.Message)])"
    )
    assert _python(code) == "[]"


def _python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.anyio
async def test_tree_form_and_url_are_there_while_the_sandbox_still_starts(
    backend: FakeBackend, lines_of: Callable[[Any], list[str]]
) -> None:
    async def appears(words: str) -> None:
        with anyio.fail_after(20):
            while words not in "\n".join(lines_of(app)):
                await pilot.pause(0.01)

    is_released = threading.Event()

    def start() -> Any:
        app.call_later(app.session.name_server, "mailmonkey", "http://127.0.0.1:4001")
        is_released.wait()
        return backend

    app = SandboxApp(starter=Starter(lambda: backend.loaded, start))
    async with app.run_test(size=(120, 40)) as pilot:
        try:
            await appears("create-account")
            await appears("groupId")
            await appears("http://127.0.0.1:4001")
            text = "\n".join(lines_of(app))
            assert "POST …/create-account" in text
            assert "installed" not in text
            await pilot.press("down", "down", "down", "enter", "ctrl+j")
            await pilot.pause()
            assert [note.message for note in app._notifications] == ["The sandbox is still starting."]
        finally:
            is_released.set()
        await appears("1 installed")


@pytest.mark.anyio
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_parts_of_the_first_frame_have_all_their_styles_at_once(size: tuple[int, int]) -> None:
    is_released = threading.Event()
    app = SandboxApp(starter=Starter(is_released.wait, is_released.wait))  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        try:
            await pilot.pause()
            assert app.main is not None
            parts = list(app.main.walk_children(with_self=True))
            await app.main.fill()
            before = [dict(part.styles.base.get_rules()) for part in parts]
            app.refresh_css(animate=False)
            assert [
                part
                for part, rules in zip(parts, before, strict=True)
                if rules != part.styles.base.get_rules()
            ] == []
        finally:
            app.exit()
            is_released.set()


@pytest.mark.anyio
async def test_leaving_while_the_sandbox_starts_is_a_normal_end(backend: FakeBackend) -> None:
    is_starting, is_released = threading.Event(), threading.Event()

    def start() -> FakeBackend:
        is_starting.set()
        is_released.wait()
        return backend

    app = SandboxApp(starter=Starter(lambda: backend.loaded, start))
    async with app.run_test() as pilot:
        while not is_starting.is_set():
            await pilot.pause(0.02)
        await pilot.press("ctrl+q")
        await pilot.pause()
        is_released.set()
    assert (app.return_code, app.session.start_error) == (0, None)


@pytest.mark.anyio
async def test_a_tab_may_be_opened_before_there_is_a_form(backend: FakeBackend) -> None:
    is_released = threading.Event()
    app = SandboxApp(starter=Starter(is_released.wait, is_released.wait))  # type: ignore[arg-type]
    async with app.run_test() as pilot:
        try:
            assert app.main is not None
            assert not app.main.has_form
            await app.main.open_tab("write")
            await app.main.open_tab("records")
            await app.main.fill()
            assert app.main.pane is not None
            assert app.main.pane.id == "records"
            await pilot.pause()
        finally:
            app.exit()
            is_released.set()
