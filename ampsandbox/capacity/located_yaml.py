"""YAML as plain values that remember where they stand in the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import yaml

from ampsandbox.manifest.encoding import decode, without_odd_breaks
from ampsandbox.manifest.findings import Finding, Severity
from ampsandbox.manifest.model import NOWHERE, Position
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.value_reader import ValueReader
from ampsandbox.manifest.yaml_document import compose
from ampsandbox.manifest.yaml_tree import NULL_TAG, STRING_TAG, YamlMap, place

Place = tuple[str | int, ...]
"""Keys and indexes from the root of a document down to a value."""

_WHOLE: Final = re.compile(r"[-+]?\d[\d_]{0,300}")
_FRACTION: Final = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE | re.ASCII)
_EXACT: Final = 2.0**53
_WORDS: Final[dict[str, Any]] = {
    "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False,
    ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"),
}  # fmt: skip


class LocatedYaml(NamedTuple):
    """A document.

    Attributes:
        text: The file's text.
        content: Its values; None when the document is empty or could not be read.
        findings: What is wrong with it as YAML. All of it counts as an error, repairs included.
        position: Where a place stands: its value, or its key when `of_key`; the nearest place above it that
            the document has, where it does not have this one.
    """

    text: str
    content: Any
    findings: tuple[Finding, ...]
    position: Callable[[Place, bool], Position]


def read_located(data: bytes) -> LocatedYaml:
    """Read a document in the bounds of size, depth and aliases that manifests are read in."""
    text, problem = decode(data)
    report = Report(text)
    places = _Places(ValueReader(report))
    content = None
    if problem is None:
        parsed, problem = without_odd_breaks(text)
        document = compose(parsed, report)
        if document is not None and document.root is not None:
            content = places.value(document.root, ())
    if problem:
        report.add(*problem)
    findings = tuple(
        Finding(each.rule, Severity.ERROR, each.message, each.position, each.suggestion)
        for each in report.findings
    )
    return LocatedYaml(text, content, findings, places.position)


def path_text(place_: Place) -> str:
    """A place as a YAML path, such as `$.traffic[0].hours`."""
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place_)


class _Places:
    """Makes values of nodes, and keeps where each stood."""

    def __init__(self, reader: ValueReader) -> None:
        self._reader = reader
        self._values: dict[Place, Position] = {}
        self._keys: dict[Place, Position] = {}

    def value(self, node: yaml.Node, at: Place) -> Any:
        """The node as a mapping, a list, a number, a truth value, None, or its text as written."""
        path = path_text(at)
        self._values[at] = place(node, path)
        if isinstance(node, yaml.MappingNode):
            mapping = self._reader.as_map(node, path, path) or YamlMap(node, path)
            for key, entry in mapping.entries.items():
                self._keys[*at, key] = place(entry.key_node, mapping.path_of(key))
            return {key: self.value(entry.node, (*at, key)) for key, entry in mapping.entries.items()}
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*at, index)) for index, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return _scalar(node.value, node.tag, is_quoted=bool(node.style))

    def position(self, at: Place, of_key: bool = False) -> Position:
        if of_key and at in self._keys:
            return self._keys[at]
        while at and at not in self._values:
            at = at[:-1]
        return self._values.get(at, NOWHERE)


def _scalar(text: str, tag: str, *, is_quoted: bool) -> Any:
    if tag == NULL_TAG:
        return None
    if is_quoted:
        return text
    if _WHOLE.fullmatch(text):
        return int(text.replace("_", ""))
    if _FRACTION.fullmatch(text):
        number = float(text.replace("_", ""))
        return int(number) if number.is_integer() and abs(number) < _EXACT else number
    return text if tag == STRING_TAG else _WORDS.get(text.lower(), text)
