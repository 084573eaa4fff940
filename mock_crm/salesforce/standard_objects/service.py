"""Cases, assets and contracts."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.standard_objects.behaviour import (
    Behaviour,
    Derive,
    Document,
    has_changed,
    owned,
    parent_of,
)
from mock_crm.salesforce.state import OrgState
from mock_crm.salesforce.values import format_moment

_STATUS_CODES = {"draft": "Draft", "in approval process": "InApproval", "activated": "Activated"}


def _case(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    new["IsClosed"] = str(new.get("Status")).lower() == "closed"
    if old is None:
        new["IsClosedOnCreate"] = new["IsClosed"]
    if has_changed("Status", new, old):
        new["ClosedDate"] = format_moment(state.clock.now()) if new["IsClosed"] else None
    contact = parent_of(state, "Contact", new, "ContactId")
    for name, source in (("ContactEmail", "Email"), ("ContactPhone", "Phone"), ("ContactFax", "Fax"),
                         ("ContactMobile", "MobilePhone")):  # fmt: skip
        new[name] = contact.get(source)
    if contact and old is None and not new.get("AccountId"):
        new["AccountId"] = contact.get("AccountId")


def _check_asset(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if new.get("AccountId") or new.get("ContactId"):
        return []
    return [
        SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "Every asset needs an account, a contact, or both.",
            ("AccountId", "ContactId"),
        )
    ]


def activated(status_codes: dict[str, str]) -> Derive:
    """The status code of contracts and orders follows from their status, and tells when it was activated."""

    def derive(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
        new["StatusCode"] = status_codes.get(str(new.get("Status")).lower(), "Draft")
        if new["StatusCode"] == "Activated" and not new.get("ActivatedDate"):
            new["ActivatedDate"] = format_moment(state.clock.now())
            new["ActivatedById"] = state.identity.user_id

    return derive


def _contract(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    """A contract ends on the day before its term, in months, has gone by."""
    activated(_STATUS_CODES)(new, old, state, record_id)
    new["EndDate"] = None
    if new.get("StartDate") and new.get("ContractTerm"):
        begins = date.fromisoformat(new["StartDate"])
        years, month = divmod(begins.month - 1 + new["ContractTerm"], 12)
        if (year := begins.year + years) <= date.max.year - 1:
            day = min(begins.day, monthrange(year, month + 1)[1])
            new["EndDate"] = f"{date(year, month + 1, day) - timedelta(days=1)}"


def _check_contract(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    before, after = (old or {}).get("StatusCode", "Draft"), new.get("StatusCode")
    is_begun_otherwise = old is None and after != "Draft"
    is_taken_back = before == "Activated" and after != "Activated"
    return [errors.status_not_valid("contract")] if is_begun_otherwise or is_taken_back else []


BEHAVIOURS = {
    "Asset": Behaviour(check=_check_asset),
    "Case": Behaviour(_case, owned("case")),
    "Contract": Behaviour(_contract, _check_contract),
}
