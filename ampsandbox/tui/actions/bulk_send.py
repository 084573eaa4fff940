"""Many writes sent at once: how far they are, how fast, and what came back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec
from textual.content import Content

from ampsandbox.tui.text.answers import issues, status_words
from ampsandbox.tui.text.sanitize import plain

if TYPE_CHECKING:
    from ampsandbox.tui.http_sender import HttpAnswer

_ERRORS_KEPT: Final = 3
_BAR: Final = 24


class BulkSend(msgspec.Struct):
    """The counters of one round of sending.

    Args:
        count: How many writes there are to send.
        title: What they go to.
        results: Answers by status; 0 where none came.
        errors: How often each of the first different refusals came, in the answer's own words.
        elapsed_s: Since the first was sent.
        is_stopped: Whether the user wanted no more.
        times_ms: How long each answer took.
    """

    count: int
    title: str = ""
    results: Counter[int] = msgspec.field(default_factory=Counter)
    errors: Counter[str] = msgspec.field(default_factory=Counter)
    elapsed_s: float = 0.0
    is_stopped: bool = False
    times_ms: list[float] = msgspec.field(default_factory=list)

    def add(self, answer: HttpAnswer) -> None:
        """Count an answer."""
        self.results[answer.status] += 1
        self.times_ms.append(answer.elapsed_ms)
        if not answer.is_success:
            words = "; ".join(issues(answer)) or status_words(answer.status)
            if words in self.errors or len(self.errors) < _ERRORS_KEPT:
                self.errors[words] += 1

    @property
    def done(self) -> int:
        """How many answers there are."""
        return sum(self.results.values())

    @property
    def refused(self) -> int:
        """How many of them are no success."""
        return sum(number for status, number in self.results.items() if not 200 <= status < 300)

    @property
    def is_over(self) -> bool:
        """Whether no more will come."""
        return self.is_stopped or self.done >= self.count

    @property
    def rate(self) -> float:
        """Writes per second."""
        return self.done / self.elapsed_s if self.elapsed_s else 0.0

    def percentile_ms(self, percent: float) -> float:
        """The time within which that many percent of the answers came."""
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


def bulk_send_lines(bulk: BulkSend) -> list[Content]:
    """The counters in words, with a bar."""
    filled = round(bulk.done / bulk.count * _BAR)
    words = "stopped after" if bulk.is_stopped else "✓ sent" if bulk.is_over else "Sending…"
    lines = [
        Content.styled(f"{words} {bulk.done:,} of {bulk.count:,}", "bold $text-primary"),
        Content.assemble(
            ("━" * filled, "$text-primary"), ("╌" * (_BAR - filled), "$faint"), f" {bulk.rate:,.0f}/s"
        ),
        Content.styled("" if bulk.is_over else "esc stops", "$muted"),
    ]
    for status, number in sorted(bulk.results.items()):
        sign, style = ("✓", "$text-success") if 200 <= status < 300 else ("✗", "$text-error")
        lines.append(Content.assemble((f"{sign} {status or 'no answer'}  ", style), f"{number:,}"))
    if bulk.is_over and bulk.done:
        p50, p99 = bulk.percentile_ms(50), bulk.percentile_ms(99)
        lines.append(
            plain(
                f"half within {p50:,.0f} ms, 99 % within {p99:,.0f} ms, all in {bulk.elapsed_s:,.1f} s",
                "$muted",
            )
        )
    lines += [plain(f"✗ {number:,} × {words}", "$text-error", 300) for words, number in bulk.errors.items()]
    return lines
