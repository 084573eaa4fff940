"""Choose a record of an org: the newest ones, searched by what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.screens.dialogs import Dialog
from ampsandbox.tui.text.sanitize import as_text, plain
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import InstallationStatus

Record = Mapping[str, Any]
_LIMIT: Final = 200
_TELLING: Final = (
    "name", "firstname", "lastname", "email", "company", "dealname", "subject", "domain", "title", "phone",
)  # fmt: skip


class RecordPicker(Dialog):
    """A search line over the records; enter gives the id of the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next", show=False),
        Binding("up", "move(-1)", "Previous", show=False),
    ]

    def __init__(self, installation: InstallationStatus, object_name: str) -> None:
        super().__init__()
        self.installation = installation
        self.object_name = object_name

    def compose(self) -> ComposeResult:
        """Search, records, and how many there are."""
        with Vertical(classes="dialog") as box:
            box.border_title = plain(f"{self.object_name} · {self.installation.group}", limit=60)
            box.border_subtitle = Content("enter: take its id · esc: leave")
            yield Input(placeholder="type to search all values", compact=True)
            yield Rows[Record](
                [Column("id"), Column("", least=20, is_flexible=True)], record_id, _cells, header=False,
                empty="No record holds this.\nInsert one first, or seed the org: 3 for Records, then i.",
            )  # fmt: skip
            yield Static("", classes="muted", id="picker-count")

    def on_mount(self) -> None:
        """Show the newest records."""
        self._load("")

    def _load(self, search: str) -> None:
        self.run_worker(self._read(search), group="records", exclusive=True)

    async def _read(self, search: str) -> None:
        backend = self.ui.backend
        try:
            page = await backend.records.search(
                self.installation.id, self.object_name, search=search, limit=_LIMIT
            )
        except AmpSandboxError as error:
            self.query_one("#picker-count", Static).update(
                plain(f"✗ {error.message} {error.hint}", "$text-error")
            )
            return
        self.query_one(Rows).show(page.rows, force=True)
        more = (
            f"the newest {len(page.rows):,} of {page.total:,}"
            if page.total > len(page.rows)
            else f"{page.total:,}"
        )
        self.query_one("#picker-count", Static).update(plain(f"{more} records", "$muted"))

    def action_move(self, by: int) -> None:
        """Move the list's cursor; the search line keeps the keys."""
        self.query_one(Rows).action_move(by)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        self._load(event.value)

    def on_input_submitted(self) -> None:
        """Take the record under the cursor."""
        self.query_one(Rows).action_open()

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Give the id."""
        self.dismiss(record_id(event.item))


def record_id(record: Record) -> str:
    """The id under which the CRM knows the record."""
    return as_text(record.get("Id") or record.get("id"))


def _cells(record: Record) -> list[Cell]:
    by_name = {name.lower(): value for name, value in record.items()}
    told = [as_text(by_name[name]) for name in _TELLING if by_name.get(name)]
    return [(record_id(record), "accent"), " · ".join(dict.fromkeys(told[:3]))]
