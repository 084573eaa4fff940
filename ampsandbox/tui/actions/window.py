"""Actions on the screen itself: where the focus is, what is shown how large, messages, theme."""

from __future__ import annotations

from typing import Final

from textual.widget import Widget

from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.screens import sizes
from ampsandbox.tui.screens.main import TABS, MainScreen, main_screen

_ANYWHERE: Final = ("show_messages", "choose_theme", "toggle_wrap", "toggle_line_numbers")
"""What can be done on other screens than the main one."""


class WindowActions(ActionPart):
    """Find your way, and arrange the parts."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Panels, tabs and sizes are those of the main screen."""
        return action in _ANYWHERE or isinstance(self.ui.screen, MainScreen)

    async def action_show_tab(self, tab: str) -> None:
        """Show a tab and go to it."""
        if (main := main_screen(self.ui)) is not None:
            self._keep_maximised(main, "centre")
            (await main.open_tab(tab)).focus_panel()

    async def action_focus_panel(self, panel: str) -> None:
        """Go to a panel or a tab."""
        main = main_screen(self.ui)
        if main is None:
            return
        if panel in TABS:
            await self.action_show_tab(panel)
            return
        if panel in ("batches", "log"):
            main.set_class(panel == "batches", "-batches")
        self._keep_maximised(main, panel)
        main.set_focus(main.query_one(f"#{panel}").query("Rows").first(Widget))

    def action_toggle_maximise(self) -> None:
        """Give the focused panel the whole screen, or give it back."""
        focused = self.ui.screen.focused
        around = focused.ancestors_with_self if focused is not None else []
        panels = (node for node in around if isinstance(node, Widget) and node.has_class("panel"))
        self.toggle_maximised(next(panels, None))

    def toggle_maximised(self, panel: Widget | None) -> None:
        """Give a panel the whole screen; where one has it, give it back."""
        if self.ui.screen.maximized is not None:
            self.ui.screen.minimize()
        elif panel is not None:
            self.ui.screen.maximize(panel, container=False)
            self.ui.say("f10 or esc gives the panel its own place back")

    @staticmethod
    def _keep_maximised(main: MainScreen, panel: str) -> None:
        """Where one panel has the whole screen, let another one have it."""
        if main.maximized is not None:
            main.maximize(main.query_one(f"#{panel}"), container=False)

    def action_resize(self, part: str, by: int) -> None:
        """Give a part of the main screen more or less room; remembered."""
        if (main := main_screen(self.ui)) is not None:
            sizes.change(main, self.ui.preferences, part, by)

    def action_reset_sizes(self) -> None:
        """Give every part of the main screen its own size back."""
        if (main := main_screen(self.ui)) is not None:
            for part in sizes.PARTS:
                sizes.forget(main, self.ui.preferences, part)

    def action_toggle_wrap(self) -> None:
        """Wrap long lines of texts, or let them go on to the right; remembered."""
        self.ui.preferences.wrap = not self.ui.preferences.wrap
        self._arrange_texts(
            "Long lines are wrapped" if self.ui.preferences.wrap else "Long lines go on to the right"
        )

    def action_toggle_line_numbers(self) -> None:
        """Number the lines of texts, or not; remembered."""
        self.ui.preferences.line_numbers = not self.ui.preferences.line_numbers
        self._arrange_texts(
            "Lines are numbered" if self.ui.preferences.line_numbers else "Lines have no numbers"
        )

    def _arrange_texts(self, words: str) -> None:
        from ampsandbox.tui.widgets.code_editor import CodeEditor
        from ampsandbox.tui.widgets.text_view import TextView

        for screen in self.ui.screen_stack:
            for text in (*screen.query(TextView), *screen.query(CodeEditor)):
                text.follow_choices()
        self.ui.say(words)

    def action_show_messages(self) -> None:
        """Show what was said."""
        from ampsandbox.tui.screens.messages import MessagesPanel

        self.ui.open_page(MessagesPanel())

    def action_choose_theme(self) -> None:
        """Choose a theme, seeing each while moving; it is remembered."""

        before = self.ui.theme

        def tried(name: str) -> None:
            self.ui.theme = name

        def chosen(name: str | None) -> None:
            self.ui.theme = name or before
            if name is not None:
                self.ui.preferences.theme = name

        ours = [name for name in self.ui.available_themes if name.startswith("amp-")]
        others = sorted(name for name in self.ui.available_themes if name not in ours)
        self.ui.pick("Theme", [*ours, *others], chosen, current=before, tried=tried)
