"""Ask the mock CRM in its own language and see the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static, TextArea

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.plain import as_text, plain
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.records import column_width
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.views import InstallationView

Row = Mapping[str, Any]


class QueryPanel(Panel):
    """The query above, the rows below."""

    TITLE = "Query"
    HELP = (
        "SOQL on Salesforce, such as SELECT Id, Name FROM Account; the JSON body of a CRM search on HubSpot. "
        "ctrl+j runs it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,f5", "run", "Run", id="run-query", priority=True)
    ]

    def __init__(self, installation: InstallationView, text: str) -> None:
        super().__init__(id="query")
        self.installation = installation
        self.text = text
        self.names: list[str] = []
        self.found: list[tuple[int, Row]] = []

    def compose(self) -> ComposeResult:
        """Query, result line, rows."""
        yield TextArea(self.text, compact=True, tab_behavior="focus", id="query-text")
        yield Static(plain("ctrl+j runs the query", "$muted"), id="query-result", markup=False)
        yield Rows[tuple[int, Row]](
            [Column("")], lambda row: str(row[0]), self._cells, id="query-rows", empty="No rows."
        )

    def on_mount(self) -> None:
        """Start in the query."""
        self.query_one(TextArea).focus()

    async def action_run(self) -> None:
        """Run the query."""
        said = self.query_one("#query-result", Static)
        try:
            rows = await self.ui.backend.query(self.installation.id, self.query_one(TextArea).text)
        except AmpSandboxError as error:
            said.update(plain(f"✗ {error.message} {error.hint}", "$text-error", 1_000))
            return
        self.names = list(dict.fromkeys(name for row in rows[:100] for name in row if name != "attributes"))
        columns = [Column(name, width=column_width(name, rows)) for name in self.names]
        table = self.query_one("#query-rows", Rows)
        table.set_columns(columns or [Column("")])
        table.show(list(enumerate(rows)), force=True)
        said.update(plain(f"✓ {len(rows):,} row{'' if len(rows) == 1 else 's'}", "$text-success"))

    def _cells(self, row: tuple[int, Row]) -> list[Cell]:
        return [as_text(row[1].get(name)) for name in self.names]
