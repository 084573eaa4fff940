"""How the screen's backend reaches the mock orgs and CRM clients, which live on the runner's loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ampsandbox.service.context import crm_refusals

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Crm
    from ampsandbox.engine.model import Installation
    from ampsandbox.server.runner import Runner
    from mock_crm.core.org import Org

T = TypeVar("T")
Row = Mapping[str, Any]


class RunningOrgs:
    """The orgs of a runner."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    async def _here(self, work: Callable[[], T]) -> T:
        """Call `work` on the runner's loop."""

        async def run() -> T:
            with crm_refusals():
                return work()

        return await self.runner.call(run())

    def _crm(self, installation_id: str) -> Crm:
        return self.runner.sandbox.crm(installation_id)

    def _org(self, installation_id: str) -> Org:
        return self.runner.service.context.org(self._installed(installation_id))

    def _installed(self, installation_id: str) -> Installation:
        return self.runner.service.context.installation(installation_id)

    def _names(self, installation_id: str) -> tuple[str, str]:
        """The group and the integration of an installation."""
        item = self._installed(installation_id)
        return item.group, item.integration
