"""Every action of the interface, once: bindings, footer, palette, help, keymap and docs are made from here."""

# ruff: noqa: E501 - a table reads best with one action to a line.

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a user can do.

    Args:
        id: Kebab-case, verb first; the name in a keymap file.
        title: The line in the command palette, `noun: verb`.
        keys: The default keys, separated by commas; empty where the palette is the only way.
        command: The Textual action that carries it out, on the widget that `panel` names.
        panel: The CSS id of the widget that owns it, or `app`.
        about: One sentence for help and docs.
        footer: The word in the footer; empty where the footer does not show it.
    """

    id: str
    title: str
    keys: str
    command: str
    panel: str
    about: str
    footer: str = ""

    def binding(self) -> Binding:
        """The Textual binding for the default keys."""
        return Binding(
            self.keys,
            self.command,
            self.footer or self.title,
            show=bool(self.footer),
            id=self.id,
            tooltip=self.about,
        )


_APP: Final = (
    Action("send-write", "write: send", "ctrl+j,f5", "send_write", "app", "Send the write in the form to the selected endpoint over HTTP.", "Send"),
    Action("jump", "screen: jump", "ctrl+o", "jump", "app", "Show a letter on every panel and tab; press it to go there.", "Jump"),
    Action("open-palette", "screen: open the command palette", "ctrl+p", "command_palette", "app", "Search every action by name.", "Commands"),
    Action("show-help", "screen: help on the focused panel", "f1,question_mark", "show_help", "app", "Explain the focused panel and list its keys.", "Help"),
    Action("quit", "screen: quit", "ctrl+q", "quit", "app", "Leave; what was accepted stays in the journal.", "Quit"),
    Action("focus-integrations", "integrations: focus", "f2", "focus_panel('integrations')", "app", "Go to the tree of integrations."),
    Action("focus-form", "write: focus the form", "f3", "focus_panel('write')", "app", "Go to the write form."),
    Action("focus-batches", "batches: focus", "f4", "focus_panel('batches')", "app", "Go to the waiting batches."),
    Action("focus-log", "log: focus", "f6", "focus_panel('log')", "app", "Go to the request log."),
    Action("show-write", "tabs: write", "1", "show_tab('write')", "app", "Show the write form."),
    Action("show-installer", "tabs: installer", "2", "show_tab('installer')", "app", "Show what the customer sees at installation."),
    Action("show-records", "tabs: records", "3", "show_tab('records')", "app", "Show the records of the CRM org."),
    Action("show-schema", "tabs: schema", "4", "show_tab('schema')", "app", "Show the fields of the CRM object."),
    Action("toggle-maximise", "screen: maximise the panel", "f10", "toggle_maximise", "app", "Give the focused panel the whole screen, or give it back."),
    Action("flush-all", "batches: flush all", "f8", "flush_all", "app", "Deliver every waiting batch now."),
)  # fmt: skip

_BATCHES: Final = (
    Action("flush-batch", "batch: flush now", "f", "flush", "batches", "Deliver the batch under the cursor now.", "Flush"),
)  # fmt: skip

_WRITE: Final = (
    Action("fill-form", "write: fill with plausible values", "f7", "fill", "write", "Put a plausible value into every empty field.", "Fill"),
)  # fmt: skip

_LOG: Final = (
    Action("toggle-follow", "log: follow the newest", "F", "follow", "log", "Follow the newest request; moving the cursor stops it.", "Follow"),
)  # fmt: skip

ACTIONS: Final = (*_APP, *_WRITE, *_BATCHES, *_LOG)


def bindings(panel: str) -> list[Binding]:
    """The bindings of one panel, or of the `app`."""
    return [action.binding() for action in ACTIONS if action.panel == panel and action.keys]


def actions_of(panel: str) -> list[Action]:
    """The actions of one panel, in the order in which help lists them."""
    return [action for action in ACTIONS if action.panel == panel]
