"""The APIs that HubSpot has and this mock has not, which answer 501 instead of the page for unknown paths."""

from __future__ import annotations

import re

from mock_crm.hubspot.endpoint import DATED

_DATED = re.compile(r"20\d\d-(0[1-9]|1[0-2])(-beta)?")

ABSENT_APIS = {
    "/account-info": "This part of the account information API",
    "/analytics": "The analytics API",
    "/app-webhooks": "The webhooks API",
    "/appinstalls": "The app uninstallation API",
    "/automation": "The automation API",
    "/blogs": "The legacy blog API",
    "/broadcast": "The social media API",
    "/business-units": "The business units API",
    "/calendar": "The calendar API",
    "/cms": "The CMS API",
    "/commerce": "The commerce API",
    "/communication-preferences": "The communication preferences API",
    "/companies": "This part of the legacy companies API",
    "/contacts": "The legacy contacts API",
    "/content": "The content API",
    "/conversations": "The conversations API",
    "/crm-associations": "The legacy associations API",
    "/crm-object-schemas": "This part of the schemas API",
    "/crm-objects": "The legacy CRM objects API",
    "/crm-pipelines": "This part of the legacy pipelines API",
    "/crm/deals": "The deal splits API",
    "/crm/exports": "The exports API",
    "/crm/extensions": "The CRM extensions API",
    "/crm/feature-flags": "The feature flags API",
    "/crm/imports": "The imports API",
    "/crm/limits": "This part of the limits API",
    "/crm/object-library": "The object library API",
    "/crm/object-tags": "The object tags API",
    "/crm/pipelines-rules": "The pipeline rules API",
    "/crm/property-validations": "The property validations API",
    "/crm/splits": "The deal splits API",
    "/crm/task-series": "The task series API",
    "/crm/timeline": "The timeline API",
    "/data-studio": "The data studio API",
    "/deal-splits": "The deal splits API",
    "/deals": "This part of the legacy deals API",
    "/ecommerce": "The legacy e-commerce API",
    "/email": "The email API",
    "/engagements": "This part of the legacy engagements API",
    "/events": "The events API",
    "/feature-flags": "The feature flags API",
    "/feedback": "The feedback API",
    "/filemanager": "The file manager API",
    "/files": "The files API",
    "/forecast-settings": "The forecast settings API",
    "/forecast-submissions": "The forecast submissions API",
    "/form-integrations": "The form integrations API",
    "/forms": "The forms API",
    "/hubdb": "The legacy HubDB API",
    "/integrations": "This part of the legacy integrations API",
    "/integrators": "The integrators API",
    "/marketing": "The marketing API",
    "/marketing-emails": "The legacy marketing e-mail API",
    "/media-bridge": "The media bridge API",
    "/meta": "The network origins API",
    "/notetaker": "The notetaker API",
    "/owners": "The legacy owners API",
    "/payments-subscriptions": "The subscriptions API",
    "/properties": "Writing by the legacy properties API",
    "/public": "The versioning test API",
    "/reports": "The reports API",
    "/scheduler": "The scheduler API",
    "/settings": "The settings API",
    "/subscriptions": "The legacy subscriptions API",
    "/tax-rates": "The tax rates API",
    "/uploads": "The legacy uploads API",
    "/url-mappings": "The URL mappings API",
    "/visitor-identification": "The visitor identification API",
    "/webhooks": "The webhooks API",
    "/webhooks-journal": "The webhooks journal API",
}
"""APIs that HubSpot has and this mock has not, by the start of their path."""


def absent_api(path: str) -> str:
    """The name of the API that HubSpot has under a path and the mock has not; empty for unknown paths.

    A version in front of or behind an API's name makes no difference; one that the mock has not is absent.
    """
    parts = path.strip("/").split("/")
    if parts[0] != "crm":
        return ABSENT_APIS.get(f"/{parts[0]}", "")
    version = next((part for part in parts[1:3] if _DATED.fullmatch(part) and part not in DATED), None)
    if version is not None:
        return f"The version {version} of the API"
    # What follows `objects` or the name of an API is a type of records, but for `deals/splits`.
    named = [*parts[1:3], *("splits" for part in parts[3:5] if part == "splits")]
    return next((ABSENT_APIS[f"/crm/{part}"] for part in named if f"/crm/{part}" in ABSENT_APIS), "")
