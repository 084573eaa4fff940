"""Seed an object of a mock org from a file: what would be created, how far it is, which rows were refused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, Final

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.backend.views import SeedFailure
from ampsandbox.tui.forms.seeds import ENDINGS, SeedColumn, match_columns, read_rows, renamed
from ampsandbox.tui.screens.value import ValueDialog
from ampsandbox.tui.text.sanitize import as_text, plain
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.path_input import PathInput
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import InstallationStatus, SchemaView

_AT_ONCE: Final = 100
"""Records created in one go; the server answers others in between."""

_BAR: Final = 30
_COLUMNS: Final = (
    Column("", 3), Column("column", least=14, is_flexible=True), Column("field", least=14, is_flexible=True),
    Column("", 13), Column("example", least=12, is_flexible=True, rank=1),
)  # fmt: skip
_WAYS: Final = (
    ". {toggle-seed-column} leaves a column out, or takes it in; {map-seed-column} maps it to a field."
)
_FAILURES_SHOWN: Final = 1_000
_ABOUT: Final = (
    "A CSV with a header line, or a list of objects in JSON, JSON Lines or YAML. tab completes the path."
)


class SeedPanel(Panel):
    """A path, the columns that the file has, and a table of the rows that the CRM refused."""

    TITLE = "Seed"
    HELP = (
        "Creates records from a file under the CRM's own rules. Columns are matched with the fields of the "
        "object by API name, by the manifest's name or by label; those without a field are left out unless "
        "you take them in with {toggle-seed-column}. {create-seeds} creates the records; each row stands for "
        "itself, and the refused ones are listed with the reason. f writes those to a file, to mend them "
        "there and seed them again. esc stops."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("seeding")]

    def __init__(self, installation: InstallationStatus, object_name: str) -> None:
        super().__init__(id="seeding")
        self.installation = installation
        self.object_name = object_name
        self.given: list[dict[str, Any]] = []
        self.columns: list[SeedColumn] = []
        self.schema: SchemaView | None = None
        self.left_out: set[str] = set()
        self.failures: list[SeedFailure] = []
        self.is_creating = False

    @property
    def subject(self) -> object:
        """One page for each object."""
        return (self.installation.id, self.object_name)

    def compose(self) -> ComposeResult:
        """Path, what is to be said, columns, refused rows."""
        yield PathInput(
            endings=ENDINGS, placeholder="path of a .csv, .json, .jsonl or .yaml file", id="seed-path"
        )
        yield Static(plain(_ABOUT, "$muted"), id="seed-result", markup=False)
        yield Rows[SeedColumn](
            _COLUMNS, lambda column: column.name, self._column_cells, id="seed-columns", empty="No file yet.",
        )  # fmt: skip
        yield Rows[SeedFailure](
            [Column("row", 7, right=True), Column("refused because", least=30, is_flexible=True),
             Column("values", least=20, is_flexible=True)],
            lambda failure: str(failure.index), self._failure_cells, id="seed-failures", empty="",
        )  # fmt: skip

    def on_mount(self) -> None:
        """Start in the path."""
        where = self.installation
        self.border_title = plain(
            f"Seed {self.object_name} · {where.org or where.integration} · {where.group}", limit=80
        )
        self.query_one("#seed-failures").display = False
        self.query_one("#seed-path").focus()

    def _say(self, text: str, style: str = "$muted") -> None:
        self.query_one("#seed-result", Static).update(plain(text, style, 1_000))

    # -- reading ------------------------------------------------------------------------------------------

    @on(Input.Changed, "#seed-path")
    def read(self, event: Input.Changed) -> None:
        """Read the file while its path is typed."""
        event.stop()
        if not self.is_creating:
            self.run_worker(self._read(event.value), group="read", exclusive=True)

    @on(Input.Submitted, "#seed-path")
    def leave_path(self, event: Input.Submitted) -> None:
        """Go to the columns; a quick hand is there before the file is read."""
        event.stop()
        if self.columns:
            self.query_one("#seed-columns").focus()
        elif not self.is_creating:
            self.run_worker(self._read_and_leave(event.value), group="read", exclusive=True)

    async def _read_and_leave(self, path: str) -> None:
        await self._read(path)
        if self.columns:
            self.query_one("#seed-columns").focus()

    async def _read(self, path: str) -> None:
        self.given, self.columns, self.failures, self.left_out = [], [], [], set()
        self.query_one("#seed-failures").display = False
        try:
            if path.lower().endswith(ENDINGS):
                self.given = await asyncio.to_thread(read_rows, path)
                self.schema = await self.ui.backend.records.schema(self.installation.id, self.object_name)
                self.columns = match_columns(self.given, self.schema)
            self.left_out = {column.name for column in self.columns if column.remark}
            self._say(self._preview() if self.given else _ABOUT)
        except AmpSandboxError as error:
            self._say(f"✗ {error.message} {error.hint}", "$text-error")
        self.query_one("#seed-columns", Rows).show(self.columns, force=True)

    def _preview(self) -> str:
        left_out = [column.name for column in self.columns if column.name in self.left_out]
        words = (
            self.ui.keyed("{create-seeds}") + f" creates {len(self.given):,} records of {self.object_name}"
        )
        words += f", without {', '.join(left_out[:8])}" if left_out else ""
        return words + self.ui.keyed(_WAYS)

    def action_take(self) -> None:
        """Leave the column under the cursor out, or take it in."""
        columns = self.query_one("#seed-columns", Rows)
        if columns.selected is not None:
            self.left_out ^= {columns.selected.name}
            self._say(self._preview())
            columns.show(self.columns, force=True)
            columns.action_move(1)

    def action_map(self) -> None:
        """Choose the field that the column under the cursor is written to."""
        column: SeedColumn | None = self.query_one("#seed-columns", Rows).selected
        if column is None or self.schema is None:
            return
        writable = [field for field in self.schema.fields if field.is_writable]
        fields = {f"{field.name}  {field.label} · {field.type}": field for field in writable}

        def chosen(label: str | None) -> None:
            if label is None:
                return
            mapped = replace(column, field=fields[label])
            self.columns = [mapped if each.name == column.name else each for each in self.columns]
            # One field takes the values of one column.
            self.left_out |= {each.name for each in self.columns if each.field == mapped.field}
            self.left_out.discard(column.name)
            self._say(self._preview())
            self.query_one("#seed-columns", Rows).show(self.columns, force=True)

        self.ui.pick(f"{column.name} is written to which field?", list(fields), chosen)

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Leave a column out or take it in; show a refused row in full."""
        event.stop()
        if event.rows.id == "seed-columns":
            self.action_take()
            return
        failure: SeedFailure = event.item
        shown = {
            "refused because": failure.message,
            "fields": failure.fields,
            "row": self.given[failure.index],
        }
        self.ui.push_screen(ValueDialog(f"Row {failure.index + 1:,}", shown))

    # -- creating -----------------------------------------------------------------------------------------

    def action_create(self) -> None:
        """Create the records."""
        if self.is_creating:
            return
        if not self.given:
            self._say("✗ Give the path of a file with rows first.", "$text-error")
            return
        self.run_worker(self._create(), group="create")

    async def _create(self) -> None:
        self.is_creating, self.failures = True, []
        rows = renamed(self.given, self.columns, self.left_out)
        done = 0
        try:
            while done < len(rows) and self.is_creating:
                part = rows[done : done + _AT_ONCE]
                refused = await self.ui.backend.records.create(self.installation.id, self.object_name, part)
                self.failures += [
                    SeedFailure(done + item.index, item.message, item.fields) for item in refused
                ]
                done += len(part)
                self._say(self._progress(done, len(rows)), "")
        except AmpSandboxError as error:
            self.ui.tell_error(error)
        self.is_creating = False
        self._show_outcome(done, len(rows))

    def _progress(self, done: int, total: int) -> str:
        full = _BAR * done // total
        refused = f" · {len(self.failures):,} refused" if self.failures else ""
        return f"{'━' * full}{'╌' * (_BAR - full)} {done:,} of {total:,}{refused} · esc stops"

    def _show_outcome(self, done: int, total: int) -> None:
        created = done - len(self.failures)
        words = f"✓ {created:,} created" + (f" · ✗ {len(self.failures):,} refused" if self.failures else "")
        words += f" · stopped before {total - done:,} others" if done < total else ""
        self._say(words, "$text-warning" if self.failures or done < total else "$text-success")
        self.ui.say(f"Seeded {self.object_name}: {words}")
        failed = self.query_one("#seed-failures", Rows)
        failed.display = bool(self.failures)
        failed.show(self.failures[:_FAILURES_SHOWN], force=True)
        if self.failures:
            failed.focus()

    def key_escape(self, event: Any) -> None:
        """Stop creating; otherwise leave it to the page, which closes."""
        if self.is_creating:
            self.is_creating = False
            event.stop()

    def action_export(self) -> None:
        """Write the refused rows to a file."""
        self.ui.records.export_rows([self.given[failure.index] for failure in self.failures], "refused.csv")

    # -- cells --------------------------------------------------------------------------------------------

    def _column_cells(self, column: SeedColumn) -> list[Cell]:
        is_in = column.name not in self.left_out
        field = column.field.name if column.field else "–"
        return [
            "[x]" if is_in else "[ ]",
            (column.name, "" if is_in else "muted"),
            (f"→ {field}", "accent" if is_in else "muted"),
            (column.remark, "warn"),
            (as_text(column.example), "muted"),
        ]

    def _failure_cells(self, failure: SeedFailure) -> list[Cell]:
        return [
            f"{failure.index + 1:,}",
            (failure.message, "bad"),
            (as_text(self.given[failure.index]), "muted"),
        ]
