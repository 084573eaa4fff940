"""The records that every org is born with: organization, admin user, profiles, standard price book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from mock_crm.salesforce.org import SalesforceOrg

_META = "identity"


class Identity(msgspec.Struct, frozen=True):
    """The ids (18 characters) that the mock itself needs to know, and the admin's user name."""

    org_id: str
    user_id: str
    profile_id: str
    standard_pricebook_id: str
    username: str


def bootstrap(org: SalesforceOrg) -> Identity:
    """Read the org's identity, after making its first records if it has none."""
    kept = org.store.meta(_META)
    if kept is not None:
        return msgspec.convert(kept, Identity)
    with org.store.transaction():
        identity = _born(org)
        org.store.set_meta(_META, msgspec.to_builtins(identity))
        org.store.set_meta("schema changed", org.now_ms())
    return identity


def _born(org: SalesforceOrg) -> Identity:
    take = org.ids.next
    ids = {name: take(prefix) for name, prefix in _PREFIXES.items()}
    username = f"admin@{_domain(org.name)}.example.com"
    at = org.now_ms()
    for table, record_id, document in _records(org, ids, username):
        present = {name: value for name, value in document.items() if value is not None}
        org.store.insert(table, record_id, present, at)
    return Identity(ids["org"], ids["user"], ids["admin"], ids["pricebook"], username)


_PREFIXES = {
    "org": "00D",
    "user": "005",
    "license": "100",
    "admin": "00e",
    "standard": "00e",
    "role": "00E",
    "set": "0PS",
    "assignment": "0Pa",
    "pricebook": "01s",
}


def _domain(name: str) -> str:
    kept = "".join(character if character.isascii() and character.isalnum() else "-" for character in name)
    return kept.strip("-").lower() or "org"


def _records(org: SalesforceOrg, ids: dict[str, str], username: str) -> list[tuple[str, str, dict[str, Any]]]:
    locale = {
        "TimeZoneSidKey": "America/Los_Angeles",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "EmailEncodingKey": "UTF-8",
    }
    return [
        ("Organization", ids["org"], {
            "Name": org.name, "OrganizationType": org.edition, "InstanceName": "MOCK1",
            "IsSandbox": True, "DefaultLocaleSidKey": "en_US", "TimeZoneSidKey": "America/Los_Angeles",
            "LanguageLocaleKey": "en_US", "FiscalYearStartMonth": 1, "IsReadOnly": False,
        }),
        ("UserLicense", ids["license"], {"Name": "Salesforce", "LicenseDefinitionKey": "SFDC"}),
        ("Profile", ids["admin"], {
            "Name": "System Administrator", "UserLicenseId": ids["license"], "UserType": "Standard",
        }),
        ("Profile", ids["standard"], {
            "Name": "Standard User", "UserLicenseId": ids["license"], "UserType": "Standard",
        }),
        ("User", ids["user"], {
            "Username": username, "LastName": "User", "FirstName": "Admin", "Name": "Admin User",
            "Email": username, "Alias": "admin", "IsActive": True, "ProfileId": ids["admin"],
            "UserType": "Standard", "CommunityNickname": "admin", "CompanyName": org.name, **locale,
        }),
        ("PermissionSet", ids["set"], {
            "Name": f"X00e{ids['admin'][3:15]}", "Label": "System Administrator",
            "ProfileId": ids["admin"], "IsOwnedByProfile": True, "LicenseId": ids["license"],
        }),
        ("PermissionSetAssignment", ids["assignment"], {
            "PermissionSetId": ids["set"], "AssigneeId": ids["user"], "IsActive": True,
        }),
        ("Pricebook2", ids["pricebook"], {
            "Name": "Standard Price Book", "IsActive": True, "IsStandard": True,
            "Description": "Standard Price Book",
        }),
    ]  # fmt: skip
