"""What of a record of today's write API reaches the CRM, by manifest and installation config."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ampsandbox.engine.config import ConfigContent, config_issues, everything_ticked
from ampsandbox.engine.write_rules import ObjectNotSelectedError, WriteRules, field_path, write_rules
from ampsandbox.errors import NotFoundError
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.model import Integration

MANIFEST = """
specVersion: 1.0.0
integrations:
  - name: unified
    provider: salesforce
    read:
      objects:
        - objectName: account
          mapToName: company
          destination: hook
          schedule: "0 */2 * * *"
          requiredFields:
            - fieldName: name
            - fieldName: numberofemployees
              mapToName: employee_count
            - fieldName: $['BillingAddress']['city']
              mapToName: $['address']['city']
          optionalFields:
            - mapToName: phone_number
              prompt: Which field holds the phone number?
            - mapToName: source
              default: AccountSource
        - objectName: lead
          destination: hook
          schedule: "0 */2 * * *"
          requiredFields:
            - fieldName: company
              mapToName: firm
    write:
      objects:
        - objectName: account
          inheritMapping: true
        - objectName: lead
"""


@pytest.fixture(scope="module")
def integration() -> Integration:
    manifest = parse_manifest(MANIFEST, "amp.yaml").manifest
    assert manifest is not None
    return manifest.integrations[0]


def rules(integration: Integration, name: str = "company", **parts: Any) -> WriteRules:
    content = everything_ticked(integration)
    for path, value in parts.items():
        action, key = path.split("_", 1)
        content[action]["objects"]["account"][key] = value
    return write_rules(integration, msgspec.convert(content, ConfigContent), name)


def test_an_inherited_object_goes_by_its_mapped_name_and_by_its_own(integration: Integration) -> None:
    assert rules(integration, "company").item is rules(integration, "account").item


def test_an_object_that_does_not_inherit_keeps_the_crms_field_names(integration: Integration) -> None:
    assert rules(integration, "lead").translate("create", {"firm": "F", "company": "C"}) == {
        "firm": "F",
        "company": "C",
    }


def test_an_unknown_object_is_refused_with_the_names_that_there_are(integration: Integration) -> None:
    with pytest.raises(NotFoundError, match="It has: company, lead") as refused:
        rules(integration, "compny")
    assert refused.value.hint == "Did you mean 'company'?"


def test_predefined_mappings_are_applied_backwards(integration: Integration) -> None:
    assert rules(integration).translate("create", {"name": "U", "employee_count": 5}) == {
        "name": "U",
        "numberofemployees": 5,
    }


def test_nested_mappings_are_applied_backwards_on_both_sides(integration: Integration) -> None:
    record = {"address": {"city": "Rome", "zip": "1"}}
    assert rules(integration).translate("update", record) == {
        "address": {"zip": "1"},
        "BillingAddress": {"city": "Rome"},
    }
    assert record == {"address": {"city": "Rome", "zip": "1"}}


def test_an_object_that_held_only_mapped_fields_goes_with_them(integration: Integration) -> None:
    assert "address" not in rules(integration).translate("create", {"address": {"city": "Rome"}})


def test_a_mapping_that_the_customer_skipped_is_left_out(integration: Integration) -> None:
    assert rules(integration).translate("create", {"name": "U", "phone_number": "1"}) == {"name": "U"}


def test_the_customers_mapping_wins_over_the_manifests_default(integration: Integration) -> None:
    chosen = {"phone_number": "Phone", "source": "Origin__c"}
    assert rules(integration, read_selectedFieldMappings=chosen).translate(
        "create", {"phone_number": "1", "source": "web"}
    ) == {"Phone": "1", "Origin__c": "web"}


def test_a_mapping_begins_with_the_manifests_default(integration: Integration) -> None:
    assert rules(integration).translate("create", {"source": "web"}) == {"AccountSource": "web"}


def test_a_mapping_that_only_the_page_asked_for_counts(integration: Integration) -> None:
    chosen = {"priority": "Rating"}
    assert rules(integration, read_selectedFieldMappings=chosen).translate("create", {"priority": "1"}) == {
        "Rating": "1"
    }


@pytest.mark.parametrize("field", ["source", "AccountSource"])
def test_values_are_mapped_backwards(integration: Integration, field: str) -> None:
    values = {field: {"web": "Web Site", "phone": "Phone Inquiry"}}
    found = rules(integration, read_selectedValueMappings=values)
    assert found.translate("create", {"source": "web"}) == {"AccountSource": "Web Site"}
    assert found.translate("create", {"source": "fax"}) == {"AccountSource": "fax"}


def test_swapped_names_do_not_overwrite_each_other(integration: Integration) -> None:
    swapped = {"phone": "fax", "fax": "phone"}
    found = rules(integration, read_selectedFieldMappings=swapped)
    assert found.translate("create", {"phone": "1", "fax": "2"}) == {"fax": "1", "phone": "2"}


@pytest.mark.parametrize(
    ("default", "value"),
    [({"stringValue": "app"}, "app"), ({"integerValue": 0}, 0), ({"booleanValue": False}, False)],
)
def test_a_default_stands_for_a_field_that_is_missing(
    integration: Integration, default: dict[str, Any], value: Any
) -> None:
    found = rules(integration, write_selectedFieldSettings={"source": {"default": default}})
    assert found.translate("create", {}) == {"AccountSource": value}
    assert found.translate("create", {"source": "mine"}) == {"AccountSource": "mine"}


@pytest.mark.parametrize("sent", ["source", "AccountSource", "accountsource"])
@pytest.mark.parametrize(("kind", "key"), [("create", "writeOnCreate"), ("update", "writeOnUpdate")])
def test_a_field_is_never_written_where_its_settings_say_so(
    integration: Integration, kind: Any, key: str, sent: str
) -> None:
    setting = {"source": {key: "never", "default": {"stringValue": "d"}}}
    found = rules(integration, write_selectedFieldSettings=setting)
    assert found.translate(kind, {sent: "x"}) == {}
    other: Any = "update" if kind == "create" else "create"
    assert list(found.translate(other, {sent: "x"}).values()) == ["x"]


def test_a_field_to_fill_only_where_it_is_empty_is_named_for_updates_that_hold_it(
    integration: Integration,
) -> None:
    found = rules(integration, write_selectedFieldSettings={"source": {"writeOnUpdate": "ifEmpty"}})
    assert found.only_if_empty(found.translate("update", {"source": "x"})) == ["AccountSource"]
    assert found.only_if_empty(found.translate("update", {"name": "x"})) == []


def test_an_older_default_is_for_creates_unless_it_says_otherwise(integration: Integration) -> None:
    old = {"source": {"value": "d"}, "name": {"value": "n", "applyOnUpdate": "always"}}
    found = rules(integration, write_selectedValueDefaults=old)
    assert found.translate("create", {}) == {"AccountSource": "d", "name": "n"}
    assert found.translate("update", {}) == {"name": "n"}


def test_an_object_that_is_not_ticked_is_refused_with_the_way_out(integration: Integration) -> None:
    config = ConfigContent("salesforce")
    with pytest.raises(ObjectNotSelectedError) as refused:
        write_rules(integration, config, "lead")
    assert "config.content.write.objects.lead" in refused.value.hint


def test_deletes_are_off_unless_the_config_says_otherwise(integration: Integration) -> None:
    assert rules(integration).allows_delete
    assert not rules(integration, write_deletionSettings=None).allows_delete
    assert not rules(integration, write_deletionSettings={"enabled": False}).allows_delete


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("email", ("email",)),
        ("$['a']['b']", ("a", "b")),
        (r"$['it\'s']", ("it's",)),
        ("$['a']b", ("$['a']b",)),
        ("a.b", ("a.b",)),
    ],
)
def test_bracket_notation_leads_into_objects(name: str, path: tuple[str, ...]) -> None:
    assert field_path(name) == path


@pytest.mark.parametrize(
    ("content", "path", "detail"),
    [
        ({}, "", "missing required field `provider`"),
        ({"provider": 1}, "provider", "Expected `str`"),
        ({"provider": "hubspot"}, "provider", "an integration with salesforce"),
        (
            {"provider": "salesforce", "write": {"objects": {"x": {"objectName": "x"}}}},
            "write.objects.x",
            "no write object 'x'",
        ),
        (
            {"provider": "salesforce", "read": {"objects": {"x": {"objectName": "x"}}}},
            "read.objects.x",
            "no read object 'x'",
        ),
        (
            {
                "provider": "salesforce",
                "read": {
                    "objects": {"account": {"selectedValueMappings": {"source": {"a": "Web", "b": "Web"}}}}
                },
            },
            "read.objects.account.selectedValueMappings.source",
            "one to one",
        ),
    ],
)
def test_what_is_wrong_with_a_config_is_told_with_its_place(
    integration: Integration, content: dict[str, Any], path: str, detail: str
) -> None:
    (issue,) = config_issues(content, integration)
    assert issue.path == path
    assert detail in issue.detail


def test_unknown_members_and_nulls_of_a_config_are_tolerated(integration: Integration) -> None:
    content = {
        "provider": "salesforce",
        "read": None,
        "later": True,
        "write": {"objects": {"company": {"objectName": "company", "selectedFieldSettings": None, "x": 1}}},
    }
    assert config_issues(content, integration) == []
    assert write_rules(integration, msgspec.convert(content, ConfigContent), "account")
