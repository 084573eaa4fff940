"""What a write is aimed at: one object of one integration, and the URL that takes its writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ampsandbox.manifest.model import Integration, Manifest, Mode, WriteObject


class FormTarget(msgspec.Struct, frozen=True):
    """What a form writes to: one leaf of the tree of integrations."""

    integration: Integration
    item: WriteObject
    mode: Mode

    @property
    def key(self) -> str:
        """Tells the leaves of one manifest apart; an object of today's format is one of them."""
        mode = self.mode.value if self.item.endpoint else ""
        return f"{self.integration.name}/{self.item.name}/{mode}/{self.item.endpoint or ''}"

    @property
    def type(self) -> str:
        """What today's write API calls the mode."""
        return {"insert": "create"}.get(self.mode.value, self.mode.value)

    @property
    def verb(self) -> str:
        """What is done to the object, in the words of the manifest's format."""
        return self.mode.value if self.item.endpoint else self.type

    def of_type(self, type_: str) -> FormTarget:
        """The same object, with what a request of today's format does to it."""
        from ampsandbox.tui.forms.options import MODES

        return replace(self, mode=MODES[type_])

    @property
    def title(self) -> str:
        """The endpoint, or what is done to the object where the manifest names no endpoint."""
        return self.item.endpoint or f"{self.type} {self.item.name}"

    @property
    def logged_as(self) -> str:
        """What the request log calls it: `integration/object` where the manifest names no endpoint."""
        return self.item.endpoint or f"{self.integration.name}/{self.item.name}"

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


def targets(manifest: Manifest | None) -> list[FormTarget]:
    """Everything that can be written to, in file order."""
    integrations = manifest.integrations if manifest else ()
    return [
        target_to(integration, item)
        for integration in integrations
        if integration.is_exercised
        for item in integration.objects
    ]


def target_to(integration: Integration, item: WriteObject) -> FormTarget:
    """What can be written to an object; in today's format, where each request says what it does, a create."""
    from ampsandbox.manifest.model import Mode

    return FormTarget(integration, item, item.mode or Mode.INSERT)


def target_of(known: Sequence[FormTarget], logged_as: str) -> FormTarget | None:
    """What a request of the log was aimed at, as far as the manifest still has it."""
    return next((target for target in known if target.logged_as == logged_as), None)
