"""Reads a document of any dialect into a `Manifest`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from ampsandbox.manifest import format_keys
from ampsandbox.manifest.findings import Fix
from ampsandbox.manifest.model import (
    Dialect,
    InertAction,
    Integration,
    Manifest,
    Position,
    Provider,
    WriteObject,
)
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.read_actions import InertReader
from ampsandbox.manifest.report import Report, SoftReport
from ampsandbox.manifest.value_reader import ValueReader, did_you_mean, nearest
from ampsandbox.manifest.write_actions import WriteReader
from ampsandbox.manifest.yaml_tree import YamlMap, place, plain

_INERT_KEYS = ("read", "subscribe", "proxy", "watchSchema")
_ACTION_KEYS = (*_INERT_KEYS, "write", "actions")


class ManifestReader:
    """Builds the model of one document and reports what is wrong with its structure."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.values = ValueReader(report)
        self.writes = WriteReader(self.values)
        self.inert = InertReader(SoftReport(report))

    def read(self, root: yaml.Node | None, path: Path | None) -> Manifest | None:
        """The manifest as far as it can be understood; None when there is nothing to build one from."""
        if root is None:
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
        integrations = [self._integration(item, dialect) for item in items]
        return Manifest(
            dialect,
            tuple(item for item in integrations if item is not None),
            self.values.text(top, "appName"),
            path,
            self._destinations(top),
        )

    def _dialect(self, top: YamlMap, integrations: list[YamlMap]) -> Dialect:
        """The format by its `specVersion`, or by its shape where there is none."""
        node = top.node_of("specVersion")
        text = node.value if isinstance(node, yaml.ScalarNode) else self.values.text(top, "specVersion")
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

    def _integration(self, item: YamlMap, dialect: Dialect) -> Integration | None:
        known = {**format_keys.INTEGRATION_2023.keys, **format_keys.INTEGRATION_V1.keys}
        self.values.known_keys(item, known, "an integration")
        name = self.values.required(item, "name", "an integration")
        provider = self._provider(item, dialect)
        objects, inert = self._actions(item, dialect)
        self._mixed(item, dialect)
        if dialect is Dialect.V1:
            self.inert.check(item, provider)
        display_name = self._display_name(item, name, dialect)
        if name is None or provider is None:
            return None
        positions = item.positions()
        return Integration(
            name,
            display_name or name,
            provider,
            tuple(objects),
            tuple(inert),
            positions["name"],
            positions,
        )

    def _display_name(self, item: YamlMap, name: str | None, dialect: Dialect) -> str | None:
        text = self.values.text(item, "displayName")
        if text is None and dialect is Dialect.V2023 and name is not None:
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

    def _provider(self, item: YamlMap, dialect: Dialect) -> str | None:
        key = "provider" if "provider" in item.entries else "api"
        if key not in item.entries:
            self.values.missing(item, "api" if dialect is Dialect.V2023 else "provider", "an integration")
            return None
        text = self.values.required(item, key, "an integration")
        if text is None or text in set(Provider):
            return text
        return self._other_provider(item, key, text)

    def _other_provider(self, item: YamlMap, key: str, text: str) -> str:
        if text.lower() in set(Provider):
            position = item.position_of(key)
            fix = self.report.replacement(position, text, text.lower())
            self.report.add(
                "provider-spelling", position, f"{shown(text)} is spelled `{text.lower()}`.", "", fix
            )
            return text.lower()
        near = nearest(text, set(Provider))
        is_near = near is not None and not text.lower().startswith(near)
        # Today's format has hundreds of providers, that of 2023 had two.
        if is_near or key == "api":
            message = f"{shown(text)} is a provider that the sandbox has no CRM for."
            suggestion = did_you_mean(near) if is_near else "It is loaded and shown, but not exercised."
            self.report.add("provider-spelling", item.position_of(key), message, suggestion)
        return text

    def _actions(self, item: YamlMap, dialect: Dialect) -> tuple[list[WriteObject], list[InertAction]]:
        objects: list[WriteObject] = []
        inert = [
            InertAction(key, plain(item.entries[key].node), place(item.entries[key].node, item.path_of(key)))
            for key in _INERT_KEYS
            if item.node_of(key) is not None
        ]
        for action in self.values.maps(item, "actions"):
            self._action(action, objects, inert)
        write = self.values.map(item, "write")
        if write is not None:
            objects += self._direct_write(write, dialect)
        if not _has_action(item):
            self.report.add(
                "integration-structure",
                item.position,
                "At least one of proxy, read, write, or subscribe is required.",
                "Add `actions:` (2023), or `write:` (1.0.0).",
            )
        return objects, inert

    def _action(self, action: YamlMap, objects: list[WriteObject], inert: list[InertAction]) -> None:
        kind = self.values.required(action, "type", "an action")
        if kind == "write":
            objects += self.writes.action(action)
        elif kind is not None:
            self._other_action(action, kind)
            for key in action.entries:
                self.inert.scan(action.entries[key].node, action.path_of(key))
            inert.append(InertAction(kind, plain(action.node), action.position))

    def _other_action(self, action: YamlMap, kind: str) -> None:
        if kind not in format_keys.ACTION_TYPES:
            self.report.add(
                "action-type",
                action.position_of("type"),
                f"The action type {shown(kind)} is none of {', '.join(format_keys.ACTION_TYPES)}.",
                did_you_mean(nearest(kind, format_keys.ACTION_TYPES)),
            )

    def _direct_write(self, write: YamlMap, dialect: Dialect) -> list[WriteObject]:
        if dialect is Dialect.V2023:
            return self.writes.hybrid(write)
        if dialect is Dialect.V1_1:
            return self.writes.v1(write, format_keys.WRITE_DRAFT)
        return self.writes.v1(write, format_keys.WRITE_V1)

    def _destinations(self, top: YamlMap) -> tuple[InertAction, ...]:
        return tuple(self._destination(item) for item in self.values.maps(top, "destinations"))

    def _destination(self, item: YamlMap) -> InertAction:
        return InertAction("destination", plain(item.node), item.position)


def _is_2023(integration: YamlMap) -> bool:
    return any(key.lower() in ("api", "actions") for key in integration.entries)


def _has_action(integration: YamlMap) -> bool:
    """Whether there is an action, or something in its place that is reported anyway."""
    nodes = [node for key in _ACTION_KEYS if (node := integration.node_of(key)) is not None]
    return any(node.value or not isinstance(node, yaml.SequenceNode) for node in nodes)


def inert_parts(manifest: Manifest) -> Iterable[InertAction]:
    """Everything of a manifest that the sandbox shows without exercising it."""
    yield from manifest.inert
    for integration in manifest.integrations:
        yield from integration.inert
