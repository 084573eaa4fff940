"""One record with everything that happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ampsandbox.tui.plain import as_text, plain
from ampsandbox.tui.widgets.panel import Panel


class RecordPanel(Panel):
    """Fields on top, history below."""

    TITLE = "Record"
    HELP: ClassVar[str | None] = (
        "One record of the CRM org with all its fields, and what happened to it, newest first: which "
        "value changed, "
        "when, and by which operation where the sandbox knows it."
    )

    def __init__(
        self, object_name: str, record: Mapping[str, Any], history: Sequence[Mapping[str, Any]]
    ) -> None:
        super().__init__(id="record")
        self.object_name = object_name
        self.record = record
        self.history = history

    def compose(self) -> ComposeResult:
        """Both in one scroll."""
        with VerticalScroll():
            yield Static(self._fields(), markup=False)
            yield Static(self._history(), markup=False)

    def on_mount(self) -> None:
        """Name the record."""
        name = self.record.get("Name") or self.record.get("name") or self.record.get("email") or ""
        self.border_title = plain(
            f"{self.object_name} {self.record.get('Id') or self.record.get('id')} {name}", limit=90
        )
        self.query_one(VerticalScroll).focus()

    def _fields(self) -> Content:
        width = min(40, max((len(name) for name in self.record), default=8))
        filled = {name: value for name, value in self.record.items() if value not in (None, "")}
        empty = [name for name in self.record if name not in filled]
        lines = [
            Content.assemble(plain(f"{name:<{width}}  ", "$text-primary", 60), plain(as_text(value)))
            for name, value in filled.items()
        ]
        if empty:
            lines.append(plain(f"\nempty: {', '.join(empty)}".replace("\n", ""), "$muted", 2_000))
        return Content("\n").join(lines)

    def _history(self) -> Content:
        lines = [Content(""), Content.styled("History", "bold")]
        if not self.history:
            lines.append(Content.styled("Nothing is kept of what happened before.", "$muted"))
        for entry in self.history:
            rest = {name: value for name, value in entry.items() if name not in ("at", "change", "operation")}
            lines.append(
                Content.assemble(
                    ("  • ", "$text-primary"), plain(str(entry.get("at"))[:19], "$muted"), "  ",
                    plain(entry.get("change", ""), "bold"), "  ",
                    plain("  ".join(f"{name}={as_text(value)}" for name, value in rest.items()), limit=600),
                    plain(f"  by operation {entry['operation']}" if entry.get("operation") else "", "$muted"),
                )
            )  # fmt: skip
        return Content("\n").join(lines)
