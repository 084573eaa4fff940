"""Reading a traffic file: what is written to a manifest's objects, checked against the manifest.

    groups: 1000
    days: 7
    traffic:
      - {endpoint: create-lead, writes_per_day: 400, hours: {9-17: 3, 17-22: 1}, weekdays: {sat-sun: 0.1}}
    crms:
      - {provider: salesforce, edition: professional, licences: 10}

Everything that is wrong is reported at once, each finding with its place and the way out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ampsandbox.capacity.findings import TrafficReport, near_miss
from ampsandbox.capacity.group_sizes import (
    CountsUnreadableError,
    GroupCounts,
    csv_counts,
    recording_counts,
)
from ampsandbox.capacity.located_yaml import read_located
from ampsandbox.capacity.starter import starter_traffic
from ampsandbox.capacity.traffic_model import TrafficFile
from ampsandbox.errors import UsageError
from ampsandbox.manifest.findings import LoadResult, Severity
from ampsandbox.manifest.model import Integration, Manifest, Mode, Provider, WriteObject

if TYPE_CHECKING:
    from ampsandbox.capacity.traffic_model import BurstEntry, TrafficEntry, TrafficFile


@dataclass(frozen=True, slots=True)
class WriteTarget:
    """Where the writes of an entry go."""

    integration: Integration
    item: WriteObject
    mode: Mode

    @property
    def provider(self) -> Provider:
        return Provider(self.integration.provider)


@dataclass(frozen=True, slots=True)
class Traffic:
    """A traffic file that is sound.

    Attributes:
        file: What it says.
        targets: Of each entry of `traffic`, where its writes go.
        burst_targets: Of each entry of `bursts`.
        counts: What the sizes of groups come from; None for a distribution.
        checked: What is odd about it, all of it warnings, with the text.
    """

    file: TrafficFile
    targets: tuple[WriteTarget, ...]
    burst_targets: tuple[WriteTarget, ...]
    checked: LoadResult
    counts: GroupCounts | None = None


def load_traffic(path: Path | None, manifest: Manifest) -> Traffic:
    """The traffic in a file; plain assumptions about the manifest without one.

    Raises:
        UsageError: The file cannot be opened.
        TrafficInvalidError: It breaks rules.
    """
    if path is None:
        return parse_traffic(starter_traffic(manifest).encode(), "plain assumptions", manifest, Path())
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", "docs/capacity.md shows one.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    return parse_traffic(data, str(path), manifest, path.parent)


def parse_traffic(data: bytes, source: str, manifest: Manifest, folder: Path) -> Traffic:
    """The traffic in a text.

    Args:
        data: The file's bytes.
        source: What to call it in messages.
        manifest: Whose objects are written to.
        folder: What relative paths in it start from.

    Raises:
        TrafficInvalidError: It breaks rules.
    """
    document = read_located(data)
    report = TrafficReport(document, source)
    report.stop_at_errors()
    try:
        file = TrafficFile.model_validate({} if document.content is None else document.content)
    except ValidationError as error:
        report.add_invalid(error, TrafficFile)
        report.stop_at_errors()
        raise
    targets = _targets(file.traffic, "traffic", manifest, report)
    burst_targets = _targets(file.bursts, "bursts", manifest, report)
    counts = _counts(file, folder, report)
    _check_entries(file, targets, report)
    report.stop_at_errors()
    _check_crms(file, [*targets.values(), *burst_targets.values()], report)
    _check_moments(file, report)
    report.stop_at_errors()
    return Traffic(file, tuple(targets.values()), tuple(burst_targets.values()), report.result(), counts)


def _targets(
    entries: Sequence[TrafficEntry | BurstEntry], section: str, manifest: Manifest, report: TrafficReport
) -> dict[int, WriteTarget]:
    """By the number of each entry, where its writes go; those that go nowhere are reported."""
    if not entries and section == "traffic":
        report.add("required-field", (), "“traffic” is missing: nothing is written.", "Add “traffic: …”.")
    found: dict[int, WriteTarget] = {}
    for number, entry in enumerate(entries):
        target = (
            _by_endpoint(entry.endpoint, manifest, (section, number), report)
            if entry.endpoint is not None
            else _by_object(entry, manifest, (section, number), report)
        )
        if target is not None:
            found[number] = target
    return found


def _by_endpoint(
    endpoint: str, manifest: Manifest, place: tuple[str, int], report: TrafficReport
) -> WriteTarget | None:
    endpoints = manifest.endpoints()
    if endpoint not in endpoints:
        hint = near_miss(endpoint, endpoints) or "The manifest has none: name an object and a mode."
        report.add("unknown-endpoint", (*place, "endpoint"), f"There is no endpoint “{endpoint:.60}”.", hint)
        return None
    integration, item = endpoints[endpoint]
    return WriteTarget(integration, item, item.mode or Mode.INSERT)


def _by_object(
    entry: TrafficEntry | BurstEntry, manifest: Manifest, place: tuple[str, int], report: TrafficReport
) -> WriteTarget | None:
    name = entry.object or ""
    served = [each for each in manifest.integrations if each.is_exercised]
    if entry.integration is not None and entry.integration not in {each.name for each in served}:
        report.add(
            "unknown-integration",
            (*place, "integration"),
            f"There is no integration “{entry.integration:.60}” with a CRM of the sandbox.",
            near_miss(entry.integration, [each.name for each in served]),
        )
        return None
    writes = [
        (integration, item)
        for integration in served
        if entry.integration in (None, integration.name)
        for item in integration.objects
    ]
    named = [(integration, item) for integration, item in writes if item.name == name]
    if not named:
        report.add(
            "unknown-object",
            (*place, "object"),
            f"Nothing writes to an object “{name:.60}”.",
            near_miss(name, {item.name for _, item in writes}),
        )
        return None
    fitting = [each for each in named if entry.mode in (None, each[1].mode) or each[1].mode is None]
    if not fitting:
        modes = ", ".join(sorted({item.mode.value for _, item in named if item.mode}))
        report.add(
            "unknown-mode", (*place, "mode"), f"“{name:.60}” takes no {entry.mode}.", f"It takes {modes}."
        )
        return None
    return _the_one(fitting, entry, place, report)


def _the_one(
    fitting: Sequence[tuple[Integration, WriteObject]],
    entry: TrafficEntry | BurstEntry,
    place: tuple[str, int],
    report: TrafficReport,
) -> WriteTarget | None:
    """The only write that an entry can mean."""
    at = (*place, "object")
    if len(owners := {integration.name for integration, _ in fitting}) > 1:
        report.add(
            "ambiguous-object", at, "Several integrations write to it.",
            f"Add “integration: …”, one of {', '.join(sorted(owners))}.",
        )  # fmt: skip
        return None
    if len(fitting) > 1:
        ways = ", ".join(item.endpoint or "?" for _, item in fitting)
        report.add("ambiguous-object", at, "Several endpoints write to it.", f"Name the endpoint: {ways}.")
        return None
    [(integration, item)] = fitting
    mode = item.mode or (Mode(entry.mode) if entry.mode else None)
    if mode is None:
        report.add("required-field", place, "“mode” is missing.", "Add “mode: insert”, update or delete.")
        return None
    return WriteTarget(integration, item, mode)


def _counts(file: TrafficFile, folder: Path, report: TrafficReport) -> GroupCounts | None:
    sizes = file.sizes
    key = "csv" if sizes.csv is not None else "recording"
    try:
        if sizes.csv is not None:
            return csv_counts(folder / sizes.csv, sizes.column)
        if sizes.recording is not None:
            return recording_counts(folder / sizes.recording)
    except CountsUnreadableError as error:
        report.add("bad-value", ("sizes", key), error.message, error.hint)
    except ValueError:  # a path with a NUL
        report.add("bad-value", ("sizes", key), "This is no path of a file.")
    return None


def _check_entries(file: TrafficFile, targets: Mapping[int, WriteTarget], report: TrafficReport) -> None:
    for number, target in targets.items():
        entry = file.traffic[number]
        if entry.same_record and target.mode is not Mode.UPDATE:
            report.add(
                "bad-value", ("traffic", number, "same_record"), "Only updates hit the same record.",
                f"Remove it: this entry is about {target.mode.value}s.",
            )  # fmt: skip
        if entry.max_delay_minutes is not None and target.item.endpoint:
            report.add(
                "bad-value", ("traffic", number, "max_delay_minutes"),
                "An endpoint of the 2023 format has no autoBatchPolicy.",
                "Its schedule stands in the manifest; --compare tries others.",
            )  # fmt: skip


def _check_crms(file: TrafficFile, targets: Sequence[WriteTarget], report: TrafficReport) -> None:
    """Whether the groups have the CRMs that are written to."""
    written = {target.provider.value for target in targets}
    had = {entry.provider for entry in file.crms} or written
    for missing in sorted(written - had):
        label = Provider(missing).label
        report.add(
            "missing-crm", ("crms",), f"No group has {label}, to which traffic goes.",
            f"Add “- provider: {missing}”.",
        )  # fmt: skip
    parts: dict[str, Sequence[Any]] = {
        "crms": file.crms, "other_use": file.other_use, "outages": file.outages
    }  # fmt: skip
    for section, entries in parts.items():
        for number, entry in enumerate(entries):
            if entry.provider not in written:
                report.add(
                    "unused-crm", (section, number, "provider"),
                    f"No traffic goes to {Provider(entry.provider).label}.", "Remove it, or add traffic.",
                    severity=Severity.WARNING,
                )  # fmt: skip


def _check_moments(file: TrafficFile, report: TrafficReport) -> None:
    """Whether bursts and outages lie within the days that the file names."""
    last = file.begins_at + timedelta(days=file.days)
    parts: dict[str, Sequence[Any]] = {"bursts": file.bursts, "outages": file.outages}
    for section, entries in parts.items():
        for number, entry in enumerate(entries):
            if not file.begins_at <= file.moment(entry.at) < last:
                report.add(
                    "outside-of-run", (section, number, "at"),
                    f"This is not within the {file.days} days that are simulated.",
                    f"They begin on {file.begins_at:%Y-%m-%d}; write “day 1 09:00”, or more “days”.",
                    severity=Severity.WARNING,
                )  # fmt: skip
