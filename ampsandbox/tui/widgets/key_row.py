"""The form's line for the record to update or delete: its id, typed or taken from a list of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ampsandbox.tui.forms.fields import FormField
from ampsandbox.tui.widgets.field_row import FieldRow

if TYPE_CHECKING:
    from ampsandbox.tui.forms.draft import Draft
    from ampsandbox.tui.forms.target import FormTarget


class KeyRow(FieldRow):
    """Which record is updated or deleted."""

    def __init__(self, target: FormTarget, object_name: str, text: str, name: str) -> None:
        super().__init__(FormField(name, "the CRM id of the record", "id", is_required=True), text)
        self.target = target
        self.object_name = object_name

    @property
    def kind(self) -> object:
        """A line for another object lists other records."""
        return (super().kind, self.target.key, self.object_name)

    @property
    def is_choice(self) -> bool:
        """The records of the object are the choice."""
        return True

    @property
    def hints(self) -> tuple[str, ...]:
        """What the input says while it is empty."""
        return ("the CRM id of the record; down lists them", "record id; down lists them", "record id")

    def kept(self, draft: Draft) -> str:
        """What the draft keeps for this line."""
        return draft.primary_key

    def store(self, draft: Draft) -> None:
        """Put the id where the draft keeps it."""
        draft.primary_key = self.value

    def choose(self) -> None:
        """Open the records of the object."""
        from ampsandbox.tui.screens.record_picker import RecordPicker

        installation = self.ui.installation_for(self.target)
        if installation is None or not self.object_name:
            self.show_problem("no org to look into: choose or install a group first")
            return
        self.ui.push_screen(RecordPicker(installation, self.object_name), self._chosen)
