"""The tree on the left: integrations, their objects, and the endpoints that take writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.forms.target import FormTarget, schedule_words
from ampsandbox.tui.text.sanitize import line
from ampsandbox.tui.text.truncate import fit_ends
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows
from ampsandbox.tui.widgets.tree_nodes import Node, Waiting, count_waiting, leaf_key, lines_of

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Manifest
    from ampsandbox.tui.backend.views import BatchView, InstallationStatus

_LONGEST: Final = 30
"""Names are not cut for what an endpoint does, insert or update, unless they are longer."""

_ROOMY: Final = 30
_STARTING: Final = "Starting…"


class TreeRows(Rows[Node]):
    """The tree's lines; left and right fold and unfold."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "fold(True)", "Fold", show=False),
        Binding("right,l", "fold(False)", "Unfold", show=False),
        Binding("space", "fold", "Fold or unfold", show=False),
    ]

    def action_fold(self, folded: bool | None = None) -> None:
        """Fold or unfold the integration under the cursor; folding goes to it from its lines first."""
        node = self.selected
        if node is None:
            return
        if folded and node.depth:
            self.select(node.integration)
        else:
            self.post_message(IntegrationsPanel.Folded(node.integration, folded))

    def on_click(self, event: events.Click) -> None:
        """A click on the sign before an integration folds it."""
        offset = event.get_content_offset(self)
        index = -1 if offset is None else offset.y + self.scroll_offset.y
        if offset is not None and 0 <= index < len(self.items) and offset.x < 2 and event.chain == 1:
            node = self.items[index]
            if not node.depth:
                self.post_message(IntegrationsPanel.Folded(node.integration, None))


class IntegrationsPanel(Panel):
    """The integrations of the manifest."""

    TITLE = "Integrations"
    HELP = (
        "The integrations of amp.yaml, the objects they write to and the endpoints that take the writes. "
        "Move to an endpoint and the form on the right is for it. A clock (◷) marks endpoints whose writes "
        "wait for a schedule, the number beside it says how many wait now; ◆ marks custom objects. Left and "
        "right fold and unfold an integration, enter goes to the form, / finds endpoints and objects by "
        "name. What the sandbox does not exercise is listed in grey."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("integrations"),
        Binding("escape", "show_all", "Show all", show=False),
    ]

    @dataclass
    class Chosen(Message):
        """The user moved to an endpoint. `is_opened` when they want to go to its form."""

        target: FormTarget
        is_opened: bool = False

    class Grown(Message):
        """The names that are shown take another width than before."""

    @dataclass
    class Folded(Message):
        """The user folded (True), unfolded (False) or toggled (None) an integration."""

        integration: str
        folded: bool | None

    def __init__(self) -> None:
        super().__init__(id="integrations")
        self.folded: set[str] = set()
        self.manifest: Manifest | None = None
        self.installations: tuple[InstallationStatus, ...] | None = None
        self.waiting: Waiting = {}
        self.wanted = ""
        self._count_width = 0
        self._natural = 0

    def compose(self) -> ComposeResult:
        """The search line, hidden until it is wanted, and one list; the tree is in its indents."""
        yield Input(placeholder="find an endpoint", compact=True, id="tree-search")
        yield TreeRows(_columns(0), _key, self._cells, header=False, id="tree", empty=_STARTING)

    @property
    def rows(self) -> TreeRows:
        """The list inside."""
        return self.query_one(TreeRows)

    def show(
        self,
        manifest: Manifest | None,
        installations: tuple[InstallationStatus, ...] | None,
        batches: Sequence[BatchView] = (),
    ) -> None:
        """Show this manifest, with a mark on what is installed; None while that is not known."""
        shown = (manifest, installations, count_waiting(batches))
        if shown == (self.manifest, self.installations, self.waiting) and self.rows.items:
            return
        self.manifest, self.installations, self.waiting = shown
        self._build()

    def select_target(self, target: FormTarget) -> None:
        """Put the cursor on an endpoint."""
        self.rows.select(leaf_key(target))

    # -- lines -----------------------------------------------------------------------------------------

    @property
    def _is_roomy(self) -> bool:
        return self.size.width >= _ROOMY

    @property
    def natural_width(self) -> int:
        """The cells that the panel takes where nothing in it is cut; 0 while it is empty."""
        wanted = max((self._length(node) for node in self.rows.items), default=0)
        return wanted and wanted + self.gutter.width + self.rows.scrollbar_size_vertical

    def _length(self, node: Node) -> int:
        name, *more = (cell if isinstance(cell, str) else cell[0] for cell in self._cells(node))
        return cell_len(line(name)) + (1 + self._count_width + 1 + len(more[1]) if more else 0)

    def _build(self) -> None:
        integrations = self.manifest.integrations if self.manifest else ()
        nodes = [
            node
            for item in integrations
            for node in lines_of(
                item, self.installations, self.waiting, self.wanted, is_folded=item.name in self.folded
            )
        ]
        missing = _STARTING if self.installations is None else "No manifest is loaded."
        self.rows.say_when_empty("No endpoint is called this." if self.wanted else missing)
        self._count_width = max((len(f"{node.waiting:,}") for node in nodes if node.waiting), default=0)
        longest = max(
            (cell_len(line(self._lead(node) + node.text)) for node in nodes if node.remark or node.waiting),
            default=0,
        )
        self.rows.set_columns(_columns(longest))
        self.rows.show(nodes)
        if (wide := self.natural_width) != self._natural:
            self._natural = wide
            self.post_message(self.Grown())
        every = sum(len(item.objects) for item in integrations if item.is_exercised)
        found = sum(node.target is not None for node in nodes)
        self.remark(f"{found:,} of {every:,}" if self.wanted else "")

    def _lead(self, node: Node) -> str:
        return ("  " if self._is_roomy else " ") * node.depth + (f"{node.mark} " if node.mark else "")

    def _cells(self, node: Node) -> list[Cell]:
        lead = self._lead(node)
        if not node.remark and not node.waiting:
            return [(lead + node.text, node.tone)]
        count = f"{node.waiting:,}" if node.waiting else ""
        return [(lead + node.text, node.tone), count, (node.remark, "muted")]

    # -- searching -------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Open the search line."""
        search = self.query_one("#tree-search", Input)
        search.display = True
        self.screen.set_focus(search)

    def action_show_all(self) -> None:
        """Leave the search: show every line again."""
        search = self.query_one("#tree-search", Input)
        search.value = ""
        search.display = False
        self.rows.focus()

    @on(Input.Changed, "#tree-search")
    def search(self, event: Input.Changed) -> None:
        """Search while typing; the first endpoint that is found gets the cursor."""
        event.stop()
        self.wanted = event.value.strip().lower()
        self._build()
        found = next((node for node in self.rows.items if node.target is not None), None)
        if found is not None:
            self.rows.select(found.key if self.wanted else self.rows.selected_key or found.key)

    @on(Input.Submitted, "#tree-search")
    def leave_search(self, event: Input.Submitted) -> None:
        """Go to what was found."""
        event.stop()
        self.rows.focus()

    def on_key(self, event: events.Key) -> None:
        """Down goes from the search line to what was found."""
        if event.key == "down" and self.query_one("#tree-search", Input).has_focus:
            event.stop()
            self.rows.focus()

    # -- moving ----------------------------------------------------------------------------------------

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Tell the screen which endpoint is meant: the one under the cursor, or the first one below it."""
        event.stop()
        self._show_schedule(event.item)
        below = self.rows.items[self.rows.cursor :]
        target = next((node.target for node in below if node.target is not None), None)
        if target is not None:
            self.post_message(self.Chosen(target))

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Go to the form of an endpoint, or fold an integration."""
        event.stop()
        node: Node = event.item
        if node.target is not None:
            self.post_message(self.Chosen(node.target, is_opened=True))
        elif node.depth == 0:
            self.post_message(self.Folded(node.key, None))

    def on_integrations_panel_folded(self, event: Folded) -> None:
        """Fold or unfold an integration."""
        event.stop()
        folded = event.integration not in self.folded if event.folded is None else event.folded
        (self.folded.add if folded else self.folded.discard)(event.integration)
        self._build()

    def _show_schedule(self, node: Node) -> None:
        schedule = node.target.item.schedule if node.target is not None else None
        self.hint(f"◷ {schedule_words(schedule)}" if schedule else "")


def _columns(longest: int) -> list[Column]:
    return [
        Column("", 10, is_flexible=True, preferred=min(longest, _LONGEST), cut=fit_ends),
        Column("", right=True),
        Column("", rank=1),
    ]


def _key(node: Node) -> str:
    return node.key
