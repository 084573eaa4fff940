"""Reads a document of any dialect into a `Manifest`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from ampsandbox.errors import nearest
from ampsandbox.manifest import format_keys
from ampsandbox.manifest.findings import Fix, Target
from ampsandbox.manifest.model import (
    Destination,
    Dialect,
    Integration,
    Manifest,
    OtherAction,
    Position,
    Provider,
    Proxy,
    ReadObject,
    SubscribeObject,
    WriteObject,
)
from ampsandbox.manifest.provider_catalog import provider_catalog
from ampsandbox.manifest.quoting import shown, visible
from ampsandbox.manifest.read_actions import read_objects
from ampsandbox.manifest.report import Report, UnservedReport
from ampsandbox.manifest.sections import Section, SectionReader
from ampsandbox.manifest.subscribe_actions import check_watch_schema, subscribe_objects
from ampsandbox.manifest.value_reader import ValueReader, did_you_mean, misspells
from ampsandbox.manifest.write_actions import WriteReader
from ampsandbox.manifest.yaml_tree import YamlMap, place, plain

_TODAYS_ACTIONS = ("read", "write", "subscribe", "proxy", "watchSchema")
# To watch the schema alone is no action, here and to `amp deploy`.
_ACTION_KEYS = ("read", "write", "subscribe", "proxy")


@dataclass(frozen=True, slots=True)
class _Unserved:
    """The parts of an integration that are checked and shown, but not run."""

    sections: dict[str, Section]
    reads: tuple[ReadObject, ...]
    subscriptions: tuple[SubscribeObject, ...]
    proxy: Proxy | None


class ManifestReader:
    """Builds the model of one document and reports what is wrong with its structure."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.values = ValueReader(report)
        self.writes = WriteReader(self.values)

    def read(self, root: yaml.Node | None, path: Path | None) -> Manifest | None:
        """The manifest as far as it can be understood; None when there is nothing to build one from."""
        if root is None:
            if self.report.target is Target.DEPLOY:
                self.report.add("spec-version", Position(1, 1), "The 'specVersion' field is required.")
            self.report.add("integration-structure", Position(1, 1), "The file is empty.")
            return None
        top = self.values.as_map(root, "$", "the manifest")
        if top is None:
            return None
        self.values.known_keys(top, format_keys.MANIFEST_KEYS, "a manifest")
        items = self.values.maps(top, "integrations")
        dialect = self._dialect(top, items)
        if not items and not isinstance(top.node_of("integrations"), (yaml.ScalarNode, yaml.MappingNode)):
            self._no_integrations(top)
        self._foreign_top_keys(top, dialect)
        return Manifest(
            dialect,
            tuple(self._integration(item, dialect) for item in items),
            self.values.text(top, "appName"),
            path,
            tuple(
                Destination(
                    self.values.text(item, "name"),
                    self.values.text(item, "type"),
                    self.values.text(item, "endpoint"),
                    item.position_of("endpoint"),
                )
                for item in self.values.maps(top, "destinations")
            ),
        )

    def _dialect(self, top: YamlMap, integrations: list[YamlMap]) -> Dialect:
        """The format by its `specVersion`, or by its shape where there is none."""
        node = top.node_of("specVersion")
        text = node.value if isinstance(node, yaml.ScalarNode) else self.values.text(top, "specVersion")
        if self.report.target is Target.DEPLOY:
            # Deploy knows one format, whatever the file says.
            self._check_version(top, text)
            return Dialect.V1
        if text in set(Dialect):
            return Dialect(text)
        shape = (
            Dialect.V2023 if any(_is_2023(item) for item in integrations) or not integrations else Dialect.V1
        )
        if text is not None:
            self._wrong_version(top, text, shape)
        elif shape is Dialect.V1:
            fix = Fix(Position(1, 1), Position(1, 1), "specVersion: 1.0.0\n")
            self.report.add(
                "spec-version",
                top.position,
                "The 'specVersion' field is required.",
                "Add `specVersion: 1.0.0`.",
                fix,
            )
        return shape

    def _check_version(self, top: YamlMap, text: str | None) -> None:
        if text == Dialect.V1:
            return
        version = (
            "The 'specVersion' field is required" if text is None else f"Invalid spec version: {shown(text)}"
        )
        message = f"{version} (only 1.0.0 is supported)."
        suggestion = "`ampsandbox convert` writes a manifest of the 2023 format in today's."
        self.report.add("spec-version", top.position_of("specVersion"), message, suggestion)

    def _wrong_version(self, top: YamlMap, text: str, shape: Dialect) -> None:
        position = top.position_of("specVersion")
        self.report.add(
            "spec-version",
            position,
            f"Invalid spec version: {shown(text)} (1.0.0, and 0.1.0 for the 2023 format, are known).",
            did_you_mean(shape.value),
            self.report.replacement(position, text, shape.value) if shape.value.startswith(text) else None,
        )

    def _no_integrations(self, top: YamlMap) -> None:
        self.report.add(
            "integration-structure",
            top.position_of("integrations"),
            "No integrations found in manifest, please define at least one integration.",
        )

    def _integration(self, item: YamlMap, dialect: Dialect) -> Integration:
        known = {**format_keys.INTEGRATION_2023.keys, **format_keys.INTEGRATION_V1.keys}
        self.values.known_keys(item, known, "an integration")
        # Without a name or a provider the manifest is unusable, but the rest is looked at all the same.
        name = self.values.required(item, "name", "an integration") or ""
        provider = self._provider(item, dialect) or ""
        self._mixed(item, dialect)
        display_name = self._display_name(item, name, dialect)
        module = self.values.text(item, "module")

        objects, other_actions = self._actions(item, dialect)
        write = None
        if dialect is not Dialect.V2023:
            integration_format = (
                format_keys.INTEGRATION_V1 if dialect is Dialect.V1 else format_keys.INTEGRATION_DRAFT
            )
            write = SectionReader(self.report).section(item, "write", integration_format.keys["write"])
            if write is not None:
                objects += self.writes.v1(write, has_mapped_objects="mappedObjects" in write.values)

        unserved = self._unserved(item, provider, dialect)
        if not self._has_action(item):
            message = "At least one of proxy, read, write, or subscribe is required."
            suggestion = "Add `actions:` (2023), or `write:` (1.0.0)."
            self.report.add("integration-structure", item.position, message, suggestion)
        positions = item.positions()
        return Integration(
            name,
            display_name or name,
            provider,
            tuple(objects),
            unserved.reads,
            unserved.subscriptions,
            unserved.proxy,
            module,
            tuple(
                [key for key in item.entries if key in _TODAYS_ACTIONS and item.node_of(key) is not None]
                + [action.type for action in other_actions]
            ),
            tuple(other_actions),
            _content(item, unserved.sections | ({"write": write} if write else {})),
            positions.get("name", item.position),
            positions,
        )

    def _unserved(self, item: YamlMap, provider: str, dialect: Dialect) -> _Unserved:
        # The rules of the parts that the sandbox does not run are those of 1.0.0.
        report = UnservedReport(self.report) if dialect is Dialect.V1 else Report()
        reader = SectionReader(report)
        sections = {
            key: section
            for key in ("read", "subscribe", "proxy", "watchSchema")
            if (section := reader.section(item, key, format_keys.INTEGRATION_V1.keys[key])) is not None
        }
        read, subscribe, proxy = sections.get("read"), sections.get("subscribe"), sections.get("proxy")
        has_read = item.node_of("read") is not None
        reads = read_objects(read, provider, report) if read else ()
        subscriptions = (
            subscribe_objects(subscribe, provider, has_read=has_read, report=report) if subscribe else ()
        )
        if "watchSchema" in sections:
            check_watch_schema(sections["watchSchema"], report)
        return _Unserved(
            sections,
            reads,
            subscriptions,
            Proxy(proxy.values.get("enabled") is True, proxy.values.get("useModule") is True)
            if proxy
            else None,
        )

    def _actions(self, item: YamlMap, dialect: Dialect) -> tuple[list[WriteObject], list[OtherAction]]:
        """What `actions:` of the 2023 format writes, and its actions of other types."""
        objects: list[WriteObject] = []
        others: list[OtherAction] = []
        # Deploy knows 1.0.0 alone, which has no such key.
        for action in () if self.report.target is Target.DEPLOY else self.values.maps(item, "actions"):
            kind = self.values.required(action, "type", "an action")
            if kind == "write":
                objects += self.writes.action(action)
            elif kind is not None:
                self._other_action(action, kind)
                others.append(OtherAction(kind, plain(action.node), action.position))
        # A file of 2023 may have `write:` as well, with what an action of that type has.
        if dialect is Dialect.V2023 and (hybrid := self.values.map(item, "write")):
            objects += self.writes.action(hybrid)
        return objects, others

    def _display_name(self, item: YamlMap, name: str, dialect: Dialect) -> str | None:
        text = self.values.text(item, "displayName")
        if text is None and dialect is Dialect.V2023 and name:
            message = f"The integration {shown(name)} has no `displayName`; its name is taken."
            self.report.add("missing-display-name", item.position, message, "Add `displayName: …`.")
        return text

    def _foreign_top_keys(self, top: YamlMap, dialect: Dialect) -> None:
        for key in ("appName", "destinations"):
            if dialect is Dialect.V1 and key in top.entries:
                position = place(top.entries[key].key_node, top.path_of(key))
                message = f"`{key}` belongs to the 2023 format; `amp deploy` ignores it in specVersion 1.0.0."
                self.report.add("mixed-dialect", position, message, "Set it up in Ampersand's dashboard.")

    def _mixed(self, item: YamlMap, dialect: Dialect) -> None:
        """Report the keys of an integration that belong to another format."""
        foreign = format_keys.INTEGRATION_V1 if dialect is Dialect.V2023 else format_keys.INTEGRATION_2023
        own = format_keys.INTEGRATION_2023 if dialect is Dialect.V2023 else format_keys.INTEGRATION_V1
        for key in item.entries:
            if key in foreign.keys and key not in own.keys:
                position = place(item.entries[key].key_node, item.path_of(key))
                version = "1.0.0" if dialect is Dialect.V2023 else "2023"
                message = f"`{key}` belongs to the {version} format, and this file is in the other one."
                self.report.add(
                    "mixed-dialect", position, message, "Keep to one; `ampsandbox convert` helps."
                )

    def _has_action(self, integration: YamlMap) -> bool:
        """Whether there is an action, or something in its place that is reported anyway."""
        old = () if self.report.target is Target.DEPLOY else ("actions",)
        nodes = [node for key in (*_ACTION_KEYS, *old) if (node := integration.node_of(key)) is not None]
        return any(node.value or not isinstance(node, yaml.SequenceNode) for node in nodes)

    def _provider(self, item: YamlMap, dialect: Dialect) -> str | None:
        is_old = "provider" not in item.entries and self.report.target is Target.SANDBOX
        key = "api" if is_old else "provider"
        if key not in item.entries:
            self.values.missing(item, "api" if dialect is Dialect.V2023 else "provider", "an integration")
            return None
        text = self.values.required(item, key, "an integration")
        if text is None or text in set(Provider):
            return text
        position = item.position_of(key)
        if text.lower() in set(Provider):
            fix = self.report.replacement(position, text, text.lower())
            message = f"{shown(text)} is spelled `{text.lower()}`."
            self.report.add("provider-spelling", position, message, did_you_mean(text.lower()), fix)
            return text.lower()
        # Today's format has hundreds of providers, that of 2023 had two.
        catalog = provider_catalog()
        choices = set(Provider) if key == "api" else set(catalog.providers)
        if text not in choices:
            near = nearest(text, choices)
            is_typo = near is not None and misspells(text, near)
            known = "the two of the 2023 format" if key == "api" else f"Ampersand's of {catalog.date}"
            self.report.add(
                "provider-not-supported",
                position,
                f"The provider {shown(text)} is none of {known}.",
                did_you_mean(near) or "It is loaded and shown, but not exercised.",
                self.report.replacement(position, text, near) if near and is_typo else None,
                is_typo=is_typo,
            )
        return text

    def _other_action(self, action: YamlMap, kind: str) -> None:
        """Report a kind of action that does not exist, and odd and repeated keys anywhere in the action."""
        if kind not in format_keys.ACTION_TYPES:
            position, near = action.position_of("type"), nearest(kind, format_keys.ACTION_TYPES)
            fix = self.report.replacement(position, kind, near) if near and misspells(kind, near) else None
            message = f"The action type {shown(kind)} is none of {', '.join(format_keys.ACTION_TYPES)}."
            self.report.add("action-type", position, message, did_you_mean(near), fix)
        nodes = [(entry.node, action.path_of(key)) for key, entry in action.entries.items()]
        values = ValueReader(UnservedReport(self.report))
        while nodes:
            node, path = nodes.pop()
            if isinstance(node, yaml.MappingNode):
                owner = values.as_map(node, path, path)
                entries = owner.entries.items() if owner else ()
                nodes += [(entry.node, f"{path}.{visible(key)}") for key, entry in entries]
            elif isinstance(node, yaml.SequenceNode):
                nodes += [(child, f"{path}[{index}]") for index, child in enumerate(node.value)]


def _content(item: YamlMap, parts: dict[str, Section]) -> dict[str, object]:
    """Today's integration as it would be stored."""
    content: dict[str, object] = {}
    for key in format_keys.INTEGRATION_V1.keys:
        node = item.node_of(key)
        if key in parts:
            content[key] = parts[key].content()
        elif isinstance(node, yaml.ScalarNode) and key not in _TODAYS_ACTIONS:
            content[key] = node.value
    return content


def _is_2023(integration: YamlMap) -> bool:
    return any(key.lower() in ("api", "actions") for key in integration.entries)
