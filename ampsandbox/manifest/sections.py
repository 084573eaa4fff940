"""Compares a part of a document with its format, and takes what fits as typed values.

Kinds of values, required and known keys, values from a list: what a format can tell is told here, and by the
JSON Schema that is made from the same formats. How `amp deploy` reads the file decides what fits: keys in any
case, numbers and booleans where a string belongs, but no string in the place of a boolean.
"""

from __future__ import annotations

from typing import Any

import msgspec
import yaml

from ampsandbox.errors import nearest
from ampsandbox.manifest.format_keys import KeyFormat
from ampsandbox.manifest.model import Position
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.value_reader import ValueReader, did_you_mean, misspells
from ampsandbox.manifest.yaml_tree import NULL_TAG, STRING_TAG, YamlMap, place, plain, whole_number

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "boolean": "true or false",
    "integer": "a whole number",
}


class Section(msgspec.Struct, frozen=True):
    """A mapping with the keys that its format knows, in their own spelling. Null and misfits are left out."""

    position: Position
    values: dict[str, Any] = msgspec.field(default_factory=dict)
    positions: dict[str, Position] = msgspec.field(default_factory=dict)

    def position_of(self, key: str) -> Position:
        """Where the value of a key begins, or the mapping where there is no such key."""
        return self.positions.get(key, self.position)

    def text(self, key: str) -> str | None:
        """The text under a key; None when it is empty."""
        value = self.values.get(key)
        return value.strip() or None if isinstance(value, str) else None

    def section(self, key: str) -> Section | None:
        value = self.values.get(key)
        return value if isinstance(value, Section) else None

    def sections(self, key: str) -> list[Section]:
        """The mappings of the list under a key."""
        return [item for item in self.values.get(key, ()) if isinstance(item, Section)]

    def content(self) -> dict[str, Any]:
        return {key: _content(value) for key, value in self.values.items()}


def _content(value: Any) -> Any:
    if isinstance(value, Section):
        return value.content()
    return [_content(item) for item in value] if isinstance(value, list) else value


class SectionReader:
    """Reads sections, with a finding for everything that does not fit."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.values = ValueReader(report)

    def section(self, owner: YamlMap, key: str, key_format: KeyFormat) -> Section | None:
        """The mapping under a key; None when it is missing or none."""
        node = owner.node_of(key)
        value = None if node is None else self._value(node, owner.path_of(key), key, key_format, "", "")
        return value if isinstance(value, Section) else None

    def from_map(
        self, owner: YamlMap, name: str, key_format: KeyFormat, kind_rule: str = "", missing_rule: str = ""
    ) -> Section:
        """A mapping as a section, with what a format around it says about rules."""
        where = f"`{name}`"
        self.values.known_keys(owner, key_format.keys, where)
        section = Section(owner.position)
        for key, child in key_format.keys.items():
            node = owner.node_of(key)
            if node is None:
                continue
            section.positions[key] = place(node, owner.path_of(key))
            value = self._value(node, owner.path_of(key), key, child, kind_rule, missing_rule)
            if value is not None:
                section.values[key] = value
        for key in key_format.required:
            value = section.values.get(key)
            is_missing = value is None and not isinstance(owner.node_of(key), yaml.CollectionNode)
            if key != "objects" and (is_missing or value == ""):
                self.values.missing(owner, key, where, missing_rule)
        return section

    def _value(
        self, node: yaml.Node, path: str, name: str, key_format: KeyFormat, kind_rule: str, missing_rule: str
    ) -> Any:
        rules = key_format.kind_rule or kind_rule, key_format.missing_rule or missing_rule
        position = place(node, path)
        if node.tag == NULL_TAG:
            # In a list a null counts, as an empty item.
            if key_format.type != "object":
                return ""
            node = yaml.MappingNode(NULL_TAG, [], node.start_mark, node.end_mark)
        match key_format.type, node:
            case "object", yaml.MappingNode() if not key_format.keys:
                return plain(node)
            case "object", yaml.MappingNode():
                owner = self.values.as_map(node, path, name)
                return self.from_map(owner, name, key_format, *rules) if owner else None
            case "array", yaml.SequenceNode():
                item_format = key_format.items or KeyFormat("")
                items = (
                    self._value(child, f"{path}[{index}]", f"{name}[{index}]", item_format, *rules)
                    for index, child in enumerate(node.value)
                )
                return [item for item in items if item is not None]
            case "string", yaml.ScalarNode() if node.tag == STRING_TAG or not rules[0]:
                return self._text(node, position, name, key_format)
            case "boolean", yaml.ScalarNode() if isinstance(value := plain(node), bool):
                return value
            case "integer", yaml.ScalarNode() if (number := whole_number(node)) is not None:
                return number
            case "", _:
                return plain(node)
        self.values.wrong_type(position, name, _KINDS[key_format.type], rules[0])
        return None

    def _text(self, node: yaml.ScalarNode, position: Position, name: str, key_format: KeyFormat) -> str:
        text: str = node.value
        self.values.odd_scalar(name, node, position)
        if key_format.enum and text and text not in key_format.enum:
            near = nearest(text, key_format.enum)
            is_typo = near is not None and misspells(text, near)
            fix = self.report.replacement(position, text, near) if near and is_typo else None
            message = f"`{name}` is {shown(text)}, but must be {' or '.join(key_format.enum)}."
            self.report.add(key_format.enum_rule, position, message, did_you_mean(near), fix, is_typo=is_typo)
        return text
