"""Running one REST request inside another, for the composite resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mock_crm.core.faults import Strike
from mock_crm.core.http import Request, Response, split_path
from mock_crm.salesforce import errors, versions

# These make further requests themselves, or hand out files, and are not taken inside others.
_TAKEN = frozenset(
    {"sobjects", "query", "queryAll", "search", "parameterizedSearch", "limits", "recent", "tooling"}
)
_METHODS = frozenset({"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"})
_TAKEN_COMPOSITE = frozenset({"sobjects", "tree"})


def run(
    parent: Request,
    method: str,
    url: str,
    body: Any,
    *,
    position: int,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer one subrequest; refusals are answers too.

    Args:
        parent: The request that it came in.
        method: Its HTTP method.
        url: Its path from `/services/data/…` on, with its query.
        body: Its JSON body, or None.
        position: Its place among its siblings, counted from 1; fault rules for records strike by it.
        headers: Its own headers.
    """
    path, _, query = url.partition("?")
    request = Request(
        method.upper(),
        split_path(path),
        root=parent.root,
        query_string=query,
        headers=[(k.lower().encode(), str(v).encode()) for k, v in (headers or {}).items()],
        body=b"" if body is None else msgspec.json.encode(body),
    )
    rule = parent.strike.for_record(position) if parent.strike else None
    if rule is not None:
        request.strike = Strike([], [msgspec.structs.replace(rule, record=None)])
    if not _is_taken(request.segments):
        return errors.response(errors.not_found())
    if request.method not in _METHODS:
        return errors.response(errors.invalid_subrequest_method(method))
    response = parent.answer_inner(request)
    if not isinstance(response, Response):
        return errors.response(errors.not_implemented(f"{request.path} inside a composite request"))
    return response


def _is_taken(segments: list[str]) -> bool:
    if segments[:2] != ["services", "data"] or len(segments) < 4 or versions.number(segments[2]) is None:
        return False
    if segments[3] == "composite":
        return segments[4:5] != [] and segments[4] in _TAKEN_COMPOSITE
    return segments[3] in _TAKEN


def decoded(response: Response) -> Any:
    """The JSON body of an answer; None when it has none."""
    return msgspec.json.decode(response.body) if response.body else None
