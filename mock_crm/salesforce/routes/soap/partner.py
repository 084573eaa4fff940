"""The partner API as far as simple clients use it: signing in and out, the user, the server's time.

Elements without a prefix matter: clients find `serverUrl`, `sessionId` and the user's fields by regular
expressions (evidence/salesforce.md#signing-in, [K]).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mock_crm.core.http import Request, Response
from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.lead_conversion import LeadConversion, convert_lead
from mock_crm.salesforce.routes.oauth.grants import OAuthError, log_in
from mock_crm.salesforce.soap.document import NIL, is_true, text
from mock_crm.salesforce.soap.envelope import (
    Envelope,
    SoapFaultError,
    UnknownOperationError,
    answer,
    answer_fault,
    read,
)
from mock_crm.salesforce.soap.session import require_session, require_version, soap_moment, user_record

_NAMESPACES: Final = {"u": "urn:partner.soap.sforce.com", "c": "urn:enterprise.soap.sforce.com"}
_FAULT_NAMESPACES: Final = {
    "u": "urn:fault.partner.soap.sforce.com",
    "c": "urn:fault.enterprise.soap.sforce.com",
}
_CLIENT: Final = "SOAP"
_NOTE: Final = "`login`, `logout`, `getUserInfo`, `getServerTimestamp`, `convertLead`; no other records."

Operation = Callable[["SalesforceContext", Request, Envelope], Any]


def routes() -> list[Route[SalesforceContext]]:
    """The endpoints of the partner (`u`) and enterprise (`c`) WSDL, also with an org id in the path.

    They count against no quota, as signing in does not. Other SOAP APIs say that they are absent.
    """
    return [
        *(
            Route(
                "POST",
                f"/services/Soap/{api}/{{version}}{rest}",
                partner,
                is_open=True,
                is_counted=False,
                note=_NOTE,
            )
            for api in _NAMESPACES
            for rest in ("", "/{org_id}")
        ),
        Route("POST", "/services/Soap/{rest...}", absent, is_open=True, is_absent=True),
    ]


def absent(request: Request, org: SalesforceContext) -> Response:
    """A SOAP API that is not simulated, such as Apex or Tooling."""
    fault = SoapFaultError("FUNCTIONALITY_NOT_ENABLED", f"ampsandbox does not simulate {request.path}.")
    return answer_fault(fault, _FAULT_NAMESPACES["u"])


def partner(request: Request, org: SalesforceContext) -> Response:
    api = request.segments[2]
    try:
        require_version(request.params["version"])
        call = read(request.body)
        operation = _OPERATIONS.get(call.operation)
        if operation is None:
            raise UnknownOperationError(_NAMESPACES[api], call.operation)
        if operation is not _login:
            require_session(org, call)
        header = None if operation in (_login, _logout) else _usage(org)
        return answer(call.operation, operation(org, request, call), _NAMESPACES[api], header)
    except SoapFaultError as fault:
        return answer_fault(fault, _FAULT_NAMESPACES[api])


def _usage(org: SalesforceContext) -> dict[str, Any]:
    window = org.quota["daily"]
    usage = {"current": window.used, "limit": window.limit, "type": "API REQUESTS"}
    return {"LimitInfoHeader": {"limitInfo": usage}}


def _convert_lead(org: SalesforceContext, request: Request, call: Envelope) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    for item in call.body.findall("leadConverts"):
        asked = LeadConversion(
            lead_id=text(item, "leadId"),
            status=text(item, "convertedStatus"),
            account_id=text(item, "accountId"),
            contact_id=text(item, "contactId"),
            owner_id=text(item, "ownerId"),
            opportunity_name=text(item, "opportunityName"),
            has_opportunity=not is_true(text(item, "doNotCreateOpportunity")),
        )
        try:
            made = convert_lead(org, asked)
        except SalesforceError as error:
            refusal = {"message": error.message, "statusCode": error.code}
            results.append({"errors": refusal, "leadId": asked.lead_id, "success": False})
            continue
        results.append({
            "accountId": made.account_id, "contactId": made.contact_id, "leadId": asked.lead_id,
            "opportunityId": made.opportunity_id or NIL, "success": True,
        })  # fmt: skip
    return results


def _login(org: SalesforceContext, request: Request, call: Envelope) -> dict[str, Any]:
    try:
        log_in(org, text(call.body, "username"), text(call.body, "password"))
    except OAuthError as error:
        message = "Invalid username, password, security token; or user locked out."
        raise SoapFaultError("INVALID_LOGIN", message, "LoginFault") from error
    session = org.sessions.issue(_CLIENT)
    path = f"{request.params['version']}/{org.identity.org_id[:15]}"
    return {
        "metadataServerUrl": request.url(f"/services/Soap/m/{path}"),
        "passwordExpired": False,
        "sandbox": org.settings.edition.lower() in ("", "sandbox"),
        "serverUrl": request.url(f"/services/Soap/{request.segments[2]}/{path}"),
        "sessionId": session.token,
        "userId": org.identity.user_id,
        "userInfo": _user_info(org),
    }


def _logout(org: SalesforceContext, request: Request, call: Envelope) -> None:
    org.sessions.revoke(call.session_id)


def _get_user_info(org: SalesforceContext, request: Request, call: Envelope) -> dict[str, Any]:
    return _user_info(org)


def _get_server_timestamp(org: SalesforceContext, request: Request, call: Envelope) -> dict[str, Any]:
    return {"timestamp": soap_moment(org.clock.now())}


_OPERATIONS: Final[dict[str, Operation]] = {
    "login": _login,
    "logout": _logout,
    "convertLead": _convert_lead,
    "getUserInfo": _get_user_info,
    "getServerTimestamp": _get_server_timestamp,
}


def _user_info(org: SalesforceContext) -> dict[str, Any]:
    """The signed-in user, in the order of the WSDL, which is alphabetical."""
    user = user_record(org)
    organization = org.store.get("Organization", org.identity.org_id)
    assert organization is not None
    return {
        "accessibilityMode": False,
        "chatterExternal": False,
        "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": 26214400,
        "orgDefaultCurrencyIsoCode": "USD",
        "orgDefaultCurrencyLocale": "en_US",
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False,
        "organizationId": org.identity.org_id,
        "organizationMultiCurrency": False,
        "organizationName": organization.document["Name"],
        "profileId": org.identity.profile_id,
        "roleId": user.get("UserRoleId") or NIL,
        "sessionSecondsValid": int(org.sessions.lifetime_s),
        "userDefaultCurrencyIsoCode": NIL,
        "userEmail": user["Email"],
        "userFullName": user["Name"],
        "userId": org.identity.user_id,
        "userLanguage": user["LanguageLocaleKey"],
        "userLocale": user["LocaleSidKey"],
        "userName": user["Username"],
        "userTimeZone": user["TimeZoneSidKey"],
        "userType": user["UserType"],
        "userUiSkin": "Theme3",
    }
