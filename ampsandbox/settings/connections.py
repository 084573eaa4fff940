"""One entry of `connections` in `sandbox.yaml`: what it may hold, and the connection it describes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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

SECRETS: Final = frozenset(
    {"access_token", "refresh_token", "client_secret", "password", "security_token", "private_key"}
)
_IDENTIFIERS: Final = frozenset({"client_id", "username"})

# What each way in needs, and what it may have besides.
_GRANTS: Final[Mapping[tuple[Provider, Grant], tuple[frozenset[str], frozenset[str]]]] = {
    (Provider.SALESFORCE, Grant.ACCESS_TOKEN): (frozenset({"access_token", "instance_url"}), frozenset()),
    (Provider.SALESFORCE, Grant.REFRESH_TOKEN): (
        frozenset({"client_id", "refresh_token"}),
        frozenset({"client_secret", "login_url", "instance_url"}),
    ),
    (Provider.SALESFORCE, Grant.CLIENT_CREDENTIALS): (
        frozenset({"client_id", "client_secret", "login_url"}),
        frozenset({"instance_url"}),
    ),
    (Provider.SALESFORCE, Grant.JWT_BEARER): (
        frozenset({"client_id", "username", "private_key"}),
        frozenset({"login_url", "instance_url"}),
    ),
    (Provider.SALESFORCE, Grant.PASSWORD): (
        frozenset({"client_id", "client_secret", "username", "password"}),
        frozenset({"security_token", "login_url", "instance_url"}),
    ),
    (Provider.HUBSPOT, Grant.ACCESS_TOKEN): (frozenset({"access_token"}), frozenset({"instance_url"})),
    (Provider.HUBSPOT, Grant.REFRESH_TOKEN): (
        frozenset({"client_id", "client_secret", "refresh_token"}),
        frozenset({"instance_url"}),
    ),
}

_HUBSPOT_URL: Final = "https://api.hubapi.com"
_SALESFORCE_LOGIN: Final = "https://login.salesforce.com"
_DEFAULT_VERSION: Final = "v60.0"


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """What is wrong with one key of a section; `key` is empty for the section as a whole."""

    key: str
    rule: str
    message: str
    hint: str


class _Section(BaseModel):
    """The shape of an entry; which credentials belong together is checked after it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    provider: Provider
    auth: Grant
    integration: str = Field("*", min_length=1)
    group: str = Field("*", min_length=1)
    instance_url: str | None = None
    login_url: str | None = None
    api_version: str = Field(_DEFAULT_VERSION, pattern=r"^v[1-9]\d\.0$")
    ca_file: Path | None = None
    client_id: Any = None
    client_secret: Any = None
    username: Any = None
    password: Any = None
    security_token: Any = None
    access_token: Any = None
    refresh_token: Any = None
    private_key: Any = None


def read_section(content: Any, folder: Path) -> LiveConnection | list[SettingsProblem]:
    """The connection that an entry describes, or everything that is wrong with it.

    Args:
        content: The entry as YAML gives it.
        folder: What relative paths in it start from.
    """
    try:
        section = _Section.model_validate(content)
    except ValidationError as error:
        return [*_shape_problems(error), *_secret_problems(content)]
    problems = [*_secret_problems(content), *_grant_problems(section), *_url_problems(section)]
    return problems or _connection(section, folder)


def ways_in(provider: Provider) -> dict[Grant, tuple[tuple[str, ...], tuple[str, ...]]]:
    """The ways to log in to a CRM: the keys that each needs, and those that it may have besides."""
    return {
        grant: (tuple(sorted(required)), tuple(sorted(optional)))
        for (owner, grant), (required, optional) in _GRANTS.items()
        if owner is provider
    }


def read_given(given: Mapping[str, Any]) -> LiveConnection | list[SettingsProblem]:
    """The connection that is described while the sandbox runs; its secrets may be the values themselves.

    Args:
        given: An entry as in `sandbox.yaml`; `${NAME}` is a reference there too, `private_key` a file's path.
    """
    typed: dict[str, Reference] = {}
    content = dict(given)
    for name in SECRETS & set(given):
        if name == "private_key":
            content[name] = {"file": given[name]}
        elif parse_reference(given[name], Path()) is None:
            typed[name] = GivenSecret(Secret(given[name]))
            content[name] = {"env": name}
    found = read_section(content, Path())
    if isinstance(found, list):
        return found
    return replace(found, values={**found.values, **typed})


def parse_reference(value: Any, folder: Path) -> Reference | None:
    """Where a value is to be found: `${NAME}`, or a mapping with `env`, `keyring`, `command` or `file`.

    None for anything else.
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
        return CommandReference(tuple(shlex.split(content)))
    if kind == "env":
        return EnvironmentReference(content)
    return FileReference(folder / content) if kind == "file" else None


def _shape_problems(error: ValidationError) -> Iterator[SettingsProblem]:
    for item in error.errors(include_url=False, include_context=False):
        key = str(item["loc"][0]) if item["loc"] else ""
        if item["type"] == "extra_forbidden":
            known = ", ".join(_Section.model_fields)
            yield SettingsProblem(
                key, "unknown-key", f"“{key}” means nothing here.", f"The keys are: {known}."
            )
        elif item["type"] == "missing":
            yield SettingsProblem("", "missing-key", f"“{key}” is missing.", f"Add “{key}”.")
        else:
            yield SettingsProblem(key, "bad-value", f"“{key}”: {item['msg']}.", "")


def _secret_problems(content: Any) -> Iterator[SettingsProblem]:
    """A secret in the file would end up in version control; its value is not repeated."""
    for name in sorted(SECRETS & set(content)) if isinstance(content, Mapping) else ():
        if content[name] is not None and parse_reference(content[name], Path()) is None:
            yield SettingsProblem(
                name,
                "literal-secret",
                f"“{name}” must not stand in the file.",
                f"Write ${{{name.upper()}}} and set that variable, or use {{keyring: …}}, {{command: …}} "
                "or {file: …}.",
            )


def _grant_problems(section: _Section) -> Iterator[SettingsProblem]:
    names = _GRANTS.get((section.provider, section.auth))
    if names is None:
        ways = ", ".join(grant.value for provider, grant in _GRANTS if provider is section.provider)
        yield SettingsProblem(
            "auth", "bad-value", f"{section.provider.label} has no {section.auth.value}.", f"Use {ways}."
        )
        return
    required, optional = names
    given = {
        name for name in SECRETS | _IDENTIFIERS | {"instance_url", "login_url"} if getattr(section, name)
    }
    for name in sorted(required - given):
        yield SettingsProblem("", "missing-key", f"{section.auth.value} needs “{name}”.", f"Add “{name}”.")
    for name in sorted(given - required - optional):
        yield SettingsProblem(
            name, "unused-key", f"{section.auth.value} does not use “{name}”.", f"Remove “{name}”."
        )


def _url_problems(section: _Section) -> Iterator[SettingsProblem]:
    for name in ("instance_url", "login_url"):
        url = getattr(section, name)
        if url is None:
            continue
        parts = urlsplit(url)
        if not parts.hostname or parts.path.strip("/") or parts.query:
            hint = "Give scheme and host only, such as https://acme.my.salesforce.com."
            yield SettingsProblem(name, "bad-value", f"“{name}” is not the address of a host: {url!r}.", hint)
        elif parts.scheme != "https" and not is_loopback(url):
            yield SettingsProblem(
                name, "insecure-url", f"“{name}” is not encrypted: {url!r}.", "Use https://."
            )


def _connection(section: _Section, folder: Path) -> LiveConnection:
    default = _HUBSPOT_URL if section.provider is Provider.HUBSPOT else ""
    base_url = (section.instance_url or default).rstrip("/")
    values: dict[str, Reference] = {}
    for name in SECRETS | _IDENTIFIERS:
        value = getattr(section, name)
        if value is not None:
            values[name] = parse_reference(value, folder) or PlainText(str(value))
    return LiveConnection(
        integration=section.integration,
        group=section.group,
        provider=section.provider.value,
        grant=section.auth,
        base_url=base_url,
        login_url=(section.login_url or _login(base_url)).rstrip("/"),
        api_version=section.api_version,
        values=values,
        ca_file=folder / section.ca_file if section.ca_file else None,
    )


def _login(base_url: str) -> str:
    """Salesforce's own login host where it needs one; HubSpot and other hosts log in where they are."""
    is_elsewhere = base_url and not (urlsplit(base_url).hostname or "").endswith(".salesforce.com")
    return base_url if is_elsewhere else _SALESFORCE_LOGIN
