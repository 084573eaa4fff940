"""Help on where the focus is, made from the registry and from what the dialogs bind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.widget import Widget

from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.actions.registry import ACTIONS, KEY_NAMES, actions_of, key_words

if TYPE_CHECKING:
    from ampsandbox.tui.screens.help import Help


class HelpActions(ActionPart):
    """Explain."""

    def action_show(self) -> None:
        """Explain the focused panel or the open dialog; leave when that is shown already."""
        from ampsandbox.tui.screens.help import HelpScreen

        if isinstance(self.ui.screen, HelpScreen):
            self.ui.screen.dismiss(None)
        else:
            self.ui.push_screen(HelpScreen(self._help()))

    def _help(self) -> Help:
        from ampsandbox.tui.screens.help import Help

        node = self._helped()
        own = [*self._registered(node.id or ""), *self._bound_by(node)]
        everywhere = [] if self.ui.screen.is_modal else self._registered("app")
        return Help(_title(node), self.ui.keyed(_about(node)), own, everywhere)

    def _helped(self) -> DOMNode:
        """What is explained: the nearest part around the focus that has words for it."""
        focused = self.ui.screen.focused
        around = focused.ancestors_with_self if focused is not None else [self.ui.screen]
        return next((node for node in around if _about(node)), self.ui.screen)

    def _registered(self, panel: str) -> list[tuple[str, str]]:
        return [(key_words(action, self.ui.keymap), action.about) for action in actions_of(panel)]

    def _bound_by(self, node: DOMNode) -> Iterator[tuple[str, str]]:
        """The keys of a node that are no actions of the registry, as dialogs have them."""
        registered = {action.id for action in ACTIONS}
        keys: dict[str, list[str]] = {}
        for key, found in self.ui.screen.active_bindings.items():
            if found.node is node and found.binding.id not in registered:
                keys.setdefault(found.binding.description, []).append(key)
        for about, names in keys.items():
            yield " ".join(KEY_NAMES.get(name, name) for name in names), f"{about}."


def _about(node: DOMNode) -> str:
    return getattr(node, "HELP", None) or ""


def _title(node: DOMNode) -> str:
    boxes = node.query(".dialog") if node.is_modal else ()
    named = next(iter(boxes), node)
    title = named.border_title if isinstance(named, Widget) and node.is_modal else ""
    title = title or getattr(node, "TITLE", "")
    return str(title or (node.id or "ampsandbox").replace("-", " ").capitalize())
