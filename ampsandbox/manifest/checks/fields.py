"""Custom fields: names that are new, allowed and apart from each other."""

from __future__ import annotations

from ampsandbox.manifest.checks.names import check_custom_name
from ampsandbox.manifest.crm_names import crm_field_name, crm_object_name
from ampsandbox.manifest.model import CustomField, Manifest, Provider, WriteObject
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.standard_fields import standard_fields


def check(manifest: Manifest, report: Report) -> None:
    """Report custom fields that cannot be created as they are described."""
    for integration in manifest.integrations:
        if integration.is_exercised:
            first: dict[tuple[str, str], CustomField] = {}
            for item in integration.objects:
                if item.custom_fields:
                    _check_object(integration.provider, item, first, report)


def _check_object(
    provider: str, item: WriteObject, first: dict[tuple[str, str], CustomField], report: Report
) -> None:
    object_name = crm_object_name(provider, item)
    standard = standard_fields(Provider(provider), object_name)
    here: set[str] = set()
    for field in item.custom_fields:
        earlier = first.setdefault((object_name, crm_field_name(provider, field.name).lower()), field)
        if field.name in here:
            message = f"The custom field {shown(field.name)} is already in line {earlier.position.line}."
            report.add("duplicate-field", field.position, message, "Remove one of them.")
        elif earlier is field:
            check_custom_name(provider, field.name, "custom field", field.position, report)
            _check_standard(field, item, standard, report)
        elif earlier.name != field.name:
            _report_clash(provider, field, earlier, report)
        elif (earlier.display_name, earlier.prompt) != (field.display_name, field.prompt):
            _report_conflict(field, earlier, report)
        here.add(field.name)


def _check_standard(field: CustomField, item: WriteObject, standard: frozenset[str], report: Report) -> None:
    if field.name.lower() in standard:
        message = f"{shown(item.name)} already has a standard field {shown(field.name)}."
        report.add(
            "standard-name", field.position, message, "Write to the standard field, or choose another name."
        )


def _report_clash(provider: str, field: CustomField, earlier: CustomField, report: Report) -> None:
    message = (
        f"The custom fields {shown(field.name)} and {shown(earlier.name)} (line {earlier.position.line}) "
        f"both become {shown(crm_field_name(provider, field.name))} in the CRM."
    )
    report.add(
        "name-clash", field.position, message, "Choose names that differ in more than case and dashes."
    )


def _report_conflict(field: CustomField, earlier: CustomField, report: Report) -> None:
    message = (
        f"The custom field {shown(field.name)} is described differently in line {earlier.position.line}, "
        "which is the description that counts."
    )
    report.add("conflicting-definition", field.position, message, "Write the same in both places.")
