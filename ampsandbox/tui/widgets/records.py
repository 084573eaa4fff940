"""The records of the mock CRM org, object by object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions import bindings
from ampsandbox.tui.plain import as_text, plain
from ampsandbox.tui.views import InstallationView, RecordPage, SchemaView, Snapshot
from ampsandbox.tui.widgets.pane import Pane
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.target import Target

PAGE: Final = 500
_SYSTEM: Final = frozenset(
    {"attributes", "isdeleted", "systemmodstamp", "lastmodifiedbyid", "createdbyid", "ownerid",
     "hs_object_id",
     "lastreferenceddate", "lastvieweddate", "archived"}
)  # fmt: skip
_LATE: Final = frozenset(
    {
        "createddate",
        "lastmodifieddate",
        "createdate",
        "createdat",
        "updatedat",
        "hs_lastmodifieddate",
        "hs_createdate",
    }
)
_COLUMNS_SHOWN: Final = 8
Record = Mapping[str, Any]


class RecordsPane(Pane):
    """Records of one object of one installation's org."""

    HELP = (
        "What is in the CRM org: the records of the object that the endpoint writes to, newest first. "
        "/ searches all values, o chooses another object, g another group, enter shows a record with its "
        "history."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("records")]

    def __init__(self) -> None:
        super().__init__(id="records")
        self.object_name = ""
        self.installation: InstallationView | None = None
        self.page = RecordPage("", (), 0)
        self.names: list[str] = []
        self.start = 0
        self.sort = ""
        self.is_descending = False
        self._seen: object = None

    def compose(self) -> ComposeResult:
        """A heading with the search line beside it, and the list."""
        with Horizontal(classes="heading-row"):
            yield Static("", id="records-heading", classes="heading", markup=False)
            yield Input(placeholder="/ search", compact=True, id="records-search", classes="search")
        yield Rows(
            [Column("id")], _record_id, self._cells, id="record-rows",
            empty="No records here yet.\nSend a write (1, then ctrl+j); a scheduled one arrives "
            "when its batch is flushed.",
        )  # fmt: skip

    @property
    def rows(self) -> Rows[Record]:
        """The list inside."""
        return self.query_one("#record-rows", Rows)

    async def show_target(self, target: Target, schema: SchemaView | None) -> None:
        """Show the records of the endpoint's object in the org of the form's group."""
        installation = self.ui.installation_for(target)
        name = schema.object_name if schema else ""
        if installation != self.installation or name != self.object_name:
            self.start = 0
        self.installation, self.object_name = installation, name
        await self.load()

    def show(self, snapshot: Snapshot) -> None:
        """Read the records again when writes came to an end since the last look."""
        seen = (snapshot.counts.succeeded, snapshot.counts.failed, snapshot.counts.in_doubt, snapshot.version)
        if seen != self._seen:
            self._seen = seen
            self.ui.run_worker(self.load(), group="records", exclusive=True)

    async def load(self) -> None:
        """Read the window of records that is shown."""
        if self.installation is None or not self.object_name:
            self._show_page(RecordPage(self.object_name, (), 0))
            return
        search = self.query_one("#records-search", Input).value
        try:
            page = await self.ui.backend.records(
                self.installation.id, self.object_name, search=search, offset=self.start, limit=PAGE
            )
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        if self.is_attached:
            self._show_page(page)

    def _show_page(self, page: RecordPage) -> None:
        self.page = page
        names = _columns(page.rows)
        if names != self.names:
            self.names = names
            self.rows.set_columns(
                [Column(name, width=column_width(name, page.rows)) for name in names] or [Column("")]
            )
        self.rows.show(self._sorted(page.rows))
        self._show_heading()

    def _show_heading(self) -> None:
        page, where = self.page, self.installation
        group = f" · {where.group}" if where else ""
        shown = f"{len(page.rows):,} of {page.total:,}" if len(page.rows) != page.total else f"{page.total:,}"
        window = f" · from {page.offset + 1:,}" if page.offset else ""
        order = f" · by {self.sort}{' ↓' if self.is_descending else ' ↑'}" if self.sort else ""
        noun = "record" if page.total == 1 else "records"
        words = f"{page.object_name or 'Records'}{group} · {shown} {noun}{window}{order}"
        self.query_one("#records-heading", Static).update(plain(words, "bold"))

    def _sorted(self, rows: Sequence[Record]) -> Sequence[Record]:
        if not self.sort:
            return rows
        return sorted(rows, key=lambda row: _sort_key(row.get(self.sort)), reverse=self.is_descending)

    def _cells(self, record: Record) -> list[Cell]:
        return [(as_text(record.get(name)), "muted" if name.lower() in _LATE else "") for name in self.names]

    @on(Input.Changed, "#records-search")
    def search(self, event: Input.Changed) -> None:
        """Search while typing."""
        event.stop()
        self.start = 0
        self.ui.run_worker(self.load(), group="records", exclusive=True)

    @on(Input.Submitted, "#records-search")
    def leave_search(self, event: Input.Submitted) -> None:
        """Go to the list."""
        event.stop()
        self.rows.focus()

    # -- actions ---------------------------------------------------------------------------------------------

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show a record in full."""
        event.stop()
        self.ui.run_worker(self._open(event.item), group="record", exclusive=True)

    async def _open(self, record: Record) -> None:
        from ampsandbox.tui.screens.record import RecordPanel

        if self.installation is None:
            return
        try:
            history = await self.ui.backend.history(
                self.installation.id, self.object_name, _record_id(record)
            )
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        self.ui.open_page(RecordPanel(self.object_name, record, history))

    def action_choose_object(self) -> None:
        """Choose another object of the org."""
        if self.installation is not None:
            self.ui.run_worker(self._choose_object(self.installation), group="record", exclusive=True)

    async def _choose_object(self, installation: InstallationView) -> None:
        try:
            found = await self.ui.backend.objects(installation.id)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        names = {
            item.name
            + (f"  ({item.count:,})" if item.count else "")
            + ("  ◆" if item.is_custom else ""): item.name
            for item in found
        }

        def chosen(label: str | None) -> None:
            if label is not None:
                self.object_name, self.start, self.sort = names[label], 0, ""
                self._load_soon()

        self.ui.pick("Which object?", list(names), chosen)

    def action_choose_group(self) -> None:
        """Look into another installation's org."""
        found = {
            f"{item.group} · {item.integration}": item for item in self.ui.installations if not item.is_live
        }

        def chosen(label: str | None) -> None:
            if label is not None:
                if self.installation is None or found[label].integration != self.installation.integration:
                    self.object_name = ""
                self.installation, self.start = found[label], 0
                self.action_choose_object() if not self.object_name else self._load_soon()

        self.ui.pick("Whose org?", list(found), chosen)

    def action_sort(self) -> None:
        """Choose the column to sort by; the same one again turns the order."""

        def chosen(name: str | None) -> None:
            if name is not None:
                self.is_descending = name == self.sort and not self.is_descending
                self.sort = name
                self._show_page(self.page)

        self.ui.pick("Sort by", self.names, chosen)

    def action_turn_page(self, by: int) -> None:
        """Show the next or the previous records."""
        start = self.start + by * PAGE
        if 0 <= start < max(self.page.total, 1):
            self.start = start
            self._load_soon()

    def action_edit(self) -> None:
        """Change fields of the record under the cursor."""
        from ampsandbox.tui.screens.editor import EditorDialog, as_json, read_object

        record, where = self.rows.selected, self.installation
        if record is None or where is None:
            return
        before = {
            name: value
            for name, value in record.items()
            if name.lower() not in (*_SYSTEM, *_LATE, "id") and value not in (None, "")
        }

        def edited(text: str | None) -> None:
            if text is None:
                return
            after = read_object(text)
            changes = {name: value for name, value in after.items() if before.get(name) != value}
            changes |= {name: None for name in before if name not in after}
            if changes:
                work = self.ui.backend.update_record(where.id, self.object_name, _record_id(record), changes)
                self.ui.command(work, "Record changed", self.load)

        self.ui.push_screen(
            EditorDialog(f"{self.object_name} {_record_id(record)}", as_json(before), check=read_object),
            edited,
        )

    def action_delete(self) -> None:
        """Delete the record under the cursor."""
        record, where = self.rows.selected, self.installation
        if record is not None and where is not None:
            key = _record_id(record)
            about = f"{self.object_name} {key}"
            self.ui.confirm("Delete this record?", about, lambda: self._delete(where.id, key))

    def _delete(self, installation_id: str, key: str) -> None:
        work = self.ui.backend.delete_record(installation_id, self.object_name, key)
        self.ui.command(work, "Record deleted", self.load)

    def action_query(self) -> None:
        """Run a query of the CRM's own language."""
        from ampsandbox.tui.screens.query import QueryPanel

        if self.installation is None:
            return
        fields = [name for name in self.names if name not in ("attributes",)][:4] or ["Id"]
        text = f"SELECT {', '.join(fields)} FROM {self.object_name or 'Account'} LIMIT 100"
        if self.installation.provider == "hubspot":
            body = {"objectType": self.object_name or "contacts", "filterGroups": [], "limit": 100}
            text = json.dumps(body, indent=2)
        self.ui.open_page(QueryPanel(self.installation, text))

    def action_seed(self) -> None:
        """Create records from a file."""
        from ampsandbox.tui.seeds import read_rows

        where = self.installation
        if where is None or not self.object_name:
            return
        about = f"Records of {self.object_name} from a CSV with a header line, or a list in JSON or YAML."

        def go(path: str) -> None:
            rows = read_rows(path)
            self.ui.command(
                self.ui.backend.seed(where.id, self.object_name, rows),
                f"Created {len(rows):,} records",
                self.load,
            )

        self.ui.ask("Seed from which file?", about, go, check=read_rows)

    def _load_soon(self) -> None:
        self.ui.run_worker(self.load(), group="records", exclusive=True)

    def action_search(self) -> None:
        """Go to the search line."""
        self.query_one("#records-search", Input).focus()


def _record_id(record: Record) -> str:
    return str(record.get("id") or record.get("Id") or "")


def _columns(rows: Sequence[Record]) -> list[str]:
    """The columns worth showing: the id, what has values, dates last."""
    used: dict[str, int] = {}
    for row in rows[:100]:
        for name, value in row.items():
            if value not in (None, "") and name.lower() not in _SYSTEM:
                used[name] = used.get(name, 0) + 1
    names = [name for name in used if name.lower() != "id" and name.lower() not in _LATE]
    names.sort(key=lambda name: -used[name])
    late = [name for name in used if name.lower() in _LATE][:1]
    first = ["id" if "id" in used else "Id"] if used else []
    return [*first, *names[:_COLUMNS_SHOWN], *late]


def column_width(name: str, rows: Sequence[Record]) -> int:
    """How wide a column of these rows should be."""
    longest = max((len(as_text(row.get(name))) for row in rows[:50]), default=0)
    return max(len(name), min(28, longest), 4)


def _sort_key(value: Any) -> tuple[bool, float, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (False, float(value), "")
    return (value is None, 0.0, as_text(value).lower())
