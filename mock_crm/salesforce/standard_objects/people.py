"""Contacts, leads, users, and what users are given."""

from __future__ import annotations

import re

from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.standard_objects.behaviour import (
    Behaviour,
    Check,
    Document,
    NaturalKey,
    has_changed,
    owned,
)
from mock_crm.salesforce.state import OrgState

_DEVELOPER_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")


def _person(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    first, last = new.get("FirstName"), new.get("LastName")
    new["Name"] = f"{first} {last}" if first and last else first or last


def _check_lead(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if old is not None and old.get("IsConverted"):
        return [errors.converted_lead()]
    if old is None and new.get("IsConverted"):
        return [errors.not_writable(["IsConverted"])]
    return owned("lead")(new, old, state)


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


def _check_user(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    own = state.store.get("User", state.identity.user_id)
    if own and old == own.document and has_changed("ProfileId", new, old):
        return [errors.own_profile()]
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


def _named(field: str, what: str) -> Check:
    """The field is a name as developers give them."""

    def check(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
        name = new.get(field)
        if name is None or not has_changed(field, new, old) or _DEVELOPER_NAME.fullmatch(name):
            return []
        return [errors.developer_name(what, field)]

    return check


def _check_assignment(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if not (new.get("PermissionSetId") or new.get("PermissionSetGroupId")):
        return [errors.required_fields_missing(["PermissionSetId"])]
    return []


BEHAVIOURS = {
    "AccountContactRelation": Behaviour(
        keys=(NaturalKey(("ContactId", "AccountId"), lambda other, new: errors.already_related()),)
    ),
    "Contact": Behaviour(_person, owned("contact")),
    "Group": Behaviour(check=_named("DeveloperName", "Group Name")),
    "Lead": Behaviour(_person, _check_lead),
    "PermissionSet": Behaviour(
        check=_named("Name", "Permission Set API Name"),
        keys=(NaturalKey(("Name",), lambda other, new: errors.permission_set_name_taken(new["Name"])),),
    ),
    "PermissionSetAssignment": Behaviour(
        check=_check_assignment,
        keys=(
            NaturalKey(
                ("AssigneeId", "PermissionSetId"), lambda other, new: errors.duplicate_assignment(other)
            ),
        ),
    ),
    "User": Behaviour(
        _user,
        _check_user,
        keys=(NaturalKey(("Username",), lambda other, new: errors.duplicate_username()),),
    ),
    "UserRole": Behaviour(check=_named("DeveloperName", "Role Name")),
}
