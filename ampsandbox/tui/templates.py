"""Placeholders in form values: `{{n}}`, `{{email}}`, `{{firstName}}` … differ with every write."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.tui.form import FormField

if TYPE_CHECKING:
    from ampsandbox.tui.fake_values import FakeValues

_PLACEHOLDER: Final = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]*)\s*\}\}")


def expand(body: Any, n: int, fake: FakeValues) -> Any:
    """The body with every placeholder replaced; `n` is the number of the write, counted from 1."""
    if isinstance(body, str):
        return _PLACEHOLDER.sub(lambda match: _meaning(match[1], n, fake), body)
    if isinstance(body, Mapping):
        return {key: expand(value, n, fake) for key, value in body.items()}
    if isinstance(body, list):
        return [expand(value, n, fake) for value in body]
    return body


def expand_text(text: str, fake: FakeValues) -> str:
    """A body with its placeholders replaced once. What is no JSON stays as it is: the server says so."""
    if "{{" not in text:
        return text
    try:
        return json.dumps(expand(json.loads(text), 1, fake), ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _meaning(name: str, n: int, fake: FakeValues) -> str:
    return str(n) if name.lower() == "n" else fake.value(FormField(name))
