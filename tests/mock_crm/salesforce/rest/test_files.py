"""Seeding an org from files, and exporting it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_crm.core.errors import CrmError
from mock_crm.core.files import export, seed_file
from mock_crm.salesforce.org import SalesforceOrg


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_csv_file_names_its_object_by_its_own_name(org: SalesforceOrg, tmp_path: Path) -> None:
    content = "\ufeffName,AnnualRevenue,Phone\nAcme,12.5,\nBeta,,1\n"
    ids = seed_file(org, write(tmp_path, "Account.csv", content))
    records = org.records("Account")
    assert [record["id"] for record in records] == ids
    assert [(r["Name"], r["AnnualRevenue"], r["Phone"]) for r in records] == [
        ("Acme", 13.0, None),
        ("Beta", None, "1"),
    ]


def test_a_json_file_holds_one_object_or_several(org: SalesforceOrg, tmp_path: Path) -> None:
    seed_file(org, write(tmp_path, "x.json", [{"LastName": "a"}]), "contacts")
    seed_file(org, write(tmp_path, "y.json", {"Account": [{"Name": "b"}], "Lead": []}))
    assert (org.count("Contact"), org.count("Account")) == (1, 1)


def test_a_tree_file_brings_children_along(org: SalesforceOrg, tmp_path: Path) -> None:
    child = {"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "y"}
    parent = {
        "attributes": {"type": "Account", "referenceId": "a"},
        "Name": "x",
        "Contacts": {"records": [child]},
    }
    ids = seed_file(org, write(tmp_path, "tree.json", {"records": [parent]}))
    assert org.records("Contact")[0]["AccountId"] == ids[0]


@pytest.mark.parametrize("content", ["{", "5", '{"Account": 5}', "[5]"])
def test_a_file_in_another_form_is_refused(org: SalesforceOrg, tmp_path: Path, content: str) -> None:
    with pytest.raises(ValueError, match=r"x\.json"):
        seed_file(org, write(tmp_path, "x.json", content))


def test_a_row_that_is_refused_leaves_nothing_behind(org: SalesforceOrg, tmp_path: Path) -> None:
    with pytest.raises(CrmError):
        seed_file(
            org, write(tmp_path, "x.json", {"Account": [{"Name": "b"}], "Contact": [{"FirstName": "a"}]})
        )
    tree = {"records": [{"attributes": {"type": "Contact", "referenceId": "bad"}}]}
    with pytest.raises(CrmError, match="bad: Required fields are missing"):
        seed_file(org, write(tmp_path, "tree.json", tree))
    with pytest.raises(ValueError, match="more cells"):
        seed_file(org, write(tmp_path, "Account.csv", "Name\na,b\n"))
    assert (org.count("Account"), org.count("Contact")) == (0, 0)


def test_an_export_holds_what_has_a_value(org: SalesforceOrg) -> None:
    org.create("Account", {"Name": "x"})
    assert export(org, ["accounts"])["accounts"][0]["Name"] == "x"
    exported = export(org)
    assert "Phone" not in exported["Account"][0]
    assert "Lead" not in exported
