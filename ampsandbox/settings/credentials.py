"""How a live connection is described: which CRM, which way in, and where its secrets are to be found.

Secrets are named here, never held: a reference is followed when the connection logs in.
"""

from __future__ import annotations

import ipaddress
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from ampsandbox.errors import SettingsError
from ampsandbox.secrets import Secret

# A password manager may ask for a fingerprint.
_COMMAND_TIMEOUT_S: Final = 60
# Private keys, the longest credentials there are, have some thousand characters.
_LONGEST = 65_536


class Grant(StrEnum):
    """The ways to get an access token."""

    ACCESS_TOKEN = "access-token"
    REFRESH_TOKEN = "refresh-token"
    CLIENT_CREDENTIALS = "client-credentials"
    JWT_BEARER = "jwt-bearer"
    PASSWORD = "password"


class Variables(Mapping[str, str]):
    """Environment variables, whose values a traceback with local variables does not show."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Variables({len(self)} values)"


class PlainText(msgspec.Struct, frozen=True):
    """A value that is no secret, such as a user name."""

    text: str

    def resolve(self, variables: Mapping[str, str]) -> Secret:
        return Secret(self.text)


class EnvironmentReference(msgspec.Struct, frozen=True):
    """A value in an environment variable: `${NAME}`."""

    name: str

    def resolve(self, variables: Mapping[str, str]) -> Secret:
        """The variable's value.

        Raises:
            SettingsError: It is not set.
        """
        value = variables.get(self.name, "")
        if not value:
            raise SettingsError(
                f"The environment variable {self.name} is not set.",
                f"Set {self.name}, or name a file that does with --env-file.",
            )
        return Secret(value)


class KeyringReference(msgspec.Struct, frozen=True):
    """A value in the keyring of the operating system."""

    service: str
    username: str

    def resolve(self, variables: Mapping[str, str]) -> Secret:
        """The entry's value.

        Raises:
            SettingsError: There is no keyring, or no such entry.
        """
        try:
            import keyring
            import keyring.errors
        except ImportError as error:
            raise SettingsError(
                "Reading the keyring needs the library keyring.", "pip install 'ampsandbox[keyring]'"
            ) from error
        try:
            value = keyring.get_password(self.service, self.username)
        except keyring.errors.KeyringError as error:
            raise SettingsError(f"The keyring cannot be read: {error}") from error
        if not value:
            raise SettingsError(
                f"The keyring has no entry {self.service}/{self.username}.",
                f"keyring set {shlex.quote(self.service)} {shlex.quote(self.username)}",
            )
        return Secret(value)


class CommandReference(msgspec.Struct, frozen=True):
    """A value that a program prints, such as a password manager's; it is run without a shell."""

    words: tuple[str, ...]

    def resolve(self, variables: Mapping[str, str]) -> Secret:
        """What the program prints, without the line end.

        Raises:
            SettingsError: It cannot be run, fails, or prints nothing. Its output is not repeated.
        """
        shown = shlex.join(self.words)
        try:
            done = subprocess.run(
                self.words, check=True, capture_output=True, text=True, timeout=_COMMAND_TIMEOUT_S
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SettingsError(
                f"The command for a credential failed ({type(error).__name__}): {shown}",
                "Run it by hand to see why; it must print the secret and nothing else.",
            ) from None
        value = done.stdout.strip("\r\n")
        if not value:
            raise SettingsError(f"The command for a credential printed nothing: {shown}")
        if len(value) > _LONGEST:
            raise SettingsError(
                f"The command for a credential printed more than {_LONGEST} characters: {shown}"
            )
        return Secret(value)


class FileReference(msgspec.Struct, frozen=True):
    """A value that is a file's content, such as a private key."""

    path: Path

    def resolve(self, variables: Mapping[str, str]) -> Secret:
        """The file's content.

        Raises:
            SettingsError: It cannot be read.
        """
        try:
            with self.path.open(encoding="utf-8") as file:
                content = file.read(_LONGEST + 1)
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{self.path} cannot be read: {error}") from error
        if len(content) > _LONGEST:
            raise SettingsError(f"{self.path} holds more than {_LONGEST} characters, so it is no credential.")
        return Secret(content)


class GivenSecret(msgspec.Struct, frozen=True):
    """A secret that was given while the sandbox runs, and is kept in memory only."""

    secret: Secret

    def resolve(self, variables: Mapping[str, str]) -> Secret:
        return self.secret


Reference = (
    PlainText | EnvironmentReference | KeyringReference | CommandReference | FileReference | GivenSecret
)


class LiveConnection(msgspec.Struct, frozen=True):
    """A way into a real org.

    Attributes:
        integration: The integration that uses it; `*` for every one of the provider.
        group: The group that uses it; `*` for every one.
        base_url: Where requests go; empty where the login tells.
        login_url: Where tokens come from.
        api_version: Salesforce's, such as `v60.0`.
        values: Credentials by their name in `sandbox.yaml`, such as `client_id` and `refresh_token`.
        ca_file: Certificates to trust instead of the usual ones.
    """

    integration: str
    group: str
    provider: str
    grant: Grant
    base_url: str
    login_url: str
    api_version: str
    values: Mapping[str, Reference] = msgspec.field(default_factory=dict)
    ca_file: Path | None = None

    def serves(self, provider: str, integration: str, group: str) -> bool:
        """Whether it is the connection of that integration and group."""
        return (
            self.provider == provider
            and self.integration in ("*", integration)
            and self.group in ("*", group)
        )


class Webhook(msgspec.Struct, frozen=True):
    """A URL of the app that is told when an asynchronous write has ended; `secret` signs what it is told."""

    url: str
    secret: Reference | None = None


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
