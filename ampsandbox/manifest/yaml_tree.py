"""A YAML document as mappings and lists that know where they stand.

Wraps the node tree of PyYAML, so that values keep their position and their text as written.
"""

from __future__ import annotations

from typing import Any

import yaml

from ampsandbox.manifest.model import Position
from ampsandbox.manifest.quoting import visible

Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader class with libyaml behind it, where PyYAML was built with it."""

_TAG = "tag:yaml.org,2002:"
STRING_TAG = f"{_TAG}str"
NULL_TAG = f"{_TAG}null"
_INT_TAG = f"{_TAG}int"
_FLOAT_TAG = f"{_TAG}float"
# A float holds every whole number of so many digits exactly.
_MAX_DIGITS = 15
_MERGE_TAG = f"{_TAG}merge"


def place(node: yaml.Node, path: str) -> Position:
    """The position of a node's first character."""
    mark = node.start_mark
    return Position(mark.line + 1, mark.column + 1, path)


class YamlEntry:
    """One key of a mapping with its value."""

    __slots__ = ("key", "key_node", "node")

    def __init__(self, key: str, key_node: yaml.Node, node: yaml.Node) -> None:
        self.key = key
        self.key_node = key_node
        self.node = node


class YamlMap:
    """A mapping: its entries by key, the last one winning, and what was odd about its keys.

    Args:
        node: The mapping node; merge keys (`<<`) are resolved as YAML 1.1 says.
        path: Its YAML path.
    """

    __slots__ = ("entries", "node", "odd_keys", "path", "repeated")

    def __init__(self, node: yaml.MappingNode, path: str) -> None:
        self.node = node
        self.path = path
        self.entries: dict[str, YamlEntry] = {}
        self.repeated: list[tuple[YamlEntry, YamlEntry]] = []
        self.odd_keys: list[yaml.Node] = []
        merged: list[YamlEntry] = []
        for key_node, value in node.value:
            if key_node.tag == _MERGE_TAG:
                merged += _merged_entries(value, {id(node)})
            elif isinstance(key_node, yaml.ScalarNode):
                self._add(YamlEntry(key_node.value, key_node, value))
            else:
                self.odd_keys.append(key_node)
        for entry in merged:
            self.entries.setdefault(entry.key, entry)

    @property
    def position(self) -> Position:
        return place(self.node, self.path)

    def path_of(self, key: str) -> str:
        """The YAML path of a key, which may be any text."""
        return f"{self.path}.{visible(key)}"

    def node_of(self, key: str) -> yaml.Node | None:
        """The value of a key, None when it is missing or null."""
        entry = self.entries.get(key)
        return None if entry is None or entry.node.tag == NULL_TAG else entry.node

    def position_of(self, key: str) -> Position:
        """Where the value of a key begins, or the mapping when there is no such key."""
        entry = self.entries.get(key)
        return place(entry.node, self.path_of(key)) if entry else self.position

    def positions(self) -> dict[str, Position]:
        """Where the value of each key stands."""
        return {key: place(entry.node, self.path_of(key)) for key, entry in self.entries.items()}

    def items(self, key: str) -> list[yaml.Node]:
        """The items of the list under a key; none when there is no list."""
        node = self.node_of(key)
        return node.value if isinstance(node, yaml.SequenceNode) else []

    def rename(self, old: str, new: str) -> None:
        """Take an entry under another key, as for a key in the wrong case."""
        entry = self.entries.pop(old)
        entry.key = new
        self.entries[new] = entry

    def _add(self, entry: YamlEntry) -> None:
        if entry.key in self.entries:
            self.repeated.append((self.entries[entry.key], entry))
        self.entries[entry.key] = entry


def _merged_entries(node: yaml.Node, seen: set[int]) -> list[YamlEntry]:
    """What a `<<` brings, nearest first; a mapping that merges itself brings nothing."""
    if id(node) in seen:
        return []
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [entry for child in node.value for entry in _merged_entries(child, seen)]
    if not isinstance(node, yaml.MappingNode):
        return []
    own: list[YamlEntry] = []
    inherited: list[YamlEntry] = []
    for key_node, value in node.value:
        if key_node.tag == _MERGE_TAG:
            inherited += _merged_entries(value, seen)
        elif isinstance(key_node, yaml.ScalarNode):
            own.append(YamlEntry(key_node.value, key_node, value))
    return own + inherited


def whole_number(node: yaml.ScalarNode) -> int | None:
    """The number that a scalar is to YAML, as `30` or `30.0`; None for all else and for huge ones."""
    if node.tag not in (_INT_TAG, _FLOAT_TAG) or len(node.value) > _MAX_DIGITS:
        return None
    try:
        number = float(node.value)
    except ValueError:  # such as 0x10 or 1_000, which nobody writes here
        return None
    return int(number) if number.is_integer() else None


def plain(node: yaml.Node) -> Any:
    """The node as plain Python data: dicts, lists, booleans, small numbers, None, the rest as written."""
    if isinstance(node, yaml.MappingNode):
        return {
            key.value if isinstance(key, yaml.ScalarNode) else str(plain(key)): plain(value)
            for key, value in node.value
        }
    if isinstance(node, yaml.SequenceNode):
        return [plain(child) for child in node.value]
    if node.tag == NULL_TAG:
        return None
    if node.tag == _INT_TAG and node.value.isdecimal() and len(node.value) <= _MAX_DIGITS:
        return int(node.value)
    return _SCALARS.get((node.tag, node.value.lower()), node.value)


_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")
_SCALARS = {(f"{_TAG}bool", word): word in _TRUE for word in _TRUE + _FALSE}
