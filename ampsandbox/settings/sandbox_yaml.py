"""`sandbox.yaml`: connections to real orgs, and how engine and mock orgs behave.

    engine: {parallel_requests: 5, time_zone: Europe/Rome}
    mocks:
      limits: off
      permissions: relaxed
      custom_fields: {Contact: [Favorite_Color__c]}
    connections:
      - integration: writeToSalesforce
        group: acme
        provider: salesforce
        auth: refresh-token
        client_id: ${SF_CLIENT_ID}
        refresh_token: ${SF_REFRESH_TOKEN}

Everything that is wrong is reported at once, each finding with its place and the way out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.errors import SettingsError
from ampsandbox.settings.credentials import LiveConnection, Variables
from ampsandbox.settings.engine import EngineSettings

if TYPE_CHECKING:
    import yaml
    from pydantic import BaseModel

# `AMPSANDBOX_LIVE_SALESFORCE=refresh-token` makes all of the provider's installations live, with credentials
# from `AMPSANDBOX_SALESFORCE_CLIENT_ID` and so on.
_SWITCH: Final = "AMPSANDBOX_LIVE_"
_PREFIX: Final = "AMPSANDBOX_"
_PROVIDERS: Final = ("salesforce", "hubspot")


@dataclass(frozen=True, slots=True)
class Settings:
    """What `sandbox.yaml` says.

    `mocks` holds the options of `OrgSettings` (mock_crm) that it names; `custom_fields` what the mock orgs
    have beyond the manifest (`ampsandbox.crm.desired_schema`).
    """

    connections: tuple[LiveConnection, ...] = ()
    engine: EngineSettings = field(default_factory=EngineSettings)
    mocks: Mapping[str, Any] = field(default_factory=dict)
    custom_fields: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettingsFinding:
    """One thing that is wrong, at a 1-based line and column."""

    line: int
    column: int
    path: str
    rule: str
    message: str
    hint: str = ""


class SettingsInvalidError(SettingsError):
    """The file breaks rules; `findings` holds every one of them."""

    def __init__(self, path: Path, findings: list[SettingsFinding]) -> None:
        lines = [
            f"{path}:{found.line}:{found.column}: {found.message} [{found.rule}]"
            + (f" {found.hint}" if found.hint else "")
            for found in findings
        ]
        super().__init__("\n".join(lines), f"Mend {path}, and start again.")
        self.findings = tuple(findings)


def load_settings(path: Path | None, variables: Mapping[str, str] | None = None) -> Settings:
    """The settings in the file, and the connections that the environment switches on.

    Args:
        path: `sandbox.yaml`; None for none.
        variables: Environment variables; the process's when None.

    Raises:
        SettingsError: The file cannot be read, or breaks rules.
    """
    found = _read_file(path) if path is not None else Settings()
    added = _connections_of(os.environ if variables is None else variables)
    return replace(found, connections=(*found.connections, *added))


def load_variables(env_file: Path | None) -> Mapping[str, str]:
    """The environment's variables, and those of a `.env` file that the environment does not set.

    Raises:
        SettingsError: The file cannot be read.
    """
    if env_file is None:
        return Variables(os.environ)
    from ampsandbox.settings.env_file import read_env_file

    return Variables({**read_env_file(env_file), **os.environ})


def _read_file(path: Path) -> Settings:
    import yaml

    try:
        text = path.read_text("utf-8")
        root = yaml.compose(text, yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    reader = _Reader(path, root)
    settings = reader.read({} if content is None else content)
    if reader.findings:
        raise SettingsInvalidError(path, sorted(reader.findings, key=lambda item: (item.line, item.column)))
    return settings


class _Reader:
    """Reads the sections, noting what is wrong with each at its place."""

    def __init__(self, path: Path, root: yaml.Node | None) -> None:
        self._path = path
        self._root = root
        self.findings: list[SettingsFinding] = []

    def read(self, content: Any) -> Settings:
        if not isinstance(content, Mapping):
            self._note((), "bad-value", "The file must hold a mapping.", "")
            return Settings()
        for key in set(content) - {"connections", "engine", "mocks"}:
            hint = "The sections are connections, engine and mocks."
            self._note((key,), "unknown-key", f"“{key}” means nothing here.", hint)
        from ampsandbox.settings.sections import EngineSection, MocksSection

        engine = self._section("engine", content, EngineSection)
        mocks = self._section("mocks", content, MocksSection)
        return Settings(
            connections=tuple(self._connections(content.get("connections"))),
            engine=engine.settings() if isinstance(engine, EngineSection) else EngineSettings(),
            mocks=mocks.options() if isinstance(mocks, MocksSection) else {},
            custom_fields=mocks.custom_fields if isinstance(mocks, MocksSection) else {},
        )

    def _section(self, name: str, content: Mapping[str, Any], model: type[BaseModel]) -> BaseModel | None:
        from pydantic import ValidationError

        try:
            return model.model_validate(content.get(name) or {})
        except ValidationError as error:
            for item in error.errors(include_url=False):
                rule = "unknown-key" if item["type"] == "extra_forbidden" else "bad-value"
                self._note((name, *item["loc"]), rule, f"{item['msg']}; it is {item['input']!r:.60}.", "")
            return None

    def _connections(self, content: Any) -> Iterator[LiveConnection]:
        from ampsandbox.settings.connections import read_section

        if content is None:
            return
        if not isinstance(content, list):
            self._note(("connections",), "bad-value", "“connections” must be a list.", "")
            return
        users: set[tuple[str, str, str]] = set()
        for index, entry in enumerate(content):
            found = read_section(entry, self._path.parent)
            if isinstance(found, LiveConnection):
                user = (found.provider, found.integration, found.group)
                if user in users:
                    message = "An entry above serves the same integration and group."
                    self._note(("connections", index), "duplicate-connection", message, "Remove one of them.")
                users.add(user)
                yield found
                continue
            for problem in found:
                key = (problem.key,) if problem.key else ()
                self._note(("connections", index, *key), problem.rule, problem.message, problem.hint)

    def _note(self, place: tuple[int | str, ...], rule: str, message: str, hint: str) -> None:
        line, column = _position(self._root, place)
        path = "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
        self.findings.append(SettingsFinding(line, column, path, rule, message, hint))


def _position(node: yaml.Node | None, place: tuple[int | str, ...]) -> tuple[int, int]:
    """The 1-based line and column of the deepest node that the path reaches."""
    import yaml

    for key in place:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            child = next((value for name, value in node.value if name.value == str(key)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            child = node.value[key]
        if child is None:
            break
        node = child
    return (1, 1) if node is None else (node.start_mark.line + 1, node.start_mark.column + 1)


def _connections_of(variables: Mapping[str, str]) -> Iterator[LiveConnection]:
    """Connections that the environment describes, for those who keep no file.

    Raises:
        SettingsError: A switch is set, but credentials are missing or do not belong together.
    """
    for provider in _PROVIDERS:
        switch = _SWITCH + provider.upper()
        if not variables.get(switch):
            continue
        from ampsandbox.settings.connections import SettingsProblem, read_section

        prefix = f"{_PREFIX}{provider.upper()}_"
        keys = {name.removeprefix(prefix).lower(): name for name in variables if name.startswith(prefix)}
        plain = {"instance_url", "login_url", "api_version", "ca_file", "integration", "group"}
        values = {key: variables[name] if key in plain else f"${{{name}}}" for key, name in keys.items()}
        found = read_section({"provider": provider, "auth": variables[switch], **values}, Path.cwd())
        if isinstance(found, LiveConnection):
            yield found
            continue
        words = [problem.message for problem in found if isinstance(problem, SettingsProblem)]
        raise SettingsError(f"{switch}: {' '.join(words)}", f"Set {prefix}… for each key, or unset {switch}.")
