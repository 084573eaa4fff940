"""Fields that Salesforce works out when a record is saved (evidence/salesforce.md#objects, [M])."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

from mock_crm.salesforce.catalogue.stages import STAGES
from mock_crm.salesforce.state import OrgState
from mock_crm.salesforce.values import format_moment

Document = dict[str, Any]
Derive = Callable[[Document, Document | None, "OrgState", str], None]

_STAGES = {stage.name.lower(): stage[1:] for stage in STAGES}
_UNKNOWN_STAGE = (False, False, 0.0, "Pipeline", "Pipeline")

_CLOSED_CASES = frozenset({"closed"})
_COMPLETED = frozenset({"completed"})


def _has_changed(name: str, new: Document, old: Document | None) -> bool:
    return old is None or new.get(name) != old.get(name)


def _opportunity(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    stage = _STAGES.get(str(new.get("StageName")).lower(), _UNKNOWN_STAGE)
    if _has_changed("StageName", new, old):
        new["IsClosed"], new["IsWon"] = stage[0], stage[1]
        if not _is_given("Probability", new, old):
            new["Probability"] = stage[2]
        if not _is_given("ForecastCategoryName", new, old):
            new["ForecastCategory"], new["ForecastCategoryName"] = stage[3], stage[4]
        if old is not None:
            new["LastStageChangeDate"] = format_moment(state.clock.now())
    amount, probability = new.get("Amount"), new.get("Probability")
    new["ExpectedRevenue"] = None if amount is None else round(amount * (probability or 0) / 100, 2)
    _fiscal(new)


def _is_given(name: str, new: Document, old: Document | None) -> bool:
    """Whether the client itself set the field in this write."""
    return new.get(name) is not None if old is None else new.get(name) != old.get(name)


def _fiscal(new: Document) -> None:
    closes = date.fromisoformat(new["CloseDate"])
    quarter = (closes.month + 2) // 3
    new["FiscalYear"], new["FiscalQuarter"] = closes.year, quarter
    new["Fiscal"] = f"{closes.year} {quarter}"


def _case(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    new["IsClosed"] = str(new.get("Status")).lower() in _CLOSED_CASES
    if old is None:
        new["IsClosedOnCreate"] = new["IsClosed"]
    if _has_changed("Status", new, old):
        new["ClosedDate"] = format_moment(state.clock.now()) if new["IsClosed"] else None
    contact = state.store.get("Contact", new["ContactId"]) if new.get("ContactId") else None
    for name, source in (("ContactEmail", "Email"), ("ContactPhone", "Phone"), ("ContactFax", "Fax"),
                         ("ContactMobile", "MobilePhone")):  # fmt: skip
        new[name] = contact.document.get(source) if contact else None
    if contact and old is None and not new.get("AccountId"):
        new["AccountId"] = contact.document.get("AccountId")


def _task(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    new["IsClosed"] = str(new.get("Status")).lower() in _COMPLETED
    new["IsHighPriority"] = str(new.get("Priority")).lower() == "high"
    if _has_changed("Status", new, old):
        new["CompletedDateTime"] = format_moment(state.clock.now()) if new["IsClosed"] else None
    _activity_account(new, state)


def _activity_account(new: Document, state: OrgState) -> None:
    """An activity belongs to the account of what it is about."""
    new["AccountId"] = None
    for reference in (new.get("WhatId"), new.get("WhoId")):
        target = state.schema.by_prefix(reference[:3]) if reference else None
        if target is None or reference is None:
            continue
        if target.name == "Account":
            new["AccountId"] = reference
        elif target.field("AccountId") and (row := state.store.get(target.name, reference)):
            new["AccountId"] = row.document.get("AccountId")
        if new["AccountId"]:
            return


def _campaign_member(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    new["HasResponded"] = str(new.get("Status")).lower() == "responded"
    if new["HasResponded"] and not new.get("FirstRespondedDate"):
        new["FirstRespondedDate"] = f"{state.clock.now():%Y-%m-%d}"
    source = "Contact" if new.get("ContactId") else "Lead"
    person_id = new.get("ContactId") or new.get("LeadId")
    new["Type"], new["LeadOrContactId"] = source, person_id
    person = state.store.get(source, person_id) if person_id else None
    for name in (
        "FirstName",
        "LastName",
        "Name",
        "Salutation",
        "Title",
        "Email",
        "Phone",
        "Fax",
        "LeadSource",
    ):
        new[name] = person.document.get(name) if person else None


def _person(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    first, last = new.get("FirstName"), new.get("LastName")
    new["Name"] = f"{first} {last}" if first and last else first or last


def _user(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    _person(new, old, state, record_id)
    if old is None:
        new["UserType"] = "Standard"  # what the licence of both profiles gives
        new.setdefault("IsActive", False)
        alias = str(new.get("Alias"))
        state.store.declare("User", ("CommunityNickname",))
        is_taken = state.store.lookup("User", "CommunityNickname", alias, limit=1)
        new["CommunityNickname"] = new.get("CommunityNickname") or alias + (
            record_id[11:15] if is_taken else ""
        )


def _content_version(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    """A first version brings its document, and a link to where it is published; a later one replaces it."""
    name = str(new.get("PathOnClient"))
    extension = name.rpartition(".")[2] if "." in name else ""
    content = base64.b64decode(new.get("VersionData") or "", validate=False)
    new["Title"] = new.get("Title") or name.rpartition("/")[2].removesuffix(f".{extension}")
    new["FileExtension"], new["FileType"] = extension or None, extension.upper() or "UNKNOWN"
    new["ContentSize"], new["Checksum"] = (
        len(content),
        hashlib.md5(content, usedforsecurity=False).hexdigest(),
    )
    if old is not None:
        return
    new["IsLatest"], new["VersionNumber"] = True, "1"
    new["ContentModifiedById"] = state.identity.user_id
    new["ContentModifiedDate"] = new.get("ContentModifiedDate") or format_moment(state.clock.now())
    shared = {key: new[key] for key in ("Title", "FileExtension", "FileType", "ContentSize")}
    shared |= {"LatestPublishedVersionId": record_id, "ContentModifiedDate": new["ContentModifiedDate"]}
    if new.get("ContentDocumentId"):
        _supersede(new, shared, state)
    else:
        new["ContentDocumentId"] = state.ids.next("069")
        state.store.insert("ContentDocument", new["ContentDocumentId"], shared, state.now_ms())
    linked = (state.identity.user_id, new.get("FirstPublishLocationId"))
    for place in linked if new["VersionNumber"] == "1" else ():
        if place:
            link = {"LinkedEntityId": place, "ContentDocumentId": new["ContentDocumentId"], "ShareType": "V",
                    "Visibility": "AllUsers"}  # fmt: skip
            state.store.insert("ContentDocumentLink", state.ids.next("06A"), link, state.now_ms())


def _supersede(new: Document, shared: Document, state: OrgState) -> None:
    """The versions before are not the latest any more, and the document is what the new one is."""
    if document := state.store.get("ContentDocument", new["ContentDocumentId"]):
        state.store.update("ContentDocument", document.id, {**document.document, **shared}, state.now_ms())
    state.store.declare("ContentVersion", ("ContentDocumentId",))
    before = state.store.lookup("ContentVersion", "ContentDocumentId", new["ContentDocumentId"], limit=-1)
    for row in before:
        if row.document.get("IsLatest"):
            state.store.update("ContentVersion", row.id, {**row.document, "IsLatest": False}, state.now_ms())
    new["VersionNumber"] = str(len(before) + 1)


def _line_item(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    """Price and product of a line follow from its price book entry."""
    entry = (
        state.store.get("PricebookEntry", new["PricebookEntryId"]) if new.get("PricebookEntryId") else None
    )
    if entry is not None:
        new["ListPrice"] = entry.document.get("UnitPrice")
        new["Product2Id"] = entry.document.get("Product2Id")
        if new.get("UnitPrice") is None and new.get("TotalPrice") is None:
            new["UnitPrice"] = new["ListPrice"]
    product = state.store.get("Product2", new["Product2Id"]) if new.get("Product2Id") else None
    new["ProductCode"] = product.document.get("ProductCode") if product else None
    quantity, total = new.get("Quantity"), new.get("TotalPrice")
    if new.get("UnitPrice") is None and total is not None and quantity:
        new["UnitPrice"] = round(total / quantity, 2)
    elif new.get("UnitPrice") is not None and quantity is not None:
        discount = 1 - (new.get("Discount") or 0) / 100
        new["TotalPrice"] = round(new["UnitPrice"] * quantity * discount, 2)


def _price_book_entry(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    product = state.store.get("Product2", new["Product2Id"])
    new["Name"] = product.document.get("Name") if product else None
    new["ProductCode"] = product.document.get("ProductCode") if product else None


def _dated(status_codes: dict[str, str]) -> Derive:
    """The status code of contracts and orders follows from their status."""

    def derive(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
        new["StatusCode"] = status_codes.get(str(new.get("Status")).lower(), "Draft")
        if new["StatusCode"] == "Activated" and not new.get("ActivatedDate"):
            new["ActivatedDate"] = format_moment(state.clock.now())
            new["ActivatedById"] = state.identity.user_id

    return derive


_STATUS_CODES = {"draft": "Draft", "in approval process": "InApproval", "activated": "Activated"}

DERIVED: dict[str, Derive] = {
    "CampaignMember": _campaign_member,
    "Case": _case,
    "Contact": _person,
    "ContentVersion": _content_version,
    "Contract": _dated(_STATUS_CODES),
    "Event": lambda new, old, state, record_id: _activity_account(new, state),
    "Lead": _person,
    "Opportunity": _opportunity,
    "OpportunityLineItem": _line_item,
    "Order": _dated(_STATUS_CODES),
    "OrderItem": _line_item,
    "PricebookEntry": _price_book_entry,
    "Task": _task,
    "User": _user,
}
"""What is derived, by object: called with the new document, the old one or None, the state and the id."""
