"""How the screen's backend reaches the mock orgs and CRM clients, which live on the runner's loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ampsandbox.errors import ConflictError, NotFoundError, UsageError

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
            with crm_words():
                return work()

        return await self.runner.call(run())

    def _crm(self, installation_id: str) -> Crm:
        return self.runner.sandbox.crm(installation_id)

    def _org(self, installation_id: str) -> Org:
        org = self.runner.org(installation_id)
        if org is None:
            raise ConflictError("This connection is a live one.", "Look at its records in the CRM itself.")
        return org

    def _installed(self, installation_id: str) -> Installation:
        found = (item for item in self.runner.sandbox.installations if item.id == installation_id)
        if (item := next(found, None)) is None:
            raise NotFoundError("This installation is gone.")
        return item

    def _note(self, installation_id: str, call: str, **arguments: Any) -> None:
        """Add what was done to an org to the recording of the session, if there is one."""
        item = self._installed(installation_id)
        self.runner.server.note(call, group=item.group, integration=item.integration, **arguments)


@contextmanager
def crm_words() -> Iterator[None]:
    """Turn a mock CRM's refusal of a direct call, or of a rule, into an error in plain words."""
    from mock_crm.core.errors import CrmError

    try:
        yield
    except CrmError as error:
        named = f"Fields: {', '.join(error.fields)}. " if error.fields else ""
        raise ConflictError(
            f"{error.code}: {error.message}", f"{named}This is the CRM's own rule."
        ) from error
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError(f"The mock CRM does not take this: {error}.") from error
    except KeyError as error:
        raise NotFoundError(f"There is no {error}.") from error
