"""One record: its fields, the records it hangs together with, and everything that happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.service.record_views import RelatedRecord
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.screens.value import ValueDialog
from ampsandbox.tui.text.record_text import is_derived, named
from ampsandbox.tui.text.sanitize import as_text, plain
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

_FOLLOW_S: Final = 0.5
_HISTORY: Final = (
    Column("at", 14), Column("", 8), Column("values", least=10, is_flexible=True),
    Column("by", least=8, is_flexible=True, rank=1),
)  # fmt: skip
_GONE: Final = (
    "This record is not in the org any more.\n{undelete-this-record} brings it back from the recycle bin."
)
Record = Mapping[str, Any]


class FieldLine(msgspec.Struct, frozen=True):
    """One field of the record, and the record that its value names, if it names one."""

    name: str
    value: Any
    refers: RelatedRecord | None = None


class RecordPanel(Panel):
    """Fields on the left; related records and the history on the right."""

    TITLE = "Record"
    HELP: ClassVar[str | None] = (
        "One record of the CRM org. Enter on a field shows its whole value, or the record that it names (→); "
        "enter on a related record goes there, esc comes back. The history says what changed, when, and by "
        "which operation where a write did it; enter opens that operation. e edits the record, d deletes it, "
        "c copies it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("record")]

    def __init__(self, installation_id: str, object_name: str, key: str) -> None:
        super().__init__(id="record")
        self.where = (installation_id, object_name)
        self.key = key
        self.record: Record = {}
        self._stamp = -1

    @property
    def subject(self) -> object:
        """One page for each record."""
        return (*self.where, self.key)

    def compose(self) -> ComposeResult:
        """Three lists."""
        with Container(classes="split"):
            yield Rows[FieldLine](
                [Column("field", 18, is_flexible=True), Column("value", 24, is_flexible=True)],
                lambda item: item.name, _field_cells,
                id="record-fields",
                empty=self.ui.keyed(_GONE),
            )  # fmt: skip
            with Vertical(classes="detail"):
                yield Static("", id="related-heading", classes="heading", markup=False)
                yield Rows[RelatedRecord](
                    [
                        Column("how", 10, is_flexible=True), Column("object", 8, is_flexible=True),
                        Column("name", 12, is_flexible=True),
                    ],
                    lambda item: f"{item.label}/{item.record_id}", _related_cells,
                    id="record-related", empty="It names no other record, and no other one names it.",
                )  # fmt: skip
                yield Static(plain("History", "bold"), classes="heading", markup=False)
                yield Rows[Record](
                    _HISTORY, lambda item: f"{item.get('number')}", _history_cells, id="record-history",
                    empty="Nothing is kept of what happened before.",
                )  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A record that is gone can be brought back; one that is there, all the rest."""
        if action in ("edit", "delete", "copy", "undelete"):
            return bool(self.record) is (action != "undelete")
        return super().check_action(action, parameters)

    async def on_mount(self) -> None:
        """Read the record, and follow it while it is shown."""
        await self.reload()
        self.query_one("#record-fields", Rows).focus()
        self.repeat(_FOLLOW_S, self._follow)

    async def _follow(self) -> None:
        try:
            if await self.ui.backend.records.stamp(self.where[0]) != self._stamp:
                await self.reload()
        except AmpSandboxError:
            return  # The page that is below says it.

    async def reload(self) -> None:
        """Read the record with what belongs to it."""
        backend = self.ui.backend
        try:
            self._stamp = await backend.records.stamp(self.where[0])
            was_there, self.record = bool(self.record), await backend.records.get(*self.where, self.key) or {}
            related = await backend.records.related(*self.where, self.key)
            history = await backend.records.history(*self.where, self.key)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        if not self.is_attached:
            return
        if bool(self.record) is not was_there:
            self.refresh_bindings()
        numbered = [{**entry, "number": len(history) - place} for place, entry in enumerate(history)]
        self.border_title = plain(f"{self.where[1]} {self.key} {named(self.record)}", limit=90)
        self.query_one("#record-fields", Rows).show(
            _lines(self.record, {r.label: r for r in related}), force=True
        )
        self.query_one("#record-related", Rows).show(related, force=True)
        self.query_one("#record-history", Rows).show(numbered, force=True)
        words = f"Related · {len(related):,}" if related else "Related"
        self.query_one("#related-heading", Static).update(plain(words, "bold"))

    # -- opening ------------------------------------------------------------------------------------------

    @on(Rows.Opened, "#record-fields")
    def open_field(self, event: Rows.Opened) -> None:
        """Go to the record that the field names, or show the whole value."""
        event.stop()
        if event.item.refers is not None:
            self._go(event.item.refers)
        else:
            self._show(event.item.name, event.item.value)

    @on(Rows.Opened, "#record-related")
    def open_related(self, event: Rows.Opened) -> None:
        """Go to a related record."""
        event.stop()
        self._go(event.item)

    @on(Rows.Opened, "#record-history")
    def open_history(self, event: Rows.Opened) -> None:
        """Show the operation that made a version, or all that the version changed."""
        event.stop()
        if event.item.get("operation"):
            self.ui.operations.open(str(event.item["operation"]))
        else:
            self._show(f"{event.item.get('change')} {event.item.get('at')}", _values(event.item))

    def _go(self, item: RelatedRecord) -> None:
        self.ui.records.open(self.where[0], item.object_name, item.record_id)

    def _show(self, title: str, value: Any) -> None:
        self.ui.push_screen(ValueDialog(title, value))

    # -- actions ------------------------------------------------------------------------------------------

    def action_edit(self) -> None:
        """Change fields of the record."""
        if self.record:
            line = self.query_one("#record-fields", Rows).selected
            first = line.name if isinstance(line, FieldLine) else ""
            self.ui.records.edit(self.where, self.record, self.reload, first)

    def action_delete(self) -> None:
        """Delete the record."""
        if self.record:
            self.ui.records.delete(self.where, [self.key], self.reload)

    def action_undelete(self) -> None:
        """Bring the record back after it was deleted."""
        if not self.record:
            self.ui.records.undelete(self.where, [self.key], self.reload)

    def action_copy(self) -> None:
        """Copy the record."""
        if self.record:
            self.ui.records.copy([self.record], list(self.record), "the record")


def _lines(record: Record, refers: Mapping[str, RelatedRecord]) -> list[FieldLine]:
    """What has a value first; the mock's `id` is left out where the CRM has an `Id` of its own."""
    names = [name for name in record if name != "id" or "Id" not in record]
    lines = [FieldLine(name, record[name], refers.get(name)) for name in names]
    return sorted(lines, key=lambda item: (item.value in (None, ""), is_derived(item.name)))


def _field_cells(item: FieldLine) -> list[Cell]:
    if item.value in (None, ""):
        return [(item.name, "muted"), ("–", "muted")]
    if item.refers is not None:
        where = f"→ {item.refers.object_name} {item.refers.name}".rstrip()
        return [(item.name, "accent"), f"{as_text(item.value)}  {where}"]
    return [(item.name, "accent"), as_text(item.value)]


def _related_cells(item: RelatedRecord) -> list[Cell]:
    return [(item.label, "accent"), (item.object_name, "muted"), item.name or item.record_id]


def _history_cells(item: Record) -> list[Cell]:
    values = "  ".join(f"{name}={as_text(value)}" for name, value in _values(item).items())
    at = str(item.get("at"))[5:19].replace("T", " ")
    return [
        (at, "muted"),
        (str(item.get("change")), "strong"),
        values,
        (str(item.get("operation") or ""), "muted"),
    ]


def _values(item: Record) -> dict[str, Any]:
    return {
        name: value for name, value in item.items() if name not in ("at", "change", "operation", "number")
    }
