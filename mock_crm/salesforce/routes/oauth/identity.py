"""Who is signed in: `userinfo`, the identity URL, OpenID's configuration, and the way into the web pages."""

from __future__ import annotations

from typing import Any

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.ids import stable_text
from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.sessions import bearer

_NO_PAGES = "The link leads nowhere: there are no web pages."


def routes() -> list[Route[SalesforceContext]]:
    listed = [
        ("GET", "/services/oauth2/userinfo", userinfo),
        ("POST", "/services/oauth2/userinfo", userinfo),
        ("GET", "/id/{org}/{user}", identity),
        ("GET", "/.well-known/openid-configuration", configuration),
    ]
    return [
        *(Route(method, path, handler, is_open=True, is_counted=False) for method, path, handler in listed),
        Route("GET", "/services/oauth2/singleaccess", single_access, is_counted=False, note=_NO_PAGES),
        Route("POST", "/services/oauth2/singleaccess", single_access, is_counted=False, note=_NO_PAGES),
    ]


def userinfo(request: Request, org: SalesforceContext) -> Response:
    """The user in OpenID's form."""
    if not _is_signed_in(request, org):
        return _bad_token()
    user = _user(org)
    photo = request.url("/profilephoto/005")
    return json_response(
        {
            "sub": request.url(f"/id/{org.identity.org_id}/{org.identity.user_id}"),
            "user_id": org.identity.user_id,
            "organization_id": org.identity.org_id,
            "preferred_username": user["Username"],
            "nickname": user["CommunityNickname"],
            "name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "given_name": user["FirstName"],
            "family_name": user["LastName"],
            "zoneinfo": user["TimeZoneSidKey"],
            "photos": {"picture": f"{photo}/F", "thumbnail": f"{photo}/T"},
            "profile": request.url(f"/{org.identity.user_id}"),
            "picture": f"{photo}/F",
            "address": {},
            "is_salesforce_integration_user": False,
            **_account(request, org, user),
            # Without milliseconds and in UTC, unlike anywhere else (recorded by NangoHQ, 2026).
            "updated_at": user["LastModifiedDate"][:19] + "Z",
        }
    )


def identity(request: Request, org: SalesforceContext) -> Response:
    """The user in Salesforce's own form."""
    if not _is_signed_in(request, org):
        return _bad_token()
    is_own = (
        request.params["org"][:15] == org.identity.org_id[:15]
        and request.params["user"][:15] == org.identity.user_id[:15]
    )
    if not is_own:
        return Response(403, b"Wrong_Org", "text/html;charset=UTF-8")
    user = _user(org)
    photo = request.url("/profilephoto/005")
    return json_response(
        {
            "id": request.url(f"/id/{org.identity.org_id}/{org.identity.user_id}"),
            "asserted_user": True,
            "user_id": org.identity.user_id,
            "organization_id": org.identity.org_id,
            "username": user["Username"],
            "nick_name": user["CommunityNickname"],
            "display_name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "first_name": user["FirstName"],
            "last_name": user["LastName"],
            "timezone": user["TimeZoneSidKey"],
            "photos": {"picture": f"{photo}/F", "thumbnail": f"{photo}/T"},
            "addr_street": user["Street"],
            "addr_city": user["City"],
            "addr_state": user["State"],
            "addr_country": user["Country"],
            "addr_zip": user["PostalCode"],
            "mobile_phone": user["MobilePhone"],
            "mobile_phone_verified": False,
            "is_lightning_login_user": False,
            "status": {"created_date": None, "body": None},
            **_account(request, org, user),
            "last_modified_date": user["LastModifiedDate"],
            "is_app_installed": True,
        }
    )


def single_access(request: Request, org: SalesforceContext) -> Response:
    """A link into the web pages, which the mock does not have; `sf org open` asks for it."""
    otp = stable_text(org.random_seed, org.name, "otp", length=40, alphabet="0123456789abcdef")
    return json_response({"frontdoor_uri": request.url(f"/secur/frontdoor.jsp?otp={otp}")})


def configuration(request: Request, org: SalesforceContext) -> Response:
    """Where the endpoints of OAuth are."""
    base = request.url("/services/oauth2")
    return json_response(
        {
            "issuer": request.url(""),
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "revocation_endpoint": f"{base}/revoke",
            "userinfo_endpoint": f"{base}/userinfo",
            "introspection_endpoint": f"{base}/introspect",
            "scopes_supported": ["api", "full", "openid", "refresh_token", "web"],
            "response_types_supported": ["code", "token"],
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": [
                "authorization_code", "client_credentials", "password", "refresh_token",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
        }
    )  # fmt: skip


def _is_signed_in(request: Request, org: SalesforceContext) -> bool:
    token = bearer(request) or request.query.get("oauth_token", "") or request.query.get("access_token", "")
    return org.sessions.accepts(token)


def _bad_token() -> Response:
    return Response(403, b"Bad_OAuth_Token", "text/html;charset=UTF-8")


def _user(org: SalesforceContext) -> dict[str, Any]:
    row = org.store.get("User", org.identity.user_id)
    sobject = org.schema.find("User")
    assert row is not None
    assert sobject is not None
    return org.reader.whole(sobject, row)


def _account(request: Request, org: SalesforceContext, user: dict[str, Any]) -> dict[str, Any]:
    """What both forms say in the same words."""
    return {
        "urls": _urls(request, org),
        "active": user["IsActive"],
        "user_type": "STANDARD",
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": -28_800_000,
    }


def _urls(request: Request, org: SalesforceContext) -> dict[str, str]:
    """The entrances of the APIs; clients put their version for `{version}`."""
    org_id = org.identity.org_id[:15]
    rest = request.url("/services/data/v{version}/")
    return {
        "enterprise": request.url("/services/Soap/c/{version}/" + org_id),
        "metadata": request.url("/services/Soap/m/{version}/" + org_id),
        "partner": request.url("/services/Soap/u/{version}/" + org_id),
        "rest": rest,
        "sobjects": f"{rest}sobjects/",
        "search": f"{rest}search/",
        "query": f"{rest}query/",
        "recent": f"{rest}recent/",
        "tooling_soap": request.url("/services/Soap/T/{version}/" + org_id),
        "tooling_rest": f"{rest}tooling/",
        "profile": request.url(f"/{org.identity.user_id}"),
        "feeds": f"{rest}chatter/feeds",
        "groups": f"{rest}chatter/groups",
        "users": f"{rest}chatter/users",
        "feed_items": f"{rest}chatter/feed-items",
        "feed_elements": f"{rest}chatter/feed-elements",
        "custom_domain": request.url(""),
    }
