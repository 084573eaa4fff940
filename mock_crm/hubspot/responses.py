"""Answers in HubSpot's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.timestamps import iso_ms

JSON = "application/json;charset=utf-8"

_encode = msgspec.json.Encoder().encode


def answer(value: Any, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Response:
    """An answer with a JSON body."""
    return Response(status, _encode(value), JSON, headers)


def created(request: Request, value: Any, name: str) -> Response:
    """The answer to a creation, with the place of what was created below the path of the request."""
    path = _path([*request.segments, name])
    return answer(value, 201, [("location", request.url(path))])


def no_content() -> Response:
    """The answer to a deletion."""
    return Response(204, b"", JSON)


def batch_body(
    org: HubSpotContext,
    results: Sequence[Any],
    refused: Sequence[Mapping[str, Any]] = (),
    *,
    status: int = 200,
) -> Response:
    """The answer to a batch: `status` when all went well, 207 when some records were refused."""
    now = iso_ms(org.now_ms())
    body: dict[str, Any] = {
        "completedAt": now,
        "status": "COMPLETE",
        "startedAt": now,
        "results": results,
    }
    if refused:
        body |= {"errors": refused, "numErrors": len(refused)}
    return answer(body, 207 if refused else status)


def paging_body(request: Request, cursor: str, *, is_back: bool = False) -> dict[str, Any]:
    """The way to the next page, or back: a cursor fit for a URL, and the URL with it.

    There, v3 stands behind the API's name, wherever the client wrote it (recorded in 2026).
    """
    name = "before" if is_back else "after"
    kept = [pair for pair in parse_qsl(request.query_string, keep_blank_values=True) if pair[0] != name]
    family, *rest = request.segments
    if rest[0] == "v3":
        rest[:2] = reversed(rest[:2])
    asked = f"{urlencode(kept)}&" if kept else ""
    link = request.url(f"{_path([family, *rest])}?{asked}{name}={cursor}")
    return {"prev" if is_back else "next": {name: cursor, "link": link}}


def _path(segments: Sequence[str]) -> str:
    """A path of decoded segments."""
    # Most need no quoting, which takes a microsecond each.
    plain = [s if s.isascii() and s.isalnum() else quote(s, safe="") for s in segments]
    return "/" + "/".join(plain)
