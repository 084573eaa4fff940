"""The form's line for the group: choose an installed one, install for another, uninstall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from textual import events
from textual.widgets import Static

from ampsandbox.errors import UsageError
from ampsandbox.tui.forms.fields import FormField
from ampsandbox.tui.text.sanitize import line
from ampsandbox.tui.widgets.field_row import FieldRow

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Integration
    from ampsandbox.tui.forms.draft import Draft

GROUP_WORDS: Final = "A group is one customer: the groupId or groupRef of your writes."


def group_name(text: str) -> str:
    """The text, if it can be a group's id.

    Raises:
        UsageError: It is empty.
    """
    if not text.strip():
        raise UsageError("A group needs a name.")
    return text


class GroupRow(FieldRow):
    """Whose CRM is written to."""

    def __init__(self, integration: Integration, text: str, installed: Sequence[str], name: str) -> None:
        super().__init__(FormField(name, is_required=True), text, completions=installed)
        self.integration = integration
        self.installed = tuple(installed)
        self._is_known = False

    @property
    def kind(self) -> object:
        """A line for another integration has other groups."""
        return (super().kind, self.integration.name, self.field.name)

    def on_mount(self) -> None:
        """Say at once when the group has no installation."""
        self.show_state()

    def show_installed(self, installed: Sequence[str]) -> None:
        """Take note of the groups that the integration is installed for now."""
        if tuple(installed) != self.installed or not self._is_known:
            self.installed = tuple(installed)
            self.complete_with(installed)
            self.show_state()

    def show_state(self) -> None:
        """Say whether the group has an installation, and the way out when it has none."""
        self._is_known = self.ui.state.latest is not None
        words = f"not installed for {line(self.value, 40)}: enter installs it"
        self.show_problem(words if self._is_missing else "")

    @property
    def _is_missing(self) -> bool:
        """Whether the group has no installation; that is not known while the sandbox is starting."""
        return self._is_known and bool(self.value) and self.value not in self.installed

    @property
    def hints(self) -> tuple[str, ...]:
        """What the input says while it is empty."""
        return ("the group whose CRM is written to", "whose CRM is it?", "group")

    def kept(self, draft: Draft) -> str:
        """What the draft keeps for this line."""
        return draft.group

    def store(self, draft: Draft) -> None:
        """Put the group where the draft keeps it."""
        draft.group = self.value

    @property
    def is_choice(self) -> bool:
        """There is always a list: at least one may install."""
        return True

    def submit(self) -> None:
        """Install for a group that is not there yet, otherwise choose one."""
        if self._is_missing:
            self.ui.installations.install(self.integration.name, self.value)
        else:
            self.choose()

    def choose(self) -> None:
        """Open the groups, and what can be done about them."""
        ways: dict[str, Callable[[], object]] = {}
        for group in self.installed:
            ways[group] = lambda group=group: self.set_value(group)  # type: ignore[misc]
        for group in self._elsewhere():
            ways[f"{group}  not installed here: install"] = lambda group=group: self._install(group)  # type: ignore[misc]
        ways["install for another group…"] = self._ask
        if self.value in self.installed:
            name, group = self.integration.name, self.value
            ways[f"config of {group}…"] = lambda: self.ui.installations.open_config(name, group)
            ways[f"uninstall {group}…"] = lambda: self.ui.installations.uninstall(name, group)

        def chosen(way: str | None) -> None:
            self.input.focus()
            if way is not None:
                ways[way]()

        self.ui.pick("Group", list(ways), chosen)

    def _elsewhere(self) -> list[str]:
        groups = dict.fromkeys(item.group for item in self.ui.state.installations)
        return [group for group in groups if group not in self.installed]

    def _ask(self) -> None:
        self.ui.ask("Install for which group?", GROUP_WORDS, self._install, check=group_name)

    def _install(self, group: str) -> None:
        self.set_value(group)
        self.ui.installations.install(self.integration.name, group)

    def on_click(self, event: events.Click) -> None:
        """A click on the problem is the way out of it."""
        if isinstance(event.widget, Static) and event.widget.has_class("field-problem"):
            self.submit()
