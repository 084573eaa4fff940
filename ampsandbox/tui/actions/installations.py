"""Actions on installations: install for a group, look at the plan, uninstall; and what a write has led to."""

from __future__ import annotations

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.base import SandboxBase


class InstallingActions(SandboxBase):
    """What the write form and the installer both ask for."""

    def open_installation(self, integration: str, group: str) -> None:
        """Install an integration for a group, and show each step of it."""
        from ampsandbox.tui.screens.install import StepsPanel

        self.open_page(StepsPanel(integration, group))

    def open_plan(self, integration: str, group: str) -> None:
        """Show what an installation would create."""
        self.run_worker(self._open_plan(integration, group), group="plan", exclusive=True)

    async def _open_plan(self, integration: str, group: str) -> None:
        from ampsandbox.tui.screens.install import StepsPanel

        try:
            plan = await self.backend.plan(integration, group)
        except AmpSandboxError as error:
            self.tell_error(error)
            return
        self.open_page(StepsPanel(integration, group, plan))

    def uninstall(self, integration: str, group: str) -> None:
        """Uninstall an integration for a group, after a question."""
        about = f"Writes for {group} are answered with 404 from now on. What waits is delivered first."
        work = self.backend.uninstall
        self.confirm(
            f"Uninstall {integration} for {group}?",
            about,
            lambda: self.command(work(integration, group), f"Uninstalled {group}"),
        )

    # -- what a write has led to -----------------------------------------------------------------------

    def open_operation(self, operation_id: str) -> None:
        """Show one operation, with what can be done about it."""
        from ampsandbox.tui.backend.views import OperationSource
        from ampsandbox.tui.screens.operations import OperationsPanel

        self.open_page(
            OperationsPanel(f"Operation {operation_id}", OperationSource(operation_id=operation_id))
        )
