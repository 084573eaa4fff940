"""Placeholders in form values: `{{n}}`, `{{email}}`, `{{firstName}}` … differ with every write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ampsandbox.tui.forms.draft import ABSENT, Draft
from ampsandbox.tui.forms.fields import TEMPLATE, FormField
from ampsandbox.tui.text.sanitize import as_text

if TYPE_CHECKING:
    from ampsandbox.tui.forms.fake_values import FakeValues


def expand(body: Any, n: int, fake: FakeValues) -> Any:
    """The body with every placeholder replaced; `n` is the number of the write, counted from 1."""
    if isinstance(body, str):
        return TEMPLATE.sub(lambda match: _meaning(match[1], n, fake), body)
    if isinstance(body, Mapping):
        return {key: expand(value, n, fake) for key, value in body.items()}
    if isinstance(body, list):
        return [expand(value, n, fake) for value in body]
    return body


def expand_draft(draft: Draft, n: int, fake: FakeValues) -> Draft:
    """The draft of the nth write. Texts are replaced before they become numbers, so `{{n}}` can be one."""
    exact = {
        name: expand(value, n, fake) for name in draft.exact if (value := draft.exactly(name)) is not ABSENT
    }
    texts = {name: expand(text, n, fake) for name, text in draft.values.items()}
    return replace(
        draft,
        group=expand(draft.group, n, fake),
        primary_key=expand(draft.primary_key, n, fake),
        values=texts | {name: as_text(value) for name, value in exact.items()},
        exact=exact,
        rest=expand(draft.rest, n, fake),
    )


def _meaning(name: str, n: int, fake: FakeValues) -> str:
    return str(n) if name.lower() == "n" else fake.value(FormField(name))
