"""Getting access tokens: what all OAuth flows of both CRMs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeGuard
from urllib.parse import urlencode, urlsplit

import msgspec

from ampsandbox.crm.http import Channel, HttpRequest
from ampsandbox.crm.json_access import mapping
from ampsandbox.crm.session import ErrorFormat, outage, refusal
from ampsandbox.engine.crm import CrmRefusedError
from ampsandbox.errors import SettingsError
from ampsandbox.events import ErrorDetail
from ampsandbox.secrets import Secret, is_header_value, trimmed
from ampsandbox.settings.credentials import LiveConnection, is_loopback

_IDENTIFIERS: Final = frozenset({"client_id", "username"})

# Values that may have several lines.
_TEXTS: Final = frozenset({"private_key"})
_LONGEST_LIFETIME_S: Final = 366 * 86_400.0


class TokenAnswer(msgspec.Struct, frozen=True):
    """What a token endpoint granted. `lifetime_s` is None where it does not say, or nothing sensible."""

    access: Secret
    refresh: Secret | None
    instance_url: str
    lifetime_s: float | None


class CredentialError(SettingsError, CrmRefusedError):
    """A credential cannot be found or read, so the CRM is not even asked."""


class ConnectionCredentials:
    """The resolved values of one connection; each is learned by the masker before it is used."""

    def __init__(self, live: LiveConnection, variables: Mapping[str, str], channel: Channel) -> None:
        self._live = live
        self._variables = variables
        self._masker = channel.masker

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self._live.values)})"

    def has(self, name: str) -> bool:
        """Whether the settings name a credential of this name; its value may still be missing."""
        return name in self._live.values

    def get(self, name: str) -> Secret:
        """One of the values.

        Raises:
            CredentialError: Its reference leads nowhere.
        """
        try:
            value = self._live.values[name].resolve(self._variables)
            if name not in _IDENTIFIERS:
                self._masker.learn(value)
            return _usable(name, value)
        except SettingsError as error:
            unusable = CredentialError(ErrorDetail(error.message, "CREDENTIAL"))
            unusable.hint = error.hint
            raise unusable from None

    def form(self, *names: str) -> dict[str, Secret]:
        """Those of the values that the settings name."""
        return {name: self.get(name) for name in names if self.has(name)}


def _usable(name: str, value: Secret) -> Secret:
    """The value without what surrounds it.

    Raises:
        SettingsError: Nothing is left, or something that the CRM cannot be sent; the value is not repeated.
    """
    text = trimmed(value.reveal())
    if not text:
        raise SettingsError(f"The connection's “{name}” is empty.", "Check the place that it is read from.")
    is_sound = is_header_value(text) if name == "access_token" else name in _TEXTS or text.isprintable()
    if not is_sound:
        raise SettingsError(
            f"The connection's “{name}” holds characters that no such value has.",
            "Check how it was copied: line ends, blanks or letters outside ASCII do not belong there.",
        )
    return Secret(text)


async def request_token(
    channel: Channel, errors: ErrorFormat, url: str, grant_type: str, form: Mapping[str, Secret]
) -> TokenAnswer:
    """Ask an OAuth token endpoint. Asking again does no harm, so a lost answer is an outage.

    Raises:
        CrmUnavailableError: The endpoint cannot be reached or is overloaded.
        CrmRefusedError: The credentials are refused.
    """
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))
    request = HttpRequest("POST", url, headers, _encoded(grant_type, form), is_repeatable=True)
    reply = await channel.send(request, keeps_secrets=True)
    if not reply.is_success:
        reply = channel.scrubbed(reply)
    if (problem := outage(reply, errors, channel, is_repeatable=True)) is not None:
        raise problem
    if not reply.is_success:
        raise refusal(reply, errors, channel)
    content = mapping(reply.json)
    for name in ("access_token", "refresh_token", "id_token", "signature"):
        if isinstance(content.get(name), str):
            channel.masker.learn(Secret(content[name]))
    token, renewal = content.get("access_token"), content.get("refresh_token")
    instance_url = content.get("instance_url")
    if not isinstance(token, str) or not is_header_value(token):
        raise CrmRefusedError(ErrorDetail("The login's answer holds no usable access token.", "NO_TOKEN"))
    return TokenAnswer(
        access=Secret(token),
        refresh=Secret(renewal) if isinstance(renewal, str) and renewal else None,
        instance_url=instance_url.rstrip("/") if _is_host(instance_url) else "",
        lifetime_s=_seconds(content.get("expires_in")),
    )


def _is_host(url: Any) -> TypeGuard[str]:
    """Whether a login's answer names a host that may be trusted with the token."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and not parts.query and (parts.scheme == "https" or is_loopback(url))
    except ValueError:
        return False


def _seconds(value: Any) -> float | None:
    """A lifetime that makes sense; None for anything else, as if the CRM had not said."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds <= _LONGEST_LIFETIME_S else None


def _encoded(grant_type: str, form: Mapping[str, Secret]) -> bytes:
    """The form in its own frame, which is gone when a traceback with local variables is made."""
    values = {"grant_type": grant_type} | {name: secret.reveal() for name, secret in form.items()}
    return urlencode(values).encode()
