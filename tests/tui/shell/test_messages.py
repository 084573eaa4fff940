"""What is said is seen, stays out of the way, and can be read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets._toast import Toast

from ampsandbox.errors import ConflictError
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import Open, Read, Settle

pytestmark = pytest.mark.anyio


async def test_toasts_stand_at_the_top_right_and_the_same_words_only_once(
    opened: Open, settle: Settle
) -> None:
    async with opened(notifications=True) as (app, pilot):
        for _ in range(3):
            app.tell("Choose an endpoint first.")
        await settle(app, pilot)
        (toast,) = app.screen.query(Toast)
        assert toast.region.y < 4
        assert toast.region.right > 110
        for n in range(9):
            app.tell(f"Message {n}", "error")
        await settle(app, pilot)
        assert len(app.screen.query(Toast)) == 3


@pytest.mark.performs("copy-message")
async def test_everything_said_is_read_again_newest_last(
    opened: Open, settle: Settle, lines_of: Read
) -> None:
    async with opened() as (app, pilot):
        app.say("✓ Flushed every batch")
        app.tell("[bold]no markup[/bold]", "warning")
        app.tell_error(ConflictError("The batch is being flushed. " * 10, "Wait a moment."))
        await pilot.press("enter")
        app.window.action_show_messages()
        await settle(app, pilot)
        rows = app.screen.query_one("#message-rows", Rows)
        assert [item.severity for item in rows.items] == ["information", "warning", "error"]
        shown = "\n".join(lines_of(app))
        assert "12:00:00" in shown
        assert "! warn  [bold]no markup[/bold]" in shown
        assert "Wait a moment." in shown
        await pilot.press("up", "c")
        assert app.clipboard == "[bold]no markup[/bold]"
