"""What the standard objects ask beyond their describe (evidence/salesforce.md#objects, [M])."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.state import OrgState

Document = dict[str, Any]
Rule = Callable[[Document, Document | None, "OrgState"], list[SalesforceError]]


def _asset(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if new.get("AccountId") or new.get("ContactId"):
        return []
    return [
        SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "Every asset needs an account, a contact, or both.",
            ("AccountId", "ContactId"),
        )
    ]


def _campaign_member(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if new.get("LeadId") or new.get("ContactId"):
        return []
    return [errors.required_fields_missing(["LeadId", "ContactId"])]


def _contract(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    before, after = (old or {}).get("StatusCode", "Draft"), new.get("StatusCode")
    is_begun_otherwise = old is None and after != "Draft"
    is_taken_back = before == "Activated" and after != "Activated"
    return [errors.contract_status_not_valid()] if is_begun_otherwise or is_taken_back else []


def _event(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if new.get("IsAllDayEvent"):
        needed = [] if new.get("ActivityDate") or new.get("StartDateTime") else ["ActivityDate"]
    elif new.get("StartDateTime"):
        needed = [] if new.get("EndDateTime") or new.get("DurationInMinutes") is not None else ["EndDateTime"]
    else:
        needed = [name for name in ("DurationInMinutes", "ActivityDateTime") if new.get(name) is None]
    return [errors.required_fields_missing(needed)] if needed else []


def _lead(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if old is not None and old.get("IsConverted"):
        return [errors.converted_lead()]
    return _owned("lead")(new, old, state)


def _owned(noun: str) -> Rule:
    """The owner is active; accounts, opportunities and custom objects do not ask for it since 2015 [P]."""

    def rule(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
        owner = new.get("OwnerId")
        if (
            owner is None
            or owner == state.identity.user_id
            or (old is not None and old.get("OwnerId") == owner)
        ):
            return []
        user = state.store.get("User", owner)
        is_inactive = user is not None and not user.document.get("IsActive")
        return [errors.inactive_owner(owner, noun)] if is_inactive else []

    return rule


def _line_item(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if not (new.get("PricebookEntryId") or new.get("Product2Id")):
        return [errors.required_fields_missing(["PricebookEntryId"])]
    if new.get("UnitPrice") is None and new.get("TotalPrice") is None:
        return [errors.required_fields_missing(["UnitPrice", "TotalPrice"])]
    opportunity = state.store.get("Opportunity", new["OpportunityId"]) if "OpportunityId" in new else None
    entry = (
        state.store.get("PricebookEntry", new["PricebookEntryId"]) if new.get("PricebookEntryId") else None
    )
    book = opportunity.document.get("Pricebook2Id") if opportunity else None
    if book and entry and entry.document["Pricebook2Id"] != book:
        return [errors.entry_of_another_price_book()]
    return []


def _price_book_entry(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if old is not None or new["Pricebook2Id"] == state.identity.standard_pricebook_id:
        return []
    state.store.declare("PricebookEntry", ("Product2Id",))
    for row in state.store.lookup("PricebookEntry", "Product2Id", new["Product2Id"], limit=100):
        if row.document.get("Pricebook2Id") == state.identity.standard_pricebook_id:
            return []
    return [
        SalesforceError(
            "STANDARD_PRICE_NOT_DEFINED",
            "Before creating a custom price, create a standard price.",
            (),
        )
    ]


def _assignment(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if not (new.get("PermissionSetId") or new.get("PermissionSetGroupId")):
        return [errors.required_fields_missing(["PermissionSetId"])]
    return []


def _user(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    name = str(new.get("Username"))
    if "@" in name and "." in name.partition("@")[2]:
        return []
    return [
        SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "Username: The username must be in the form of an email address (for example, john@acme.com).",
            ("Username",),
        )
    ]


STANDARD_RULES: dict[str, Rule] = {
    "Asset": _asset,
    "CampaignMember": _campaign_member,
    "Case": _owned("case"),
    "Contact": _owned("contact"),
    "Contract": _contract,
    "Event": _event,
    "Lead": _lead,
    "OpportunityLineItem": _line_item,
    "OrderItem": _line_item,
    "PermissionSetAssignment": _assignment,
    "PricebookEntry": _price_book_entry,
    "User": _user,
}
"""The rules by object: called with the new document, the old one or None, and the state."""


class NaturalKey(NamedTuple):
    """Fields that no two records share, in any case; records without a value of one are left out.

    `refusal` is called with the id of the record that has the values already, and with the new document.
    """

    fields: tuple[str, ...]
    refusal: Callable[[str, Document], SalesforceError]

    def of(self, document: Document) -> tuple[Any, ...]:
        values = (document.get(name) for name in self.fields)
        return tuple(value.lower() if isinstance(value, str) else value for value in values)


NATURAL_KEYS: dict[str, tuple[NaturalKey, ...]] = {
    "CampaignMember": tuple(
        NaturalKey((person, "CampaignId"), lambda other, new: errors.already_campaign_member())
        for person in ("ContactId", "LeadId")
    ),
    "ContentDocumentLink": (
        NaturalKey(
            ("ContentDocumentId", "LinkedEntityId"),
            lambda other, new: errors.already_linked(new["ContentDocumentId"], new["LinkedEntityId"]),
        ),
    ),
    "PermissionSetAssignment": (
        NaturalKey(("AssigneeId", "PermissionSetId"), lambda other, new: errors.duplicate_assignment(other)),
    ),
    "PricebookEntry": (
        NaturalKey(("Product2Id", "Pricebook2Id"), lambda other, new: errors.price_already_defined()),
    ),
    "User": (NaturalKey(("Username",), lambda other, new: errors.duplicate_username()),),
}
