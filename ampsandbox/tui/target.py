"""What a write is aimed at: one object of one integration, and the URL that takes its writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Integration, Manifest, Mode, WriteObject


@dataclass(frozen=True, slots=True)
class Target:
    """One leaf of the tree of integrations."""

    integration: Integration
    item: WriteObject

    @property
    def key(self) -> str:
        """Tells the leaves of one manifest apart."""
        mode = self.item.mode.value if self.item.mode else ""
        return f"{self.integration.name}/{self.item.name}/{mode}/{self.item.endpoint or ''}"

    @property
    def mode(self) -> Mode:
        """The type of write; inserts where the manifest leaves it to each request."""
        from ampsandbox.manifest.model import Mode

        return self.item.mode or Mode.INSERT

    @property
    def title(self) -> str:
        """The endpoint, or the object where the manifest names no endpoint."""
        return self.item.endpoint or self.item.name

    @property
    def when(self) -> str:
        """When a write reaches the CRM, in words."""
        if not self.item.schedule:
            return "written at once"
        return f"◷ flushed {schedule_words(self.item.schedule)}"

    def path(self, project: str) -> str:
        """The path of the URL that takes the writes."""
        if self.item.endpoint:
            return f"/projects/{project}/{self.item.endpoint}"
        return f"/v1/projects/{project}/integrations/{self.integration.name}/objects/{self.item.name}"


def schedule_words(schedule: str) -> str:
    """A schedule in plain words; as it is written where it is none."""
    from ampsandbox.manifest.schedule import ScheduleError, parse_schedule

    try:
        return parse_schedule(schedule).describe()
    except ScheduleError:
        return schedule


def targets(manifest: Manifest | None) -> list[Target]:
    """Everything that can be written to, in file order."""
    if manifest is None:
        return []
    return [
        Target(integration, item)
        for integration in manifest.integrations
        if integration.is_exercised
        for item in integration.objects
    ]
