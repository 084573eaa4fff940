"""Ids that follow from names, and real ids that stand for names."""

from __future__ import annotations

from uuid import UUID

from ampsandbox.service.identifiers import Identifiers

REAL = "113e9685-9a51-42cc-8662-9d9725b17f14"


def test_ids_are_uuids_that_stay_from_run_to_run() -> None:
    one, other = Identifiers("demo"), Identifiers("demo")
    assert one.integration_id("crm") == other.integration_id("crm")
    assert UUID(one.integration_id("crm")).version == 5
    assert one.integration_id("crm") != Identifiers("other").integration_id("crm")


def test_an_integration_is_found_by_name_id_and_alias() -> None:
    ids = Identifiers("demo", {"crm": (REAL, "old-name")})
    for given in ("crm", REAL, "old-name"):
        assert ids.integration_name(given, ["mail", "crm"]) == "crm"
    assert ids.integration_name(ids.integration_id("mail"), ["mail", "crm"]) == "mail"
    assert ids.integration_name("nope", ["mail", "crm"]) is None


def test_answers_show_the_real_id_where_one_is_given() -> None:
    ids = Identifiers("demo", {"demo": ("my-project", "x"), "crm": (REAL,)})
    assert (ids.project_id, ids.integration_id("crm")) == ("my-project", REAL)
    assert all(map(ids.is_project, ("demo", "my-project", "x")))
    assert not ids.is_project(REAL)


def test_no_two_things_share_an_id() -> None:
    ids = Identifiers("demo")
    found = {
        ids.project_id,
        ids.org_id(),
        ids.integration_id("a"),
        ids.installation_id("a", "g"),
        ids.connection_id("hubspot", "g"),
        ids.config_id("a", "g", 1),
        ids.config_id("a", "g", 2),
        ids.revision_id("a", b"1"),
        ids.revision_id("a", b"2"),
    }
    assert len(found) == 9
