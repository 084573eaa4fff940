"""The tree on the left: integrations, their objects, and the endpoints that take writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from ampsandbox.tui.actions import bindings
from ampsandbox.tui.target import Target
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Integration, Manifest
    from ampsandbox.tui.views import InstallationView

# Names are cut where there is no room; what the endpoint does, insert or update, never is.
_WIDE: Final = (Column("", least=10), Column("", 6))
_NARROW: Final = (Column("", least=10), Column("", 3))
_ROOMY: Final = 30


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the tree. `target` is set on the leaves that can be written to."""

    key: str
    depth: int
    text: str
    tone: str = ""
    mark: str = ""
    remark: str = ""
    target: Target | None = None
    integration: Integration | None = None


class TreeRows(Rows[Node]):
    """The tree's lines; left and right fold and unfold."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "fold(True)", "Fold", show=False),
        Binding("right,l", "fold(False)", "Unfold", show=False),
        Binding("space", "fold", "Fold or unfold", show=False),
    ]

    def action_fold(self, folded: bool | None = None) -> None:
        """Fold or unfold the integration under the cursor."""
        if self.selected is not None:
            self.post_message(IntegrationsPanel.Folded(self.selected.key.split("/")[0], folded))


class IntegrationsPanel(Panel):
    """The integrations of the manifest."""

    TITLE = "Integrations"
    HELP = (
        "The integrations of amp.yaml, the objects they write to and the endpoints that take the writes. "
        "Move to an endpoint and the form on the right is for it. A clock marks endpoints whose writes wait "
        "for a schedule; what the sandbox does not exercise is listed in grey."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("integrations")]

    @dataclass
    class Chosen(Message):
        """The user moved to an endpoint. `is_opened` when they want to go to its form."""

        target: Target
        is_opened: bool = False

    @dataclass
    class Folded(Message):
        """The user folded (True), unfolded (False) or toggled (None) an integration."""

        integration: str
        folded: bool | None

    def __init__(self) -> None:
        super().__init__(id="integrations")
        self.folded: set[str] = set()
        self.manifest: Manifest | None = None
        self.installations: tuple[InstallationView, ...] | None = None

    def compose(self) -> ComposeResult:
        """One list; the tree is in its indents."""
        yield TreeRows(_WIDE, _key, self._cells, header=False, id="tree", empty="No manifest is loaded.")

    def on_resize(self) -> None:
        """Leave the names the room that there is."""
        self.rows.set_columns(_WIDE if self.size.width >= _ROOMY else _NARROW)

    @property
    def rows(self) -> TreeRows:
        """The list inside."""
        return self.query_one(TreeRows)

    def show(self, manifest: Manifest | None, installations: tuple[InstallationView, ...] | None) -> None:
        """Show this manifest, with a mark on what is installed; None while that is not known."""
        if manifest is self.manifest and installations == self.installations and self.rows.items:
            return
        self.manifest, self.installations = manifest, installations
        self._build()

    def select_target(self, target: Target) -> None:
        """Put the cursor on an endpoint."""
        self.rows.select(f"{target.integration.name}//{target.key}")

    def _build(self) -> None:
        integrations = self.manifest.integrations if self.manifest else ()
        nodes = [node for item in integrations for node in self._lines_of(item)]
        self.rows.show(nodes)

    def _cells(self, node: Node) -> list[Cell]:
        is_narrow = self.rows.columns[1].width < _WIDE[1].width
        indent = (" " if is_narrow else "  ") * node.depth
        mark = f"{node.mark} " if node.mark else ""
        name: Cell = (f"{indent}{mark}{node.text}", node.tone)
        if not node.remark or not node.depth:
            return [name]
        return [name, (node.remark[:3] if is_narrow else node.remark, "muted")]

    def _lines_of(self, integration: Integration) -> list[Node]:
        name = integration.name
        groups = [item.group for item in self.installations or () if item.integration == name]
        is_folded = name in self.folded
        provider = {"salesforce": "Salesforce", "hubspot": "HubSpot"}.get(
            integration.provider, integration.provider
        )
        head = Node(
            name, 0, integration.display_name or name, "strong", "▸" if is_folded else "▾",
            provider + ("" if self.installations is None else f" · {len(groups) or 'not'} installed"),
            integration=integration,
        )  # fmt: skip
        if is_folded:
            return [head]
        return [
            head,
            Node(f"{name}/?", 1, head.remark, "muted", integration=integration),
            *_leaves(integration),
        ]

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Tell the screen which endpoint is meant: the one under the cursor, or the first one below it."""
        event.stop()
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


def _leaves(integration: Integration) -> list[Node]:
    from ampsandbox.manifest.model import ObjectKind

    nodes: list[Node] = []
    seen: set[str] = set()
    for item in integration.objects:
        if item.name not in seen:
            seen.add(item.name)
            remark = "custom" if item.kind is ObjectKind.CUSTOM else ""
            nodes.append(
                Node(
                    f"{integration.name}/{item.name}",
                    1,
                    item.name,
                    remark=remark,
                    mark="◆" if remark else "◇",
                )
            )
        target = Target(integration, item)
        if not integration.is_exercised:
            continue
        clock = "◷ " if item.schedule else ""
        mode = item.mode.value if item.mode else "any"
        nodes.append(
            Node(
                f"{integration.name}//{target.key}",
                2,
                f"{clock}{target.title}",
                "accent",
                remark=mode,
                target=target,
            )
        )
    nodes += [
        Node(f"{integration.name}/~{n}", 1, f"{item.type} (not exercised)", "muted", "·")
        for n, item in enumerate(integration.inert)
    ]
    return nodes


def _key(node: Node) -> str:
    return node.key
