"""Everything that can be done with a running sandbox, for every front alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import getmembers, iscoroutinefunction, unwrap
from typing import Any

from ampsandbox.service.batches import BatchService
from ampsandbox.service.clock import ClockService
from ampsandbox.service.context import ServiceContext, ServiceGroup
from ampsandbox.service.faults import FaultService
from ampsandbox.service.installations import InstallationService
from ampsandbox.service.live import LiveService
from ampsandbox.service.log import LogService
from ampsandbox.service.manifests import ManifestService
from ampsandbox.service.notifications import NotificationService
from ampsandbox.service.operations import OperationService
from ampsandbox.service.overview import OverviewService
from ampsandbox.service.platform import Platform
from ampsandbox.service.records import RecordService
from ampsandbox.service.snapshots import SnapshotService
from ampsandbox.service.writes import WriteService

VerbFunction = Callable[..., Any]


class SandboxService:
    """The verbs of a sandbox, by what they are about.

    Control API, command line, Python tests and the screen call these and nothing below them. Call them on the
    loop that the engine runs on.
    """

    def __init__(self, context: ServiceContext) -> None:
        self.context = context
        self.writes = WriteService(context)
        self.operations = OperationService(context)
        self.batches = BatchService(context)
        self.installations = InstallationService(context)
        self.clock = ClockService(context)
        self.faults = FaultService(context)
        self.snapshots = SnapshotService(context, self.installations)
        self.records = RecordService(context, self.snapshots)
        self.manifests = ManifestService(context, self.snapshots)
        self.live = LiveService(context, self.installations)
        self.overview = OverviewService(context)
        self.log = LogService(context)
        self.notifications = NotificationService(context)
        self.platform = Platform(context, self.installations)

    def groups(self) -> Iterator[ServiceGroup]:
        """All groups of verbs, in the order in which the table of verbs names them."""
        return (each for each in vars(self).values() if isinstance(each, ServiceGroup))

    def bind(self, verb: VerbFunction) -> VerbFunction:
        """A verb that was named by its class, such as `BatchService.flush`, as this sandbox's own."""
        owner = verb.__qualname__.partition(".")[0]
        for group in self.groups():
            if type(group).__name__ == owner:
                bound: VerbFunction = getattr(group, verb.__name__)
                return bound
        raise LookupError(verb.__qualname__)


def verbs() -> dict[str, VerbFunction]:
    """All verbs by their names, such as `batches.flush`."""
    found: dict[str, VerbFunction] = {}
    for group in ServiceGroup.__subclasses__():
        for name, member in getmembers(group, callable):
            is_verb = iscoroutinefunction(unwrap(member)) or hasattr(member, "is_recorded")
            if is_verb and not name.startswith("_"):
                found[f"{group.name}.{name}"] = member
    return found
