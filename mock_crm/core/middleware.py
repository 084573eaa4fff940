"""What a provider does around its endpoints: who may call, what is counted, and how refusals look."""

from __future__ import annotations

from typing import Any, Protocol

from mock_crm.core.errors import CrmError
from mock_crm.core.faults import Rule
from mock_crm.core.http import BodyError, Request, Response
from mock_crm.core.quota import Window
from mock_crm.core.routing import Route


class Middleware(Protocol):
    """Called by `mock_crm.core.app.App`, in this order, unless a step answers the request.

    Attributes:
        max_body_bytes: How long the body of a request may be, unzipped.
        max_head_bytes: How long its URL and headers may be together.
    """

    max_body_bytes: int
    max_head_bytes: int

    def prepare(self, request: Request) -> None:
        """Change a request before it is routed, as for a method that is overridden in the query."""

    def object_of(self, request: Request) -> str | None:
        """Which object a request is about; asked only when a fault rule names one."""

    def fault(self, request: Request, rule: Rule) -> Response:
        """The answer of a fault rule of kind error, rate-limit, expired-token, outage, row-lock or alike."""

    def no_route(self, request: Request, allowed: list[str]) -> Response:
        """The answer for an unknown path, or a known one that takes only the `allowed` methods."""

    def guard(self, request: Request, route: Route[Any]) -> Response | None:
        """Refuse a request without a valid access token; otherwise keep who it is in `request.user`."""

    def spend(self, request: Request, route: Route[Any]) -> Window | None:
        """Count a request against the quota, or say which window refuses it."""

    def limited(self, request: Request, window: Window) -> Response:
        """The answer when a quota window is spent."""

    def refused(self, request: Request, error: CrmError) -> Response:
        """The answer for a `CrmError` that a handler raised."""

    def unreadable(self, request: Request, error: BodyError) -> Response:
        """The answer for a body that is not what the endpoint reads."""

    def failed(self, request: Request) -> Response:
        """The answer when an endpoint failed for a reason that is a fault of the mock's own."""

    def finish(self, request: Request, response: Response) -> Response:
        """Add what all answers of the provider carry, refusals too."""
