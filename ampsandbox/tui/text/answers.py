"""What came back for a write, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from mock_crm.core.status_phrases import status_phrase

if TYPE_CHECKING:
    from ampsandbox.tui.http_sender import HttpAnswer

_GOOD: Final = "bold $text-success"


def headline(answer: HttpAnswer) -> tuple[str, str]:
    """The answer in one line, with the style to show it in."""
    words, style = outcome(answer)
    return f"{' · '.join(words)} · {spent(answer)}", style


def outcome(answer: HttpAnswer) -> tuple[list[str], str]:
    """What became of the write, in a few words each, with the style to show them in."""
    if not answer.is_success:
        return [f"✗ {status_words(answer.status)}"], "bold $text-error"
    if answer.status == 202:
        due = flush_at(answer)
        return ["◷ 202 queued", f"flushes at {due:%H:%M:%S}" if due else "flushes at the next flush"], _GOOD
    if "successCount" in answer.document():
        return _of_batch(answer)
    result = answer.document().get("result")
    record = result.get("recordId") if isinstance(result, dict) else None
    return [f"✓ {answer.status}", *([f"record {record}"] if record else [])], _GOOD


def _of_batch(answer: HttpAnswer) -> tuple[list[str], str]:
    written, failed = (answer.document().get(name) for name in ("successCount", "failureCount"))
    words = [f"{written} written", *([f"{failed} failed"] if failed else [])]
    return [f"{'!' if failed else '✓'} {answer.status}", *words], "bold $text-warning" if failed else _GOOD


def spent(answer: HttpAnswer) -> str:
    """How long the answer took."""
    return f"{answer.elapsed_ms:,.0f} ms"


def status_words(status: int) -> str:
    """A status with its name."""
    if not status:
        return "no answer"
    return f"{status} {status_phrase(status)}".rstrip()


def flush_at(answer: HttpAnswer) -> datetime | None:
    """When a queued write is due; None where nothing says so."""
    try:
        return datetime.fromisoformat(str(answer.document().get("flushAt")))
    except ValueError:
        return None


def issues(answer: HttpAnswer) -> list[str]:
    """What is wrong, one line for each thing: the field where one is named, then the words."""
    document = answer.document()
    if answer.is_success and not document.get("failureCount"):
        return []
    found = [_issue(item) for item in _listed(document)]
    if found:
        return found
    words = next((document[name] for name in ("detail", "message", "title") if document.get(name)), "")
    return [str(words)] if words else [] if answer.status else [answer.body]


def remedy(answer: HttpAnswer) -> str:
    """What the answer says would help, if it does."""
    return str(answer.document().get("remedy") or "")


def field_problems(answer: HttpAnswer) -> dict[str, str]:
    """What is wrong with each field that the answer names, by its lower-cased name."""
    said: dict[str, str] = {}
    for item in _listed(answer.document()):
        said |= {name.lower(): _words(item) for name in _names(item)}
    return said


def _listed(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = [document.get("errors"), document.get("issues")]
    return [item for items in found if isinstance(items, list) for item in items if isinstance(item, dict)]


def _issue(item: Mapping[str, Any]) -> str:
    names = ", ".join(_names(item))
    code = f" ({item['code']})" if item.get("code") else ""
    return f"{names}: {_words(item)}{code}" if names else f"{_words(item)}{code}"


def _names(item: Mapping[str, Any]) -> list[str]:
    fields = item.get("fields")
    return [
        str(name) for name in (fields if isinstance(fields, list) and fields else [item.get("name")]) if name
    ]


def _words(item: Mapping[str, Any]) -> str:
    return str(item.get("message") or item.get("detail") or item.get("title") or "refused")
