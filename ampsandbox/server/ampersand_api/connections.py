"""Connections: listing, generating, changing, deleting, and the way to the consent page."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import PlainTextResponse

from ampsandbox.engine.authorizations import Authorization
from ampsandbox.server.ampersand_api.endpoint import ApiCall, ApiEndpoint
from ampsandbox.server.ampersand_api.problems import ApiIssue, ProblemError

_MASKS = (
    "providerWorkspaceRef",
    "providerMetadata",
    "apiKey",
    "basicAuth",
    "oauth2ClientCredentials",
    "oauth2PasswordCredentials",
)
_SCHEMES = {
    "apiKey": "apiKey",
    "basicAuth": "basic",
    "oauth2ClientCredentials": "oauth2/clientCredentials",
    "oauth2PasswordCredentials": "oauth2/password",
    "oauth2AuthorizationCode": "oauth2/authorizationCode",
}


class ConnectRequest(msgspec.Struct, rename="camel"):
    """Who wants to connect to what (openapi: oauthConnect)."""

    project_id_or_name: str
    provider: str
    group_ref: str
    consumer_ref: str
    group_name: str | None = None
    consumer_name: str | None = None
    provider_workspace_ref: str | None = None
    provider_metadata: dict[str, Any] | None = None


class GenerateRequest(msgspec.Struct, rename="camel"):
    """A connection made of credentials, which the sandbox does not look at (openapi: generateConnection).

    They are for the CRM; a mock needs none, and those of a live one come from the settings alone.
    """

    provider: str
    group_ref: str
    consumer_ref: str
    group_name: str | None = None
    consumer_name: str | None = None
    provider_workspace_ref: str | None = None
    api_key: Any = None
    basic_auth: Any = None
    oauth2_client_credentials: Any = msgspec.field(name="oauth2ClientCredentials", default=None)
    oauth2_password_credentials: Any = msgspec.field(name="oauth2PasswordCredentials", default=None)
    oauth2_authorization_code: Any = msgspec.field(name="oauth2AuthorizationCode", default=None)

    @property
    def scheme(self) -> str:
        """How it says that the customer signed in."""
        given = {
            "apiKey": self.api_key,
            "basicAuth": self.basic_auth,
            "oauth2ClientCredentials": self.oauth2_client_credentials,
            "oauth2PasswordCredentials": self.oauth2_password_credentials,
            "oauth2AuthorizationCode": self.oauth2_authorization_code,
        }
        return next((_SCHEMES[name] for name, value in given.items() if value), "none")


class UpdateConnectionRequest(msgspec.Struct, rename="camel"):
    """Which parts of a connection change (openapi: UpdateConnectionRequest)."""

    update_mask: list[str]
    connection: dict[str, Any]


async def _list(call: ApiCall) -> Any:
    query = call.query
    found = call.platform.authorizations(
        query.get("provider"), query.get("groupRef"), query.get("consumerRef")
    )
    return [call.api.views.connection(each) for each in found]


async def _get(call: ApiCall) -> Any:
    return call.api.views.connection(call.platform.authorization(call.path["connection"]))


async def _generate(call: ApiCall) -> Any:
    asked: GenerateRequest = call.body
    authorization = Authorization(
        provider=asked.provider,
        group=asked.group_ref,
        created_at=call.api.clock.now(),
        group_name=asked.group_name or "",
        consumer=asked.consumer_ref,
        consumer_name=asked.consumer_name or "",
        scheme=asked.scheme,
        workspace=asked.provider_workspace_ref or "",
    )
    return call.api.views.connection(await call.platform.connect(authorization))


async def _update(call: ApiCall) -> Any:
    asked: UpdateConnectionRequest = call.body
    unknown = [mask for mask in asked.update_mask if mask not in _MASKS]
    missing = [mask for mask in asked.update_mask if mask not in asked.connection]
    if unknown or missing:
        issues = tuple(
            ApiIssue("body", "updateMask", f"{mask!r} {reason}", f"Known masks: {', '.join(_MASKS)}.", mask)
            for masks, reason in ((unknown, "is no mask"), (missing, "has no value in `connection`"))
            for mask in masks
        )
        raise ProblemError(400, issues[0].detail, issues[0].remedy, issues)
    known = call.platform.authorization(call.path["connection"])
    changed = known
    if "providerWorkspaceRef" in asked.update_mask:
        workspace = str(asked.connection["providerWorkspaceRef"] or "")
        changed = msgspec.structs.replace(changed, workspace=workspace)
    if "providerMetadata" in asked.update_mask:
        workspace = _workspace_in(asked.connection["providerMetadata"]) or changed.workspace
        changed = msgspec.structs.replace(changed, workspace=workspace)
    if scheme := next((_SCHEMES[mask] for mask in asked.update_mask if mask in _SCHEMES), None):
        changed = msgspec.structs.replace(changed, scheme=scheme)
    return call.api.views.connection(await call.platform.connect(changed))


async def _delete(call: ApiCall) -> None:
    await call.platform.disconnect(call.path["connection"])


async def _oauth_connect(call: ApiCall) -> Any:
    """The URL of a page on which the customer consents, as text."""
    asked: ConnectRequest = call.body
    if not call.platform.ids.is_project(asked.project_id_or_name):
        raise ProblemError(
            404,
            f"Project not found: {asked.project_id_or_name}.",
            f"This sandbox runs {call.platform.ids.project!r}.",
        )
    authorization = Authorization(
        provider=asked.provider,
        group=asked.group_ref,
        created_at=call.api.clock.now(),
        group_name=asked.group_name or "",
        consumer=asked.consumer_ref,
        consumer_name=asked.consumer_name or "",
        workspace=asked.provider_workspace_ref or _workspace_in(asked.provider_metadata),
    )
    call.platform.check_connectable(authorization)
    return _consent_url(call, authorization)


async def _oauth_update(call: ApiCall) -> Any:
    return _consent_url(call, call.platform.authorization(call.path["connection"]))


def _workspace_in(metadata: Any) -> str:
    named = metadata.get("workspace") if isinstance(metadata, dict) else None
    value = named.get("value") if isinstance(named, dict) else None
    return value if isinstance(value, str) else ""


def _consent_url(call: ApiCall, authorization: Authorization) -> PlainTextResponse:
    origin = call.request.headers.get("origin", "")
    return PlainTextResponse(call.base_url + call.api.consent.open(authorization, origin))


_ALL = "/projects/{project}/connections"
OPERATIONS = (
    ApiEndpoint("GET", _ALL, "listConnections", _list),
    ApiEndpoint("POST", f"{_ALL}:generate", "generateConnection", _generate, GenerateRequest, 201),
    ApiEndpoint("PATCH", f"{_ALL}/{{connection}}:oauth-update", "oauthUpdate", _oauth_update),
    ApiEndpoint("GET", f"{_ALL}/{{connection}}", "getConnection", _get),
    ApiEndpoint("PATCH", f"{_ALL}/{{connection}}", "updateConnection", _update, UpdateConnectionRequest),
    ApiEndpoint("DELETE", f"{_ALL}/{{connection}}", "deleteConnection", _delete, status=204),
    ApiEndpoint("POST", "/oauth-connect", "oauthConnect", _oauth_connect, ConnectRequest),
)
