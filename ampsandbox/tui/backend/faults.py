"""The part of the backend that makes mock CRMs misbehave, and reads the quotas of every connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from ampsandbox.service.context import crm_refusals
from ampsandbox.tui.backend.views import FaultView, QuotaUsage
from ampsandbox.tui.text.sanitize import as_text
from mock_crm.core.faults import Rule

if TYPE_CHECKING:
    from ampsandbox.engine import model
    from ampsandbox.tui.backend.link import Link, Row
    from mock_crm.core.faults import Firing
    from mock_crm.core.org import Org


class RunningFaults:
    """Faults and quotas of a runner's connections."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def quota(self, installation_id: str) -> Sequence[QuotaUsage]:
        """The request quotas of a connection."""
        return await self._link.read(lambda: self._quota(installation_id))

    def _quota(self, installation_id: str) -> Sequence[QuotaUsage]:
        found = (
            item
            for item in self._link.engine.installations.quota()
            if item.installation_id == installation_id
        )
        gauges = [gauge for item in found for gauge in _gauges(item)]
        org = self._link.runner.org(installation_id)
        if org is not None:
            return [*gauges, *_windows(org)]
        known = self._link.service.context.connections.identity(installation_id)
        if known is not None and known.remaining_requests is not None:
            gauges.append(QuotaUsage("left, says the CRM", known.remaining_requests, 0, "its own window"))
        return gauges

    async def list(self, installation_id: str) -> Sequence[FaultView]:
        """The fault rules of a mock org."""
        return await self._link.read(lambda: _faults(self._link.org(installation_id)))

    async def add(self, installation_id: str, rule: Row) -> None:
        """Make a mock org misbehave."""
        group, integration = self._link.names(installation_id)
        with crm_refusals():
            checked = msgspec.convert(dict(rule), Rule)
        await self._link.call(self._link.service.faults.add(group, checked, integration))

    async def remove(self, installation_id: str, fault_id: str) -> None:
        """Take one rule of a mock org out of force."""
        group, integration = self._link.names(installation_id)
        await self._link.call(self._link.service.faults.remove(group, fault_id, integration))

    async def clear(self, installation_id: str) -> None:
        """Make a mock org behave again."""
        group, integration = self._link.names(installation_id)
        await self._link.call(self._link.service.faults.clear(group, integration))


def _gauges(item: model.QuotaView) -> list[QuotaUsage]:
    """The ledger of a connection: what was sent over it, whoever is at its other end."""
    found = [QuotaUsage("last 24 hours", item.requests_daily, item.daily_limit, "24 h")]
    if item.burst_limit:
        found.append(QuotaUsage("burst", item.requests_burst, item.burst_limit, f"{item.burst_s:g} s"))
        found.append(QuotaUsage("highest burst", item.burst_peak, item.burst_limit, f"{item.burst_s:g} s"))
    found.append(QuotaUsage("since installation", item.requests, 0, "", item.requests_unbatched))
    return found


def _windows(org: Org) -> list[QuotaUsage]:
    """What the mock CRM itself counts, other programs that use it included."""
    return [
        QuotaUsage(f"the CRM's {name}", window.used, window.limit, _span(window.seconds))
        for name, window in org.quota.windows.items()
        if window.limit or window.used
    ]


def _span(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds:g} s"


def _faults(org: Org) -> list[FaultView]:
    last: dict[str, Firing] = {firing.rule: firing for firing in org.faults.fired}
    return [_fault(rule, org.faults.count(rule.id), last.get(rule.id)) for rule in org.faults.rules]


def _fault(rule: Rule, fired: int, last: Firing | None) -> FaultView:
    given: dict[str, Any] = msgspec.to_builtins(rule)
    kind, words = given.pop("kind"), []
    for name, value in given.items():
        if value not in (None, "", 0) and name != "id" and (name, value) != ("share", 1.0):
            words.append(f"{name}={as_text(value)}")
    left = None if rule.first is None else max(rule.first - fired, 0)
    at: datetime | None = last.at if last else None
    request = f"{last.method} {last.path}" if last else ""
    return FaultView(rule.id, f"{kind}  {'  '.join(words)}", fired, left, at, request)
