"""Log exchanges as files that other tools read: HAR 1.2 and one JSON object a line. Secrets are masked."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from ampsandbox import __version__
from ampsandbox.errors import UsageError
from ampsandbox.snippets import Headers, masked
from ampsandbox.tui.user_files import path_of, write_file
from mock_crm.core.status_phrases import status_phrase

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import LogDetail

_HTTP: Final = "HTTP/1.1"
ENDINGS: Final = (".har", ".jsonl")
"""What the name of an export may end with."""


def checked_path(name: str) -> Path:
    """The file of that name.

    Raises:
        UsageError: It ends in something else than one of the formats, or is in nobody's home.
    """
    path = path_of(name)
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(
            f"“{path.name}” says neither .har nor .jsonl.", "Give the file one of these endings."
        )
    return path


def export(details: Sequence[LogDetail], path: Path) -> None:
    """Write the exchanges to a `.har` or `.jsonl` file.

    Raises:
        UsageError: The file cannot be written.
    """
    if path.suffix.lower() == ".har":
        text = json.dumps(as_har(details), indent=2, ensure_ascii=False)
    else:
        text = "".join(json.dumps(_flat(item), ensure_ascii=False) + "\n" for item in details)
    write_file(str(path), text)


def as_har(details: Iterable[LogDetail]) -> dict[str, Any]:
    """The exchanges as an HTTP archive (http://www.softwareishard.com/blog/har-12-spec/)."""
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
        "startedDateTime": row.at.isoformat(timespec="milliseconds"),
        "time": row.elapsed_ms,
        "request": _request(item),
        "response": _response(item),
        "cache": {},
        "timings": {"send": 0, "wait": row.elapsed_ms, "receive": 0},
        "_endpoint": row.endpoint,
        "_group": row.group,
        "_operationId": row.operation_id,
    }


def _request(item: LogDetail) -> dict[str, Any]:
    query = parse_qsl(urlsplit(item.url).query, keep_blank_values=True)
    request = {
        "method": item.row.method,
        "url": item.url,
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(item.request_headers),
        "queryString": _pairs(query),
        "headersSize": -1,
        "bodySize": len(item.sent),
    }
    if item.sent:
        # The format has no way to say that the text of a request is coded.
        text = item.sent.decode(errors="replace")
        request["postData"] = {"mimeType": _mime_type(item.request_headers), "params": [], "text": text}
    return request


def _response(item: LogDetail) -> dict[str, Any]:
    status, size = item.row.status or 0, len(item.answered)
    content: dict[str, Any] = {"size": size, "mimeType": _mime_type(item.response_headers)}
    try:
        content["text"] = item.answered.decode()
    except UnicodeDecodeError:
        content |= {"text": base64.b64encode(item.answered).decode(), "encoding": "base64"}
    return {
        "status": status,
        "statusText": status_phrase(status),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(item.response_headers),
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": size,
    }


def _mime_type(headers: Headers) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _pairs(pairs: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in masked(pairs)]


def _flat(item: LogDetail) -> dict[str, Any]:
    row = item.row
    return {
        "at": row.at.isoformat(), "method": row.method, "url": item.url, "status": row.status,
        "ms": round(row.elapsed_ms, 3),
        "endpoint": row.endpoint, "group": row.group, "operationId": row.operation_id,
        "requestHeaders": masked(item.request_headers), "request": item.request_body,
        "responseHeaders": masked(item.response_headers), "response": item.response_body,
    }  # fmt: skip
