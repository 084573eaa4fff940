"""An operation as a line, and in full."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ampsandbox.tui.text.sanitize import as_text, block, plain, pretty
from ampsandbox.tui.text.truncate import fit_ends
from ampsandbox.tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import OperationView

SIGNS: Final = {
    "queued": ("◷ waiting", "accent"), "sending": ("↑ sending", "accent"), "succeeded": ("✓ written", "good"),
    "failed": ("✗ failed", "bad"), "in_doubt": ("? in doubt", "warn"), "dropped": ("– dropped", "muted"),
}  # fmt: skip
COLUMNS: Final = (
    Column("accepted", 8),
    Column("state", 10),
    Column("what", least=16, is_flexible=True, cut=fit_ends),
    Column("group", 5, rank=1),
    Column("details", least=14, is_flexible=True),
)
_STYLES: Final = {
    "good": "$text-success",
    "bad": "$text-error",
    "warn": "$text-warning",
    "accent": "$text-primary",
}
_WAYS_OUT: Final = {
    "queued": "{edit-operation} edits it, {send-operation} sends it alone and at once, "
    "{drop-operation} drops it.",
    "failed": "{edit-operation} changes its fields and sends it again, {retry-operation} sends it again as "
    "it is, {drop-operation} gives it up.",
    "in_doubt": "{check-operation} looks for it in the CRM, {mark-operation} marks it as written, "
    "{retry-operation} sends it again, {drop-operation} gives it up.",
}


def cells(item: OperationView) -> list[Cell]:
    """An operation as a line."""
    at = "" if item.accepted_at is None else f"{item.accepted_at:%H:%M:%S}"
    said = (
        item.errors[0]
        if item.errors
        else ", ".join(f"{name}={as_text(value)}" for name, value in list(item.fields.items())[:6])
    )
    return [
        (at, "muted"),
        SIGNS.get(item.state, item.state),
        f"{item.object} {item.mode}",
        (item.group, "muted"),
        said,
    ]


def describe(item: OperationView, keyed: Callable[[str], str] = str) -> Content:
    """An operation in full, with what can be done about it; `keyed` puts in the user's keys."""
    sign, tone = SIGNS.get(item.state, (item.state, ""))
    lines = [
        plain(f"{sign}  {item.mode} {item.object}", f"bold {_STYLES.get(tone, '')}"),
        plain(keyed(_WAYS_OUT.get(item.state, "")), "italic $muted"),
        plain(f"operation {item.id}", "$muted"),
        *_facts(item),
    ]
    if item.errors:
        lines += [Content(""), Content.styled("What the CRM said", "bold")]
        lines += [plain(f"  ✗ {error}", "$text-error") for error in item.errors]
    lines += [Content(""), Content.styled("Fields", "bold")]
    lines += [
        Content.assemble(plain(f"  {name}  ", "$text-primary", 60), plain(as_text(value)))
        for name, value in item.fields.items()
    ]
    if item.raw:
        lines += [Content(""), Content.styled("Its answer", "bold"), Content(block(pretty(item.raw)))]
    return Content("\n").join(lines)


def _facts(item: OperationView) -> list[Content]:
    facts = {
        "group": item.group, "endpoint": item.endpoint, "primary key": item.primary_key,
        "record": item.record_id,
        "batch": item.batch_id, "attempts": item.attempts or None, "accepted": _stamp(item.accepted_at),
        "next attempt": _stamp(item.next_attempt_at), "finished": _stamp(item.finished_at),
    }  # fmt: skip
    return [
        Content.assemble((f"{name:<13}", "$muted"), plain(value)) for name, value in facts.items() if value
    ]


def writes(count: int) -> str:
    """How many writes, in words."""
    return "1 write" if count == 1 else f"{count:,} writes"


def result(item: OperationView) -> tuple[str, str]:
    """What became of an operation, for the status line, with its style."""
    sign, tone = SIGNS.get(item.state, (item.state, ""))
    more = f"record {item.record_id}" if item.record_id else item.errors[0] if item.errors else ""
    return f"{sign} {more}".strip(), _STYLES.get(tone, "")


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"
