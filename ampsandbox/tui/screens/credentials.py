"""Credentials for a real org: typed here, masked, kept in memory only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ampsandbox.errors import UsageError
from ampsandbox.manifest.model import Provider
from ampsandbox.settings import SettingsInvalidError, read_typed_connection
from ampsandbox.settings.connections import SECRETS, ways_in
from ampsandbox.settings.credentials import Grant, LiveConnection
from ampsandbox.tui.screens.form_dialog import FormDialog, FormLine

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import InstallationStatus

_ABOUT: Final = (
    "Kept in memory, never written down. ${NAME} takes a value from the environment; "
    "private_key is the path of a PEM file."
)
_ALWAYS: Final = ("api_version", "ca_file")


class CredentialsDialog(FormDialog):
    """The fields of one way to log in."""

    HELP = (
        "What this way to log in needs; * must be filled. What is typed is masked where it is secret, "
        "kept in memory only and forgotten at the end. Nothing is switched yet: ctrl+j asks whose org it is."
    )

    def __init__(
        self,
        installation: InstallationStatus,
        grant: Grant,
        given: Mapping[str, str] = MappingProxyType({}),
        problem: str = "",
    ) -> None:
        required, optional = ways_in(Provider(installation.provider))[grant]
        lines = [
            FormLine(
                name,
                given.get(name, ""),
                is_required=name in required,
                is_masked=name in SECRETS and name != "private_key",
            )
            for name in (*required, *optional, *_ALWAYS)
        ]
        title = f"{installation.provider} · {grant.value}"
        super().__init__(title, _ABOUT, lines, "look at the org", problem=problem)
        self.installation = installation
        self.grant = grant
        self.given = given
        """What was filled in, for another try."""

    def again(self, problem: str) -> CredentialsDialog:
        """The same box with what was filled in, and what was wrong with it."""
        return CredentialsDialog(self.installation, self.grant, self.given, problem)

    def read(self, given: Mapping[str, str]) -> LiveConnection:
        """The connection that the fields describe."""
        item, self.given = self.installation, given
        entry = {
            "provider": item.provider,
            "auth": self.grant.value,
            "integration": item.integration,
            "group": item.group,
            **given,
        }
        try:
            return read_typed_connection(entry)
        except SettingsInvalidError as error:
            problems = [f"{each.message} {each.hint}".strip() for each in error.findings]
            raise UsageError("\n✗ ".join(problems)) from None
