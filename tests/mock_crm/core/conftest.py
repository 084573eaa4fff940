"""A provider with two endpoints, to test what every provider has around its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from mock_crm.core.browsing import Reading, Related
from mock_crm.core.clock import ManualClock
from mock_crm.core.context import OrgContext
from mock_crm.core.errors import CrmError
from mock_crm.core.faults import Rule
from mock_crm.core.http import BodyError, Request, Response, json_response
from mock_crm.core.org import Org
from mock_crm.core.quota import Quota, Window
from mock_crm.core.routing import Route, Router
from mock_crm.core.settings import OrgSettings

_PLACE = "/things/京\r\n/ü?a=b%20"


class TinyMiddleware:
    """Lets in who knows the password."""

    max_body_bytes = 2**20
    max_head_bytes = 2**14

    def __init__(self, context: OrgContext) -> None:
        self._quota = context.quota

    def prepare(self, request: Request) -> None: ...

    def object_of(self, request: Request) -> str | None:
        return None

    def guard(self, request: Request, route: Route[Any]) -> Response | None:
        is_known = request.header("authorization") == "Bearer open-sesame"
        return None if is_known else json_response("who are you?", 401)

    def spend(self, request: Request, route: Route[Any]) -> Window | None:
        return self._quota.take(route.windows)

    def no_route(self, request: Request, allowed: list[str]) -> Response:
        return json_response({"allowed": allowed}, 405 if allowed else 404)

    def limited(self, request: Request, window: Window) -> Response:
        return json_response(window.name, 429)

    def refused(self, request: Request, error: CrmError) -> Response:
        return json_response({"code": error.code, "message": error.message}, 400)

    def unreadable(self, request: Request, error: BodyError) -> Response:
        return json_response(str(error), 400)

    def fault(self, request: Request, rule: Rule) -> Response:
        return json_response(rule.code, rule.status or 503)

    def failed(self, request: Request) -> Response:
        return Response(500)

    def finish(self, request: Request, response: Response) -> Response:
        return response


class TinyOrg(Org):
    """Echoes, and counts how often it was asked."""

    provider = "tiny"
    token = "open-sesame"

    def __init__(self, settings: OrgSettings) -> None:
        router: Router[Any] = Router(
            [
                Route("POST", "/things/{name}", self._echo),
                Route("GET", "/things/{name}", self._echo),
                Route("GET", "/big", lambda request, org: json_response("x" * 5000)),
                Route("GET", "/refused", self._refuse),
                Route("GET", "/placed", lambda request, org: Response(204, headers=[("location", _PLACE)])),
            ]
        )
        self.applied = 0
        clock = ManualClock()
        daily = Window("daily", clock, settings.daily_requests or 3, 86_400)
        quota = Quota([daily], enforced=settings.limits)
        context = OrgContext("tiny", 7, clock, None, settings, quota)
        super().__init__(context, router, TinyMiddleware(context))

    def object_name(self, name: str) -> str:
        return name

    def _echo(self, request: Request, org: OrgContext) -> Response:
        self.applied += 1
        body = {"name": request.params["name"], "body": request.json(), "url": request.url("/here")}
        return json_response(body, 201)

    def _refuse(self, request: Request, org: OrgContext) -> Response:
        raise CrmError("NO", "not today")

    def objects(self) -> list[str]:
        return []

    def describe(self, object_name: str) -> dict[str, Any]:
        return {}

    def records(
        self, object_name: str, limit: int | None = None, offset: int = 0, archived: bool = False
    ) -> list[dict[str, Any]]:
        return []

    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        return None

    def reading(self, object_name: str) -> Reading:
        raise NotImplementedError

    def related(self, object_name: str, record_id: str) -> list[Related]:
        return []

    def create(self, object_name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def update(self, object_name: str, record_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def delete(self, object_name: str, record_id: str) -> None: ...

    def undelete(self, object_name: str, record_id: str) -> None: ...

    def query(self, search: Any) -> list[dict[str, Any]]:
        return []

    def history(self, object_name: str, record_id: str) -> list[dict[str, Any]]:
        return []

    def seed(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        return []

    def create_each(self, object_name: str, rows: Sequence[Mapping[str, Any]]) -> list[str | CrmError]:
        return []

    def count(self, object_name: str) -> int:
        return 0


@pytest.fixture
def org() -> Iterator[TinyOrg]:
    org = TinyOrg(OrgSettings())
    yield org
    org.close()
