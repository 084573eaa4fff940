"""Objects: known to the provider, spelled as the format asks, and described once."""

from __future__ import annotations

import re

from ampsandbox.manifest.model import Dialect, Integration, Manifest, ObjectKind, Provider, WriteObject
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.standard_objects import nearest_standard_object, standard_object
from ampsandbox.manifest.value_reader import did_you_mean

_MAX_SUGGESTIONS = 50
_CUSTOM_NAME = re.compile(r".*__\w+|\d+-\d+|p\d*_\w+")


def check(manifest: Manifest, report: Report) -> None:
    """Report unknown and oddly spelled objects, and objects that are described more than once."""
    names = _ObjectNames(manifest.dialect, report)
    for integration in manifest.integrations:
        _check_duplicates(integration, report)
        if not integration.is_exercised:
            continue
        for item in integration.objects:
            if item.kind is ObjectKind.STANDARD:
                names.check(integration.provider, item)
            elif not item.custom_fields:
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
        near = self._nearest(provider, item.name)
        if near is None and item.mode is None:
            return  # Today any object of the customer's may be written to, such as HubSpot's custom ones.
        label = Provider(provider).label
        message = f"{label} is not known to have a standard object {shown(item.name)}."
        suggestion = did_you_mean(near) or "An object that your app creates belongs under `customObjects`."
        self.report.add("unknown-object", item.position, message, suggestion)

    def _nearest(self, provider: str, name: str) -> str | None:
        self.suggestions -= 1
        return nearest_standard_object(provider, name) if self.suggestions >= 0 else None


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
