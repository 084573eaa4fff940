"""What runs, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ampsandbox.engine.model import ConnectionView, QuotaView
from ampsandbox.service.context import ServiceGroup
from ampsandbox.service.installations import InstallationView, installation_view


class EndpointView(msgspec.Struct, frozen=True, rename="camel"):
    """One write endpoint of the manifest."""

    endpoint: str
    url: str
    integration: str
    object: str
    mode: str
    schedule: str | None


class State(msgspec.Struct, frozen=True, rename="camel"):
    """What runs, and where it stands."""

    project: str
    url: str
    now: datetime
    speed: float
    next_flush_at: datetime | None
    pending: int
    manifest: str | None
    endpoints: list[EndpointView]
    installations: list[InstallationView]


class OverviewService(ServiceGroup):
    """Verbs that look at the whole sandbox at one moment."""

    name = "overview"

    async def state(self) -> State:
        """What runs, and where it stands."""
        context, engine = self.context, self.context.engine
        manifest = engine.manifest
        return State(
            project=engine.project,
            url=context.url,
            now=engine.clock.now(),
            speed=engine.clock.speed,
            next_flush_at=engine.batches.next_flush(),
            pending=sum(batch.count for batch in engine.batches.all()),
            manifest=str(manifest.path) if manifest and manifest.path else None,
            endpoints=self._endpoints(),
            installations=[installation_view(context, item) for item in engine.installations.all()],
        )

    def _endpoints(self) -> list[EndpointView]:
        engine = self.context.engine
        root = f"{self.context.url}/projects/{engine.project}"
        endpoints = engine.manifest.endpoints() if engine.manifest else {}
        return [
            EndpointView(name, f"{root}/{name}", integration.name, item.name, str(item.mode), item.schedule)
            for name, (integration, item) in endpoints.items()
        ]

    async def quota(self) -> Sequence[QuotaView]:
        """CRM requests used, and what they would be unbatched."""
        return self.context.engine.installations.quota()

    async def connections(self) -> Sequence[ConnectionView]:
        """The health of each installation's connection: its circuit, and why it rests."""
        engine = self.context.engine
        return [engine.installations.connection_state(item.id) for item in engine.installations.all()]
