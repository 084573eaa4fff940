"""The last line: the keys that do something where the focus is; each can be clicked."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content
from textual.screen import Screen

from ampsandbox.tui.widgets.parts import Part, PartsLine


class KeyHints(PartsLine):
    """The keys that the registry has a word for in the footer, those of the focused panel first.

    Textual's own footer has a widget for each key and makes all of them anew whenever the focus moves, which
    costs more than the rest of the move. This is one line of text.
    """

    GAP = ""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._is_due = False

    def on_mount(self) -> None:
        """Follow the keys of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def on_resize(self) -> None:
        """Show as many keys as there is room for."""
        self._bindings_changed(self.screen)

    def _bindings_changed(self, _: Screen[object]) -> None:
        if not self._is_due:  # One key press may say so several times.
            self._is_due = True
            self.call_after_refresh(self._show)

    def _show(self) -> None:
        self._is_due = False
        # Under a dialog the line stays as it was: which of its keys do something is seen again after it.
        if not self.is_attached or not self.app.app_focus or self.app.screen is not self.screen:
            return
        shown: list[Part] = []
        room = self.size.width + 1  # The space after the last one need not be there.
        for hint in self._hints():
            room -= hint.content.cell_length
            if room < 0:
                break
            shown.append(hint)
        self.lay_out(shown)

    def _hints(self) -> Iterator[Part]:
        known: set[str] = set()
        for _, binding, is_enabled, tooltip in self.screen.active_bindings.values():
            if binding.show and binding.action not in known:
                known.add(binding.action)
                key = f" {self.app.get_key_display(binding)} "
                words = Content.assemble((key, "bold $text-primary"), f"{binding.description} ")
                yield Part(
                    words if is_enabled else words.stylize("dim"),
                    about=tooltip or binding.description,
                    key=binding.key if is_enabled else "",
                )
