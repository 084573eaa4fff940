"""`composite/batch`: up to 25 independent requests in one (evidence/salesforce.md#rest, [D])."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.routes.rest.subrequest import decoded, run

_MAX_SUBREQUESTS = 25


class _Subrequest(msgspec.Struct, rename="camel"):
    method: str
    url: str
    rich_input: Any = None


class _Batch(msgspec.Struct, rename="camel"):
    batch_requests: list[_Subrequest]
    halt_on_error: bool = False


def routes() -> list[Route[SalesforceContext]]:
    return [Route("POST", "/services/data/{version}/composite/batch", batch)]


def batch(request: Request, org: SalesforceContext) -> Response:
    """Run the subrequests in order; each stands for itself."""
    body: _Batch = request.json(_Batch)
    if not 0 < len(body.batch_requests) <= _MAX_SUBREQUESTS:
        raise errors.composite_input(f"Batch requires 1 to {_MAX_SUBREQUESTS} subrequests")
    results: list[dict[str, Any]] = []
    has_errors = False
    for position, item in enumerate(body.batch_requests, 1):
        if has_errors and body.halt_on_error:
            results.append({"statusCode": 412, "result": [errors.batch_halted().rest()]})
            continue
        url = "/services/data/" + item.url.removeprefix("/services/data/").lstrip("/")
        response = run(request, item.method, url, item.rich_input, position=position)
        has_errors = has_errors or response.status >= 400
        results.append({"statusCode": response.status, "result": decoded(response)})
    return json_response({"hasErrors": has_errors, "results": results})
