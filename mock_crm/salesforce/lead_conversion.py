"""Turning leads into accounts, contacts and opportunities, as `convertLead` of the SOAP API does [A D]."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.dml import DmlOptions
from mock_crm.salesforce.errors import SalesforceError, cannot_convert, invalid_cross_reference
from mock_crm.salesforce.ids import to_18

_CLOSES_AFTER = timedelta(days=30)
_OF_CONTACT = (
    "Salutation", "FirstName", "LastName", "Title", "Phone", "MobilePhone", "Fax", "Email", "LeadSource",
    "Description",
)  # fmt: skip
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")


class LeadConversion(NamedTuple):
    """How one lead is converted; empty ids make new records."""

    lead_id: str
    status: str
    account_id: str = ""
    contact_id: str = ""
    owner_id: str = ""
    opportunity_name: str = ""
    has_opportunity: bool = True


class Converted(NamedTuple):
    """What a lead became; `opportunity_id` is None where none was wanted."""

    account_id: str
    contact_id: str
    opportunity_id: str | None


def convert_lead(org: SalesforceContext, asked: LeadConversion) -> Converted:
    """Convert a lead, wholly or not at all.

    Raises:
        SalesforceError: There is no such lead, it is converted, or one of the new records is refused.
    """
    lead_id = to_18(asked.lead_id) or ""
    row = org.store.get("Lead", lead_id)
    if row is None or row.archived:
        raise invalid_cross_reference()
    lead = row.document
    if lead.get("IsConverted"):
        raise cannot_convert("lead already converted")
    statuses = org.store.scan("LeadStatus")
    if asked.status not in [s.document["ApiName"] for s in statuses if s.document["IsConverted"]]:
        raise cannot_convert(f"invalid convertedStatus: {asked.status}")
    with org.store.transaction():
        owner = {"OwnerId": asked.owner_id} if asked.owner_id else {}
        account = asked.account_id or _insert(org, "Account", {**_account(lead), **owner})
        contact = asked.contact_id or _insert(
            org, "Contact", {**_contact(lead), "AccountId": account, **owner}
        )
        opportunity = None
        if asked.has_opportunity:
            closes = f"{org.clock.now() + _CLOSES_AFTER:%Y-%m-%d}"
            name = asked.opportunity_name or f"{lead['Company']}-"
            deal = {"Name": name, "AccountId": account, "StageName": "Prospecting", "CloseDate": closes}
            opportunity = _insert(org, "Opportunity", {**deal, **owner})
        converted = {
            "IsConverted": True,
            "Status": asked.status,
            "ConvertedDate": f"{org.clock.now():%Y-%m-%d}",
            "ConvertedAccountId": account,
            "ConvertedContactId": contact,
            "ConvertedOpportunityId": opportunity,
        }
        org.store.update("Lead", lead_id, {**lead, **converted}, org.now_ms())
    return Converted(account, contact, opportunity)


def _insert(org: SalesforceContext, object_name: str, values: dict[str, Any]) -> str:
    result = org.dml.insert(org.schema.named(object_name), [values], DmlOptions())[0]
    if result.errors:
        first = result.errors[0]
        raise SalesforceError(first.code, first.message, first.fields)
    return str(result.id)


def _account(lead: dict[str, Any]) -> dict[str, Any]:
    address = {f"Billing{part}": lead.get(part) for part in _ADDRESS}
    same = {name: lead.get(name) for name in ("Phone", "Fax", "Website", "Industry", "AnnualRevenue")}
    return {"Name": lead["Company"], **same, "NumberOfEmployees": lead.get("NumberOfEmployees"), **address}


def _contact(lead: dict[str, Any]) -> dict[str, Any]:
    address = {f"Mailing{part}": lead.get(part) for part in _ADDRESS}
    return {**{name: lead.get(name) for name in _OF_CONTACT}, **address}
