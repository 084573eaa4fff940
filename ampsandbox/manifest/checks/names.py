"""Names: what the format allows, what the CRM can hold, and what stays apart after translation."""

from __future__ import annotations

import re

from ampsandbox.manifest.crm_names import custom_name, custom_name_problem
from ampsandbox.manifest.model import (
    Dialect,
    Integration,
    Manifest,
    ObjectKind,
    Position,
    Provider,
    WriteObject,
)
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.standard_objects import standard_object

_LETTERS_AND_DASHES = re.compile(r"[A-Za-z-]+")
_INTEGRATION_NAME = re.compile(r"[A-Za-z0-9-]+")


def check(manifest: Manifest, report: Report) -> None:
    """Report names that the format or the CRM does not allow, and names that collide."""
    first: dict[str, Position] = {}
    for integration in manifest.integrations:
        _check_integration(integration, manifest.dialect, first, report)
        if integration.is_exercised:
            _check_custom_objects(integration, report)


def check_custom_name(provider: str, name: str, what: str, position: Position, report: Report) -> None:
    """Report a custom name that the CRM cannot hold, or that has more than letters and dashes."""
    problem = custom_name_problem(provider, name)
    if problem is not None:
        translated = custom_name(provider, name)
        message = (
            f"The name {shown(name)} of the {what} becomes {shown(translated)} in the CRM, which {problem}."
        )
        report.add("crm-name", position, message, "Choose a name of letters and dashes.")
    elif not _LETTERS_AND_DASHES.fullmatch(name):
        message = f"The name {shown(name)} of the {what} has more than letters and dashes."
        report.add("name-syntax", position, message, "Choose a name of letters and dashes.")


def _check_integration(
    integration: Integration, dialect: Dialect, first: dict[str, Position], report: Report
) -> None:
    name, position = integration.name, integration.position
    if not name:
        return
    if dialect is Dialect.V2023 and not _INTEGRATION_NAME.fullmatch(name):
        message = f"The name {shown(name)} of the integration has more than letters, digits and dashes."
        report.add("name-syntax", position, message, "Choose a name of letters, digits and dashes.")
    if name in first:
        message = f"The integration {shown(name)} is already in line {first[name].line}."
        report.add("duplicate-integration", position, message, "Give each integration its own name.")
    first.setdefault(name, position)


def _check_custom_objects(integration: Integration, report: Report) -> None:
    first: dict[str, WriteObject] = {}
    for item in integration.objects:
        if item.kind is not ObjectKind.CUSTOM:
            continue
        earlier = first.setdefault(custom_name(integration.provider, item.name).lower(), item)
        if earlier is item:
            check_custom_name(integration.provider, item.name, "custom object", item.position, report)
            _check_standard(integration.provider, item, report)
        elif earlier.name != item.name:
            _report_clash(integration.provider, item, earlier, report)
        else:
            _check_description(item, earlier, report)


def _check_standard(provider: str, item: WriteObject, report: Report) -> None:
    # On Salesforce `__c` keeps a custom object apart from a standard one.
    if provider == Provider.HUBSPOT and standard_object(provider, item.name):
        message = f"HubSpot already has a standard object {shown(item.name)}."
        report.add(
            "standard-name", item.position, message, "Choose another name, or write to the standard object."
        )


def _report_clash(provider: str, item: WriteObject, earlier: WriteObject, report: Report) -> None:
    message = (
        f"The custom objects {shown(item.name)} and {shown(earlier.name)} (line {earlier.position.line}) "
        f"both become {shown(custom_name(provider, item.name))} in the CRM."
    )
    report.add("name-clash", item.position, message, "Choose names that differ in more than case and dashes.")


def _check_description(item: WriteObject, earlier: WriteObject, report: Report) -> None:
    described = [key for key in ("displayName", "prompt") if key in item.positions]
    for key in described:
        mine, theirs = ((o.display_name, o.prompt)[key == "prompt"] for o in (item, earlier))
        if mine != theirs:
            message = (
                f"The custom object {shown(item.name)} has another `{key}` in line {earlier.position.line}, "
                "which is the one that counts."
            )
            report.add(
                "conflicting-definition", item.positions[key], message, "Write the same in both places."
            )
