"""Proxy actions: requests that go to the CRM as they are, with the customer's credentials put in.

The answer is the CRM's own. `X-Amp-Rate-Limiter-Mode: throttle` keeps requests from the CRM until the moment
that the last 429 named.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from starlette.requests import Request

from ampsandbox.engine.model import Installation
from ampsandbox.errors import AmpSandboxError
from ampsandbox.manifest.model import Provider
from ampsandbox.server.ampersand_api.context import ApiContext
from ampsandbox.server.ampersand_api.problems import ProblemError, problem_of

if TYPE_CHECKING:
    from ampsandbox.server.asgi import Receive, Scope, Send

_OURS: Final = (b"x-amp-", b"x-api-key", b"authorization", b"host", b"origin", b"cookie")
# For a 429 that names no pause: HubSpot counts its bursts over ten seconds.
_PAUSE_S: Final = 10.0
_HOSTS: Final = {
    Provider.SALESFORCE: "{workspace}.my.salesforce.com",
    Provider.HUBSPOT: "api.hubapi.com",
}


class PassThrough:
    """Passes requests to the mock CRMs of one sandbox."""

    def __init__(self, api: ApiContext) -> None:
        self._api = api
        self._not_before: dict[str, datetime] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            installation = self._installation(request)
        except (ProblemError, AmpSandboxError) as error:
            problem = error if isinstance(error, ProblemError) else problem_of(error)
            await self._api.problems.response(problem)(scope, receive, send)
            return
        org = self._api.service.context.connections.org(installation.id)
        if org is None:
            detail = (
                f"The CRM of {installation.group!r} is a live one; the sandbox passes requests to mocks only."
            )
            problem = ProblemError(501, detail, "Call the CRM itself, or install for a group with a mock.")
            await self._api.problems.response(problem)(scope, receive, send)
            return
        is_throttled = request.headers.get("x-amp-rate-limiter-mode", "").lower() == "throttle"
        if is_throttled and await self._throttle(installation, scope, receive, send):
            return
        sender = self._telling_of_limits(installation, send) if is_throttled else send
        await org.app(self._as_the_crm_sees(scope, installation, org.token), receive, sender)

    def _installation(self, request: Request) -> Installation:
        """Whose CRM is meant.

        Raises:
            ProblemError: A header is missing, or the customer did not let the app pass requests through.
            NotFoundError: There is no such project, integration or installation.
        """
        self._api.check_key(request)
        headers, platform = request.headers, self._api.platform
        if headers.get("x-amp-proxy-version") != "1":
            raise ProblemError(400, "The header x-amp-proxy-version is missing or not 1.", "Send it as 1.")
        project = headers.get("x-amp-project-id", "")
        if not platform.ids.is_project(project):
            remedy = f"This sandbox runs {platform.ids.project!r} ({platform.ids.project_id})."
            raise ProblemError(404, f"Project not found: {project or 'x-amp-project-id is missing'}.", remedy)
        if installation_id := headers.get("x-amp-installation-id"):
            found = platform.installation(installation_id)
        else:
            name, group = headers.get("x-amp-integration-name"), headers.get("x-amp-group-ref")
            if not name or not group:
                raise ProblemError(
                    400,
                    "Nothing says which installation is meant.",
                    "Send x-amp-installation-id, or x-amp-integration-name and x-amp-group-ref.",
                )
            found = platform.installed(platform.integration(name), group)
        config = platform.parsed_config(found)
        if not (config.proxy and config.proxy.enabled):
            raise ProblemError(
                403,
                f"{found.integration} passes no requests through for {found.group!r}.",
                "Add `proxy: {enabled: true}` to the integration, and config.content.proxy.enabled.",
            )
        return found

    def _as_the_crm_sees(self, scope: Scope, installation: Installation, token: str) -> Scope:
        workspace = self._api.platform.authorization_of(installation).workspace or "sandbox"
        host = _HOSTS[Provider(installation.provider)].format(workspace=workspace.lower())
        headers = [
            (b"host", host.encode("latin-1", "replace")),
            (b"authorization", f"Bearer {token}".encode()),
            *((name, value) for name, value in scope["headers"] if not name.startswith(_OURS)),
        ]
        return {**scope, "headers": headers, "scheme": "https", "server": (host, 443)}

    async def _throttle(self, installation: Installation, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer in the CRM's place while it would only refuse again; says whether it did."""
        until = self._not_before.get(installation.id)
        if until is None or until <= self._api.clock.now():
            return False
        problem = ProblemError(
            429, "The CRM's rate limit is used up.", f"Send it again at {_http_date(until)}."
        )
        response = self._api.problems.response(problem)
        response.headers.update({"x-amp-retry-after": _http_date(until), "x-amp-retryable": "true"})
        await response(scope, receive, send)
        return True

    def _telling_of_limits(self, installation: Installation, send: Send) -> Send:
        async def sender(message: Scope) -> None:
            if message["type"] == "http.response.start" and message["status"] == 429:
                told = dict(message["headers"]).get(b"retry-after", b"")
                pause = float(told) if told.isdigit() else _PAUSE_S
                until = self._api.clock.now() + timedelta(seconds=pause)
                self._not_before[installation.id] = until
                added = [
                    (b"x-amp-retry-after", _http_date(until).encode()),
                    (b"x-amp-retryable", b"true"),
                ]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        return sender


def _http_date(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S UTC")
