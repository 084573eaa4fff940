"""Help on where the focus is, made from the registry and from what the dialogs bind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from textual.dom import DOMNode
from textual.widget import Widget

from ampsandbox.tui.actions.registry import ACTIONS, Action, actions_of
from ampsandbox.tui.base import SandboxBase

if TYPE_CHECKING:
    from ampsandbox.tui.screens.help import Help

_KEY_NAMES: Final = {
    "question_mark": "?", "exclamation_mark": "!", "slash": "/", "plus": "+", "minus": "-",
    "less_than_sign": "<", "greater_than_sign": ">",
    "left_curly_bracket": "{", "right_curly_bracket": "}",
    "left_square_bracket": "[", "right_square_bracket": "]", "escape": "esc",
}  # fmt: skip


class HelpActions(SandboxBase):
    """Explain."""

    def action_show_help(self) -> None:
        """Explain the focused panel or the open dialog; leave when that is shown already."""
        from ampsandbox.tui.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss(None)
        else:
            self.push_screen(HelpScreen(self._help()))

    def _help(self) -> Help:
        from ampsandbox.tui.screens.help import Help

        node = self._helped()
        own = [*self._registered(node.id or ""), *self._bound_by(node)]
        everywhere = [] if self.screen.is_modal else self._registered("app")
        return Help(_title(node), _about(node), own, everywhere)

    def _helped(self) -> DOMNode:
        """What is explained: the nearest part around the focus that has words for it."""
        focused = self.screen.focused
        around = focused.ancestors_with_self if focused is not None else [self.screen]
        return next((node for node in around if _about(node)), self.screen)

    def _registered(self, panel: str) -> list[tuple[str, str]]:
        return [(self.key_words(action), action.about) for action in actions_of(panel)]

    def _bound_by(self, node: DOMNode) -> Iterator[tuple[str, str]]:
        """The keys of a node that are no actions of the registry, as dialogs have them."""
        registered = {action.id for action in ACTIONS}
        keys: dict[str, list[str]] = {}
        for key, found in self.screen.active_bindings.items():
            if found.node is node and found.binding.id not in registered:
                keys.setdefault(found.binding.description, []).append(key)
        for about, names in keys.items():
            yield " ".join(_KEY_NAMES.get(name, name) for name in names), f"{about}."

    def key_words(self, action: Action) -> str:
        """The keys of an action as a person reads them."""
        keys = self._keymap.get(action.id, action.keys)
        return " ".join(_KEY_NAMES.get(key, key) for key in keys.split(",") if key)


def _about(node: DOMNode) -> str:
    return getattr(node, "HELP", None) or ""


def _title(node: DOMNode) -> str:
    boxes = node.query(".dialog") if node.is_modal else ()
    named = next(iter(boxes), node)
    title = named.border_title if isinstance(named, Widget) and node.is_modal else ""
    title = title or getattr(node, "TITLE", "")
    return str(title or (node.id or "ampsandbox").replace("-", " ").capitalize())
