"""`sandbox.yaml`: connections to real orgs, and how engine and mock orgs behave.

    engine: {parallel_requests: 5, time_zone: Europe/Rome}
    mocks:
      limits: off
      permissions: open
      custom_fields: {Contact: [Favorite_Color__c]}
    webhooks: [{url: "http://127.0.0.1:3000/ampersand", secret: "${AMP_WEBHOOK_SECRET}"}]
    connections:
      - integration: writeToSalesforce
        group: acme
        provider: salesforce
        auth: refresh-token
        client_id: ${SF_CLIENT_ID}
        refresh_token: ${SF_REFRESH_TOKEN}

Everything that is wrong is reported at once, each finding with its place and the way out. No line of the file
is ever repeated: it may hold a secret that does not belong there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ampsandbox.errors import SettingsError
from ampsandbox.settings.credentials import LiveConnection, Variables, Webhook
from ampsandbox.settings.engine import EngineSettings

if TYPE_CHECKING:
    import yaml
    from pydantic import ValidationError

    from ampsandbox.settings.sections import Place

# `AMPSANDBOX_LIVE_SALESFORCE=refresh-token` makes all of the provider's installations live, with credentials
# from `AMPSANDBOX_SALESFORCE_CLIENT_ID` and so on.
_SWITCH: Final = "AMPSANDBOX_LIVE_"
_PREFIX: Final = "AMPSANDBOX_"
_PROVIDERS: Final = ("salesforce", "hubspot")

# What quotes the file in a parser's message.
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")


class Settings(msgspec.Struct, frozen=True):
    """What `sandbox.yaml` says.

    `mocks` holds the options of `OrgSettings` (mock_crm) that it names; `custom_fields` what the mock orgs
    have beyond the manifest (`ampsandbox.crm.desired_schema`).
    """

    connections: tuple[LiveConnection, ...] = ()
    engine: EngineSettings = msgspec.field(default_factory=EngineSettings)
    mocks: Mapping[str, Any] = msgspec.field(default_factory=dict)
    custom_fields: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)
    webhooks: tuple[Webhook, ...] = ()
    ids: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)
    """By the name of the project or of an integration, what Ampersand's API may call it too."""


class SettingsFinding(msgspec.Struct, frozen=True):
    """One thing that is wrong, at a 1-based line and column; `path` is its place as a YAML path."""

    line: int
    column: int
    path: str
    rule: str
    message: str
    hint: str = ""


class SettingsInvalidError(SettingsError):
    """The settings break rules; `findings` holds every one of them."""

    def __init__(self, source: Path | str, findings: Sequence[SettingsFinding]) -> None:
        ordered = sorted(findings, key=lambda each: (each.line, each.column))
        lines = [
            f"{source}:{each.line}:{each.column}: {each.message} [{each.rule}] {each.hint}".rstrip()
            for each in ordered
        ]
        super().__init__("\n".join(lines), f"Mend {source}, and start again.")
        self.findings = tuple(ordered)


def load_settings(path: Path | None, variables: Mapping[str, str] | None = None) -> Settings:
    """The settings in the file, and the connections that the environment switches on.

    Args:
        path: `sandbox.yaml`; None for none.
        variables: Environment variables; the process's when None.

    Raises:
        SettingsError: The file cannot be read, or breaks rules.
    """
    settings = _read_file(path) if path is not None else Settings()
    added = _connections_of(os.environ if variables is None else variables)
    return msgspec.structs.replace(settings, connections=(*settings.connections, *added))


def load_variables(env_file: Path | None) -> Mapping[str, str]:
    """The environment's variables, and those of a `.env` file that the environment does not set.

    Raises:
        SettingsError: The file cannot be read, or a line is no `NAME=value`; the line itself is not repeated.
    """
    if env_file is None:
        return Variables(os.environ)
    from dotenv.parser import parse_stream

    variables: dict[str, str] = {}
    try:
        with env_file.open(encoding="utf-8-sig") as stream:
            for binding in parse_stream(stream):
                if binding.error or (binding.key is not None and binding.value is None):
                    raise SettingsError(
                        f"{env_file}:{binding.original.line}: not a NAME=value line.", "Close every quote."
                    )
                if binding.key is not None:
                    variables[binding.key] = binding.value or ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{env_file} cannot be read: {error}") from None
    return Variables({**variables, **os.environ})


def read_typed_connection(given: Mapping[str, Any]) -> LiveConnection:
    """The connection that is described while the sandbox runs; its secrets may be the values themselves.

    Args:
        given: An entry as in `sandbox.yaml`; `${NAME}` is a reference there too, `private_key` a file's path.

    Raises:
        SettingsInvalidError: It breaks rules.
    """
    return read_connection(given, Path(), is_typed=True)


def read_connection(content: Any, folder: Path, *, is_typed: bool = False) -> LiveConnection:
    """The connection that an entry of `connections` describes.

    Args:
        content: The entry as YAML gives it.
        folder: What relative paths in it start from.
        is_typed: Whether somebody typed it, so that secrets may be the values themselves.

    Raises:
        SettingsInvalidError: It breaks rules.
    """
    from pydantic import TypeAdapter, ValidationError

    from ampsandbox.settings.connections import AnyConnection, ConnectionEntry

    try:
        entry: ConnectionEntry = TypeAdapter(AnyConnection).validate_python(
            content, context={"folder": folder, "typed": is_typed}
        )
    except ValidationError as error:
        raise SettingsInvalidError("connection", _findings(error, None, ("connections", 0))) from None
    return entry.connection(folder)


def _read_file(path: Path) -> Settings:
    # Imported here, since most sandboxes have no settings file.
    from ampsandbox.settings.sections import SECTIONS, read_engine, read_ids, read_mocks, unknown_key

    root, content = _parse(path)
    if not isinstance(content, Mapping):
        message = "The file must be a mapping."
        raise SettingsInvalidError(path, [_finding(root, (), "bad-value", message)])
    problems = [unknown_key((key,)) for key in content if key not in SECTIONS]
    engine = read_engine(content.get("engine"), problems)
    mocks = read_mocks(content.get("mocks"), problems)
    ids = read_ids(content.get("ids"), problems)
    findings = [_finding(root, *problem) for problem in problems]
    connections, webhooks = _read_secret_sections(path, root, content, findings)
    if findings:
        raise SettingsInvalidError(path, findings)
    return Settings(
        connections=connections,
        engine=engine,
        custom_fields=mocks.pop("custom_fields", {}),
        mocks=mocks,
        webhooks=webhooks,
        ids=ids,
    )


def _read_secret_sections(
    path: Path, root: yaml.Node | None, content: Mapping[Any, Any], findings: list[SettingsFinding]
) -> tuple[tuple[LiveConnection, ...], tuple[Webhook, ...]]:
    """Connections and webhooks; what is wrong with them is added to the findings."""
    from ampsandbox.settings.sections import SECRET_SECTIONS

    given = {name: content[name] for name in SECRET_SECTIONS if content.get(name) is not None}
    if not given:
        return (), ()
    from pydantic import ValidationError

    from ampsandbox.settings.secret_sections import SecretSections

    try:
        sections = SecretSections.model_validate(given, context={"folder": path.parent})
    except ValidationError as error:
        findings += _findings(error, root)
        return (), ()
    connections = tuple(entry.connection(path.parent) for entry in sections.connections)
    users = [(each.provider, each.integration, each.group) for each in connections]
    message = "An entry above serves the same integration and group."
    findings += [
        _finding(root, ("connections", index), "duplicate-connection", message, "Remove one of them.")
        for index, user in enumerate(users)
        if user in users[:index]
    ]
    return connections, tuple(entry.webhook() for entry in sections.webhooks)


def _parse(path: Path) -> tuple[yaml.Node | None, Any]:
    """The file's node tree and its content, in the bounds that manifests are read in."""
    import yaml

    from ampsandbox.manifest.encoding import decode
    from ampsandbox.manifest.report import Report
    from ampsandbox.manifest.yaml_document import compose

    try:
        text, problem = decode(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}") from None
    report = Report(text)
    if problem:
        report.add(*problem)
    document = None if problem else compose(text, report)
    if report.findings or document is None:
        raise SettingsInvalidError(
            path,
            [
                SettingsFinding(each.position.line, each.position.column, "$", each.rule, message, "")
                for each in report.findings
                for message in [f"The file cannot be read: {_QUOTED.sub('…', each.message)}"]
            ],
        )
    loader = yaml.SafeLoader("")
    try:
        content = loader.construct_document(document.root) if document.root is not None else None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = "The file cannot be read: a value is not of the type that its tag names."
        finding = SettingsFinding(line, column, "$", "yaml-syntax", message, "Write it without a tag.")
        raise SettingsInvalidError(path, [finding]) from None
    return document.root, {} if content is None else content


def _findings(
    error: ValidationError, root: yaml.Node | None, above: tuple[int | str, ...] = ()
) -> list[SettingsFinding]:
    """What pydantic found, each at its place, without the values of credentials."""
    from ampsandbox.settings.connections import CREDENTIALS, WAYS
    from ampsandbox.settings.sections import unknown_key

    findings: list[SettingsFinding] = []
    for item in error.errors(include_url=False):
        place = (*above, *(part for part in item["loc"] if part not in WAYS))
        key = str(place[-1]) if place else ""
        hint = ""
        match item["type"]:
            case "extra_forbidden" if place[0] == "connections" and key in CREDENTIALS | {"login_url"}:
                rule, message, hint = "unused-key", f"This way in does not use “{key}”.", f"Remove “{key}”."
            case "extra_forbidden":
                _, rule, message, hint = unknown_key(place)
            case "missing":
                needed = f"This way in needs “{key}”." if key in CREDENTIALS else f"“{key}” is missing."
                rule, message, hint = "missing-key", needed, f"Add “{key}”."
            case "literal-secret" | "insecure-url" | "bad-value":
                rule, message, hint = item["type"], item["msg"], item["ctx"]["hint"]
            case "model_type" | "model_attributes_type" | "dict_type" | "list_type":
                kind = "a list" if item["type"] == "list_type" else "a mapping"
                rule, message = "bad-value", f"“{key}” must be {kind}."
            case _ if place[:1] == ("connections",):
                rule, message = "bad-value", f"“{key}”: {item['msg']}."
            case _:
                said = item["msg"].removeprefix("Value error, ")  # as pydantic begins what we say
                rule, message = "bad-value", f"{said}; it is {item['input']!r:.60}."
        findings.append(_finding(root, place, rule, message, hint))
    return findings


def _finding(
    root: yaml.Node | None, place: Place, rule: str, message: str, hint: str = ""
) -> SettingsFinding:
    path = "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return SettingsFinding(*_position(root, place), path, rule, message, hint)


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
        prefix = f"{_PREFIX}{provider.upper()}_"
        keys = {name.removeprefix(prefix).lower(): name for name in variables if name.startswith(prefix)}
        plain = {"instance_url", "login_url", "api_version", "ca_file", "integration", "group"}
        values = {key: variables[name] if key in plain else f"${{{name}}}" for key, name in keys.items()}
        try:
            yield read_connection({"provider": provider, "auth": variables[switch], **values}, Path.cwd())
        except SettingsInvalidError as error:
            words = " ".join(each.message for each in error.findings)
            raise SettingsError(
                f"{switch}: {words}", f"Set {prefix}… for each key, or unset {switch}."
            ) from None
