"""The two providers that a sandbox has, as Ampersand's catalogue describes them, and their apps."""

from __future__ import annotations

from typing import Any, Final

from ampsandbox.server.ampersand_api import models
from ampsandbox.server.ampersand_api.endpoint import ApiCall, ApiEndpoint
from ampsandbox.server.ampersand_api.problems import ProblemError

_BATCH: Final = {"supported": True, "defaultRecordLimit": 100}
_NO_BATCH: Final = {"supported": False}


def _support(*, bulk: bool) -> dict[str, Any]:
    return {
        "read": True,
        "write": True,
        "delete": True,
        "subscribe": True,
        "proxy": True,
        "bulkWrite": {"insert": bulk, "update": bulk, "upsert": bulk, "delete": bulk},
        "batchWrite": {"create": _BATCH, "update": _BATCH, "upsert": _NO_BATCH, "delete": _NO_BATCH},
        "search": {"operators": {"equals": True}},
    }


CATALOG: Final[dict[str, dict[str, Any]]] = {
    "salesforce": {
        "name": "salesforce",
        "displayName": "Salesforce",
        "authType": "oauth2",
        "baseURL": "https://{{.workspace}}.my.salesforce.com",
        "defaultModule": "crm",
        "oauth2Opts": {
            "grantType": "authorizationCode",
            "authURL": "https://{{.workspace}}.my.salesforce.com/services/oauth2/authorize",
            "tokenURL": "https://{{.workspace}}.my.salesforce.com/services/oauth2/token",
            "explicitScopesRequired": False,
            "explicitWorkspaceRequired": True,
            "tokenMetadataFields": {
                "consumerRefField": "id",
                "workspaceRefField": "instance_url",
                "scopesField": "scope",
            },
        },
        "support": _support(bulk=True),
        "metadata": {
            "input": [
                {
                    "name": "workspace",
                    "displayName": "Salesforce Subdomain",
                    "docsURL": "https://help.salesforce.com/s/articleView?id=sf.faq_domain_name_what.htm",
                }
            ]
        },
    },
    "hubspot": {
        "name": "hubspot",
        "displayName": "HubSpot",
        "authType": "oauth2",
        "baseURL": "https://api.hubapi.com",
        "defaultModule": "crm",
        "oauth2Opts": {
            "grantType": "authorizationCode",
            "authURL": "https://app.hubspot.com/oauth/authorize",
            "tokenURL": "https://api.hubapi.com/oauth/v1/token",
            "explicitScopesRequired": True,
            "explicitWorkspaceRequired": False,
            "tokenMetadataFields": {},
        },
        "support": _support(bulk=False),
    },
}


async def _catalog(_: ApiCall) -> Any:
    return CATALOG


async def _provider(call: ApiCall) -> Any:
    name = call.path["provider"]
    if name not in CATALOG:
        raise ProblemError(
            404, f"Provider not found: {name}.", f"The sandbox has CRMs of: {', '.join(CATALOG)}."
        )
    return CATALOG[name]


async def _apps(call: ApiCall) -> Any:
    """One app for each provider of the manifest: what the mocks take for theirs."""
    ids = call.platform.ids
    providers = dict.fromkeys(each.provider for each in call.platform.integrations)
    return [
        models.ProviderApp(
            id=ids.provider_app_id(name),
            project_id=ids.project_id,
            provider=name,
            client_id=f"ampsandbox-{name}",
            create_time=call.api.views.created_at,
        )
        for name in providers
        if name in CATALOG
    ]


OPERATIONS = (
    ApiEndpoint("GET", "/providers", "listProviders", _catalog),
    ApiEndpoint("GET", "/providers/{provider}", "getProvider", _provider),
    ApiEndpoint("GET", "/projects/{project}/provider-apps", "listProviderApps", _apps),
)
