"""How the parts of the backend reach the engine, which lives on the runner's loop."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ampsandbox.service.context import crm_refusals

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Crm
    from ampsandbox.engine.engine import Engine
    from ampsandbox.engine.model import Installation
    from ampsandbox.server.runner import Runner
    from ampsandbox.service.sandbox_service import SandboxService
    from mock_crm.core.org import Org

T = TypeVar("T")
Row = Mapping[str, Any]


class Link:
    """A runner, its engine, and the way onto its loop."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    @property
    def service(self) -> SandboxService:
        """Where commands are carried out."""
        return self.runner.service

    @property
    def engine(self) -> Engine:
        """The engine, to be read on the runner's loop alone."""
        return self.runner.engine

    async def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry out `work` on the runner's loop."""
        return await self.runner.call(work)

    async def read(self, work: Callable[[], T]) -> T:
        """Call `work` on the runner's loop, where nothing changes meanwhile."""

        async def run() -> T:
            with crm_refusals():
                return work()

        return await self.runner.call(run())

    def crm(self, installation_id: str) -> Crm:
        """The CRM that an installation writes to."""
        return self.engine.installations.crm(installation_id)

    def org(self, installation_id: str) -> Org:
        """The mock org behind an installation; a `ConflictError` where it is live."""
        return self.service.context.org(self.installation(installation_id))

    def installation(self, installation_id: str) -> Installation:
        """An installation by its id."""
        return self.service.context.installation(installation_id)

    def names(self, installation_id: str) -> tuple[str, str]:
        """The group and the integration of an installation, by which the service knows it."""
        item = self.installation(installation_id)
        return item.group, item.integration
