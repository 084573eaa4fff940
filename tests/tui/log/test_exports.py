"""The log as files for other tools."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ampsandbox.errors import UsageError
from ampsandbox.tui.backend.views import LogDetail, LogRow
from ampsandbox.tui.text.exports import as_har, checked_path, export


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
PAIRS = {"type": "array", "items": _object(name=TEXT, value=TEXT)}

# What HAR 1.2 requires (http://www.softwareishard.com/blog/har-12-spec/).
HAR = _object(
    log=_object(
        version={"const": "1.2"},
        creator=_object(name=TEXT, version=TEXT),
        entries={
            "type": "array",
            "items": _object(
                startedDateTime={
                    "type": "string",
                    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)$",
                },
                time={"type": "number", "minimum": 0},
                request={
                    **_object(
                        method=TEXT, url={"type": "string", "pattern": "^http"}, httpVersion=TEXT,
                        cookies={"type": "array"}, headers=PAIRS, queryString=PAIRS, headersSize=NUMBER,
                        bodySize=NUMBER,
                    ),
                    "dependentSchemas": {
                        "postData": {"properties": {"postData": _object(mimeType=TEXT, text=TEXT)}}
                    },
                },
                response=_object(
                    status={"type": "integer"}, statusText=TEXT, httpVersion=TEXT, cookies={"type": "array"},
                    headers=PAIRS, content=_object(size=NUMBER, mimeType=TEXT), redirectURL=TEXT,
                    headersSize=NUMBER, bodySize=NUMBER,
                ),
                cache={"type": "object"},
                timings=_object(send=NUMBER, wait=NUMBER, receive=NUMBER),
            ),
        },
    )
)  # fmt: skip


def detail(**row: Any) -> LogDetail:
    given: dict[str, Any] = {"status": 422, "endpoint": "create-account", "group": "demo"} | row
    at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    return LogDetail(
        LogRow(1, at, "write", "POST", "/projects/m/x", elapsed_ms=1.5, **given),
        "http://127.0.0.1:4001/projects/m/x?a=1&b=%20",
        (("content-type", "application/json; charset=utf-8"), ("x-api-key", "s3cret")),
        '{"name": "\u05d0 \U0001f412 \x00"}'.encode(),
        (("content-type", "application/problem+json"),),
        b"\xff\x00",
    )


def test_a_har_has_what_its_format_requires() -> None:
    har = json.loads(json.dumps(as_har([detail(), detail(status=None), detail(status=299)])))
    jsonschema.validate(har, HAR)
    entry = har["log"]["entries"][0]
    assert entry["request"]["queryString"] == [{"name": "a", "value": "1"}, {"name": "b", "value": " "}]
    assert entry["request"]["postData"]["mimeType"] == "application/json; charset=utf-8"
    assert (entry["response"]["status"], entry["response"]["statusText"]) == (422, "Unprocessable Entity")
    content = entry["response"]["content"]
    assert (content["mimeType"], content["size"], content["encoding"]) == (
        "application/problem+json",
        2,
        "base64",
    )
    assert base64.b64decode(content["text"]) == b"\xff\x00"
    assert har["log"]["entries"][1]["response"]["status"] == 0


@pytest.mark.parametrize("name", ["log.har", "LOG.JSONL"])
def test_an_export_is_json_without_secret_headers(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    export([detail(), detail()], path)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".har":
        assert len(json.loads(text)["log"]["entries"]) == 2
    else:
        first, second = map(json.loads, text.splitlines())
        assert first == second
        assert first["request"] == '{"name": "\u05d0 \U0001f412 \x00"}'
    assert "s3cret" not in text


def test_an_export_says_why_it_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"neither \.har nor \.jsonl"):
        checked_path("log.txt")
    with pytest.raises(UsageError, match="Cannot write"):
        export([detail()], tmp_path / "none" / "log.har")
