"""What came back for a write, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ampsandbox.tui.wire import WireAnswer


def headline(answer: WireAnswer) -> tuple[str, str]:
    """The answer in one line, with the style to show it in."""
    document = answer.document()
    spent = f"{answer.elapsed_ms:,.0f} ms"
    if not answer.status:
        return f"✗ no answer · {spent}", "bold $text-error"
    if answer.status == 202:
        return (
            f"◷ 202 queued · flushes at {document.get('flushAt', 'the next flush')} · {spent}",
            "bold $text-success",
        )
    if answer.is_success:
        result = document.get("result")
        record = result.get("recordId") if isinstance(result, dict) else None
        return f"✓ {answer.status}{f' · record {record}' if record else ''} · {spent}", "bold $text-success"
    return f"✗ {answer.status} · {spent}", "bold $text-error"
