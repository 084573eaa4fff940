"""Failures on demand in mock CRMs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ampsandbox.errors import NotFoundError, nearest_hint
from ampsandbox.service.context import ServiceGroup, crm_refusals, org_object
from ampsandbox.service.recorded import recorded
from mock_crm.core.faults import Firing, Rule

if TYPE_CHECKING:
    from mock_crm.core.faults import Faults


class FaultService(ServiceGroup):
    """Fault rules, per group; `integration` is needed only where a group has several CRMs.

    Raises, all of them:
        NotFoundError: Nothing is installed for that group and integration.
        ConflictError: The group has several CRMs and none is named, or the CRM is a live one.
    """

    name = "faults"

    async def list(self, group: str, integration: str | None = None) -> Sequence[Rule]:
        """The fault rules, in the order in which they were added."""
        return list(self._faults(group, integration).rules)

    async def fired(self, group: str, integration: str | None = None) -> Sequence[Firing]:
        """The faults that struck, oldest first."""
        return list(self._faults(group, integration).fired)

    @recorded
    async def add(self, group: str, rule: Rule, integration: str | None = None) -> Rule:
        """Make chosen CRM requests fail. The rule's object may be named in any case, singular or plural.

        Raises:
            NotFoundError: The CRM has no such object.
            UsageError: A value of the rule is out of range.
        """
        org = self.context.org_of(group, integration)
        if rule.object is not None:
            known = org_object(org, rule.object)
            if known is None:
                # A rule about an object that is not there would never strike.
                near = nearest_hint(rule.object, org.objects()).strip()
                hint = near or "'ampsandbox ctl objects' lists them."
                raise NotFoundError(f"The CRM has no object {rule.object!r}.", hint)
            rule = msgspec.structs.replace(rule, object=known)
        with crm_refusals():
            return org.faults.add(rule)

    @recorded
    async def remove(self, group: str, fault_id: str, integration: str | None = None) -> None:
        """Take one rule out of force.

        Raises:
            NotFoundError: There is no such rule.
        """
        faults = self._faults(group, integration)
        if not faults.remove(fault_id):
            known = ", ".join(rule.id for rule in faults.rules) or "none"
            raise NotFoundError(f"There is no fault rule {fault_id!r}.", f"There is: {known}.")

    @recorded
    async def clear(self, group: str, integration: str | None = None) -> None:
        """Remove every scripted fault of a group's mock CRM."""
        self._faults(group, integration).clear()

    def count(self, group: str, fault_id: str, integration: str | None = None) -> int:
        """How often a rule has struck; `fired` keeps the newest times only."""
        return self._faults(group, integration).count(fault_id)

    def _faults(self, group: str, integration: str | None) -> Faults:
        return self.context.org_of(group, integration).faults
