"""What the whole Salesforce API has in common around its endpoints: sessions, versions, usage, faults."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from mock_crm.core.errors import CrmError
from mock_crm.core.faults import Rule
from mock_crm.core.http import BodyError, Request, Response
from mock_crm.core.quota import Window
from mock_crm.core.routing import Route
from mock_crm.salesforce import error_formats, errors, json_bodies, versions
from mock_crm.salesforce.bulk.jobs import job_object_name
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.sessions import bearer
from mock_crm.salesforce.values import WrongTypeError

_COUNTED = ("data", "async", "Soap")
_BEFORE_OBJECT = frozenset({"sobjects", "tree"})
_JOB_BEHIND = {"job": 1, "jobs": 2}
_IN_BODY = re.compile(rb'"(?:type|object)"\s*:\s*"(\w+)"|<(?:\w+:)?object>(\w+)<|/sobjects/(\w+)')
_IN_QUERY = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_INNER_QUERY = re.compile(r"\([^()]*\)")
_MISSPELLED_UNTIL = 54
_DUPLICATE = b'"duplicateResult":'
_MEDIA_TYPES = frozenset({"", "application/json", "multipart/form-data"})
_FAULT_CODES = {
    "expired-token": "INVALID_SESSION_ID",
    "outage": "SERVER_UNAVAILABLE",
    "rate-limit": "REQUEST_LIMIT_EXCEEDED",
}


class SalesforceMiddleware:
    """The steps around the endpoints of one org; see `mock_crm.core.middleware.Middleware`.

    Args:
        org: Whose sessions and quota apply.
    """

    max_body_bytes = 160 * 2**20
    max_head_bytes = 16_384

    def __init__(self, org: SalesforceContext) -> None:
        self._org = org

    def prepare(self, request: Request) -> None:
        """Take the method from `?_HttpMethod=PATCH`, as clients without PATCH send it [A]."""
        if request.method == "POST" and "_HttpMethod" in request.query_string:
            request.method = request.query.get("_HttpMethod", "POST").upper()

    def object_of(self, request: Request) -> str | None:
        """The object that a request is about, where it says so.

        That is the one in the path after `sobjects` or `tree`, the one of the path's bulk job, the one that a
        query reads, or else the first one that the body names.
        """
        segments = request.segments
        for at, segment in enumerate(segments[:-1]):
            if segment in _BEFORE_OBJECT:
                return segments[at + 1]
            steps = _JOB_BEHIND.get(segment)
            if steps is not None and at + steps < len(segments):
                return job_object_name(self._org, segments[at + steps])
        if "q" in request.query:
            return _object_queried(request.query["q"])
        named = _IN_BODY.search(request.body)
        return next((found.decode() for found in named.groups() if found), None) if named else None

    def fault(self, request: Request, rule: Rule) -> Response:
        """The answer that a fault rule asks for; without a code of its own, the usual one of its kind."""
        code = rule.code or _FAULT_CODES.get(rule.kind, "")
        return error_formats.refusal(request, errors.usual(code, rule.message, rule.status))

    def no_route(self, request: Request, allowed: list[str]) -> Response:
        """NOT_FOUND, or METHOD_NOT_ALLOWED for a path that takes other methods."""
        is_outer = not request.is_inner
        if is_outer and request.segments[:2] == ["services", "data"] and (refusal := self._refuse(request)):
            return refusal
        if allowed:
            methods = ["HEAD", *allowed] if "GET" in allowed else allowed
            answer = error_formats.refusal(request, errors.method_not_allowed(request.method, methods))
            answer.headers.append(("allow", ",".join(methods)))
            return answer
        return error_formats.refusal(request, errors.not_found())

    def guard(self, request: Request, route: Route[Any]) -> Response | None:
        """Refuse a request without a valid session, or to a version that the org does not have."""
        return self._refuse(request)

    def spend(self, request: Request, route: Route[Any]) -> Window | None:
        """Count the request against the day."""
        return self._org.quota.take(route.windows)

    def failed(self, request: Request) -> Response:
        """The answer when an endpoint failed for a reason of its own."""
        return error_formats.refusal(request, errors.usual("UNKNOWN_EXCEPTION", status=500))

    def limited(self, request: Request, window: Window) -> Response:
        """The answer when the day's requests are used up."""
        return error_formats.refusal(request, errors.request_limit())

    def refused(self, request: Request, error: CrmError) -> Response:
        """The REST answer for a refusal that a handler raised."""
        if isinstance(error, WrongTypeError):
            return errors.response(json_bodies.wrong_type(request, error))
        if isinstance(error, SalesforceError):
            return errors.response(error)
        return errors.response(SalesforceError(error.code, error.message, error.fields))

    def unreadable(self, request: Request, error: BodyError) -> Response:
        """The answer for a body that is not JSON."""
        return errors.response(json_bodies.unreadable(request, error))

    def finish(self, request: Request, response: Response) -> Response:
        """Say how many requests were used, on refusals too, and print prettily where asked to."""
        if request.segments[1:2] and request.segments[1] in _COUNTED:
            window = self._org.quota["daily"]
            response.headers.append(("sforce-limit-info", f"api-usage={window.used}/{window.limit}"))
        # Nothing that is read has it, and describes are long to look through.
        if request.method != "GET" and response.body.find(_DUPLICATE) >= 0 and _is_misspelled(request):
            response.body = response.body.replace(_DUPLICATE, b'"duplicateResut":')
        pretty = request.header("x-prettyprint")
        is_json = response.content_type.startswith("application/json")
        if pretty and pretty != "0" and is_json and response.body:
            response.body = msgspec.json.format(response.body, indent=2)
        return response

    def _refuse(self, request: Request) -> Response | None:
        if not self._org.sessions.accepts(bearer(request)):
            return errors.response(errors.invalid_session())
        if request.segments[1:2] == ["data"] and len(request.segments) > 2:
            if versions.number(request.segments[2]) is None:
                is_retired = versions.is_retired(request.segments[2])
                return errors.response(errors.retired_version() if is_retired else errors.not_found())
            content_type = request.content_type()
            accept = request.header("accept")
            wants_xml = "xml" in accept and "json" not in accept and "*/*" not in accept
            if "xml" in content_type or wants_xml:
                return errors.response(
                    errors.not_implemented("XML bodies in the REST API; send and accept JSON")
                )
            if content_type.startswith("multipart/") and "composite" in request.segments:
                return errors.response(
                    errors.not_implemented("multipart collections; send the blobs as base64")
                )
            if content_type not in _MEDIA_TYPES and request.body and "jobs" not in request.segments:
                return errors.response(errors.unsupported_media_type(content_type))
        return None


def _is_misspelled(request: Request) -> bool:
    """Versions 48 to 54 were seen to misspell `duplicateResult` [P]; older ones are taken to do the same."""
    version = versions.number(request.segments[2]) if len(request.segments) > 2 else None
    return version is not None and version <= _MISSPELLED_UNTIL


def _object_queried(text: str) -> str | None:
    """What follows the FROM that stands in no brackets."""
    inner = 1
    while inner:
        text, inner = _INNER_QUERY.subn(" ", text)
    found = _IN_QUERY.search(text)
    return found.group(1) if found else None
