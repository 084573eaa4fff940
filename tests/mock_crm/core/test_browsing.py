"""Hosts look through large orgs in small steps, and follow what belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mock_crm.core.browsing import Browsing
from mock_crm.core.clock import ManualClock
from mock_crm.core.errors import CrmError
from mock_crm.core.org import Org
from mock_crm.orgs import open_org


@pytest.fixture(params=["salesforce", "hubspot"])
def org(request: pytest.FixtureRequest) -> Iterator[Org]:
    opened = open_org(request.param, name="acme", seed=1, clock=ManualClock())
    yield opened
    opened.close()


@pytest.fixture
def salesforce() -> Iterator[Org]:
    opened = open_org("salesforce", name="acme", seed=1, clock=ManualClock())
    yield opened
    opened.close()


@pytest.fixture
def hubspot() -> Iterator[Org]:
    opened = open_org("hubspot", name="acme", seed=1, clock=ManualClock())
    yield opened
    opened.close()


def names(browsing: Browsing, field: str, offset: int = 0, limit: int = 100) -> list[Any]:
    for _ in browsing.steps():
        pass
    return [row.get(field) for row in browsing.window(offset, limit)]


def test_records_are_found_newest_first_in_windows(salesforce: Org) -> None:
    salesforce.seed("Account", [{"Name": f"Big {n}"} for n in range(5)])
    browsing = salesforce.browse("Account")
    assert names(browsing, "Name", 1, 2) == ["Big 3", "Big 2"]
    assert browsing.total == 5


def test_a_search_looks_at_values_and_ids_and_not_at_the_names_of_fields(salesforce: Org) -> None:
    ids = salesforce.seed("Account", [{"Name": "Big 50%", "Industry": "Energy"}, {"Name": 'Ünal "A"'}])
    for text in ("big", "50%", "ENERGY", ids[0].lower()):
        assert names(salesforce.browse("Account", text), "Name") == ["Big 50%"], text
    for text in ("ünal", '"a"', "ÜN"):
        assert names(salesforce.browse("Account", text), "Name") == ['Ünal "A"'], text
    assert names(salesforce.browse("Account", "industry"), "Name") == []


def test_sorting_is_over_all_records_and_empty_values_come_last(salesforce: Org) -> None:
    counts = [None if n % 10 == 0 else n for n in range(2_500)]
    salesforce.seed("Account", [{"Name": f"n{n}", "NumberOfEmployees": n} for n in counts])
    up = names(salesforce.browse("Account", sort="NumberOfEmployees"), "NumberOfEmployees", 0, 3_000)
    down = names(
        salesforce.browse("Account", sort="NumberOfEmployees", descending=True), "NumberOfEmployees", 0, 3_000
    )
    valued = [n for n in counts if n is not None]
    assert up == [*valued, *[None] * 250]
    assert down == [*reversed(valued), *[None] * 250]


def test_hubspot_numbers_sort_as_numbers(hubspot: Org) -> None:
    hubspot.seed("deals", [{"dealname": str(n), "amount": str(n)} for n in (10, 9, 100)])
    assert names(hubspot.browse("deals", sort="amount"), "dealname") == ["9", "10", "100"]


def test_the_work_comes_in_steps(salesforce: Org) -> None:
    salesforce.seed("Account", [{"Name": f"n{n}"} for n in range(2_500)])
    assert len(list(salesforce.browse("Account", "n1").steps())) == 3
    assert list(salesforce.browse("Account").steps()) == []


def test_a_deleted_record_is_in_the_recycle_bin_and_comes_back(org: Org) -> None:
    kind = "Account" if org.provider == "salesforce" else "companies"
    (key,) = org.seed(kind, [{"Name" if kind == "Account" else "name": "A"}])
    org.delete(kind, key)
    assert names(org.browse(kind, archived=True), "id") == [key]
    org.undelete(kind, key)
    assert names(org.browse(kind), "id") == [key]
    with pytest.raises(CrmError):
        org.undelete(kind, key)


def test_children_that_went_with_their_parent_come_back_with_it(salesforce: Org) -> None:
    (account,) = salesforce.seed("Account", [{"Name": "A"}])
    salesforce.seed("Contact", [{"LastName": "Hopper", "AccountId": account}])
    salesforce.delete("Account", account)
    assert salesforce.count("Contact") == 0
    salesforce.undelete("Account", account)
    assert salesforce.count("Contact") == 1


def test_each_row_is_created_or_refused_for_itself(org: Org) -> None:
    good, bad = ({"LastName": "Hopper"}, {"Nope": "x"})
    if org.provider == "hubspot":
        good, bad = ({"email": "a@b.example"}, {"nope": "x"})
    first, second = org.create_each("contact", [good, bad])
    assert org.records("contact")[0]["id"] == first
    assert isinstance(second, CrmError)
    assert "nope" in str(second).lower()


def test_texts_of_a_csv_become_values_of_their_type(salesforce: Org) -> None:
    rows: list[dict[str, Any]] = [
        {"Name": "A", "NumberOfEmployees": "42"},
        {"Name": "B", "NumberOfEmployees": 7},
    ]
    salesforce.create_each("Account", rows)
    assert [row["NumberOfEmployees"] for row in salesforce.records("Account")] == [42, 7]
    (refused,) = salesforce.create_each("Account", [{"Name": "C", "NumberOfEmployees": "many"}])
    assert isinstance(refused, CrmError)


def test_parents_and_children_are_related(salesforce: Org) -> None:
    (account,) = salesforce.seed("Account", [{"Name": "Big Co."}])
    (contact,) = salesforce.seed("Contact", [{"LastName": "Hopper", "AccountId": account}])
    assert ("AccountId", "Account", account, "Big Co.") in salesforce.related("Contact", contact)
    assert ("Contacts", "Contact", contact, "Hopper") in salesforce.related("Account", account)
    assert salesforce.related("Account", "nope") == []


def test_associated_records_are_related(hubspot: Any) -> None:
    (company,) = hubspot.seed("companies", [{"name": "Big Co."}])
    contact = hubspot.seed("contacts", [{"email": "a@b.example", "firstname": "Ada"}])[0]
    kind = hubspot.context.associations.kind("0-1", "0-2", hubspot_spec())
    from mock_crm.hubspot.associations import Link

    hubspot.context.associations.add([Link(kind, contact, company)], 0)
    assert [item[1:] for item in hubspot.related("contacts", contact)] == [("companies", company, "Big Co.")]
    assert [item[1:] for item in hubspot.related("companies", company)] == [("contacts", contact, "Ada")]


def hubspot_spec() -> Any:
    from mock_crm.hubspot.associations import Spec

    return Spec("HUBSPOT_DEFINED", 279)


def test_the_number_of_changes_grows_when_the_org_is_put_back(salesforce: Org) -> None:
    before = salesforce.snapshot()
    salesforce.seed("Account", [{"Name": "A"}])
    seen = salesforce.store.changes
    salesforce.restore(before)
    assert salesforce.store.changes > seen
