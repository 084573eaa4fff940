"""What the screen knows of the sandbox: its state at the last look, and the fields of objects in CRMs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ampsandbox.tui.backend.protocol import Backend
    from ampsandbox.tui.backend.views import InstallationStatus, SchemaView, Snapshot
    from ampsandbox.tui.forms.target import FormTarget


class SandboxState:
    """The newest snapshot, and what was asked for along with it."""

    def __init__(self) -> None:
        self.latest: Snapshot | None = None
        """The state at the last look; None until there was one."""
        self._schemas: dict[tuple[str, str], SchemaView] = {}
        self._seen = 0
        self._version: object = None

    async def read(self, backend: Backend) -> tuple[Snapshot | None, Snapshot]:
        """Look at the state; returns the one before, and the new one with the log's new rows alone."""
        snapshot = await backend.snapshot(self._seen)
        if snapshot.log:
            self._seen = snapshot.log[-1].seq
        before, self.latest = self.latest, snapshot
        return before, snapshot

    def take_change(self) -> bool:
        """Whether manifest or installations are others than at the last call; then schemas are read anew."""
        assert self.latest is not None
        version = (
            self.latest.version,
            [
                (item.id, item.state, item.connection, item.needs_credentials)
                for item in self.latest.installations
            ],
        )
        is_other, self._version = version != self._version, version
        if is_other:
            self._schemas = {}  # What is still being read was asked for before the change.
        return is_other

    @property
    def installations(self) -> tuple[InstallationStatus, ...]:
        """Every installation at the last look."""
        return self.latest.installations if self.latest else ()

    @property
    def app_name(self) -> str:
        """What end users call the app."""
        manifest = self.latest.loaded.manifest if self.latest else None
        return (manifest and manifest.app_name) or "This app"

    def installation_for(
        self, target: FormTarget, group: str, *, or_any: bool = False
    ) -> InstallationStatus | None:
        """The installation that takes a target's writes for a group; else the first one, if any will do."""
        mine = [item for item in self.installations if item.integration == target.integration.name]
        return next((item for item in mine if item.group == group), mine[0] if mine and or_any else None)

    async def schema(
        self, backend: Backend, installation: InstallationStatus, target: FormTarget
    ) -> SchemaView:
        """The fields of a target's object in the CRM of an installation; asked for once."""
        schemas, key = self._schemas, (installation.id, target.item.name)
        if key not in schemas:
            schemas[key] = await backend.records.schema(installation.id, target.item)
        return schemas[key]
