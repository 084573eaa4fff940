"""A CRM without a wire: an org that outlives the sandbox, and clients that misbehave on command."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ampsandbox.clock import Clock
from ampsandbox.engine.crm import (
    Answer,
    AnswerLostError,
    CrmField,
    CrmRefusedError,
    CrmUnavailableError,
    Exchange,
    ExchangeObserver,
    Limits,
    Method,
    ObjectDescription,
    ObjectMapping,
    OrgIdentity,
    ProvisioningPlan,
    ProvisioningStep,
    Record,
    Sender,
    StepAction,
    Verdict,
)
from ampsandbox.engine.model import Installation
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.model import Mode, WriteObject

UNAVAILABLE = ErrorDetail("The server is down for maintenance", "SERVER_UNAVAILABLE")
ROW_LOCK = ErrorDetail("unable to obtain exclusive access to this record", "UNABLE_TO_LOCK_ROW")


@dataclass
class Request:
    """One write request as the org saw it."""

    at: datetime
    object: str
    mode: Mode
    method: Method
    records: list[Record]
    written: list[Record] = field(default_factory=list)


@dataclass
class MemoryOrg:
    """The records of one org, and every write request it ever saw.

    `trouble` is asked before each write: it names what goes wrong, one of "", "unavailable", "rate", "lost",
    "lost-unapplied", "refused", "row-lock", "hang".
    """

    limits: Limits = field(default_factory=lambda: Limits(collection=200, bulk=10_000))
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    exchanges: int = 0
    known_fields: set[str] | None = None
    schema: dict[str, str] = field(default_factory=dict)
    schema_reads: int = 0
    trouble: Callable[[Request], str] = lambda _request: ""
    provisioned: list[str] = field(default_factory=list)
    problems: tuple[ProvisioningStep, ...] = ()
    delay_s: float = 0.0
    gate: asyncio.Event | None = None
    make_durable: Callable[[], None] | None = None
    answers_at_once: bool = False
    in_flight: int = 0
    most_in_flight: int = 0

    def fail(self, *troubles: str) -> None:
        """Let the next writes meet these troubles, one each."""
        queue = deque(troubles)
        self.trouble = lambda _request: queue.popleft() if queue else ""

    def values(self, name: str) -> list[Any]:
        """One field of every record, in order of creation."""
        return [record.get(name) for record in self.records.values()]

    def add(self, record_id: str, **values: Any) -> None:
        """Create a record behind the engine's back."""
        self.records[record_id] = values

    def apply(self, request: Request) -> list[Answer]:
        """Write the records and answer for each."""
        return [self.apply_and_note(request, record) for record in request.records]

    def apply_and_note(self, request: Request, record: Record) -> Answer:
        """Write one record of a request."""
        answer = self._apply_one(request.mode, record)
        if answer.verdict is Verdict.SUCCEEDED:
            request.written.append(record)
        return answer

    def _apply_one(self, mode: Mode, record: Record) -> Answer:
        if record.values.get("fail") == "yes":
            return refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]")
        if self.known_fields is not None and not set(record.values) <= self.known_fields:
            return refused("INVALID_FIELD", "No such column")
        if mode is Mode.DELETE:
            assert record.id is not None
            gone = self.records.pop(record_key(record.id), None)
            return Answer(Verdict.SUCCEEDED, record.id) if gone else refused("NOT_FOUND", "It is gone")
        if mode is Mode.UPDATE:
            assert record.id is not None
            known = self.records.get(record_key(record.id))
            if known is None:
                return refused("NOT_FOUND", "The record does not exist")
            known.update(record.values)
            return Answer(Verdict.SUCCEEDED, record.id)
        record_id = f"r{len(self.records) + 1}"
        self.records[record_id] = dict(record.values)
        return Answer(Verdict.SUCCEEDED, record_id)


def record_key(record_id: str) -> str:
    """Capitals make no difference to an id here, so that a record has several spellings."""
    return record_id.lower()


def refused(code: str, message: str) -> Answer:
    """The CRM's no to one record."""
    detail = ErrorDetail(message, code)
    return Answer(Verdict.REFUSED, errors=(detail,), raw=f'{{"code": "{code}"}}')


class MemoryCrm:
    """A client of a `MemoryOrg`."""

    provider = "salesforce"

    def __init__(self, org: MemoryOrg, clock: Clock, observe: ExchangeObserver) -> None:
        self.org = org
        self.sender: Sender = org
        self.limits = org.limits
        self.is_closed = False
        self._clock = clock
        self._observe = observe
        self._schema: dict[str, str] | None = None

    async def identify(self) -> OrgIdentity:
        return OrgIdentity("salesforce", "org", "Memory", "memory", is_production=False)

    async def plan(self, objects: Sequence[WriteObject]) -> ProvisioningPlan:
        steps = [ProvisioningStep(StepAction.CREATE, "object", item.name) for item in objects]
        return ProvisioningPlan((*self.org.problems, *steps))

    async def provision(
        self, objects: Sequence[WriteObject], on_step: Callable[[ProvisioningStep], None]
    ) -> None:
        for item in objects:
            action = StepAction.EXISTS if item.name in self.org.provisioned else StepAction.CREATE
            self.org.provisioned.append(item.name)
            on_step(ProvisioningStep(action, "object", item.name))

    async def resolve(self, item: WriteObject) -> ObjectMapping:
        if self._schema is None:
            await asyncio.sleep(0)
            self.org.schema_reads += 1
            self._schema = dict(self.org.schema)
            self._exchange("GET", f"/objects/{item.name}", 200)
        return ObjectMapping(item.name.capitalize(), self._schema)

    async def describe(self, object_name: str) -> ObjectDescription:
        return ObjectDescription(object_name, object_name, (CrmField("Name", "Name", "string"),))

    def forget_schema(self) -> None:
        self._schema = None

    def record_key(self, item: WriteObject, record_id: str) -> str:
        return record_key(record_id)

    async def write(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[Answer]:
        request = Request(self._clock.now(), object_name, mode, method, list(records))
        self.org.requests.append(request)
        self.org.in_flight += 1
        self.org.most_in_flight = max(self.org.most_in_flight, self.org.in_flight)
        try:
            return await self._answer(request)
        finally:
            self.org.in_flight -= 1

    async def _answer(self, request: Request) -> list[Answer]:
        await asyncio.sleep(0)
        if self.org.gate is not None:
            with self._clock.waiting():
                await self.org.gate.wait()
        if self.org.delay_s:
            await self._clock.sleep(self.org.delay_s)
        trouble = self.org.trouble(request)
        size = len(request.records)
        if trouble in ("unavailable", "rate"):
            self._exchange("POST", "/write", 503, size)
            raise CrmUnavailableError(UNAVAILABLE, 30.0 if trouble == "rate" else None)
        if trouble == "lost-unapplied":
            self._exchange("POST", "/write", None, size)
            raise AnswerLostError("The connection was reset.")
        if trouble == "refused":
            self._exchange("POST", "/write", 401, size)
            raise CrmRefusedError(ErrorDetail("Session expired or invalid", "INVALID_SESSION_ID"))
        answers = self._lock_rows(request) if trouble == "row-lock" else self.org.apply(request)
        if trouble == "lost":
            self._exchange("POST", "/write", None, size)
            raise AnswerLostError("The connection was reset.")
        await asyncio.sleep(0)
        self._exchange("POST", "/write", 200, size)
        return answers

    def _lock_rows(self, request: Request) -> list[Answer]:
        """Refuse the first record for now, write the others."""
        locked = Answer(Verdict.TRY_AGAIN, errors=(ROW_LOCK,))
        others = [self.org.apply_and_note(request, record) for record in request.records[1:]]
        return [locked, *others]

    def _exchange(self, method: str, path: str, status: int | None, records: int = 0) -> None:
        self.org.exchanges += 1
        at = self._clock.now()
        self._observe(
            Exchange(at, method, f"http://crm.test:8080{path}", status, (), "", (), "", 0.0, records)
        )

    async def fetch(self, object_name: str, record_id: str, fields: Sequence[str]) -> dict[str, Any] | None:
        return None

    async def aclose(self) -> None:
        self.is_closed = True


class MemoryOrgs:
    """One org for each installation; the `connect` of a sandbox."""

    def __init__(self, clock: Clock, **settings: Any) -> None:
        self.clock = clock
        self._settings = settings
        self.orgs: dict[str, MemoryOrg] = {}

    def __call__(self, installation: Installation, observe: ExchangeObserver) -> MemoryCrm:
        return MemoryCrm(self.org(installation.id), self.clock, observe)

    def org(self, installation_id: str) -> MemoryOrg:
        """The org of an installation."""
        return self.orgs.setdefault(installation_id, MemoryOrg(**self._settings))
