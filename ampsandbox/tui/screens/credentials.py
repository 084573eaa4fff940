"""Credentials for a real org: typed here, masked, kept in memory only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ampsandbox.crm.credentials import Grant, LiveConnection
from ampsandbox.crm.sections import SECRETS, read_given, ways_in
from ampsandbox.manifest.model import Provider
from ampsandbox.tui.plain import plain

if TYPE_CHECKING:
    from ampsandbox.crm.sections import Problem
    from ampsandbox.tui.views import InstallationView

_ABOUT: Final = (
    "Kept in memory, never written down. ${NAME} takes a value from the environment; "
    "private_key is the path of a PEM file."
)
_ALWAYS: Final = ("api_version", "ca_file")


class CredentialsDialog(ModalScreen[LiveConnection | None]):
    """The fields of one way to log in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close", show=False),
        Binding("ctrl+j,f5", "accept", "Go", show=False, priority=True),
    ]

    def __init__(self, installation: InstallationView, grant: Grant) -> None:
        super().__init__()
        self.installation = installation
        self.grant = grant
        required, optional = ways_in(Provider(installation.provider))[grant]
        self.required = required
        self.names = (*required, *optional, *_ALWAYS)

    def compose(self) -> ComposeResult:
        """One line for each field, secrets masked."""
        with Vertical(classes="dialog credentials") as box:
            box.border_title = plain(f"{self.installation.provider} · {self.grant.value}", limit=60)
            box.border_subtitle = Content("ctrl+j: look at the org · esc: leave")
            yield Static(Content.styled(_ABOUT, "$muted"))
            with VerticalScroll(classes="credential-fields", can_focus=False):
                for name in self.names:
                    yield self._line(name)
            yield Static("", classes="field-problem", markup=False)

    def _line(self, name: str) -> Horizontal:
        mark = Content.styled(" *", "bold $text-error") if name in self.required else Content("")
        is_masked = name in SECRETS and name != "private_key"
        return Horizontal(
            Static(Content(name) + mark, classes="field-label"),
            Input(id=name, compact=True, password=is_masked),
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next line; the last one accepts."""
        event.stop()
        if event.input.id == self.names[-1]:
            self.action_accept()
        else:
            self.focus_next()

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def action_accept(self) -> None:
        """Give the connection when the fields describe one."""
        given = {str(item.id): item.value.strip() for item in self.query(Input) if item.value.strip()}
        item = self.installation
        found = read_given(
            {
                "provider": item.provider,
                "auth": self.grant.value,
                "integration": item.integration,
                "group": item.group,
                **given,
            }
        )
        if isinstance(found, LiveConnection):
            self.dismiss(found)
        else:
            self._show(found)

    def _show(self, problems: Sequence[Problem]) -> None:
        shown = self.query_one(".field-problem", Static)
        lines = [plain(f"✗ {problem.message} {problem.hint}".strip()) for problem in problems]
        shown.update(Content("\n").join(lines))
        shown.display = True
