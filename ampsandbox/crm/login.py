"""Getting access tokens: what all OAuth flows of both CRMs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ampsandbox.crm.http import Channel, HttpRequest
from ampsandbox.crm.session import ErrorFormat, outage, refusal
from ampsandbox.engine.crm import CrmRefusedError
from ampsandbox.errors import SettingsError
from ampsandbox.events import ErrorDetail
from ampsandbox.secrets import Secret
from ampsandbox.settings.credentials import LiveConnection


class CredentialError(SettingsError, CrmRefusedError):
    """A credential cannot be found or read, so the CRM is not even asked."""


class Credentials:
    """The resolved values of one connection; each is learned by the masker before it is used."""

    def __init__(self, live: LiveConnection, variables: Mapping[str, str], channel: Channel) -> None:
        self._live = live
        self._variables = variables
        self._masker = channel.masker

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self._live.values)})"

    def has(self, name: str) -> bool:
        """Whether the settings name it."""
        return name in self._live.values

    def get(self, name: str) -> Secret:
        """One of the values.

        Raises:
            CredentialError: Its reference leads nowhere.
        """
        try:
            value = self._live.values[name].resolve(self._variables)
        except SettingsError as error:
            raise _unusable(error) from None
        if name not in ("client_id", "username"):
            self._masker.learn(value)
        return value

    def form(self, *names: str) -> dict[str, Secret]:
        """Those of the values that the settings name."""
        return {name: self.get(name) for name in names if self.has(name)}


def _unusable(error: SettingsError) -> CredentialError:
    result = CredentialError(ErrorDetail(error.message, "CREDENTIAL"))
    result.hint = error.hint
    return result


async def request_token(
    channel: Channel, errors: ErrorFormat, url: str, grant_type: str, form: Mapping[str, Secret]
) -> Mapping[str, Any]:
    """Ask an OAuth token endpoint. Asking again does no harm, so a lost answer is an outage.

    Raises:
        CrmUnavailableError: The endpoint cannot be reached or is overloaded.
        CrmRefusedError: The credentials are refused.
    """
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))
    reply = await channel.send(
        HttpRequest("POST", url, headers, _encoded(grant_type, form), is_repeatable=True)
    )
    if (problem := outage(reply, errors, channel, is_repeatable=True)) is not None:
        raise problem
    if not reply.is_success:
        raise refusal(reply, errors, channel)
    if not isinstance(reply.json, Mapping) or not reply.json.get("access_token"):
        raise CrmRefusedError(ErrorDetail("The login's answer holds no access token.", "NO_TOKEN"))
    content: Mapping[str, Any] = reply.json
    for name in ("access_token", "refresh_token", "id_token", "signature"):
        if content.get(name):
            channel.masker.learn(Secret(str(content[name])))
    return content


def _encoded(grant_type: str, form: Mapping[str, Secret]) -> bytes:
    """The form in its own frame, which is gone when a traceback with local variables is made."""
    values = {"grant_type": grant_type} | {name: secret.reveal() for name, secret in form.items()}
    return urlencode(values).encode()
