"""Actions on the sandbox as a whole: faults, connections, snapshots, reset."""

from __future__ import annotations

from pathlib import Path

from ampsandbox.errors import UsageError
from ampsandbox.tui.base import SandboxBase


class SandboxActions(SandboxBase):
    """What is not about one panel."""

    def action_show_findings(self) -> None:
        """Show what was found in the manifest, warnings included."""
        from ampsandbox.tui.screens.findings import FindingsView

        if self.latest is None or not self.latest.loaded.findings:
            self.tell("Nothing to say about this manifest.")
            return
        self.open_page(FindingsView(self.latest.loaded))

    def action_show_faults(self) -> None:
        """Script failures of a mock CRM, and see the quotas of any."""
        from ampsandbox.tui.screens.faults import FaultsPanel

        target = self.main.target if self.main else None
        chosen = self.installation_for(target) if target else None
        chosen = chosen or next(iter(self.installations), None)
        if chosen is None:
            self.tell("No CRM: nothing is installed yet. Go to the installer (2, then i).")
            return
        self.open_page(FaultsPanel(chosen))

    def action_show_connections(self) -> None:
        """Show which org each installation writes to."""
        from ampsandbox.tui.screens.connections import ConnectionsPanel

        self.open_page(ConnectionsPanel())

    def action_copy_url(self) -> None:
        """Copy the server's URL."""
        self.copy_to_clipboard(self.backend.url)
        self.say(f"✓ Copied {self.backend.url}", "$text-success")

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
