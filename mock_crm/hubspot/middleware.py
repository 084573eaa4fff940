"""What the whole HubSpot API has in common around its endpoints: tokens, usage, faults, unknown paths."""

from __future__ import annotations

from typing import Any

from mock_crm.core.errors import CrmError
from mock_crm.core.faults import Rule
from mock_crm.core.http import BodyError, Request, Response
from mock_crm.core.quota import Quota, Window
from mock_crm.core.routing import Route
from mock_crm.hubspot import errors, fault_errors, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.limits import windows_of
from mock_crm.hubspot.tokens import Caller
from mock_crm.hubspot.unsimulated import absent_api

_WITH_PAGES = ("GET", "POST")


class HubSpotMiddleware:
    """The steps around the endpoints of one account; see `mock_crm.core.middleware.Middleware`.

    Args:
        org: Whose tokens and quota apply.
    """

    max_body_bytes = 20 * 2**20
    max_head_bytes = 2**17

    def __init__(self, org: HubSpotContext) -> None:
        self._org = org

    def prepare(self, request: Request) -> None:
        """Take two slashes in a row for one, as the web server does (recorded: `/crm/v3/lists//add`)."""
        if "" in request.segments:
            request.segments = [segment for segment in request.segments if segment]

    def object_of(self, request: Request) -> str | None:
        """The plural name of the object type in the path, where there is one."""
        for segment in request.segments[2:5]:
            schema = self._org.schema.find(segment)
            if schema is not None:
                return schema.type.plural
        return None

    def guard(self, request: Request, route: Route[Any]) -> Response | None:
        """Find out who calls, or refuse."""
        try:
            request.user = self._org.tokens.caller(request.header("authorization"))
        except HubSpotError as error:
            return self.refused(request, error)
        return None

    def spend(self, request: Request, route: Route[Any]) -> Window | None:
        """Count a request: a private app's for the day and the burst, an OAuth app's for its own burst."""
        return self._org.quota.take_only((*windows_of(request.user.is_private_app), *route.windows))

    def finish(self, request: Request, response: Response) -> Response:
        """Add the correlation id and what is left of the quota."""
        headers = response.headers
        if not any(name == "x-hubspot-correlation-id" for name, _ in headers):
            headers.append(("x-hubspot-correlation-id", self._org.correlation_id()))
        if isinstance(request.user, Caller) and request.segments[-1:] != ["search"]:
            headers += _rate_headers(self._org.quota, is_private_app=request.user.is_private_app)
        return response

    def no_route(self, request: Request, allowed: list[str]) -> Response:
        """Unknown paths get the page of HubSpot's web server; known APIs that are absent say so."""
        absent = absent_api(request.path)
        if absent:
            return self.refused(request, errors.not_simulated(absent))
        if request.method not in _WITH_PAGES:
            return Response(405 if allowed else 404)  # without a body (recorded)
        return _html_page(405, "Method Not Allowed") if allowed else _html_page(404, "Not Found")

    def failed(self, request: Request) -> Response:
        """The answer when an endpoint failed for a reason of its own."""
        return self.refused(request, HubSpotError(500, "There was a problem with the request."))

    def limited(self, request: Request, window: Window) -> Response:
        """The answer to a request too many."""
        return self.refused(request, fault_errors.of_window(window.name))

    def unreadable(self, request: Request, error: BodyError) -> Response:
        """The answer to a body that is too long or damaged."""
        if "longer than" in str(error):
            return self.refused(request, HubSpotError(413, "HTTP 413 Request Entity Too Large"))
        return self.refused(request, errors.invalid_json(1, 1, str(error)))

    def fault(self, request: Request, rule: Rule) -> Response:
        """The answer of a fault rule."""
        return self.refused(request, fault_errors.of_rule(rule, self._org.now_ms()))

    def refused(self, request: Request, error: CrmError) -> Response:
        """The answer that a refusal becomes."""
        if not isinstance(error, HubSpotError):
            error = HubSpotError(400, error.message, error.code)
        accepted = request.header("accept")
        if error.is_bare and ("json" in accepted or request.method not in _WITH_PAGES):
            return Response(error.status)
        if error.is_page and "json" not in accepted:
            return _html_page(error.status, "Not Found")
        correlation = self._org.correlation_id()
        headers = [("x-hubspot-correlation-id", correlation)]
        return responses.answer(error.body(correlation), error.status, headers)


def _rate_headers(quota: Quota, *, is_private_app: bool) -> list[tuple[str, str]]:
    """What is left of the limits; those of the day are told to private apps only (recorded)."""
    burst = quota["burst" if is_private_app else "oauth"]
    left = burst.remaining
    headers = [
        ("x-hubspot-ratelimit-interval-milliseconds", f"{burst.seconds * 1000:.0f}"),
        ("x-hubspot-ratelimit-max", str(burst.limit)),
        ("x-hubspot-ratelimit-remaining", str(left)),
        ("x-hubspot-ratelimit-secondly", str(burst.limit // 10)),
        ("x-hubspot-ratelimit-secondly-remaining", str(min(left, burst.limit // 10))),
    ]
    if is_private_app:
        daily = quota["daily"]
        headers.append(("x-hubspot-ratelimit-daily", str(daily.limit)))
        headers.append(("x-hubspot-ratelimit-daily-remaining", str(daily.remaining)))
    return headers


def _html_page(status: int, reason: str) -> Response:
    """The page of the web server in front of HubSpot's API, which is not JSON (recorded in 2024 and 2026)."""
    why = "Resource not found" if status == 404 else f"Reason:\n<pre>    {reason}</pre>"
    page = (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
        f"<title>Error {status} {reason}</title>\n</head>\n<body><h2>HTTP ERROR {status}</h2>\n"
        f"<p>{why}</p>\n</body>\n</html>\n"
    )
    return Response(status, page.encode(), "text/html;charset=utf-8")
