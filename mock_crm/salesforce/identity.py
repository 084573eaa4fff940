"""The records that every org is born with: organization, admin user, profiles, standard price book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from mock_crm.core.store import Store
from mock_crm.salesforce.catalogue.stages import STAGES
from mock_crm.salesforce.ids import IdFactory

_META = "identity"


class Identity(msgspec.Struct, frozen=True):
    """The ids (18 characters) that the mock itself needs to know, and the admin's user name at first."""

    org_id: str
    user_id: str
    profile_id: str
    standard_pricebook_id: str
    username: str


def bootstrap(
    store: Store, ids: IdFactory, name: str, edition: str, now_ms: int, *, is_sandbox: bool
) -> Identity:
    """Read an org's identity, after making its first records if it has none."""
    kept = store.meta(_META)
    if kept is not None:
        return msgspec.convert(kept, Identity)
    made = {part: ids.next(prefix) for part, prefix in _PREFIXES.items()}
    username = f"admin@{_domain(name)}.example.com"
    identity = Identity(made["org"], made["user"], made["admin"], made["pricebook"], username)
    with store.transaction():
        for table, record_id, document in _records(name, edition, made, username, is_sandbox=is_sandbox):
            store.insert(table, record_id, document, now_ms)
        for table, prefix, rows in _pick_lists():
            for number, document in enumerate(rows, 1):
                store.insert(table, ids.next(prefix), {**document, "SortOrder": number}, now_ms)
        store.set_meta(_META, msgspec.to_builtins(identity))
        store.set_meta("schema changed", now_ms)
    return identity


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
    "hours": "01m",
    "integration": "005",
}


def _pick_lists() -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """The objects that hold the stages and statuses of a new org, as their pick lists have them."""
    yield "OpportunityStage", "01J", [
        {
            "MasterLabel": name, "ApiName": name, "IsActive": True, "IsClosed": closed, "IsWon": won,
            "DefaultProbability": probability, "ForecastCategory": category, "ForecastCategoryName": label,
        }
        for name, closed, won, probability, category, label in STAGES
    ]  # fmt: skip
    for table, prefix, last, statuses in _STATUSES:
        yield (
            table,
            prefix,
            [
                {"MasterLabel": name, "ApiName": name, "IsDefault": at == 0, last: name in _LAST}
                for at, name in enumerate(statuses)
            ],
        )


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LAST = ("Closed - Converted", "Closed", "Completed")
_STATUSES = (
    ("LeadStatus", "01K", "IsConverted", (
        "Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted",
    )),
    ("CaseStatus", "01L", "IsClosed", ("New", "Working", "Escalated", "Closed")),
    ("TaskStatus", "01R", "IsClosed", (
        "Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred",
    )),
)  # fmt: skip


def _domain(name: str) -> str:
    kept = "".join(character if character.isascii() and character.isalnum() else "-" for character in name)
    return kept.strip("-").lower() or "org"


def _records(
    name: str, edition: str, ids: dict[str, str], username: str, *, is_sandbox: bool
) -> list[tuple[str, str, dict[str, Any]]]:
    locale = {
        "TimeZoneSidKey": "America/Los_Angeles",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "EmailEncodingKey": "UTF-8",
    }
    return [
        ("Organization", ids["org"], {
            "Name": name, "OrganizationType": edition, "InstanceName": "MOCK1",
            "IsSandbox": is_sandbox, "DefaultLocaleSidKey": "en_US", "TimeZoneSidKey": "America/Los_Angeles",
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
            "UserType": "Standard", "CommunityNickname": "admin", "CompanyName": name,
            "Country": "United States", "PostalCode": "94105", **locale,
        }),
        ("User", ids["integration"], {  # every org has such a user beside its people
            "Username": f"integration@{ids['org'].lower()}.com", "LastName": "User",
            "FirstName": "Integration", "Name": "Integration User", "Email": "noreply@example.com",
            "Alias": "integ", "IsActive": True, "ProfileId": ids["standard"], "UserType": "Standard",
            "CommunityNickname": "integration1", **locale,
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
        ("BusinessHours", ids["hours"], {
            "Name": "Default", "IsActive": True, "IsDefault": True, "TimeZoneSidKey": "America/Los_Angeles",
            **{f"{day}{end}Time": "00:00:00.000Z" for day in _DAYS for end in ("Start", "End")},
        }),
    ]  # fmt: skip
