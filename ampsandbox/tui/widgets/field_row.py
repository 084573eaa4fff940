"""One line of the write form: label, input, type, and below it what is wrong with the value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from ampsandbox.tui.forms.fields import DATES, LONG_TEXTS, FormField
from ampsandbox.tui.text.sanitize import block, line, plain
from ampsandbox.tui.text.truncate import fit_best, fit_name
from ampsandbox.tui.ui import AsksUi
from ampsandbox.tui.widgets.field_input import FieldInput

if TYPE_CHECKING:
    from ampsandbox.tui.forms.draft import Draft
    from ampsandbox.tui.widgets.field_text import FieldText

_SHOWN: Final = 4_000
"""Characters of a value that a line shows; a longer one stays as it is until it is changed."""

_PROBLEM_ROOM: Final = 32
"""Cells that a problem needs beside the label; with less it begins under the label."""


class FieldRow(Vertical, AsksUi):
    """One field of the form.

    Args:
        field: What is written.
        text: Its value. What a terminal would obey is shown by stand-ins; the value stays until it is edited.
        is_added: Whether the user put the line there, and so may take it away.
        completions: What is offered to complete what is typed; the field's own values if None.
    """

    @dataclass
    class Changed(Message):
        """The user changed the value."""

        row: FieldRow

    @dataclass
    class Removed(Message):
        """The user takes the line away."""

        row: FieldRow

    def __init__(
        self,
        field: FormField,
        text: str = "",
        *,
        is_added: bool = False,
        completions: Sequence[str] | None = None,
    ) -> None:
        super().__init__(classes="field")
        self.field = field
        self.is_added = is_added
        self._given = text
        self._is_long = field.type in LONG_TEXTS or "\n" in text
        self._shown = block(text, _SHOWN) if self._is_long else line(text, _SHOWN)
        self._label_width = 20
        # Made here and not in `compose`: a line is asked for its value before it is on the screen.
        offered = field.options if completions is None else completions
        self.input = self._long_input() if self._is_long else FieldInput(self, self._shown, offered)
        self._label_cell = Static(self._label(), classes="field-label")
        self._label_cell.styles.width = self._label_width
        self._problem = Static("", classes="field-problem", markup=False)

    def _long_input(self) -> FieldText:
        from ampsandbox.tui.widgets.field_text import FieldText

        return FieldText(self, self._shown)

    def compose(self) -> ComposeResult:
        """Label, input and type on one line, the problem on the next."""
        with Horizontal():
            yield self._label_cell
            yield self.input
            yield Static("▾" if self.is_choice else "", classes="field-arrow", markup=False)
            if self.is_added:
                yield Static("×", classes="field-remove", markup=False)
            yield Static(plain(self.field.type_words, "$muted"), classes="field-type")
        yield self._problem

    @property
    def kind(self) -> object:
        """What makes this line another one than the next, apart from its value."""
        return (type(self), self.field, self.is_added, self._is_long)

    # -- how it looks ----------------------------------------------------------------------------------

    def set_label_width(self, width: int) -> None:
        """Give the label that many cells."""
        if width != self._label_width:
            self._label_width = width
            self._label_cell.styles.width = width
            self._label_cell.update(self._label())
        is_roomy = self.size.width - width >= _PROBLEM_ROOM
        self._problem.styles.padding = (0, 0, 0, width if is_roomy else 2)

    def _label(self) -> Content:
        mark = Content.styled(" *", "bold $text-error") if self.field.is_required else Content("")
        own = Content.styled(" ◆", "$text-primary") if self.field.is_custom else Content("")
        room = self._label_width - 1 - mark.cell_length - own.cell_length
        return plain(fit_name(line(self.field.name), room)) + mark + own

    @property
    def label_length(self) -> int:
        """How many cells the whole label takes, with its marks and a space."""
        return len(line(self.field.name)) + 2 * self.field.is_required + 2 * self.field.is_custom + 1

    @property
    def hints(self) -> tuple[str, ...]:
        """What the input says while it is empty: the longest that fits."""
        return self.field.hints

    def choose_hint(self) -> None:
        """Say as much of the field as there is room for in the input."""
        room = self.input.content_size.width
        self.input.placeholder = fit_best([line(hint) for hint in self.hints], room)

    def show_problem(self, problem: str) -> None:
        """Say what is wrong, or that nothing is."""
        self._problem.update(plain(f"✗ {problem}" if problem else ""))
        self._problem.display = bool(problem)

    # -- its value -------------------------------------------------------------------------------------

    @property
    def value(self) -> str:
        """The value: what was given while nobody changed what is shown of it."""
        shown = self.input.value if isinstance(self.input, FieldInput) else self.input.text
        return self._given if shown == self._shown else shown

    def set_value(self, text: str) -> None:
        """Put a text into the input."""
        if text == self.value:
            return
        self._given = text
        if isinstance(self.input, FieldInput):
            self._shown = self.input.value = line(text, _SHOWN)
        else:
            self._shown = self.input.text = block(text, _SHOWN)

    def load(self, draft: Draft) -> None:
        """Show what the draft keeps."""
        self.set_value(self.kept(draft))

    def kept(self, draft: Draft) -> str:
        """What the draft keeps for this line."""
        return draft.values.get(self.field.name, "")

    def store(self, draft: Draft) -> None:
        """Put the value where the draft keeps it."""
        draft.values[self.field.name] = self.value

    def complete_with(self, completions: Sequence[str]) -> None:
        """Offer these words to complete what is typed."""
        if isinstance(self.input, FieldInput):
            self.input.complete_with(completions)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say that the value is another one."""
        event.stop()
        self.post_message(self.Changed(self))

    def on_text_area_changed(self, event: Message) -> None:
        """Say that the value, a long one, is another one."""
        event.stop()
        self.post_message(self.Changed(self))

    # -- choosing a value ------------------------------------------------------------------------------

    @property
    def is_choice(self) -> bool:
        """Whether there is a list of values to choose from."""
        return bool(self.field.options) or self.field.type in DATES

    def choose(self) -> None:
        """Open the list of values to choose from."""
        now = self.ui.state.latest.now if self.ui.state.latest else None
        options = _moments(now, self.field.type) if self.field.type in DATES and now else self.field.options
        self.ui.pick(line(self.field.name, 40), options, self._chosen)

    def _chosen(self, value: str | None) -> None:
        if value is not None:
            self.set_value(value.split("  ")[0] if self.field.type in DATES else value)
        self.input.focus()

    def submit(self) -> None:
        """Go on: to the list of values where there is one, otherwise to the next field."""
        if self.is_choice:
            self.choose()
        else:
            self.screen.focus_next()

    def remove_if_added(self) -> None:
        """Take the line away, if the user put it there."""
        if self.is_added:
            self.post_message(self.Removed(self))

    def on_click(self, event: events.Click) -> None:
        """A click on ▾ or the type opens the list, one on × takes the line away."""
        on = event.widget
        if on is not None and on.has_class("field-remove"):
            self.remove_if_added()
        elif (
            on is not None and self.is_choice and (on.has_class("field-arrow") or on.has_class("field-type"))
        ):
            self.choose()


def _moments(now: datetime, kind: str) -> list[str]:
    """Days to choose from, seen from the sandbox's time, with their names in words."""
    days = {"today": 0, "tomorrow": 1, "in a week": 7, "in 30 days": 30, "yesterday": -1, "a year ago": -365}
    form = "%Y-%m-%d" if kind == "date" else "%Y-%m-%dT%H:%M:%SZ"
    return [f"{now + timedelta(days=days[name]):{form}}  {name}" for name in days]
