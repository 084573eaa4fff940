"""The inputs of a form's lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Protocol

from textual.binding import Binding, BindingType
from textual.suggester import SuggestFromList
from textual.widgets import Input

from ampsandbox.tui.text.sanitize import line

TAKEN_BACK: Final = [
    Binding("f6", "window.focus_panel('log')", "Log", show=False, id="focus-log"),
    Binding("f7", "palette.perform('fill-form')", "Fill", id="fill-form"),
]
"""Keys that a box of text has its own use for, and that mean something else on the whole screen."""

_COMPLETED: Final = 500
"""Values that completion looks through; the list that down opens has all of them."""


class InputOwner(Protocol):
    """The line that an input belongs to."""

    @property
    def is_choice(self) -> bool:
        """Whether there is a list of values to choose from."""

    def choose(self) -> None:
        """Open the list of values to choose from."""

    def choose_hint(self) -> None:
        """Say as much of the field as there is room for in the input."""

    def submit(self) -> None:
        """Go on: to the list of values where there is one, otherwise to the next field."""

    def remove_if_added(self) -> None:
        """Take the line away, if the user put it there."""


class CompletingInput(Input):
    """A one-line input in which tab takes what is offered, as right does, and else goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False),
        Binding("up", "screen.focus_previous", "Previous field", show=False),
    ]

    def __init__(
        self,
        value: str,
        completions: Sequence[str],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(value, compact=True, id=id)
        self.complete_with(completions)

    def complete_with(self, completions: Sequence[str]) -> None:
        """Offer these words; those that a terminal could obey are left out."""
        offered = [word for word in completions[:_COMPLETED] if line(word) == word]
        self.suggester = SuggestFromList(offered, case_sensitive=False) if offered else None

    def action_complete(self) -> None:
        """Take what is offered, or go on where nothing is."""
        before = self.value
        if before and self.cursor_at_end:
            self.action_cursor_right()
        if self.value == before:
            self.screen.focus_next()


class FieldInput(CompletingInput):
    """The input of a field; down opens its values, backspace takes an empty added line away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "pick", "Choose a value", show=False),
        Binding("backspace", "delete_or_remove", "Delete", show=False),
    ]

    def __init__(self, owner: InputOwner, value: str, completions: Sequence[str]) -> None:
        super().__init__(value, completions)
        self.owner = owner

    def on_resize(self) -> None:
        """Say as much as there is room for; the input may have another width, though the line has not."""
        self.owner.choose_hint()

    def action_pick(self) -> None:
        """Open the values to choose from, or go on to the next line."""
        if self.owner.is_choice:
            self.owner.choose()
        else:
            self.screen.focus_next()

    def action_delete_or_remove(self) -> None:
        """Delete a character; where there is none, take the line away."""
        if self.value:
            self.action_delete_left()
        else:
            self.owner.remove_if_added()

    async def action_submit(self) -> None:
        """Go on: to the values to choose from, or to the next line."""
        self.owner.submit()
