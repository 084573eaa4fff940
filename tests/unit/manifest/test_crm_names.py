"""What names become in a CRM."""

from __future__ import annotations

import pytest

from ampsandbox.manifest.crm_names import crm_field_name, crm_object_name, custom_name_problem
from ampsandbox.manifest.model import ObjectKind, Provider, WriteObject
from ampsandbox.manifest.standard_objects import (
    nearest_standard_object,
    plural_of,
    singular_of,
    standard_object,
    standard_objects,
)


def _object(name: str, kind: ObjectKind = ObjectKind.STANDARD) -> WriteObject:
    return WriteObject(name, kind, None, None)


@pytest.mark.parametrize(
    ("provider", "name", "api_name"),
    [
        ("salesforce", "contact", "Contact"),
        ("salesforce", "contacts", "Contact"),
        ("salesforce", "contractLineItem", "ContractLineItem"),
        ("salesforce", "opportunities", "Opportunity"),
        ("salesforce", "product2", "Product2"),
        ("salesforce", "Invoice__c", "Invoice__c"),
        ("hubspot", "contact", "contacts"),
        ("hubspot", "company", "companies"),
        ("hubspot", "account", "companies"),
        ("hubspot", "lineItem", "line_items"),
        ("hubspot", "line-item", "line_items"),
        ("hubspot", "line_items", "line_items"),
        ("hubspot", "2-123456", "2-123456"),
        ("hubspot", "postalMail", "postal_mail"),
    ],
)
def test_a_standard_object_gets_its_api_name(provider: str, name: str, api_name: str) -> None:
    assert crm_object_name(provider, _object(name)) == api_name


@pytest.mark.parametrize(
    ("provider", "name", "api_name"),
    [
        ("salesforce", "mailMonkeyCampaigns", "mailMonkeyCampaigns__c"),
        ("salesforce", "mail-monkey-campaigns", "mail_monkey_campaigns__c"),
        ("salesforce", "thing__c", "thing__c"),
        ("hubspot", "mailMonkeyCampaigns", "mailmonkeycampaigns"),
        ("hubspot", "mail-monkey", "mail_monkey"),
    ],
)
def test_a_custom_object_gets_the_name_it_is_created_under(provider: str, name: str, api_name: str) -> None:
    assert crm_object_name(provider, _object(name, ObjectKind.CUSTOM)) == api_name


def test_a_custom_field_gets_the_name_it_is_created_under() -> None:
    assert crm_field_name("salesforce", "warmthScore") == "warmthScore__c"
    assert crm_field_name("hubspot", "warmthScore") == "warmthscore"
    assert crm_field_name("hubspot", "warmth-score") == "warmth_score"


@pytest.mark.parametrize("name", ["1st", "-", "é", "a b c!", "a" * 41])
def test_salesforce_cannot_hold_every_name(name: str) -> None:
    assert custom_name_problem("salesforce", name)


def test_names_of_letters_and_dashes_can_be_held() -> None:
    for provider in Provider:
        assert custom_name_problem(provider, "mail-Monkey") is None


@pytest.mark.parametrize("provider", Provider)
def test_every_standard_object_is_found_by_all_its_names(provider: Provider) -> None:
    for item in standard_objects(provider):
        for name in (item.api_name, item.manifest_name, item.manifest_name.upper()):
            assert standard_object(provider, name) == item


def test_near_misses_are_found() -> None:
    assert nearest_standard_object("salesforce", "oportunity") == "opportunity"
    assert nearest_standard_object("hubspot", "companys") == "company"
    assert nearest_standard_object("hubspot", "zzzzzz") is None


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("Contact", "Contacts"),
        ("Company", "Companies"),
        ("Address", "Addresses"),
        ("Tax", "Taxes"),
        ("Day", "Days"),
    ],
)
def test_labels_have_a_plural(one: str, many: str) -> None:
    assert plural_of(one) == many
    assert singular_of(many) == one
