"""From an operation to its request and its record, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input

from ampsandbox.tui.backend.views import OperationView
from ampsandbox.tui.screens.exchange import ExchangePanel
from ampsandbox.tui.screens.operations import OperationsPanel

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Settle

pytestmark = pytest.mark.anyio


@pytest.fixture
def one(backend: FakeBackend) -> Any:
    """A backend with one failed operation and its request."""
    backend.add_log()
    backend.done.append(
        OperationView(
            id="op1", installation_id="i1", group="demo", object="account", mode="insert", state="failed",
            fields={"name": "Big Co."}, record_id="001", accepted_at=backend.now,
        )
    )  # fmt: skip
    return backend


@pytest.mark.performs("open-operation-record")
async def test_the_request_and_the_record_of_an_operation_are_opened(
    one: Any, opened: Open, settle: Settle
) -> None:
    async with opened() as (app, pilot):
        found: list[Any] = []
        app.records.open = lambda *where: found.append(where)  # type: ignore[method-assign]
        await pilot.press("f12")
        await settle(app, pilot)
        assert app.screen.query(OperationsPanel)
        await pilot.press("o")
        await settle(app, pilot)
        assert found == [("i1", "Account", "001")]
        await pilot.press("enter")
        await settle(app, pilot)
        assert app.screen.query_one(ExchangePanel).detail.row.operation_id == "op1"
        await pilot.press("escape")
        await settle(app, pilot)
        assert app.screen.query(OperationsPanel)


async def test_a_request_that_is_not_kept_any_more_is_said_to_be_so(
    one: Any, opened: Open, settle: Settle
) -> None:
    one.logged.clear()
    async with opened() as (app, pilot):
        await pilot.press("f12")
        await settle(app, pilot)
        await pilot.press("enter")
        await settle(app, pilot)
        assert not app.screen.query(ExchangePanel)
        assert not app.screen.query_one("#operations-search", Input).has_focus
