"""Campaigns, their members and the statuses of these."""

from __future__ import annotations

from collections.abc import Sequence

from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.standard_objects.behaviour import (
    Behaviour,
    Document,
    NaturalKey,
    RecordChange,
    has_changed,
    parent_of,
    rows_below,
    touched,
)
from mock_crm.salesforce.state import OrgState

_FIRST_STATUSES = (("Sent", True, False), ("Responded", False, True))
_COUNTS = ("NumberOfLeads", "NumberOfConvertedLeads", "NumberOfContacts", "NumberOfResponses",
           "NumberOfOpportunities", "NumberOfWonOpportunities", "AmountAllOpportunities",
           "AmountWonOpportunities")  # fmt: skip
_OF_LEAD = (
    "FirstName", "LastName", "Name", "Salutation", "Title", "Street", "City", "State", "PostalCode",
    "Country", "Email", "Phone", "Fax", "MobilePhone", "Description", "DoNotCall", "HasOptedOutOfEmail",
    "HasOptedOutOfFax", "LeadSource",
)  # fmt: skip
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")


def _campaign(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    for name in _COUNTS if old is None else ():
        new[name] = 0.0 if name.startswith("Amount") else 0


def _begin_campaign(state: OrgState, changes: Sequence[RecordChange]) -> None:
    """A new campaign comes with two statuses for its members [D]."""
    for change in changes:
        if change.old is not None or change.new is None:
            continue
        for number, (label, is_default, has_responded) in enumerate(_FIRST_STATUSES, 1):
            status = {"CampaignId": change.id, "Label": label, "SortOrder": number, "IsDefault": is_default,
                      "HasResponded": has_responded}  # fmt: skip
            state.store.insert("CampaignMemberStatus", state.ids.next("01Y"), status, state.now_ms())


def _member(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    """A member repeats who it is; a status that its campaign has not becomes the campaign's default [D].

    Of a contact and a lead given together the contact is kept [D].
    """
    if old is None and new.get("ContactId"):
        new["LeadId"] = None
    source = "Contact" if new.get("ContactId") else "Lead"
    person = parent_of(state, source, new, f"{source}Id")
    for name in _OF_LEAD:
        where = f"Mailing{name}" if source == "Contact" and name in _ADDRESS else name
        new[name] = person.get(where, False if name.startswith(("DoNot", "Has")) else None)
    account = parent_of(state, "Account", person, "AccountId").get("Name")
    new["CompanyOrAccount"] = person.get("Company") if source == "Lead" else account
    new["Type"], new["LeadOrContactId"] = source, new.get(f"{source}Id")
    new["LeadOrContactOwnerId"] = person.get("OwnerId")
    if has_changed("Status", new, old) and new.get("CampaignId"):
        rows = rows_below(state, "CampaignMemberStatus", "CampaignId", new["CampaignId"])
        statuses = [row.document for row in rows]
        wanted = str(new.get("Status")).lower()
        found = next((s for s in statuses if s["Label"].lower() == wanted), None)
        found = found or next((s for s in statuses if s.get("IsDefault")), {})
        new["Status"] = found.get("Label")
        new["HasResponded"] = bool(found.get("HasResponded"))
    if new.get("HasResponded") and not new.get("FirstRespondedDate"):
        new["FirstRespondedDate"] = f"{state.clock.now():%Y-%m-%d}"


def _check_member(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if new.get("LeadId") or new.get("ContactId"):
        return []
    return [errors.required_fields_missing(["LeadId", "ContactId"])]


def _count_members(state: OrgState, changes: Sequence[RecordChange]) -> None:
    for campaign_id in touched(changes, "CampaignId"):
        members = [row.document for row in rows_below(state, "CampaignMember", "CampaignId", campaign_id)]
        leads = [m for m in members if m.get("Type") == "Lead"]
        converted = sum(1 for m in leads if parent_of(state, "Lead", m, "LeadId").get("IsConverted"))
        counts = {
            "NumberOfLeads": len(leads) - converted,
            "NumberOfConvertedLeads": converted,
            "NumberOfContacts": len(members) - len(leads),
            "NumberOfResponses": sum(1 for m in members if m.get("HasResponded")),
        }
        _count(state, campaign_id, counts)


def count_opportunities(state: OrgState, changes: Sequence[RecordChange]) -> None:
    """Put the numbers and amounts of their opportunities into campaigns."""
    for campaign_id in touched(changes, "CampaignId"):
        deals = [row.document for row in rows_below(state, "Opportunity", "CampaignId", campaign_id)]
        won = [deal for deal in deals if deal.get("IsWon")]
        counts = {
            "NumberOfOpportunities": len(deals),
            "NumberOfWonOpportunities": len(won),
            "AmountAllOpportunities": float(sum(deal.get("Amount") or 0 for deal in deals)),
            "AmountWonOpportunities": float(sum(deal.get("Amount") or 0 for deal in won)),
        }
        _count(state, campaign_id, counts)


def _count(state: OrgState, campaign_id: str, counts: Document) -> None:
    row = state.store.get("Campaign", campaign_id)
    if row is not None:
        state.store.amend("Campaign", campaign_id, {**row.document, **counts})


BEHAVIOURS = {
    "Campaign": Behaviour(_campaign, follow=_begin_campaign),
    "CampaignMember": Behaviour(
        _member,
        _check_member,
        _count_members,
        tuple(
            NaturalKey((person, "CampaignId"), lambda other, new: errors.already_campaign_member())
            for person in ("ContactId", "LeadId")
        ),
    ),
}
