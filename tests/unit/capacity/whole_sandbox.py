"""The whole sandbox with the writes of a simulated group: engine, client and mock org on a frozen clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ampsandbox.capacity.account import DAILY, OTHERS_AFTER_US, OUTAGE
from ampsandbox.capacity.exact import SimulatedOutcome
from ampsandbox.capacity.population import Arrivals, SimulatedGroup
from ampsandbox.capacity.scenario import PathTraffic, Scenario
from ampsandbox.capacity.simulated_time import MINUTE_US
from ampsandbox.clock import Clock
from ampsandbox.crm.connect import Connections
from ampsandbox.engine.crm import Exchange, ExchangeReport
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import OperationState
from ampsandbox.engine.timestamps import from_micros, to_micros
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.engine.write_options import WriteOptions
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.model import (
    Dialect,
    Integration,
    Manifest,
    Mode,
    ObjectKind,
    Provider,
    WriteObject,
)
from mock_crm.core.faults import Rule
from mock_crm.core.org import Org
from mock_crm.core.settings import OrgSettings

FIELDS = {
    (Provider.SALESFORCE, "contact"): "LastName",
    (Provider.SALESFORCE, "account"): "Name",
    (Provider.SALESFORCE, "campaign"): "Name",
    (Provider.HUBSPOT, "contacts"): "lastname",
    (Provider.HUBSPOT, "companies"): "name",
    (Provider.HUBSPOT, "deals"): "dealname",
}
"""A field of each object that writes may go to."""

Request = tuple[int, str, int, str]
"""When it was sent, its kind, how many writes it carried, and why it was refused, empty if it was not."""

_OUTCOMES = {
    OperationState.QUEUED: SimulatedOutcome.WAITING,
    OperationState.SENDING: SimulatedOutcome.WAITING,
    OperationState.SUCCEEDED: SimulatedOutcome.DELIVERED,
    OperationState.FAILED: SimulatedOutcome.LOST,
    OperationState.IN_DOUBT: SimulatedOutcome.IN_DOUBT,
}


_REPEATED = {"DUPLICATE_VALUE", "VALIDATION_ERROR"}
"""What the CRMs say of two records with one id in a request."""


@dataclass(frozen=True)
class Played:
    """What the sandbox did: its write requests, and by path when each write had which outcome."""

    requests: list[Request]
    outcomes: list[list[tuple[int, SimulatedOutcome]]]


def play(scenario: Scenario, group: SimulatedGroup) -> Played:
    """Send a group's writes to a sandbox, each at its time, until the scenario ends."""
    return asyncio.run(_Player(scenario, group).play())


class _Player:
    def __init__(self, scenario: Scenario, group: SimulatedGroup) -> None:
        self.scenario = scenario
        self.group = group
        self.account = scenario.orgs[group.org]
        self.clock = Clock(scenario.start, speed=0)
        self.exchanges: list[Exchange] = []
        self.operations: list[list[str]] = [[] for _ in group.arrivals]
        self.tasks: list[asyncio.Task[Any]] = []

    async def play(self) -> Played:
        settings = OrgSettings(
            limits=False,
            edition=self.account.edition,
            daily_requests=self.account.daily_requests,
            burst_requests=self.account.burst_requests,
            bulk_job_s=self.scenario.bulk_job_s,
        )
        connections = Connections(self.clock, 1, org_settings=settings)

        def connect(installation: Any, observe: Any) -> Any:
            def also(exchange: ExchangeReport) -> None:
                self.exchanges.append(exchange.shown())
                observe(exchange)

            return connections.connect(installation, also)

        engine = Engine("demo", self.clock, connect, self.scenario.engine, orgs=connections)
        await engine.start()
        items = [_item(index, each.path) for index, each in enumerate(self.group.arrivals)]
        integration = Integration("crm", "CRM", self.account.provider.value, tuple(items))
        await engine.load(LoadResult(Manifest(Dialect.V2023, (integration,)), (), "", "amp.yaml"))
        [installation] = await engine.installations.install("acme")
        await connections.mark_baseline(installation.id, items)
        org = connections.org(installation.id)
        assert org is not None
        records = [_seed(org, items[index], each) for index, each in enumerate(self.group.arrivals)]
        self._prepare(org)
        self.exchanges.clear()
        engine._context._jitter = random.Random(self.group.seed)
        try:
            await self._play(engine, integration, items, records, org)
            outcomes = [self._outcomes(engine, index) for index in range(len(items))]
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await engine.kill()
            await connections.aclose()
        return Played(sorted(map(_request, self.exchanges)), outcomes)

    def _prepare(self, org: Org) -> None:
        """Let the org be as the scenario has it: nothing used yet, slow, and down at times."""
        org.quota.clear()
        org.quota.enforced = True
        if self.scenario.latency_s:
            org.faults.add(Rule(kind="latency", seconds=self.scenario.latency_s))
        for outage in self.group.outages:
            until = outage.at + timedelta(seconds=outage.seconds)
            org.faults.add(
                Rule(kind="outage", since=outage.at, until=until, retry_after_s=outage.retry_after_s)
            )

    async def _play(
        self,
        engine: Engine,
        integration: Integration,
        items: list[WriteObject],
        records: list[list[str]],
        org: Org,
    ) -> None:
        for moment, index, number in self._happenings():
            if self.clock.now() < moment:
                await engine.clock.advance(moment)
            if index is None:
                daily = org.quota[DAILY]
                daily.count(min(number, daily.remaining) if daily.limit else number)
                continue
            path = self.group.arrivals[index].path
            key = records[index][number] if records[index] else None
            value = {FIELDS[path.provider, path.object]: f"{index}/{number}"}
            options = WriteOptions(retry_s=path.retry_s)
            if items[index].schedule is not None:
                options = WriteOptions()
            command = WriteCommand(
                integration, items[index], path.mode, "acme", value, key, options, path.auto_batch_s
            )
            self.tasks.append(asyncio.create_task(engine.submit(command)))
            await asyncio.sleep(0)
            await self.clock.settled()
        await engine.clock.advance(self.scenario.end - timedelta(microseconds=1))

    def _happenings(self) -> Iterator[tuple[datetime, int | None, int]]:
        """Writes (path and number) and others' requests (no path, but how many), in the order of time."""
        found = [
            (moment, index, number)
            for index, each in enumerate(self.group.arrivals)
            for number, moment in enumerate(each.times.tolist())
        ]
        others: list[tuple[int, int | None, int]] = [*found]
        if self.group.other_use is not None and not self.account.is_public_app:
            start = to_micros(self.scenario.start) + OTHERS_AFTER_US
            others += [
                (start + minute * MINUTE_US, None, count)
                for minute, count in enumerate(self.group.other_use.tolist())
                if count
            ]
        for moment, path, number in sorted(others, key=lambda each: each[0]):
            yield from_micros(moment), path, number

    def _outcomes(self, engine: Engine, index: int) -> list[tuple[int, SimulatedOutcome]]:
        """When each write of a path had which outcome."""
        path = self.group.arrivals[index].path
        is_awaited = path.schedule is None and path.retry_s is None
        found = []
        for operation in reversed(engine.operations.newest(limit=1_000_000)):
            if operation.endpoint != f"path-{index}":
                continue
            outcome = _OUTCOMES[operation.state]
            codes = {error.code for error in operation.errors}
            if outcome is SimulatedOutcome.LOST and (is_awaited or codes & _REPEATED):
                outcome = SimulatedOutcome.REFUSED
            found.append((to_micros(operation.finished_at) if operation.finished_at else 0, outcome))
        return found


def _item(index: int, path: PathTraffic) -> WriteObject:
    return WriteObject(path.object, ObjectKind.STANDARD, path.mode, f"path-{index}", path.schedule)


def _seed(org: Org, item: WriteObject, arrivals: Arrivals) -> list[str]:
    """The record of each update."""
    if arrivals.path.mode is Mode.INSERT:
        return []
    count = len(arrivals.times)
    numbers = list(range(count)) if arrivals.records is None else arrivals.records.tolist()
    name = FIELDS[arrivals.path.provider, item.name]
    ids = org.seed(item.name, [{name: "before"} for _ in set(numbers)])
    of_number = dict(zip(dict.fromkeys(numbers), ids, strict=True))
    return [of_number[number] for number in numbers]


def _request(exchange: Exchange) -> Request:
    return to_micros(exchange.at), _kind(exchange), exchange.records, _reason(exchange)


def _kind(exchange: Exchange) -> str:
    path = exchange.url.partition("?")[0].rstrip("/")
    if "/jobs/ingest" in path:
        last = path.rpartition("/")[2]
        if exchange.method == "PATCH":
            return "abort" if "Aborted" in exchange.request_body else "close"
        names = {"ingest": "create", "batches": "upload"}
        return names.get(last, last if last.endswith(("Results", "records")) else "look")
    return "collection" if "/batch/" in path or "/composite/" in path else "single"


def _reason(exchange: Exchange) -> str:
    if exchange.status == 503:
        return OUTAGE
    if exchange.status == 429:
        return DAILY if '"DAILY"' in exchange.response_body else "burst"
    return DAILY if "REQUEST_LIMIT_EXCEEDED" in exchange.response_body else ""
