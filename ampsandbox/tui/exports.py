"""Log exchanges as files that other tools read: HAR 1.2 and one JSON object a line. Secrets are masked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ampsandbox import __version__
from ampsandbox.errors import UsageError
from ampsandbox.tui.snippets import masked

if TYPE_CHECKING:
    from ampsandbox.tui.views import LogDetail


def export(details: Iterable[LogDetail], name: str) -> int:
    """Write the exchanges to a `.har` or `.jsonl` file; how many there were.

    Raises:
        UsageError: The ending is another one, or the file cannot be written.
    """
    found, path = list(details), Path(name).expanduser()
    if path.suffix not in (".har", ".jsonl"):
        raise UsageError(
            f"“{path.name}” says neither .har nor .jsonl.", "Give the file one of these endings."
        )
    if path.suffix == ".har":
        text = json.dumps(as_har(found), indent=2, ensure_ascii=False)
    else:
        text = "".join(json.dumps(_flat(item), ensure_ascii=False) + "\n" for item in found)
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}.", "Choose another place.") from error
    return len(found)


def as_har(details: Iterable[LogDetail]) -> dict[str, Any]:
    """The exchanges as an HTTP archive."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "ampsandbox", "version": __version__},
            "entries": [_entry(item) for item in details],
        }
    }


def _entry(item: LogDetail) -> dict[str, Any]:
    row = item.row
    return {
        "startedDateTime": row.at.isoformat(),
        "time": row.elapsed_ms,
        "request": {
            "method": row.method,
            "url": item.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(item.request_headers),
            "queryString": [],
            "headersSize": -1,
            "bodySize": len(item.request_body.encode(errors="replace")),
            "postData": {"mimeType": "application/json", "text": item.request_body},
        },
        "response": {
            "status": row.status or 0,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(item.response_headers),
            "content": {
                "size": len(item.response_body.encode(errors="replace")),
                "mimeType": "application/json",
                "text": item.response_body,
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": row.elapsed_ms, "receive": 0},
    }


def _pairs(headers: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in masked(list(headers))]


def _flat(item: LogDetail) -> dict[str, Any]:
    row = item.row
    return {
        "at": row.at.isoformat(), "method": row.method, "url": item.url, "status": row.status,
        "ms": row.elapsed_ms,
        "endpoint": row.endpoint, "group": row.group, "operationId": row.operation_id,
        "request": item.request_body, "response": item.response_body,
    }  # fmt: skip
