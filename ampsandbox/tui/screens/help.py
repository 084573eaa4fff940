"""Help on the focused panel: what it is for, and its keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ampsandbox.tui.plain import plain

if TYPE_CHECKING:
    from ampsandbox.tui.actions import Action


class HelpScreen(ModalScreen[None]):
    """Prose and keys; the panel's own first, those that work everywhere after them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,question_mark", "dismiss", "Close", show=False)
    ]

    def __init__(
        self,
        title: str,
        about: str,
        own: Sequence[Action],
        everywhere: Sequence[Action],
        keys: dict[str, str],
    ) -> None:
        super().__init__()
        self.heading = title
        self.about = about
        self.own = own
        self.everywhere = everywhere
        self.keys = keys

    def compose(self) -> ComposeResult:
        """The prose, then the keys in two columns."""
        with VerticalScroll(classes="dialog help") as box:
            box.border_title = plain(f"Help · {self.heading}")
            box.border_subtitle = Content("esc: close")
            if self.about:
                yield Static(Content(self.about + "\n"))
            if self.own:
                yield Static(Content.styled("Here", "bold $text-primary"))
                yield Static(self._table(self.own))
            yield Static(Content.styled("Everywhere", "bold $text-primary"))
            yield Static(self._table(self.everywhere))
            yield Static(Content.styled(
                "Lists: ↑ ↓ or j k move, g G first and last, enter opens. tab goes on.", "$muted"
            ))  # fmt: skip

    def _table(self, actions: Sequence[Action]) -> Content:
        lines = [
            Content.assemble(plain(f"  {self.keys.get(action.id) or '–':<12} ", "bold"), plain(action.about))
            for action in actions
        ]
        return Content("\n").join(lines) + Content("\n")
