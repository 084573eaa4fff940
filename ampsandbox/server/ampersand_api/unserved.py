"""What Ampersand's API has and a sandbox has not: answered with 501, and with what to do instead."""

from __future__ import annotations

from typing import Any, Final

from ampsandbox.server.ampersand_api.endpoint import ApiCall, ApiEndpoint, Handler
from ampsandbox.server.ampersand_api.problems import ProblemError

_MANIFEST: Final = "The manifest is a file here: edit it, or deploy it with `amp deploy` (AMP_API_URL)."
READS: Final = (
    "Nothing is read on a schedule. Look at records with ampsandbox ctl records, or search for them."
)
_DESTINATIONS: Final = "Results of writes go to the `webhooks:` of sandbox.yaml."
_KEYS: Final = "The sandbox takes any key, or the one of --api-key."
_ACCOUNT: Final = "A sandbox is one project without users; do this in Ampersand's dashboard."
_APPS: Final = "The mocks need no app; credentials of a live CRM belong into sandbox.yaml."

_P: Final = "/projects/{project}"
_I: Final = f"{_P}/integrations/{{integration}}"
TABLE: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("POST", "/projects", "createProject", "Start another sandbox with --project."),
    ("PATCH", _P, "updateProject", "Start the sandbox with another --project or appName."),
    ("POST", f"{_P}/integrations", "createIntegration", _MANIFEST),
    ("DELETE", _I, "deleteIntegration", _MANIFEST),
    ("POST", f"{_I}/revisions", "createRevision", _MANIFEST),
    ("POST", f"{_P}/provider-apps", "createProviderApp", _APPS),
    ("PATCH", f"{_P}/provider-apps/{{app}}", "updateProviderApp", _APPS),
    ("DELETE", f"{_P}/provider-apps/{{app}}", "deleteProviderApp", _APPS),
    ("POST", "/custom-auth/connect", "customAuthConnect", "Salesforce and HubSpot connect by OAuth."),
    (
        "GET",
        f"{_I}/installations/{{installation}}/objects/{{object}}/backfill-progress",
        "getBackfillProgress",
        READS,
    ),
    ("GET", f"{_P}/destinations", "listDestinations", _DESTINATIONS),
    ("POST", f"{_P}/destinations", "createDestination", _DESTINATIONS),
    ("GET", f"{_P}/destinations/{{destination}}", "getDestination", _DESTINATIONS),
    ("PATCH", f"{_P}/destinations/{{destination}}", "updateDestination", _DESTINATIONS),
    ("DELETE", f"{_P}/destinations/{{destination}}", "deleteDestination", _DESTINATIONS),
    ("GET", f"{_P}/topics", "listTopics", _DESTINATIONS),
    ("POST", f"{_P}/topics", "createTopic", _DESTINATIONS),
    ("PATCH", f"{_P}/topics/{{topic}}", "updateTopic", _DESTINATIONS),
    ("DELETE", f"{_P}/topics/{{topic}}", "deleteTopic", _DESTINATIONS),
    ("GET", f"{_P}/notification-event-topic-routes", "listEventTopicRoutes", _DESTINATIONS),
    ("POST", f"{_P}/notification-event-topic-routes", "createEventTopicRoute", _DESTINATIONS),
    ("DELETE", f"{_P}/notification-event-topic-routes/{{route}}", "deleteEventTopicRoute", _DESTINATIONS),
    ("GET", f"{_P}/topic-destination-routes", "listTopicDestinationRoutes", _DESTINATIONS),
    ("POST", f"{_P}/topic-destination-routes", "createTopicDestinationRoute", _DESTINATIONS),
    ("DELETE", f"{_P}/topic-destination-routes/{{route}}", "deleteTopicDestinationRoute", _DESTINATIONS),
    ("GET", f"{_P}/api-keys", "listApiKeys", _KEYS),
    ("POST", f"{_P}/api-keys", "createApiKey", _KEYS),
    ("GET", f"{_P}/api-keys/{{key}}", "getApiKey", _KEYS),
    ("PATCH", f"{_P}/api-keys/{{key}}", "updateApiKey", _KEYS),
    ("DELETE", f"{_P}/api-keys/{{key}}", "deleteApiKey", _KEYS),
    ("GET", f"{_P}/jwt-keys", "listJWTKeys", _KEYS),
    ("POST", f"{_P}/jwt-keys", "createJWTKey", _KEYS),
    ("GET", f"{_P}/jwt-keys/{{key}}", "getJWTKey", _KEYS),
    ("PATCH", f"{_P}/jwt-keys/{{key}}", "updateJWTKey", _KEYS),
    ("DELETE", f"{_P}/jwt-keys/{{key}}", "deleteJWTKey", _KEYS),
    ("POST", "/orgs", "createOrg", _ACCOUNT),
    ("GET", "/orgs/{org}", "getOrg", _ACCOUNT),
    ("PATCH", "/orgs/{org}", "updateOrg", _ACCOUNT),
    ("GET", "/orgs/{org}/builders", "listOrgBuilders", _ACCOUNT),
    ("GET", "/orgs/{org}/invites", "listOrgInvites", _ACCOUNT),
    ("POST", "/orgs/{org}/invites", "createOrgInvite", _ACCOUNT),
    ("GET", "/orgs/{org}/invites/{invite}", "getOrgInvite", _ACCOUNT),
    ("DELETE", "/orgs/{org}/invites/{invite}", "deleteOrgInvite", _ACCOUNT),
    ("POST", "/orgs/{org}/memberships", "addUserToOrg", _ACCOUNT),
    ("GET", "/orgs/{org}/billingAccount", "getOrgBillingAccount", _ACCOUNT),
    ("GET", "/orgs/{org}/claimed-domains", "listOrgClaimedDomains", _ACCOUNT),
    ("POST", "/billingAccounts/{account}/portalSession", "createBillingAccountSession", _ACCOUNT),
    ("GET", "/my-info", "getMyInfo", _ACCOUNT),
    ("POST", "/invites:accept", "acceptInvite", _ACCOUNT),
    ("GET", "/claimed-domains", "checkClaimedDomain", _ACCOUNT),
    ("POST", "/claimed-domains", "claimDomain", _ACCOUNT),
)


def _refuse(name: str, remedy: str) -> Handler:
    async def handler(_: ApiCall) -> Any:
        raise ProblemError(501, f"The sandbox does not serve {name}.", remedy)

    return handler


OPERATIONS = tuple(
    ApiEndpoint(method, path, name, _refuse(name, remedy)) for method, path, name, remedy in TABLE
)
