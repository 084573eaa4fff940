"""The account from Python, as hosts use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.errors import CrmError
from mock_crm.core.org import SnapshotError
from mock_crm.hubspot.org import HubSpotOrg
from mock_crm.orgs import open_org
from tests.mock_crm.query_plans import plans_of


def test_records_are_plain_flat_dicts(org: HubSpotOrg) -> None:
    contact = org.create("Contact", {"email": "a@example.com", "firstname": "Ann"})
    assert org.records("contacts") == [contact]
    assert contact["id"] == contact["hs_object_id"]
    assert org.record("0-1", contact["id"]) == contact
    assert (org.count("contacts"), org.record("contacts", "42")) == (1, None)


def test_python_follows_the_same_rules_as_http(org: HubSpotOrg) -> None:
    org.create("contacts", {"email": "a@example.com"})
    with pytest.raises(CrmError, match="Contact already exists") as duplicate:
        org.create("contacts", {"email": "A@example.com"})
    assert duplicate.value.code == "CONFLICT"
    with pytest.raises(CrmError) as unknown:
        org.create("contacts", {"nope": "x"})
    assert unknown.value.fields == ("nope",)
    with pytest.raises(CrmError, match="Unable to infer object type"):
        org.records("butterflies")
    with pytest.raises(CrmError, match="Could not get some CONTACT"):
        org.update("contacts", "42", {"city": "Rome"})


def test_seeding_is_all_or_nothing(org: HubSpotOrg) -> None:
    with pytest.raises(CrmError, match="Row 2"):
        org.seed("contacts", [{"email": "a@example.com"}, {"email": "nope"}])
    assert org.count("contacts") == 0
    assert len(org.seed("contacts", [{"email": f"c{n}@example.com"} for n in range(250)])) == 250


def test_more_records_are_seeded_than_sqlite_takes_parameters(org: HubSpotOrg) -> None:
    assert (
        len(org.seed("contacts", [{"email": f"c{number}@example.com"} for number in range(33_000)])) == 33_000
    )
    with plans_of(org.store) as plans:
        org.seed("contacts", [{"email": "one.more@example.com"}])
    assert any("USING INDEX i:0-1:email" in plan for plan in plans)


def test_history_and_deletion(org: HubSpotOrg, clock: ManualClock) -> None:
    contact = org.create("contacts", {"email": "a@example.com"})["id"]
    clock.advance(1)
    org.update("contacts", contact, {"city": "Rome"})
    clock.advance(1)
    org.delete("contacts", contact)
    versions = org.history("contacts", contact)
    assert [version["archived"] for version in versions] == [False, False, True]
    assert [version["fields"].get("city") for version in versions] == [None, "Rome", "Rome"]
    assert [record["id"] for record in org.records("contacts", archived=True)] == [contact]


def test_a_query_is_a_search_body(org: HubSpotOrg) -> None:
    org.seed("deals", [{"dealname": "A", "amount": "5"}, {"dealname": "B", "amount": "50"}])
    filters = [{"propertyName": "amount", "operator": "GT", "value": "10"}]
    found = org.query({"object": "deals", "filterGroups": [{"filters": filters}]})
    assert [deal["dealname"] for deal in found] == ["B"]
    with pytest.raises(CrmError):
        org.query({"object": "deals", "sorts": ["nope"]})


def test_a_snapshot_brings_everything_back(org: HubSpotOrg) -> None:
    org.create("contacts", {"email": "a@example.com"})
    before = org.snapshot()
    org.reset()
    assert org.count("contacts") == 0
    org.restore(before)
    assert [contact["email"] for contact in org.records("contacts")] == ["a@example.com"]
    with pytest.raises(SnapshotError):
        org.restore(b"nonsense")
    assert org.count("contacts") == 1


def test_a_file_keeps_the_account(tmp_path: Path) -> None:
    path = tmp_path / "org.sqlite"
    first = open_org("hubspot", seed=1, clock=ManualClock(), path=path)
    first.create("contacts", {"email": "a@example.com"})
    first.close()
    second = open_org("hubspot", seed=1, clock=ManualClock(), path=path)
    assert second.count("contacts") == 1
    with pytest.raises(CrmError):
        second.create("contacts", {"email": "a@example.com"})
    second.close()


def test_an_unknown_edition_is_refused() -> None:
    from mock_crm.core.settings import OrgSettings

    with pytest.raises(ValueError, match="no edition platinum"):
        open_org("hubspot", settings=OrgSettings(edition="platinum"))
