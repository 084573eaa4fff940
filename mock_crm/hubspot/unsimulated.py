"""The APIs that HubSpot has and this mock has not, which answer 501 instead of the page for unknown paths."""

from __future__ import annotations

ABSENT_APIS = {
    "/automation": "The automation API",
    "/broadcast": "The social media API",
    "/business-units": "The business units API",
    "/calendar": "The calendar API",
    "/cms": "The CMS API",
    "/communication-preferences": "The communication preferences API",
    "/content": "The content API",
    "/contacts": "The legacy contacts API",
    "/conversations": "The conversations API",
    "/crm/exports": "The exports API",
    "/crm/extensions": "The CRM extensions API",
    "/crm/imports": "The imports API",
    "/crm/lists": "This part of the lists API",
    "/crm/object-library": "The object library API",
    "/crm/timeline": "The timeline API",
    "/crm-pipelines": "This part of the legacy pipelines API",
    "/deals": "This part of the legacy deals API",
    "/email": "The email API",
    "/events": "The events API",
    "/filemanager": "The file manager API",
    "/files": "The files API",
    "/form-integrations": "The form integrations API",
    "/forms": "The forms API",
    "/integrators": "The integrators API",
    "/marketing": "The marketing API",
    "/scheduler": "The scheduler API",
    "/settings": "The settings API",
    "/tax-rates": "The tax rates API",
    "/visitor-identification": "The visitor identification API",
    "/webhooks": "The webhooks API",
}
"""APIs that HubSpot has and this mock has not, by the start of their path."""


def absent_api(path: str) -> str:
    """The name of the API that HubSpot has under a path and the mock has not; empty for unknown paths.

    A version in front of or behind an API's name makes no difference.
    """
    parts = path.strip("/").split("/")
    if parts[0] != "crm":
        return ABSENT_APIS.get(f"/{parts[0]}", "")
    return next((ABSENT_APIS[f"/crm/{part}"] for part in parts[1:3] if f"/crm/{part}" in ABSENT_APIS), "")
