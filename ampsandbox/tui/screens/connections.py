"""Which CRM org each installation writes to."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions import bindings
from ampsandbox.tui.plain import plain
from ampsandbox.tui.views import InstallationView
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

_COLUMNS = (
    Column("", 7),
    Column("integration", least=14),
    Column("group", 12),
    Column("org", least=14),
    Column("circuit", 10),
    Column("state", 12),
)


class ConnectionsPanel(Panel):
    """One line per installation."""

    TITLE = "Connections"
    HELP = (
        "Where each installation's writes go. ● mock is an org inside this program; ▲ live is a real "
        "one, set in the "
        "settings file (--settings). t asks the CRM whose org it is. An open circuit means that the CRM "
        "failed "
        "several times in a row and rests for a while."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("connections")]

    def __init__(self) -> None:
        super().__init__(id="connections")

    def compose(self) -> ComposeResult:
        """The list, and what a test said."""
        yield Rows(
            _COLUMNS,
            lambda item: item.id,
            _cells,
            id="connection-rows",
            empty="Nothing is installed. Go to the installer (2, then i).",
        )
        yield Static("", id="identity", markup=False)

    def on_mount(self) -> None:
        """Show the installations."""
        rows = self.query_one("#connection-rows", Rows)
        rows.show(self.ui.installations)
        rows.focus()

    def on_rows_opened(self) -> None:
        """The same as testing."""
        self.action_test()

    def action_test(self) -> None:
        """Ask the CRM whose org this is."""
        item: InstallationView | None = self.query_one("#connection-rows", Rows).selected
        if item is not None:
            self.run_worker(self._test(item), exclusive=True, group="identify")

    async def _test(self, item: InstallationView) -> None:
        said = self.query_one("#identity", Static)
        said.update(Content.styled("Asking…", "$muted"))
        try:
            org = await self.ui.backend.identify(item.id)
        except AmpSandboxError as error:
            said.update(plain(f"✗ {error.message} {error.hint}", "$text-error", 1_000))
            return
        facts = {
            "org": f"{org.name} ({org.id})", "type": org.type,
            "production": "yes" if org.is_production else "no",
            "API version": org.api_version, "time zone": org.time_zone,
            "requests left": "" if org.remaining_requests is None else f"{org.remaining_requests:,}",
            "scopes": ", ".join(org.scopes),
        }  # fmt: skip
        lines = [Content.styled("✓ The CRM answered", "bold $text-success")]
        lines += [
            Content.assemble((f"{name:<14}", "$muted"), plain(value))
            for name, value in facts.items()
            if value
        ]
        said.update(Content("\n").join(lines))


def _cells(item: InstallationView) -> list[Cell]:
    sign: Cell = ("▲ LIVE", "bad") if item.is_live else ("● mock", "good")
    circuit: Cell = (item.circuit, "muted" if item.circuit == "closed" else "warn")
    return [sign, item.integration, (item.group, "strong"), item.org, circuit, (item.state, "muted")]
