"""Objects: known to the provider, spelled as the format asks, and described once."""

from __future__ import annotations

import re

from ampsandbox.manifest.model import Dialect, Integration, Manifest, ObjectKind, Provider, WriteObject
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.standard_objects import nearest_standard_object, standard_object
from ampsandbox.manifest.value_reader import did_you_mean, misspells

_MAX_SUGGESTIONS = 50
_DEFAULT_MODULE = "crm"
_CUSTOM_NAME = re.compile(r".*__\w+|\d+-\d+|p\d*_\w+")


def check(manifest: Manifest, report: Report) -> None:
    """Report unknown and oddly spelled objects, and objects that are described more than once."""
    names = _ObjectNames(manifest.dialect, report)
    for integration in manifest.integrations:
        _check_duplicates(integration, report)
        _check_inherited(integration, report)
        if not integration.is_exercised:
            continue
        for item in integration.objects:
            if item.kind is ObjectKind.STANDARD and integration.module in (None, _DEFAULT_MODULE):
                names.check(integration.provider, item)
            elif item.kind is ObjectKind.CUSTOM and not item.custom_fields:
                message = f"The custom object {shown(item.name)} has no `customFields`."
                report.add(
                    "custom-object-fields", item.position, message, "Add the fields that you write to."
                )


class _ObjectNames:
    """Looks up standard objects, and for near misses as long as that is cheap."""

    def __init__(self, dialect: Dialect, report: Report) -> None:
        self.is_2023 = dialect is Dialect.V2023
        self.report = report
        self.suggestions = _MAX_SUGGESTIONS

    def check(self, provider: str, item: WriteObject) -> None:
        known = standard_object(provider, item.name)
        if known is None:
            self._unknown(provider, item)
        elif self.is_2023 and item.mode is not None and item.name != known.manifest_name:
            message = f"The object {shown(item.name)} is written `{known.manifest_name}` in this format."
            fix = self.report.replacement(item.position, item.name, known.manifest_name)
            self.report.add("object-spelling", item.position, message, did_you_mean(known.manifest_name), fix)

    def _unknown(self, provider: str, item: WriteObject) -> None:
        if item.mode is None and (_CUSTOM_NAME.fullmatch(item.name) or "inheritMapping" in item.positions):
            return
        self.suggestions -= 1
        near = nearest_standard_object(provider, item.name) if self.suggestions >= 0 else None
        if near is None and item.mode is None:
            return  # Today any object of the customer's may be written to, such as HubSpot's custom ones.
        label = Provider(provider).label
        message = f"{label} is not known to have a standard object {shown(item.name)}."
        suggestion = did_you_mean(near) or "An object that your app creates belongs under `customObjects`."
        # What stands under `standardObjects` can be nothing else.
        is_typo = near is not None and item.mode is not None and misspells(item.name, near)
        fix = self.report.replacement(item.position, item.name, near) if near and is_typo else None
        self.report.add("unknown-object", item.position, message, suggestion, fix, is_typo=is_typo)


def _check_inherited(integration: Integration, report: Report) -> None:
    for item in integration.objects:
        if item.inherit_mapping and integration.find_read(item.name) is None:
            message = f"There is no read object {shown(item.name)} whose mapping could be inherited."
            suggestion = "Read the object, or leave `inheritMapping` out."
            report.add("inherit-mapping", item.positions["inheritMapping"], message, suggestion)


def _check_duplicates(integration: Integration, report: Report) -> None:
    first: dict[tuple[str, ObjectKind, str | None], WriteObject] = {}
    for item in integration.objects:
        key = (item.name, item.kind, item.mode)
        if key in first:
            _report_duplicate(item, first[key], report)
        first.setdefault(key, item)


def _report_duplicate(item: WriteObject, first: WriteObject, report: Report) -> None:
    if item.mode is None:
        message = f"The object {shown(item.name)} is already in line {first.position.line}."
        report.add("duplicate-write-object", item.position, message, "Remove one of them.")
    elif item.schedule and first.schedule and item.schedule != first.schedule:
        message = (
            f"The object {shown(item.name)} is also written to in line {first.position.line}, "
            "on another schedule: both collect into one batch."
        )
        position = item.positions.get("schedule", item.position)
        report.add("shared-batch", position, message, "Give both the same schedule.")
