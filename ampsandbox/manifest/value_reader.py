"""Typed values out of YAML nodes, with a finding for each that is not what its key calls for."""

from __future__ import annotations

from collections.abc import Collection

import yaml

from ampsandbox.errors import nearest
from ampsandbox.manifest.findings import Target
from ampsandbox.manifest.model import Position
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.yaml_tree import NULL_TAG, STRING_TAG, YamlMap, place

_MISSPELLING_CUTOFF = 0.85


def misspells(name: str, choice: str) -> bool:
    """Whether a near miss can be nothing else: most letters agree, or one is off or swapped."""
    if nearest(name, [choice], _MISSPELLING_CUTOFF) is not None:
        return True
    short, long = sorted((name.lower(), choice.lower()), key=len)
    if len(short) < 4 or len(long) - len(short) > 1:
        return False
    start = next(
        (i for i, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short)
    )
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    is_swapped = short[start : start + 2] == long[start : start + 2][::-1]
    return short[start + 1 :] == long[start + 1 :] or (is_swapped and short[start + 2 :] == long[start + 2 :])


def did_you_mean(choice: str | None) -> str:
    """The suggestion for a near miss, empty for none."""
    return f"Did you mean `{choice}`?" if choice else ""


# What YAML makes of plain text, by the last part of the tag.
_KINDS = {"int": "a number", "float": "a number", "bool": "true or false", "timestamp": "a date"}


class ValueReader:
    """Reads values and reports what is wrong with them."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def text(self, owner: YamlMap, key: str) -> str | None:
        """The text of a scalar as it was written; None when missing, null, empty or no scalar."""
        entry = owner.entries.get(key)
        if entry is None:
            return None
        node = entry.node
        if node.tag == STRING_TAG and isinstance(node, yaml.ScalarNode):
            return node.value.strip() or None
        return self._odd_text(owner, key, node)

    def required(self, owner: YamlMap, key: str, of: str) -> str | None:
        """Like `text`, with a finding when there is none."""
        value = self.text(owner, key)
        if value is None and not isinstance(owner.node_of(key), yaml.CollectionNode):
            self.missing(owner, key, of)
        return value

    def missing(self, owner: YamlMap, key: str, of: str, rule: str = "") -> None:
        """Report a required key that is not there or has no value, by default under its own rule."""
        position = owner.position_of(key)
        message = f"The field '{key}' of {of} is required."
        self.report.add(rule or "required-field", position, message, f"Add `{key}: …`.")

    def map(self, owner: YamlMap, key: str) -> YamlMap | None:
        node = owner.node_of(key)
        return None if node is None else self.as_map(node, owner.path_of(key), key)

    def maps(self, owner: YamlMap, key: str) -> list[YamlMap]:
        """The mappings of the list under a key; items that are none are reported and left out."""
        node = owner.node_of(key)
        if node is None:
            return []
        path = owner.path_of(key)
        if not isinstance(node, yaml.SequenceNode):
            self.wrong_type(place(node, path), key, "a list")
            return []
        items = (self.as_map(child, f"{path}[{i}]", f"{key}[{i}]") for i, child in enumerate(node.value))
        return [item for item in items if item is not None]

    def as_map(self, node: yaml.Node, path: str, name: str) -> YamlMap | None:
        """A node as a mapping, with findings about its keys."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong_type(place(node, path), name, "a mapping")
            return None
        result = YamlMap(node, path)
        if result.repeated or result.odd_keys:
            self._report_keys(result)
        return result

    def known_keys(self, owner: YamlMap, known: Collection[str], where: str) -> None:
        """Report keys that are not among `known`; one in another case or with a typo is taken as meant."""
        if all(key in known for key in owner.entries):
            return
        by_lower = {key.lower(): key for key in known}
        for key in [key for key in owner.entries if key not in known]:
            right = by_lower.get(key.lower())
            if right and right not in owner.entries:
                self._key_case(owner, key, right)
            else:
                self._unknown_key(owner, key, known, where)

    def wrong_type(self, position: Position, name: str, wanted: str, rule: str = "") -> None:
        """Report a value of another kind than its key calls for, by default under its own rule."""
        hints = {
            "a list": "Begin each item with `- `.",
            "a mapping": "Write `key: value` lines.",
            "true or false": "Write `true` or `false`, without quotes.",
            "a whole number": "Write digits, without quotes.",
        }
        message = f"`{name}` must be {wanted}."
        self.report.add(rule or "wrong-type", position, message, hints.get(wanted, ""))

    def odd_scalar(self, key: str, node: yaml.ScalarNode, position: Position) -> None:
        """Report text that YAML takes for a number, a boolean or a date."""
        if node.tag == STRING_TAG or not node.value:
            return
        kind = _KINDS.get(node.tag.rpartition(":")[2], "another kind of value")
        message = f"`{key}` is read as {kind} by YAML, not as a string."
        fix = self.report.replacement(position, node.value, f'"{node.value}"')
        self.report.add("not-a-string", position, message, f"Put it in quotes: `{shown(node.value)}`.", fix)

    def _odd_text(self, owner: YamlMap, key: str, node: yaml.Node) -> str | None:
        position = place(node, owner.path_of(key))
        if not isinstance(node, yaml.ScalarNode):
            self.wrong_type(position, key, "a string")
            return None
        if not node.value or node.tag == NULL_TAG:
            return None
        self.odd_scalar(key, node, position)
        text: str = node.value
        return text

    def _report_keys(self, owner: YamlMap) -> None:
        for first, last in owner.repeated:
            line = first.key_node.start_mark.line + 1
            self.report.add(
                "duplicate-key",
                place(last.key_node, owner.path_of(last.key)),
                f"The key {shown(last.key)} is here a second time; its value in line {line} is lost.",
                "Remove one, or start a new list item with `- `.",
            )
        for node in owner.odd_keys:
            self.report.add("non-string-key", place(node, owner.path), "A key must be a string.")

    def _key_case(self, owner: YamlMap, key: str, right: str) -> None:
        node = owner.entries[key].key_node
        position = place(node, owner.path_of(right))
        fix = self.report.replacement(position, key, right)
        message = f"The key {shown(key)} is spelled `{right}`."
        self.report.add("key-case", position, message, did_you_mean(right), fix)
        owner.rename(key, right)

    def _unknown_key(self, owner: YamlMap, key: str, known: Collection[str], where: str) -> None:
        node = owner.entries[key].key_node
        position = place(node, owner.path_of(key))
        choices = [name for name in known if name not in owner.entries]
        near = None if self.report.is_full else nearest(key, choices)
        is_typo = near is not None and misspells(key, near)
        fix = self.report.replacement(position, key, near) if near and is_typo else None
        message = f"Unknown key {shown(key)} is not part of {where} and will be ignored."
        self.report.add("unknown-key", position, message, did_you_mean(near), fix, is_typo=is_typo)
        if near and is_typo and self.report.target is Target.SANDBOX:
            # What is below is read as it was meant, so that the typo is the only thing to report.
            owner.rename(key, near)
