"""Actions on the sandbox as a whole: faults, connections, snapshots, reset."""

from __future__ import annotations

from pathlib import PurePath

from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.user_files import read_file, write_file


class SandboxActions(ActionPart):
    """What is not about one panel."""

    def action_show_findings(self) -> None:
        """Show what was found in the manifest, warnings included."""
        from ampsandbox.tui.screens.findings import FindingsView

        if self.ui.state.latest is None or not self.ui.state.latest.loaded.findings:
            self.ui.tell("Nothing to say about this manifest.")
            return
        self.ui.open_page(FindingsView(self.ui.state.latest.loaded))

    def action_show_faults(self) -> None:
        """Script failures of a mock CRM, and see the quotas of any."""
        from ampsandbox.tui.screens.faults import FaultsPanel

        target = self.ui.target
        chosen = self.ui.installation_for(target) if target else None
        chosen = chosen or next(iter(self.ui.state.installations), None)
        if chosen is None:
            self.ui.tell("No CRM: nothing is installed yet. Go to the installer (2, then i).")
            return
        self.ui.open_page(FaultsPanel(chosen))

    def action_show_connections(self) -> None:
        """Show which org each installation writes to."""
        from ampsandbox.tui.screens.connections import ConnectionsPanel

        self.ui.open_page(ConnectionsPanel())

    def action_show_capacity(self) -> None:
        """Simulate what the manifest's schedules cost many customers."""
        from ampsandbox.tui.screens.capacity import CapacityPanel

        if self.ui.state.latest is None:
            self.ui.tell("The sandbox is still starting.")
            return
        loaded = self.ui.state.latest.loaded
        if loaded.manifest is None:
            self.ui.tell("This manifest cannot be simulated: mend it first (! shows the findings).")
            return
        self.ui.open_page(CapacityPanel(loaded.manifest, PurePath(loaded.source).name))

    def action_copy_url(self) -> None:
        """Copy the server's URL."""
        self.ui.copy(self.ui.backend.url, self.ui.backend.url)

    def action_show_activity(self) -> None:
        """Show what happened over time."""
        from ampsandbox.tui.screens.activity import ActivityPanel

        self.ui.open_page(ActivityPanel())

    def action_save_snapshot(self) -> None:
        """Write the whole state to a file."""
        self.ui.ask(
            "Save the state to which file?",
            "",
            lambda path: self.ui.command(self._save(path), f"Saved {path}"),
            value="sandbox.snapshot",
        )

    async def _save(self, path: str) -> None:
        write_file(path, await self.ui.backend.snapshots.take())

    def action_restore_snapshot(self) -> None:
        """Go back to a saved state."""
        about = "Everything since then is replaced by what the file holds."
        self.ui.ask(
            "Restore which file?",
            about,
            lambda path: self.ui.command(self._restore(path), f"Restored {path}"),
            value="sandbox.snapshot",
            check=read_file,
        )

    async def _restore(self, path: str) -> None:
        await self.ui.backend.snapshots.restore(read_file(path))

    def action_reset(self) -> None:
        """Start over, after a question."""
        about = "All operations are forgotten and every mock org is emptied. Installations stay."
        self.ui.confirm(
            "Reset the sandbox?", about, lambda: self.ui.command(self.ui.backend.snapshots.reset(), "Reset")
        )
