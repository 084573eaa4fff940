"""A line of the form for what a request of today's format says beside its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ampsandbox.tui.widgets.field_row import FieldRow

if TYPE_CHECKING:
    from ampsandbox.tui.forms.draft import Draft
    from ampsandbox.tui.forms.options import RequestOption


class OptionRow(FieldRow):
    """One option: the type of the request, its batch, mode, policies, associations or headers."""

    def __init__(self, option: RequestOption, draft: Draft) -> None:
        super().__init__(option.field, option.show(draft))
        self.option = option
        self.add_class("-option")

    def kept(self, draft: Draft) -> str:
        """What the draft keeps for this line."""
        shown, probe = self.option.show(draft), replace(draft, rest=dict(draft.rest))
        self.option.keep(probe, self.value)
        return self.value if self.option.show(probe) == shown else shown  # `1:2,3:4` needs no blank.

    def store(self, draft: Draft) -> None:
        """Put the value where the draft keeps it."""
        self.option.keep(draft, self.value)

    def on_mount(self) -> None:
        """Say at once what is wrong with it."""
        self.show_state()

    def show_state(self) -> None:
        """Say what is wrong with the value, or nothing."""
        self.show_problem(self.option.check(self.value) if self.value else "")
