"""A backend that answers at once and always the same, and the screen as lines of text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import pytest
from msgspec.structs import replace
from textual._compositor import Compositor
from textual.app import App
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip

from ampsandbox.engine.config import everything_ticked
from ampsandbox.engine.crm import CrmField, OrgIdentity, ProvisioningPlan, ProvisioningStep, StepAction
from ampsandbox.errors import NotFoundError
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.model import WriteObject
from ampsandbox.service.live import LivePreview
from ampsandbox.service.record_views import CrmObject, QueryResult, RecordPage, RelatedRecord
from ampsandbox.tui.actions.registry import ACTIONS
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.operation_pages import matches
from ampsandbox.tui.backend.views import (
    Activity,
    BatchSpan,
    BatchView,
    Counts,
    FaultView,
    InstallationStatus,
    LogDetail,
    LogRow,
    OperationPage,
    OperationSource,
    OperationView,
    QuotaUsage,
    RequestHistory,
    SchemaView,
    SeedFailure,
    Snapshot,
    WriteOutcome,
)
from ampsandbox.tui.defects import Defects
from tests.tui.rest import at_rest, painted, until_nothing_can_run, until_painted

if TYPE_CHECKING:
    from ampsandbox.service.sandbox_service import SandboxService
    from ampsandbox.tui.backend.protocol import Backend

Opened = tuple[SandboxApp, Pilot[int]]
Read = Callable[[App[Any]], list[str]]
"""The screen of an app as lines of text."""

Until = Callable[[Callable[[], object]], Awaitable[None]]
"""Waits until something is true."""

Settle = Callable[[SandboxApp, Pilot[int]], Awaitable[None]]
"""Waits until every key is handled, every worker is done and the newest state is shown."""


class Open(Protocol):
    """Opens the app at a size, with what it remembers at a path."""

    def __call__(
        self, size: tuple[int, int] = (120, 40), preferences_path: Path | None = None, **more: Any
    ) -> AbstractAsyncContextManager[Opened]: ...


NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

MANIFEST = """\
integrations:
  - name: mailmonkeySalesforce
    displayName: MailMonkey for Salesforce
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: account
            mode: insert
            endpoint: create-account
          - objectName: contact
            mode: update
            endpoint: add-warmth-score
            schedule: every 2 hours
            customFields:
              - fieldName: warmthScore
                displayName: Warmth Score
                prompt: This is the warmth score we calculated for each contact.
        customObjects:
          - objectName: mailMonkeyCampaigns
            mode: insert
            endpoint: create-campaign
            schedule: every 30 minutes
            displayName: MailMonkey Campaigns
            prompt: When you create campaigns in MailMonkey, we will sync it to your Salesforce.
            customFields:
              - fieldName: campaignName
                displayName: Campaign Name
              - fieldName: campaignDescription
                displayName: Campaign Description
  - name: mailmonkeyHubspot
    displayName: MailMonkey for HubSpot
    api: hubspot
    actions:
      - type: write
        standardObjects:
          - objectName: contact
            mode: insert
            endpoint: create-hubspot-contact
"""

_FIELDS = (
    CrmField("Id", "Account ID", "id", is_writable=False, length=18),
    CrmField("Name", "Account Name", "string", is_required=True, length=255),
    CrmField("Phone", "Account Phone", "phone", length=40),
    CrmField("Website", "Website", "url", length=255),
    CrmField("NumberOfEmployees", "Employees", "int"),
    CrmField(
        "Industry", "Industry", "picklist", options=("Agriculture", "Banking", "Energy"), is_restricted=True
    ),
    CrmField("IsActive", "Active", "boolean"),
    CrmField("WarmthScore__c", "Warmth Score", "string", is_custom=True, length=255),
)


class FakeBackend:
    """Everything the screen asks for, from plain lists. Remembers what was commanded."""

    def __init__(self, text: str = MANIFEST) -> None:
        self.url = "http://127.0.0.1:4001"
        self.project = "mailmonkey"
        self.write_headers = (("content-type", "application/json"),)
        self.component_origins: tuple[str, ...] = ()
        self.now = NOON
        self.speed = 0.0
        self.loaded: LoadResult = parse_manifest(text, "amp.yaml")
        self.version = 1
        self.installed = [
            InstallationStatus(
                "i1", "mailmonkeySalesforce", "demo", "salesforce", "mock", "installed", "Demo org"
            ),
            InstallationStatus(
                "i2", "mailmonkeyHubspot", "demo", "hubspot", "mock", "installed", "Demo portal"
            ),
        ]
        self.queued: list[BatchView] = []
        self.logged: list[LogRow] = []
        self.on_disk: list[LogRow] = []
        self.outcomes: dict[str, WriteOutcome] = {}
        self.counts = Counts()
        self.cleared = 0
        self.store: dict[str, list[dict[str, Any]]] = {}
        self.bin: dict[str, list[dict[str, Any]]] = {}
        self.relations: dict[str, list[RelatedRecord]] = {}
        self.answers: list[dict[str, Any]] = [{"Id": "001", "Name": "Big Co."}]
        self.stamp = 0
        self.waiting: dict[str, list[OperationView]] = {}
        self.done: list[OperationView] = []
        self.flushed: list[BatchView] = []
        self.found: list[dict[str, Any]] = []
        self.rules: list[FaultView] = []
        self.configs: dict[str, Mapping[str, Any]] = {}
        self.gauges: list[QuotaUsage] = []
        self.calls: list[tuple[Any, ...]] = []
        self.fields: tuple[CrmField, ...] = _FIELDS
        self.installations = FakeInstallations(self)
        self.connections = FakeConnections(self)
        self.batches = FakeBatches(self)
        self.operations = FakeOperations(self)
        self.clock = FakeClock(self)
        self.records = FakeRecords(self)
        self.faults = FakeFaults(self)
        self.activity = FakeActivity(self)
        self.log = FakeLog(self)
        self.snapshots = FakeSnapshots(self)

    async def carry_out(self, verb: Callable[[SandboxService], Coroutine[Any, Any, Any]]) -> None:
        await verb(cast("SandboxService", FakeVerbs(self)))

    async def snapshot(self, after: int) -> Snapshot:
        new = tuple(row for row in self.logged if row.seq > after)
        return Snapshot(
            now=self.now,
            speed=self.speed,
            loaded=self.loaded,
            version=self.version,
            installations=tuple(self.installed),
            batches=tuple(self.queued),
            log=new,
            counts=self.counts,
            next_flush=min((b.flush_at for b in self.queued if b.flush_at), default=None),
            log_cleared=self.cleared,
            flushed=tuple(self.flushed[:3]),
        )

    def load(self, text: str) -> None:
        self.loaded = parse_manifest(text, "amp.yaml")
        self.version += 1

    def add_log(self, **values: Any) -> LogRow:
        seq = len(self.logged) + 1
        row = LogRow(
            seq=seq,
            at=self.now + timedelta(seconds=seq),
            kind="write",
            method="POST",
            path="/projects/mailmonkey/create-account",
            status=200,
            elapsed_ms=12.0,
            endpoint="create-account",
            group="demo",
            provider="salesforce",
            operation_id=f"op{seq}",
        )
        row = replace(row, **values)
        self.logged.append(row)
        self.counts = replace(self.counts, accepted=self.counts.accepted + 1)
        return row

    def add_batch(self, **values: Any) -> BatchView:
        batch = BatchView(
            id=f"b{len(self.queued) + 1}",
            installation_id="i1",
            integration="mailmonkeySalesforce",
            group="demo",
            provider="salesforce",
            object="contact",
            mode="update",
            state="waiting",
            count=120,
            limit=200,
            flush_at=self.now + timedelta(minutes=4, seconds=12),
            requests_expected=1,
            requests_unbatched=120,
            schedule="every 2 hours",
            next_fires=tuple(self.now + timedelta(minutes=4, seconds=12, hours=2 * n) for n in range(3)),
        )
        batch = replace(batch, **values)
        self.queued.append(batch)
        return batch

    def connect(self, installation_id: str, connection: str, org: str) -> None:
        self.installed = [
            replace(item, connection=connection, org=org, needs_credentials=False)
            if item.id == installation_id
            else item
            for item in self.installed
        ]


class FakeInstallations:
    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def plan(self, integration: str, group: str) -> ProvisioningPlan:
        return ProvisioningPlan((ProvisioningStep(StepAction.CREATE, "field", "Contact.WarmthScore__c"),))

    async def install(
        self, integration: str, group: str, on_step: Callable[[ProvisioningStep], None]
    ) -> InstallationStatus:
        self._fake.calls.append(("install", integration, group))
        on_step(ProvisioningStep(StepAction.CREATE, "field", "Contact.WarmthScore__c"))
        provider = "hubspot" if "ubspot" in integration else "salesforce"
        view = InstallationStatus(
            f"i{len(self._fake.installed) + 1}", integration, group, provider, "mock", "installed"
        )
        self._fake.installed.append(view)
        return view

    async def uninstall(self, integration: str, group: str) -> None:
        self._fake.calls.append(("uninstall", integration, group))
        self._fake.installed = [
            i for i in self._fake.installed if (i.integration, i.group) != (integration, group)
        ]

    async def config(self, installation_id: str) -> Mapping[str, Any]:
        fake = self._fake
        if installation_id not in fake.configs:
            name = next(item.integration for item in fake.installed if item.id == installation_id)
            assert fake.loaded.manifest is not None
            integration = fake.loaded.manifest.find_integration(name)
            assert integration is not None
            fake.configs[installation_id] = everything_ticked(integration)
        return fake.configs[installation_id]

    async def configure(self, installation_id: str, content: Mapping[str, Any]) -> None:
        self._fake.configs[installation_id] = content
        self._fake.installed = [
            replace(item, config=item.config + 1) if item.id == installation_id else item
            for item in self._fake.installed
        ]

    async def preview_html(self, integration: Any, group: str) -> str:
        return "<!doctype html><title>preview</title>"


class FakeConnections:
    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def identify(self, installation_id: str) -> OrgIdentity:
        return OrgIdentity("salesforce", "00D", "Demo org", "Developer Edition", is_production=False)

    async def known_way(self, installation_id: str) -> None:
        return None

    async def preview(self, installation_id: str, live: Any) -> LivePreview:
        self._fake.calls.append(("look", live))
        org = OrgIdentity("salesforce", "00D9", "Big Corp", "Enterprise Edition", is_production=True)
        return LivePreview(
            org, ProvisioningPlan((ProvisioningStep(StepAction.CREATE, "field", "Contact.WarmthScore__c"),))
        )

    async def go_live(
        self, installation_id: str, live: Any, org: OrgIdentity, on_step: Callable[[ProvisioningStep], None]
    ) -> None:
        self._fake.calls.append(("go_live", installation_id, org.name))
        on_step(ProvisioningStep(StepAction.CREATE, "field", "Contact.WarmthScore__c"))
        self._fake.connect(installation_id, "live", org.name)

    async def go_mock(self, installation_id: str, on_step: Callable[[ProvisioningStep], None]) -> None:
        self._fake.calls.append(("go_mock", installation_id))
        self._fake.connect(installation_id, "mock", "Demo org")

    async def reconnect(self, installation_id: str, live: Any, org: OrgIdentity) -> None:
        self._fake.calls.append(("reconnect", installation_id, org.name))
        self._fake.connect(installation_id, "live", org.name)


class FakeVerbs:
    """The service as `carry_out` hands it over: verbs without an effect on the fake are only noted."""

    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    def __getattr__(self, group: str) -> FakeGroup:
        return FakeGroup(self._fake, group)


class FakeGroup:
    def __init__(self, fake: FakeBackend, group: str) -> None:
        self._fake = fake
        self._part = getattr(fake, group, None)

    def __getattr__(self, verb: str) -> Callable[..., Coroutine[Any, Any, None]]:
        async def note(*arguments: Any) -> None:
            self._fake.calls.append((verb, *arguments))

        known: Callable[..., Coroutine[Any, Any, None]] = getattr(self._part, verb, note)
        return known


class FakeBatches:
    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def flush(self, batch_id: str | None = None) -> Sequence[BatchView]:
        self._fake.calls.append(("flush", batch_id))
        gone = [b for b in self._fake.queued if batch_id in (None, b.id)]
        self._fake.queued = [b for b in self._fake.queued if b not in gone]
        done = [
            replace(
                b, state="flushed", count=0, succeeded=b.count, requests=b.requests_expected, reason="manual"
            )
            for b in gone
        ]
        self._fake.flushed = [*done, *self._fake.flushed]
        return done

    async def flushed(self, limit: int) -> Sequence[BatchView]:
        return self._fake.flushed[:limit]

    async def drop(self, batch_id: str) -> None:
        self._fake.calls.append(("drop_batch", batch_id))
        self._fake.queued = [b for b in self._fake.queued if b.id != batch_id]

    async def pause(self, batch_id: str) -> None:
        self._fake.calls.append(("pause", batch_id))
        self._fake.queued = [replace(b, is_paused=True) if b.id == batch_id else b for b in self._fake.queued]

    async def resume(self, batch_id: str) -> None:
        self._fake.calls.append(("resume", batch_id))
        self._fake.queued = [
            replace(b, is_paused=False) if b.id == batch_id else b for b in self._fake.queued
        ]


class FakeOperations:
    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def page(
        self, source: OperationSource, *, cursor: str = "", search: str = "", limit: int = 500
    ) -> OperationPage:
        found = self._fake.waiting.get(source.batch_id, []) if source.batch_id else self._fake.done
        found = [item for item in found if not source.states or item.state in source.states]
        found = [item for item in found if source.operation_id in ("", item.id)]
        found = [item for item in found if matches(item, search)]
        start = int(cursor or 0)
        end = start + limit
        return OperationPage(tuple(found[start:end]), str(end) if end < len(found) else "")

    async def get(self, operation_id: str) -> OperationView:
        found = next((item for item in self._fake.done if item.id == operation_id), None)
        if found is None:
            raise NotFoundError(f"There is no operation {operation_id}.")
        return found

    async def edit(self, operation_id: str, fields: Mapping[str, Any]) -> None:
        self._fake.calls.append(("edit", operation_id, dict(fields)))

    async def drop(self, operation_id: str) -> None:
        self._fake.calls.append(("drop", operation_id))
        for key, items in self._fake.waiting.items():
            self._fake.waiting[key] = [item for item in items if item.id != operation_id]
        self._fake.done = [item for item in self._fake.done if item.id != operation_id]

    async def retry(self, operation_id: str, fields: Mapping[str, Any] | None = None) -> OperationView:
        self._fake.calls.append(("retry", operation_id, fields))
        return replace(self._operation(operation_id), state="succeeded", record_id="001")

    async def send_now(self, operation_id: str) -> OperationView:
        self._fake.calls.append(("send_now", operation_id))
        sent = replace(self._operation(operation_id), state="succeeded", record_id="001")
        await self.drop(operation_id)
        return sent

    async def mark_written(self, operation_id: str, record_id: str | None) -> None:
        self._fake.calls.append(("mark_written", operation_id, record_id))
        self._fake.done = [item for item in self._fake.done if item.id != operation_id]

    async def lookup(self, operation_id: str) -> RecordPage:
        return RecordPage("Contact", tuple(self._fake.found), len(self._fake.found))

    def _operation(self, operation_id: str) -> OperationView:
        everything = [*self._fake.done, *(item for items in self._fake.waiting.values() for item in items)]
        return next(item for item in everything if item.id == operation_id)

    async def dead_letter_count(self) -> int:
        return sum(item.state in ("failed", "in_doubt") for item in self._fake.done)

    async def retry_all(self) -> int:
        self._fake.calls.append(("retry_all",))
        sent, self._fake.done = len(self._fake.done), self._fake.done[:1]
        return sent

    async def record_of(self, operation_id: str) -> tuple[str, str, str]:
        return ("i1", "Account", "001")


class FakeClock:
    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def set_speed(self, speed: float) -> None:
        self._fake.calls.append(("set_speed", speed))
        self._fake.speed = speed

    async def advance(self, *, by: timedelta | None = None, to: datetime | None = None) -> None:
        self._fake.calls.append(("advance", by, to))
        self._fake.now = to if to is not None else self._fake.now + (by or timedelta())


class FakeRecords:
    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def schema(self, installation_id: str, item: WriteObject | str) -> SchemaView:
        name = item if isinstance(item, str) else item.name.capitalize()
        names = {"warmthscore": "WarmthScore__c"}
        return SchemaView(name, name, self._fake.fields, names)

    async def objects(self, installation_id: str) -> Sequence[CrmObject]:
        return [CrmObject(name, len(rows), is_custom=False) for name, rows in self._fake.store.items()]

    async def stamp(self, installation_id: str) -> int:
        return self._fake.stamp

    async def search(
        self, installation_id: str, object_name: str, *, search: str = "", sort: str = "",
        descending: bool = False, archived: bool = False, offset: int = 0, limit: int = 500,
    ) -> RecordPage:  # fmt: skip
        kept = (self._fake.bin if archived else self._fake.store).get(object_name, [])
        rows = [row for row in kept if search.lower() in str(row).lower()]
        if sort:
            rows.sort(key=lambda row: (row.get(sort) is None, row.get(sort)), reverse=descending)
        window = tuple(rows[offset : offset + limit])
        return RecordPage(object_name, window, len(rows), offset, self._fake.stamp, len(kept))

    async def get(self, installation_id: str, object_name: str, record_id: str) -> Mapping[str, Any] | None:
        rows = self._fake.store.get(object_name, [])
        return next((row for row in rows if record_id in (row.get("Id"), row.get("id"))), None)

    async def related(
        self, installation_id: str, object_name: str, record_id: str
    ) -> Sequence[RelatedRecord]:
        return self._fake.relations.get(record_id, [])

    async def history(
        self, installation_id: str, object_name: str, record_id: str
    ) -> Sequence[Mapping[str, Any]]:
        return [{"at": NOON, "change": "created", "operation": "op1"}]

    async def update(
        self, installation_id: str, object_name: str, record_id: str, fields: Mapping[str, Any]
    ) -> None:
        self._fake.calls.append(("update_record", object_name, record_id, dict(fields)))

    async def delete(self, installation_id: str, object_name: str, record_id: str) -> None:
        self._fake.calls.append(("delete_record", object_name, record_id))
        self._move(self._fake.store, self._fake.bin, object_name, record_id)

    async def undelete(self, installation_id: str, object_name: str, record_id: str) -> None:
        self._fake.calls.append(("undelete_record", object_name, record_id))
        self._move(self._fake.bin, self._fake.store, object_name, record_id)

    def _move(self, source: Any, target: Any, object_name: str, record_id: str) -> None:
        moved = [row for row in source.get(object_name, []) if row["Id"] == record_id]
        source[object_name] = [row for row in source.get(object_name, []) if row["Id"] != record_id]
        target.setdefault(object_name, []).extend(moved)
        self._fake.stamp += 1

    async def query(self, installation_id: str, text: str, limit: int = 2_000) -> QueryResult:
        self._fake.calls.append(("query", text))
        return QueryResult(tuple(self._fake.answers[:limit]), len(self._fake.answers))

    async def create(
        self, installation_id: str, object_name: str, rows: Sequence[Mapping[str, Any]]
    ) -> Sequence[SeedFailure]:
        self._fake.calls.append(("create_records", object_name, [dict(row) for row in rows]))
        self._fake.stamp += 1
        return [
            SeedFailure(index, "INVALID: not this one", ("Name",))
            for index, row in enumerate(rows)
            if row.get("Name") == "bad"
        ]

    async def reset(self, installation_id: str) -> None:
        self._fake.calls.append(("reset_org", installation_id))
        self._fake.store = {name: [] for name in self._fake.store}
        self._fake.stamp += 1


class FakeFaults:
    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def quota(self, installation_id: str) -> Sequence[QuotaUsage]:
        return self._fake.gauges

    async def list(self, installation_id: str) -> Sequence[FaultView]:
        return self._fake.rules

    async def add(self, installation_id: str, rule: Mapping[str, Any]) -> None:
        self._fake.calls.append(("add_fault", dict(rule)))

    async def remove(self, installation_id: str, fault_id: str) -> None:
        self._fake.calls.append(("remove_fault", fault_id))
        self._fake.rules = [rule for rule in self._fake.rules if rule.id != fault_id]

    async def clear(self, installation_id: str) -> None:
        self._fake.calls.append(("clear_faults", installation_id))


class FakeActivity:
    """An hour of writes: some every ten minutes, flushed half an hour later, the last ones still waiting."""

    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def last_day(self) -> Activity:
        now = self._fake.now
        minute = int(now.timestamp()) // 60
        counts = {minute - 10 * n - 1: 40 - 6 * n for n in range(6)}
        spans = [
            BatchSpan(replace(batch, state="flushed", succeeded=82, count=0, requests=1, reason="schedule"),
                      now - timedelta(minutes=55), now - timedelta(minutes=25), now - timedelta(minutes=24))
            for batch in self._fake.queued[:1]
        ] + [BatchSpan(batch, now - timedelta(minutes=12)) for batch in self._fake.queued]  # fmt: skip
        requests = RequestHistory(
            "i1", "mailmonkeySalesforce · demo", 15_000, {minute - 25: 3, minute - 2: 1}, {minute - 25: 90}
        )
        return Activity(now, counts, {minute - 25: 82}, {minute - 24: 2}, (requests,), tuple(spans))


class FakeLog:
    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def get(self, seq: int) -> LogDetail:
        row = next((item for item in self._fake.logged if item.seq == seq), None)
        if row is None:
            raise NotFoundError(f"Exchange {seq} is no longer kept.")
        body = b'{"groupId":"demo","fields":{"name":"Big Co."}}'
        answer = b'{"operationId":"op1","result":{"success":true,"recordId":"001"}}'
        headers = (("content-type", "application/json"),)
        return LogDetail(row, f"{self._fake.url}{row.path}", headers, body, headers, answer)

    async def of(self, operation_id: str) -> LogDetail:
        return await self.get(next((r.seq for r in self._fake.logged if r.operation_id == operation_id), 0))

    async def before(self, seq: int, limit: int) -> Sequence[LogRow]:
        return [row for row in self._fake.on_disk if row.seq < seq][-limit:]

    async def outcomes(self, operation_ids: Sequence[str]) -> Mapping[str, WriteOutcome]:
        return {key: self._fake.outcomes[key] for key in operation_ids if key in self._fake.outcomes}

    async def several(self, numbers: Sequence[int]) -> Sequence[LogDetail]:
        return [await self.get(number) for number in numbers]

    async def clear(self) -> None:
        self._fake.calls.append(("clear_log",))
        self._fake.cleared = self._fake.logged[-1].seq if self._fake.logged else 0
        self._fake.logged = []


class FakeSnapshots:
    def __init__(self, fake: FakeBackend) -> None:
        self._fake = fake

    async def reset(self) -> None:
        self._fake.calls.append(("reset",))

    async def take(self) -> bytes:
        return b"saved"

    async def restore(self, snapshot: bytes) -> None:
        self._fake.calls.append(("restore", snapshot))


if TYPE_CHECKING:

    def _is_a_backend(fake: FakeBackend) -> Backend:
        return fake


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def lines_of() -> Read:
    """The screen of an app as lines of text, trailing spaces cut."""

    def read(app: App[Any]) -> list[str]:
        strips = painted(app)
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    return read


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was put on the clipboard."""
    texts: list[str] = []
    monkeypatch.setattr(SandboxApp, "copy_to_clipboard", lambda self, text: texts.append(text))
    return texts


@pytest.fixture
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture(autouse=True)
def defects(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    """The defects that the screen went on after; a test that provokes one clears the list."""
    seen: list[BaseException] = []
    show = Defects.show

    def note(self: Defects, error: BaseException) -> None:
        show(self, error)
        seen.extend(shown for shown in self.seen.values() if shown is error)

    monkeypatch.setattr(Defects, "show", note)
    yield seen
    assert seen == []


async def _until(is_true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not is_true():  # noqa: ASYNC110 - nothing tells a test when a screen shows something
            await asyncio.sleep(0.01)


@pytest.fixture
def until() -> Until:
    return _until


@pytest.fixture
def settle() -> Settle:
    async def wait(app: SandboxApp, pilot: Pilot[int]) -> None:
        await at_rest(pilot)

    return wait


@pytest.fixture
def opened(backend: FakeBackend) -> Open:
    """Opens the app at a size, with what it remembers at a path."""

    @asynccontextmanager
    async def open_app(
        size: tuple[int, int] = (120, 40), preferences_path: Path | None = None, **more: Any
    ) -> AsyncIterator[Opened]:
        app = SandboxApp(backend, preferences_path)
        async with app.run_test(size=size, **more) as pilot:
            await at_rest(pilot)
            yield app, pilot

    return open_app


def pytest_configure(config: pytest.Config) -> None:
    about = (
        "performs(*ids): carries these actions out by their keys or from the palette, and sees their effect"
    )
    config.addinivalue_line("markers", about)


@pytest.fixture(autouse=True)
def _true_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a key, go on when nothing can run any more; after a pause, when the screen is painted besides.

    Textual looks twice, for 20 ms each, at whether the processor is idle, which is slow; and where other
    programs have the processor it is wrong.
    """
    monkeypatch.setattr("textual.app.wait_for_idle", until_nothing_can_run)
    monkeypatch.setattr(Pilot, "pause", until_painted)


@pytest.fixture(autouse=True)
def _unseen_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each widget render its lines for a frame, and leave out what makes one picture of them.

    No terminal takes that picture, and making it takes a fifth of a test. Who reads the screen has it made.
    """
    render = Compositor.render_update

    def render_update(self: Compositor, full: bool = False, *more: Any, **named: Any) -> Any:
        if full:
            return render(self, full, *more, **named)
        # Of this one alone: below a dialog the picture of another screen is part of a line.
        self._render_chops = partial(only_lines, self)  # type: ignore[method-assign]
        try:
            return render(self, full, *more, **named)
        finally:
            del self._render_chops

    def only_lines(self: Compositor, crop: Region, is_line: Callable[[int], bool]) -> list[dict[int, Strip]]:
        for _ in self._get_renders(crop):
            pass
        return []

    monkeypatch.setattr(Compositor, "render_update", render_update)


@pytest.fixture(autouse=True)
def performed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The ids of the actions that keys, clicks or the palette set going; calling a method does not count.

    A test with `performs` marks fails when it leaves out an action that they name.
    """
    done: set[str] = set()
    run = SandboxApp.run_action

    async def run_action(self: SandboxApp, action: Any, default_namespace: Any = None, *more: Any) -> bool:
        is_done = await run(self, action, default_namespace, *more)
        if is_done:
            panel = "app" if default_namespace in (None, self) else default_namespace.id
            done.update(known.id for known in ACTIONS if (known.panel, known.command) == (panel, action))
        return is_done

    monkeypatch.setattr(SandboxApp, "run_action", run_action)
    yield done
    named = {name for mark in request.node.iter_markers("performs") for name in mark.args}
    assert named <= done, f"not carried out: {', '.join(sorted(named - done))}"
