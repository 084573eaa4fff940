"""`composite`: up to 25 requests in one, which may refer to each other (evidence/salesforce.md#rest)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce import errors, versions
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.routes.rest.subrequest import decoded, run

_MAX_SUBREQUESTS = 25
_MAX_QUERIES = 5
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_REFERENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
_STRICT_FROM = 54
_SHOWN_HEADERS = {"location": "Location", "etag": "ETag", "last-modified": "Last-Modified"}
"""From this version on a reference id is held to its form (support-service-lambdas 1512)."""
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_QUERIES = re.compile(r"/services/data/v\d\d\.0/(?:query|queryAll|search|composite/)")


class Subrequest(msgspec.Struct, rename="camel"):
    method: str
    url: str
    reference_id: str
    body: Any = None
    http_headers: dict[str, str] | None = None


class _Composite(msgspec.Struct, rename="camel"):
    composite_request: list[Subrequest]
    all_or_none: bool = False
    collate_subrequests: bool = False


def routes() -> list[Route[SalesforceContext]]:
    path = "/services/data/{version}/composite"
    return [
        Route("GET", path, list_resources),
        Route("POST", path, composite, note="`collateSubrequests` changes nothing."),
    ]


def list_resources(request: Request, org: SalesforceContext) -> Response:
    """The resources below this one, as the resources of a version are listed."""
    return json_response({name: f"{request.path}/{name}" for name in ("tree", "batch", "sobjects", "graph")})


def composite(request: Request, org: SalesforceContext) -> Response:
    """Run the subrequests in order; 200, whatever becomes of each."""
    body: _Composite = request.json(_Composite)
    _check(body.composite_request, versions.number(request.params["version"]) or 0)
    results: list[dict[str, Any]] = []
    try:
        with org.store.transaction():
            _run_all(org, request, body, results)
            if body.all_or_none and any(result["httpStatusCode"] >= 400 for result in results):
                raise _UndoneError
    except _UndoneError:
        results = [_halted_unless_failed(result) for result in results]
    return json_response({"compositeResponse": results})


class _UndoneError(Exception):
    """Undoes the transaction of a composite request; never leaves this module."""


def _check(subrequests: list[Subrequest], version: int) -> None:
    if not subrequests:
        raise errors.composite_input("At least one subrequest is required")
    if len(subrequests) > _MAX_SUBREQUESTS:
        raise errors.composite_input(f"Cannot have more than {_MAX_SUBREQUESTS} subrequests")
    if sum(1 for item in subrequests if _QUERIES.match(item.url)) > _MAX_QUERIES:
        raise errors.composite_input(f"Cannot have more than {_MAX_QUERIES} query or collections subrequests")
    check_references(subrequests, version)


def check_references(subrequests: list[Subrequest], version: int) -> None:
    """Make sure that the subrequests have names of their own.

    Raises:
        SalesforceError: Two have the same one, or one has none.
    """
    names = [item.reference_id for item in subrequests]
    for name in names:
        if version >= _STRICT_FROM and not _REFERENCE_ID.fullmatch(name):
            raise errors.invalid_reference_id(name)
    if len(set(names)) < len(names):
        raise errors.composite_input("Duplicate ReferenceId provided")


def _run_all(
    org: SalesforceContext, request: Request, body: _Composite, results: list[dict[str, Any]]
) -> None:
    answers: dict[str, Any] = {}
    is_halted = False
    for position, item in enumerate(body.composite_request, 1):
        if is_halted:
            results.append(halted(item.reference_id))
            continue
        result = run_one(org, request, item, position, answers)
        results.append(result)
        if result["httpStatusCode"] < 400:
            answers[item.reference_id] = result["body"]
        is_halted = body.all_or_none and result["httpStatusCode"] >= 400


def run_one(
    org: SalesforceContext, request: Request, item: Subrequest, position: int, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer of one subrequest, with what it takes from the answers of others filled in."""
    try:
        url = str(_filled(item.url, answers))
        body = _filled(item.body, answers)
    except SalesforceError as error:
        return _result(item.reference_id, error.status, [error.rest()], {})
    response = run(request, item.method, url, body, position=position, headers=item.http_headers)
    headers = {_SHOWN_HEADERS[name]: value for name, value in response.headers if name in _SHOWN_HEADERS}
    return _result(item.reference_id, response.status, decoded(response), headers)


def _result(reference: str, status: int, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    return {"body": body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": reference}


def halted(reference: str) -> dict[str, Any]:
    """The answer of a subrequest that was undone, or not begun, because another one failed."""
    error = errors.processing_halted()
    return _result(reference, error.status, [error.rest()], {})


def _halted_unless_failed(result: dict[str, Any]) -> dict[str, Any]:
    return result if result["httpStatusCode"] >= 400 else halted(result["referenceId"])


# -- references ----------------------------------------------------------------------------------------------


def references(item: Subrequest) -> set[str]:
    """The names of the subrequests whose answers this one needs."""
    return {found.group(1) for found in _REFERENCE.finditer(f"{item.url} {item.body}")}


def _filled(value: Any, answers: Mapping[str, Any]) -> Any:
    """The value with `@{reference.field}` in its texts replaced.

    Raises:
        SalesforceError: A reference leads nowhere.
    """
    if isinstance(value, str):
        return _filled_text(value, answers)
    if isinstance(value, dict):
        return {key: _filled(item, answers) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, answers) for item in value]
    return value


def _filled_text(text: str, answers: Mapping[str, Any]) -> Any:
    whole = _REFERENCE.fullmatch(text)
    if whole is not None:
        return _looked_up(whole, answers)
    return _REFERENCE.sub(lambda found: str(_looked_up(found, answers)), text)


def _looked_up(found: re.Match[str], answers: Mapping[str, Any]) -> Any:
    name, path = found.groups()
    value = answers.get(name)
    for field, index in _STEP.findall(path):
        if field and isinstance(value, dict):
            value = next((item for key, item in value.items() if key.lower() == field.lower()), None)
        elif index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            value = None
    if value is None:
        raise errors.invalid_reference(name, f"{name}{path}")
    return value
