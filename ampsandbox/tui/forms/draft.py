"""The request that is being composed: texts for the form, and exactly what was typed as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ampsandbox.tui.text.sanitize import as_text

ABSENT: Final = object()
"""Stands for a member that a body typed as JSON leaves out."""


class Draft(msgspec.Struct):
    """What the form holds.

    A text says less than JSON does: `{"n": [1]}`, `null`, a number in a string field. What was typed as JSON
    and would be lost is kept beside its text, and counts until the text is changed.

    Args:
        group: The text of the group.
        primary_key: The text of the record's id.
        values: The texts of the fields by name, in the form's order.
        exact: JSON values of fields whose text alone would be sent as something else.
        head: The same for `group` and `primary_key`.
        rest: Members of the body that are no part of the form, or of its options in today's format.
        type: What a request of today's format does: create, update or delete.
        batch: The text of how many records it has, each like the draft; empty for one that is no batch.
    """

    group: str = ""
    primary_key: str = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    exact: dict[str, Any] = msgspec.field(default_factory=dict)
    head: dict[str, Any] = msgspec.field(default_factory=dict)
    rest: dict[str, Any] = msgspec.field(default_factory=dict)
    type: str = ""
    batch: str = ""

    @property
    def batch_size(self) -> int:
        """How many records the request has; 1 while the text is no number."""
        text = self.batch
        is_number = text.isascii() and text.isdigit() and len(text) <= 3
        return max(1, int(text)) if is_number else 1

    def exactly(self, name: str) -> Any:
        """The field's value as it was typed in JSON, while its text still stands for it; ABSENT otherwise."""
        return _while_shown(self.exact, name, self.values.get(name, ""), ABSENT)

    def head_value(self, name: str) -> Any:
        """What is sent as `group` or `primary_key`; ABSENT when it is left out."""
        text = getattr(self, name)
        return _while_shown(self.head, name, text, text)

    def texts(self) -> dict[str, str]:
        """The draft as texts to keep, by what stands before a name: `=` JSON, `+` the rest, `!` no field.

        The key has no name.
        """
        kept = {name: text for name, text in self.values.items() if text}
        exact = {
            f"={name}": json.dumps(value)
            for name in self.exact
            if (value := self.exactly(name)) is not ABSENT
        }
        rest = {f"+{name}": json.dumps(value) for name, value in self.rest.items()}
        head = {"": self.primary_key, "!type": self.type, "!batch": self.batch}
        return kept | exact | rest | {name: text for name, text in head.items() if text}


def from_texts(texts: Mapping[str, str]) -> Draft:
    """The draft that `Draft.texts` gave."""
    draft = Draft(primary_key=texts.get("", ""), type=texts.get("!type", ""), batch=texts.get("!batch", ""))
    for name, text in texts.items():
        if name in ("!type", "!batch"):
            continue
        kept = {"=": draft.exact, "+": draft.rest}.get(name[:1])
        value = _loaded(text) if kept is not None else ABSENT
        if kept is not None and value is not ABSENT:
            kept[name[1:]] = value
        elif name:
            draft.values[name] = text
    for name in draft.exact:
        draft.values.setdefault(name, _shown(draft.exact[name]))
    return draft


def _while_shown(kept: Mapping[str, Any], name: str, text: str, otherwise: Any) -> Any:
    return kept[name] if name in kept and _shown(kept[name]) == text else otherwise


def _shown(value: Any) -> str:
    return "" if value is ABSENT else as_text(value)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return ABSENT
