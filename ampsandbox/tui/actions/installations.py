"""Actions on installations: install for a group, look at the plan, uninstall."""

from __future__ import annotations

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.part import ActionPart


class InstallationActions(ActionPart):
    """What the write form and the installer both ask for."""

    def install(self, integration: str, group: str) -> None:
        """Install an integration for a group, and show each step of it."""
        from ampsandbox.tui.screens.install import StepsPanel

        self.ui.open_page(StepsPanel(integration, group))

    def plan(self, integration: str, group: str) -> None:
        """Show what an installation would create."""
        self.ui.run_worker(self._plan(integration, group), group="plan", exclusive=True)

    async def _plan(self, integration: str, group: str) -> None:
        from ampsandbox.tui.screens.install import StepsPanel

        try:
            plan = await self.ui.backend.installations.plan(integration, group)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        self.ui.open_page(StepsPanel(integration, group, plan))

    def open_config(self, integration: str, group: str) -> None:
        """Show what was chosen at an installation, to be changed."""
        from ampsandbox.tui.screens.config import ConfigPanel

        state = self.ui.state
        manifest = state.latest.loaded.manifest if state.latest else None
        found = manifest.find_integration(integration) if manifest else None
        mine = [
            item for item in state.installations if (item.integration, item.group) == (integration, group)
        ]
        if found is None or not mine:
            self.ui.tell(f"{integration} is not installed for {group}.")
        else:
            self.ui.open_page(ConfigPanel(mine[0], found))

    def uninstall(self, integration: str, group: str) -> None:
        """Uninstall an integration for a group, after a question."""
        about = f"Writes for {group} are answered with 404 from now on. What waits is delivered first."
        work = self.ui.backend.installations.uninstall
        self.ui.confirm(
            f"Uninstall {integration} for {group}?",
            about,
            lambda: self.ui.command(work(integration, group), f"Uninstalled {group}"),
        )
