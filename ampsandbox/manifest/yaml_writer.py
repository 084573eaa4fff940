"""Writes manifests: plain data as block YAML, with comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampsandbox.manifest.quoting import visible

_PLAIN = re.compile(r"[A-Za-z_](?:[\w .,!?'()/-]*[\w.,!?')/-])?|\d+\.\d+\.\d+")
_NOT_STRINGS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


@dataclass(frozen=True, slots=True)
class Commented:
    """A scalar with a comment behind it. Without a value the key itself becomes part of the comment."""

    value: Any
    comment: str


def write_yaml(document: Mapping[str, Any]) -> str:
    """The document as YAML. Of its values, only mappings, lists, texts, numbers and booleans are known."""
    return "".join(f"{line}\n" for line in _mapping(document, ""))


def _mapping(values: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in values.items():
        comment = ""
        if isinstance(value, Commented):
            value, comment = value.value, f"  # {visible(value.comment)}"
            if value is None:
                yield f"{indent}# {key}: {comment[4:]}"
                continue
        if isinstance(value, Mapping) and value:
            yield f"{indent}{scalar(key)}:"
            yield from _mapping(value, f"{indent}  ")
        elif isinstance(value, list) and value:
            yield f"{indent}{scalar(key)}:"
            yield from _items(value, f"{indent}  ")
        else:
            yield f"{indent}{scalar(key)}: {scalar(value)}{comment}"


def _items(values: list[Any], indent: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping) and value:
            # The dash takes the place of the first key's indentation, so that no comment may stand there.
            first, *rest = _mapping(value, f"{indent}  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{indent}- {scalar(value)}"


def scalar(value: Any) -> str:
    """A value on one line: text is plain where that is certain to be a string, else in double quotes."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NOT_STRINGS:
        return value
    return visible(json.dumps(value, ensure_ascii=False))
