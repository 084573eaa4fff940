"""One line of the write form: label, input, type, and below it what is wrong with the value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from ampsandbox.tui.plain import line, plain

if TYPE_CHECKING:
    from ampsandbox.tui.form import FormField


class FieldInput(Input):
    """A one-line input; down opens the values to choose from."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "pick", "Choose a value", show=False)]

    def action_pick(self) -> None:
        """Open the values to choose from, or go on to the next line."""
        row = next((node for node in self.ancestors if isinstance(node, FieldRow)), None)
        if row is not None and row.options:
            self.post_message(FieldRow.PickRequested(row))
        else:
            self.screen.focus_next()


class FieldRow(Vertical):
    """One field of the form."""

    @dataclass
    class PickRequested(Message):
        """The user wants to see the values of a pick list."""

        row: FieldRow

    def __init__(
        self, field: FormField, value: str = "", *, placeholder: str = "", options: tuple[str, ...] = ()
    ) -> None:
        super().__init__(classes="field")
        self.field = field
        self.options = options or field.options
        self._value = value
        self._placeholder = placeholder or _hint(field)

    def compose(self) -> ComposeResult:
        """Label, input and type on one line, the problem on the next."""
        with Horizontal():
            yield Static(self._label(), classes="field-label")
            yield FieldInput(
                self._value, placeholder=line(self._placeholder, 60), compact=True,
                suggester=SuggestFromList(self.options[:200], case_sensitive=False) if self.options else None,
            )  # fmt: skip
            yield Static("▾" if self.options else "", classes="field-arrow", markup=False)
            yield Static(plain(self.field.type_words, "$muted"), classes="field-type")
        yield Static("", classes="field-problem", markup=False)

    def _label(self) -> Content:
        mark = Content.styled(" *", "bold $text-error") if self.field.is_required else Content("")
        own = Content.styled(" ◆", "$text-primary") if self.field.is_custom else Content("")
        return plain(self.field.name, limit=40) + mark + own

    @property
    def input(self) -> FieldInput:
        """The input of the line."""
        return self.query_one(FieldInput)

    @property
    def value(self) -> str:
        """The text in the input."""
        return self.input.value

    def set_value(self, text: str) -> None:
        """Put a text into the input."""
        if self.input.value != text:
            self.input.value = text

    def show_problem(self, problem: str) -> None:
        """Say what is wrong, or that nothing is."""
        for shown in self.query(".field-problem").results(Static):
            shown.update(plain(f"✗ {problem}" if problem else ""))
            shown.display = bool(problem)

    def on_click(self) -> None:
        """A click on the type of a pick list opens it."""
        if self.options and not self.input.has_focus:
            self.post_message(self.PickRequested(self))


def _hint(field: FormField) -> str:
    """What the input says while it is empty."""
    words = field.prompt or (field.label if field.label.lower() != field.name.lower() else "")
    return " · ".join(part for part in (words, field.type_words) if part)
