"""The entries of `connections` in `sandbox.yaml` as pydantic models: one for each way into a CRM.

Secrets are references; one that stands in the file itself is refused and never repeated. Import it only to
read what somebody wrote: pydantic takes long to load.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ampsandbox.manifest.model import Provider
from ampsandbox.secrets import Secret
from ampsandbox.settings.credentials import (
    CommandReference,
    EnvironmentReference,
    FileReference,
    GivenSecret,
    Grant,
    KeyringReference,
    LiveConnection,
    PlainText,
    Reference,
    is_loopback,
)

_ENVIRONMENT: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HUBSPOT_URL: Final = "https://api.hubapi.com"
_SALESFORCE_LOGIN: Final = "https://login.salesforce.com"
_DEFAULT_VERSION: Final = "v60.0"

SECRETS: Final = frozenset(
    {"access_token", "refresh_token", "client_secret", "password", "security_token", "private_key"}
)
CREDENTIALS: Final = SECRETS | {"client_id", "username"}


def parse_reference(value: Any, folder: Path) -> Reference | None:
    """Where a value is to be found: `${NAME}`, or a mapping with `env`, `keyring`, `command` or `file`.

    None for anything else.

    Raises:
        PydanticCustomError: A command has an open quote.
    """
    if isinstance(value, str) and (match := _ENVIRONMENT.fullmatch(value.strip())):
        return EnvironmentReference(match[1])
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    [(kind, content)] = value.items()
    if kind == "keyring" and isinstance(content, Mapping) and set(content) == {"service", "username"}:
        return KeyringReference(str(content["service"]), str(content["username"]))
    if kind == "command" and isinstance(content, list) and content:
        return CommandReference(tuple(str(word) for word in content))
    if not isinstance(content, str) or not content.strip():
        return None
    if kind == "command":
        try:
            return CommandReference(tuple(shlex.split(content)))
        except ValueError as error:
            raise _refusal("bad-value", f"The command cannot be read: {error}.", "Close the quote.") from None
    if kind == "env":
        return EnvironmentReference(content)
    return FileReference(folder / content) if kind == "file" else None


def _refusal(rule: str, message: str, hint: str) -> PydanticCustomError:
    # Braces in a message would be taken for placeholders of its context.
    return PydanticCustomError(rule, "{message}", {"message": message, "hint": hint})


def _folder(info: ValidationInfo) -> Path:
    return info.context["folder"] if info.context else Path()


def _secret(value: Any, info: ValidationInfo) -> Any:
    name = str(info.field_name)
    if info.context and info.context.get("typed") and isinstance(value, str):
        # What somebody types while the sandbox runs may be the secret itself; it is kept in memory only.
        if name == "private_key":
            return FileReference(_folder(info) / value)
        return parse_reference(value, _folder(info)) or GivenSecret(Secret(value))
    if (reference := parse_reference(value, _folder(info))) is not None:
        return reference
    raise _refusal(
        "literal-secret",
        f"“{name}” must not stand in the file.",
        f"Write ${{{name.upper()}}} and set that variable, or use {{keyring: …}}, {{command: …}} or "
        "{file: …}.",
    )


def _identifier(value: Any, info: ValidationInfo) -> Any:
    if (reference := parse_reference(value, _folder(info))) is not None:
        return reference
    if isinstance(value, str | int):
        return PlainText(str(value))
    raise _refusal("bad-value", f"“{info.field_name}” must be a text or a reference.", "")


def _host(url: str, info: ValidationInfo) -> str:
    name = info.field_name
    example = "Give scheme and host only, such as https://acme.my.salesforce.com."
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise _refusal("literal-secret", f"“{name}” must not name a user or a password.", example)
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise _refusal("bad-value", f"“{name}” is not the address of a host: {url!r}.", example)
    if parts.scheme != "https" and not is_loopback(url):
        raise _refusal("insecure-url", f"“{name}” is not encrypted: {url!r}.", "Use https://.")
    return url.rstrip("/")


def _version(text: str) -> str:
    if not re.fullmatch(r"v[1-9][0-9]\.0", text):
        raise _refusal("bad-value", f"“{text}” is no version of Salesforce's API.", "Write it as v62.0.")
    return text


SecretReference = Annotated[Any, BeforeValidator(_secret)]
_Identifier = Annotated[Any, BeforeValidator(_identifier)]
_Url = Annotated[str, AfterValidator(_host)]
_Version = Annotated[str, AfterValidator(_version)]


class ConnectionEntry(BaseModel):
    """What all entries may hold; which credentials belong to which way in, the models below say."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    provider: Provider
    auth: Grant
    integration: str = Field("*", min_length=1)
    group: str = Field("*", min_length=1)
    api_version: _Version = _DEFAULT_VERSION
    ca_file: Path | None = None
    instance_url: _Url | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty_keys(cls, content: Any) -> Any:
        is_mapping = isinstance(content, Mapping)
        return (
            {key: value for key, value in content.items() if value not in (None, "")}
            if is_mapping
            else content
        )

    def connection(self, folder: Path) -> LiveConnection:
        """The connection that it describes; relative paths start from `folder`."""
        default = _HUBSPOT_URL if self.provider is Provider.HUBSPOT else ""
        base_url = self.instance_url or default
        # Salesforce's own login host where it needs one; HubSpot and other hosts log in where they are.
        is_elsewhere = base_url and not (urlsplit(base_url).hostname or "").endswith(".salesforce.com")
        login_url = getattr(self, "login_url", None) or (base_url if is_elsewhere else _SALESFORCE_LOGIN)
        values = {name: getattr(self, name, None) for name in CREDENTIALS}
        return LiveConnection(
            integration=self.integration,
            group=self.group,
            provider=self.provider.value,
            grant=self.auth,
            base_url=base_url,
            login_url=login_url,
            api_version=self.api_version,
            values={name: value for name, value in values.items() if value is not None},
            ca_file=folder / self.ca_file if self.ca_file else None,
        )


class _SalesforceAccessToken(ConnectionEntry):
    way: ClassVar = (Provider.SALESFORCE, Grant.ACCESS_TOKEN)
    access_token: SecretReference
    instance_url: _Url


class _SalesforceRefreshToken(ConnectionEntry):
    way: ClassVar = (Provider.SALESFORCE, Grant.REFRESH_TOKEN)
    client_id: _Identifier
    refresh_token: SecretReference
    client_secret: SecretReference = None
    login_url: _Url | None = None


class _SalesforceClientCredentials(ConnectionEntry):
    way: ClassVar = (Provider.SALESFORCE, Grant.CLIENT_CREDENTIALS)
    client_id: _Identifier
    client_secret: SecretReference
    login_url: _Url


class _SalesforceJwtBearer(ConnectionEntry):
    way: ClassVar = (Provider.SALESFORCE, Grant.JWT_BEARER)
    client_id: _Identifier
    username: _Identifier
    private_key: SecretReference
    login_url: _Url | None = None


class _SalesforcePassword(ConnectionEntry):
    way: ClassVar = (Provider.SALESFORCE, Grant.PASSWORD)
    client_id: _Identifier
    client_secret: SecretReference
    username: _Identifier
    password: SecretReference
    security_token: SecretReference = None
    login_url: _Url | None = None


class _HubSpotAccessToken(ConnectionEntry):
    way: ClassVar = (Provider.HUBSPOT, Grant.ACCESS_TOKEN)
    access_token: SecretReference


class _HubSpotRefreshToken(ConnectionEntry):
    way: ClassVar = (Provider.HUBSPOT, Grant.REFRESH_TOKEN)
    client_id: _Identifier
    client_secret: SecretReference
    refresh_token: SecretReference


class _UnknownWay(ConnectionEntry):
    """An entry whose CRM or way in is not known, so that the rest of it is checked as far as it can be."""

    client_id: _Identifier = None
    username: _Identifier = None
    access_token: SecretReference = None
    refresh_token: SecretReference = None
    client_secret: SecretReference = None
    password: SecretReference = None
    security_token: SecretReference = None
    private_key: SecretReference = None
    login_url: _Url | None = None

    @field_validator("auth")
    @classmethod
    def _is_no_way_in(cls, grant: Grant, info: ValidationInfo) -> Grant:
        provider = info.data.get("provider")
        if provider is not None:
            ways = ", ".join(way.value for way in ways_in(provider))
            raise _refusal("bad-value", f"{provider.label} has no {grant.value}.", f"Use {ways}.")
        return grant


_MODELS: Final = {
    model.way: model
    for model in (
        _SalesforceAccessToken,
        _SalesforceRefreshToken,
        _SalesforceClientCredentials,
        _SalesforceJwtBearer,
        _SalesforcePassword,
        _HubSpotAccessToken,
        _HubSpotRefreshToken,
    )
}


def ways_in(provider: Provider) -> dict[Grant, tuple[tuple[str, ...], tuple[str, ...]]]:
    """The ways to log in to a CRM: the keys that each needs, and those that it may have besides."""
    keys = CREDENTIALS | {"instance_url", "login_url"}
    ways: dict[Grant, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for (owner, grant), model in _MODELS.items():
        if owner is provider:
            fields = {name: field for name, field in sorted(model.model_fields.items()) if name in keys}
            required = tuple(name for name, field in fields.items() if field.is_required())
            ways[grant] = required, tuple(name for name in fields if name not in required)
    return ways


def _way_of(content: Any) -> str:
    if isinstance(content, Mapping):
        for provider, grant in _MODELS:
            if (content.get("provider"), content.get("auth")) == (provider.value, grant.value):
                return f"{provider.value} {grant.value}"
    return _UnknownWay.__name__


WAYS: Final = {_UnknownWay.__name__} | {f"{provider.value} {grant.value}" for provider, grant in _MODELS}
"""The tags by which pydantic tells the models apart; they stand in the places of its errors."""

_TAGGED: Any = Annotated[_UnknownWay, Tag(_UnknownWay.__name__)]
for (_provider, _grant), _model in _MODELS.items():
    _TAGGED |= Annotated[_model, Tag(f"{_provider.value} {_grant.value}")]

AnyConnection: Any = Annotated[_TAGGED, Discriminator(_way_of)]
"""One entry, whatever the way in."""
