"""What is wrong with a manifest that cannot be used, with the lines around each place."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.manifest.findings import Finding, LoadResult, Severity
from ampsandbox.tui import external_editor
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.sanitize import line, plain
from ampsandbox.tui.ui import AsksUi
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

_AROUND = 3
_COLUMNS = (
    Column("", 7), Column("place", 6), Column("what", least=20, is_flexible=True, preferred=44),
    Column("rule", rank=1),
)  # fmt: skip


class FindingsView(Vertical, AsksUi):
    """Stands where the tabs stand while the manifest has errors."""

    HELP = (
        "amp.yaml breaks rules that it cannot be used without. Each line names the place and the rule; "
        "below are "
        "the lines of the file around it; {edit-finding} opens it there in $VISUAL or $EDITOR. Save "
        "the file and it is read again at once."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("findings")]

    def __init__(self, result: LoadResult | None = None) -> None:
        super().__init__(id="findings")
        self.first = result
        self.result: LoadResult | None = None

    def compose(self) -> ComposeResult:
        """A heading, the findings, and the lines around the chosen one."""
        yield Static("", id="findings-heading", classes="heading", markup=False)
        yield Rows(
            _COLUMNS, _key, _cells,
            id="finding-rows",
            empty="Nothing to say about this file.",
        )  # fmt: skip
        with VerticalScroll(id="finding-lines", can_focus=False):
            yield Static("", id="finding-text", markup=False)

    def on_mount(self) -> None:
        """Show what was given, and start in the list."""
        if self.first is not None:
            self.show(self.first)
        self.query_one("#finding-rows", Rows).focus()

    def show(self, result: LoadResult) -> None:
        """Show what was found."""
        if result is self.result:
            return
        self.result = result
        rows = self.query_one("#finding-rows", Rows)
        rows.show(
            sorted(
                result.findings, key=lambda item: (item.severity is not Severity.ERROR, item.position.line)
            ),
            force=True,
        )
        count, name = len(result.errors), PurePath(result.source).name
        words = f"{count} error{'s' if count != 1 else ''} in {name}" if count else name
        self.query_one("#findings-heading", Static).update(
            Content.assemble(
                plain(f"✗ {words}", "bold $text-error"),
                plain("  · it is read again on save", "$muted"),
            )
        )
        self._show_lines(rows.selected)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Show the lines around the chosen finding."""
        event.stop()
        self._show_lines(event.item)

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Open the file at the finding."""
        event.stop()
        self.action_edit()

    def action_edit(self) -> None:
        """Open the file in the user's editor, at the chosen finding."""
        finding: Finding | None = self.query_one("#finding-rows", Rows).selected
        if finding is None or self.result is None:
            return
        try:
            external_editor.open_at(self.app, Path(self.result.source), finding.position)
        except AmpSandboxError as error:
            self.ui.tell_error(error)

    def _show_lines(self, finding: Finding | None) -> None:
        shown = Content("") if finding is None or self.result is None else excerpt(self.result.text, finding)
        self.query_one("#finding-text", Static).update(shown)


def excerpt(text: str, finding: Finding) -> Content:
    """The lines around a finding with a caret under its place."""
    lines = text.splitlines()
    at = finding.position.line
    parts: list[Content] = []
    for number in range(max(1, at - _AROUND), min(len(lines), at + _AROUND) + 1):
        style = "bold" if number == at else "$muted"
        parts.append(plain(f"{number:>5} │ {line(lines[number - 1], 200)}", style))
        if number == at:
            parts.append(
                plain(
                    f"      │ {' ' * (min(finding.position.column, 200) - 1)}▲ {finding.message}",
                    "$text-error",
                )
            )
    if finding.suggestion:
        parts.append(plain(f"\n{finding.suggestion}".replace("\n", ""), "$text-success"))
    return Content("\n").join(parts)


def _key(finding: Finding) -> str:
    return f"{finding.position.line}:{finding.position.column}:{finding.rule}:{finding.message}"


def _cells(finding: Finding) -> list[Cell]:
    is_error = finding.severity is Severity.ERROR
    sign: Cell = ("✗ error", "bad") if is_error else ("! warn", "warn")
    return [
        sign,
        (f"{finding.position.line}:{finding.position.column}", "strong"),
        finding.message,
        (finding.rule, "muted"),
    ]
