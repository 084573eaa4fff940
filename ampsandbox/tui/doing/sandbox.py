"""Actions on the sandbox as a whole: flush, operations, faults, connections, snapshots, reset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ampsandbox.errors import UsageError
from ampsandbox.tui.base import SandboxBase

if TYPE_CHECKING:
    from ampsandbox.tui.views import BatchView, OperationView


class SandboxActions(SandboxBase):
    """What is not about one panel."""

    def action_flush_all(self) -> None:
        """Deliver every waiting batch."""
        self.command(self.backend.flush(), "Flushed every batch")

    def open_batch(self, batch: BatchView) -> None:
        """Show the writes of a batch."""
        from ampsandbox.tui.screens.operations import LIMIT, OperationsPanel

        async def read() -> Sequence[OperationView]:
            return await self.backend.batch_writes(batch.id, 0, LIMIT)

        shown = f" · first {LIMIT} of {batch.count:,}" if batch.count > LIMIT else ""
        fires = " · ".join(f"{at:%a %H:%M}" for at in batch.next_fires[:3])
        title = f"Batch · {batch.object} {batch.mode} · {batch.group}{shown}" + (
            f" · {batch.schedule}: {fires}" if fires else ""
        )
        self.open_page(
            OperationsPanel(title, read, batch_id=batch.id, empty="The batch is empty: it was flushed.")
        )

    def action_show_problems(self) -> None:
        """Show what failed or is in doubt."""
        self._show_operations(
            "Failed and in doubt", ("failed", "in_doubt"), "Nothing failed and nothing is in doubt."
        )

    def action_show_operations(self) -> None:
        """Show the newest operations."""
        self._show_operations("Newest operations", (), "Nothing was written yet.")

    def _show_operations(self, title: str, states: Sequence[str], empty: str) -> None:
        from ampsandbox.tui.screens.operations import LIMIT, OperationsPanel

        async def read() -> Sequence[OperationView]:
            return await self.backend.operations(states, LIMIT)

        self.open_page(OperationsPanel(title, read, empty=empty))

    def action_show_findings(self) -> None:
        """Show what was found in the manifest, warnings included."""
        from ampsandbox.tui.screens.findings import FindingsView

        if self.latest is None or not self.latest.loaded.findings:
            self.tell("Nothing to say about this manifest.")
            return
        self.open_page(FindingsView(self.latest.loaded))

    def action_show_faults(self) -> None:
        """Script failures of a mock CRM."""
        from ampsandbox.tui.screens.faults import FaultsPanel

        target = self.main.target if self.main else None
        chosen = self.installation_for(target) if target else None
        mock = (
            chosen
            if chosen and not chosen.is_live
            else next((i for i in self.installations if not i.is_live), None)
        )
        if mock is None:
            self.tell("No mock CRM: nothing is installed yet. Go to the installer (2, then i).")
            return
        self.open_page(FaultsPanel(mock))

    def action_show_connections(self) -> None:
        """Show which org each installation writes to."""
        from ampsandbox.tui.screens.connections import ConnectionsPanel

        self.open_page(ConnectionsPanel())

    def action_save_snapshot(self) -> None:
        """Write the whole state to a file."""
        self.ask(
            "Save the state to which file?",
            "",
            lambda path: self.command(self._save(path), f"Saved {path}"),
            value="sandbox.snapshot",
        )

    async def _save(self, path: str) -> None:
        _write(path, await self.backend.save())

    def action_restore_snapshot(self) -> None:
        """Go back to a saved state."""
        about = "Everything since then is replaced by what the file holds."
        self.ask(
            "Restore which file?",
            about,
            lambda path: self.command(self._restore(path), f"Restored {path}"),
            value="sandbox.snapshot",
            check=_readable,
        )

    async def _restore(self, path: str) -> None:
        await self.backend.restore(_readable(path))

    def action_reset_sandbox(self) -> None:
        """Start over, after a question."""
        about = "All operations are forgotten and every mock org is emptied. Installations stay."
        self.confirm("Reset the sandbox?", about, lambda: self.command(self.backend.reset(), "Reset"))


def _write(path: str, data: bytes) -> None:
    try:
        Path(path).expanduser().write_bytes(data)
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}.") from error


def _readable(path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.") from error
