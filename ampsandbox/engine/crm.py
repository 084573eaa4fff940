"""A CRM as the engine sees it: a place that takes writes in requests of bounded size.

The clients in `ampsandbox.crm` implement `Crm` over HTTP, for mock and live orgs alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.errors import AmpSandboxError
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.model import Mode, WriteObject


class CrmField(msgspec.Struct, frozen=True):
    """A field of a CRM object, by its API name.

    `refers_to` names the objects whose records a lookup may name, and `relationship` is what queries call the
    way there; `help` is the CRM's own word on the field.
    `control` is HubSpot's `fieldType`: it tells one option from several. `option_labels` go with `options`.
    """

    name: str
    label: str
    type: str
    is_required: bool = False
    is_writable: bool = True
    is_custom: bool = False
    length: int = 0
    options: tuple[str, ...] = ()
    is_restricted: bool = False
    is_unique: bool = False
    refers_to: tuple[str, ...] = ()
    help: str = ""
    control: str = ""
    option_labels: tuple[str, ...] = ()
    relationship: str = ""


class ObjectDescription(msgspec.Struct, frozen=True):
    """An object of a CRM with its fields, as its describe call gives it.

    `children` are the objects that refer to it, by what queries call the way to them.
    """

    name: str
    label: str
    fields: tuple[CrmField, ...]
    is_custom: bool = False
    children: Mapping[str, str] = {}


class ObjectMapping(msgspec.Struct, frozen=True):
    """What a manifest object is called in the CRM: the API name and the translated names of fields.

    `fields` maps lower-cased names, as a write may spell them, to API names. A name that is not in it
    is sent as it is, so that the CRM itself refuses it.
    """

    object_name: str
    fields: Mapping[str, str]

    def translate(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a write under their API names."""
        return {self.fields.get(name.lower(), name): value for name, value in values.items()}


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record to write: its CRM id unless it is new, and its values under API names.

    `associations` are HubSpot's, in the form of its API.
    """

    id: str | None
    values: Mapping[str, Any]
    associations: Sequence[Mapping[str, Any]] = ()


class Method(StrEnum):
    """How a chunk of records travels."""

    SINGLE = "single"
    COLLECTION = "collection"
    BULK = "bulk"


class Limits(msgspec.Struct, frozen=True):
    """What one request of each method may carry. `bulk` is 0 where the CRM has no bulk API for writes.

    A bulk job is `bulk_requests` at the least, and more where the CRM is asked again how far it came.
    `daily_requests` and `burst_requests` per `burst_s` seconds are the quota; 0 means none.
    """

    collection: int
    bulk: int = 0
    bulk_requests: int = 1
    daily_requests: int = 0
    burst_requests: int = 0
    burst_s: float = 0


class Verdict(StrEnum):
    """What the CRM said of one write.

    `SPARED` is nothing: the request was refused for the sake of other records, whose verdict is `REFUSED`.
    """

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    TRY_AGAIN = "try_again"
    SPARED = "spared"


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The CRM's word on one record.

    `raw` is the answer's body for that record, as text; `status` the HTTP status of the whole answer, None
    where the CRM has a word of its own on each record, or gave no answer.
    """

    verdict: Verdict
    record_id: str | None = None
    errors: tuple[ErrorDetail, ...] = ()
    raw: str | None = None
    status: int | None = None


class CrmUnavailableError(AmpSandboxError):
    """The CRM took none of the records for now: rate limit, outage, refused connection. Safe to repeat.

    `retry_after_s` is the CRM's own wish, when it has one.
    """

    def __init__(
        self,
        detail: ErrorDetail,
        retry_after_s: float | None = None,
        raw: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(f"{detail.code}: {detail.message}")
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.raw = raw
        self.status = status


class AnswerLostError(AmpSandboxError):
    """The request was sent, but its answer never came: the CRM may or may not have written the records."""


class CrmRefusedError(AmpSandboxError):
    """The CRM refused the request as a whole, for good: wrong credentials, no permission, unknown object."""

    def __init__(self, detail: ErrorDetail, raw: str | None = None, status: int | None = None) -> None:
        super().__init__(f"{detail.code}: {detail.message}")
        self.detail = detail
        self.raw = raw
        self.status = status


class StepAction(StrEnum):
    """What provisioning does, or would do, about one thing."""

    CREATE = "create"
    EXISTS = "exists"
    CONFLICT = "conflict"
    MISSING_PERMISSION = "missing_permission"


class ProvisioningStep(msgspec.Struct, frozen=True):
    """One line of a provisioning plan: an object, a field, a permission."""

    action: StepAction
    kind: str
    name: str
    detail: str = ""


class ProvisioningPlan(msgspec.Struct, frozen=True):
    """What an installation would create in the CRM, in order."""

    steps: tuple[ProvisioningStep, ...]

    @property
    def problems(self) -> tuple[ProvisioningStep, ...]:
        """The steps that stop the installation."""
        return tuple(
            s for s in self.steps if s.action in (StepAction.CONFLICT, StepAction.MISSING_PERMISSION)
        )


class OrgIdentity(msgspec.Struct, frozen=True):
    """Whose CRM this is. `is_production` is True for what may hold a customer's real data."""

    provider: str
    id: str
    name: str
    type: str
    is_production: bool
    api_version: str = ""
    time_zone: str = ""
    remaining_requests: int | None = None
    scopes: tuple[str, ...] = ()


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """One HTTP request to a CRM and its answer, with secrets masked. `status` is None when no answer came.

    Bodies are text, cut at 64 KiB. `elapsed_ms` is wall time, 0 on a frozen clock. `span` is its start and
    end in `ampsandbox.clock.wall_s`, frozen clock or not: for drawing it, not for comparing runs.
    """

    at: datetime
    method: str
    url: str
    status: int | None
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    response_headers: tuple[tuple[str, str], ...]
    response_body: str
    elapsed_ms: float
    records: int = 0
    span: tuple[float, float] = (0.0, 0.0)

    @property
    def path(self) -> str:
        """The path of the URL."""
        return urlsplit(self.url).path

    def shown(self) -> Exchange:
        """Itself: an exchange is an `ExchangeReport`, too."""
        return self


class ExchangeReport(Protocol):
    """What a client tells of an exchange: what is counted, and the rest for who wants to see it."""

    @property
    def at(self) -> datetime: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def status(self) -> int | None: ...
    @property
    def records(self) -> int: ...

    def shown(self) -> Exchange:
        """The whole of it, with secrets masked."""


ExchangeObserver = Callable[[ExchangeReport], None]


class Sender(Protocol):
    """What carries the requests of a `Crm`, as far as the engine has to know it."""

    @property
    def answers_at_once(self) -> bool:
        """Whether single records are written without waiting, so that nothing is won by sending several."""

    @property
    def make_durable(self) -> Callable[[], None] | None:
        """Makes sure that what was just answered outlasts this process; None where it does.

        To be asked for at once, and called before anybody is told of the answer; more than once does no
        harm. It raises CrmUnavailableError when nothing of it was kept.
        """


class Crm(Protocol):
    """One connection to one org. Methods raise the three errors above for what a CRM does."""

    provider: str
    limits: Limits
    sender: Sender

    async def identify(self) -> OrgIdentity:
        """Say whose org this is, as the CRM itself names it; the first question asked of a live org."""

    async def plan(self, objects: Sequence[WriteObject]) -> ProvisioningPlan:
        """Say what `provision` would do, without doing it."""

    async def provision(
        self, objects: Sequence[WriteObject], on_step: Callable[[ProvisioningStep], None]
    ) -> None:
        """Create what is missing, idempotently, reporting each step when it is done."""

    async def resolve(self, item: WriteObject) -> ObjectMapping:
        """Translate the names of a manifest object against the org's schema, cached until `forget_schema`."""

    async def describe(self, object_name: str) -> ObjectDescription:
        """The schema of an object by its API name, cached until `forget_schema`."""

    def forget_schema(self) -> None:
        """Read the schema anew at the next need, as after the CRM called a field unknown."""

    def record_key(self, item: WriteObject, record_id: str) -> str:
        """What tells a record of the org from others: equal for any two spellings of one record's id."""

    async def write(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[Answer]:
        """Write the records in one request (or one bulk job), and answer for each of them in order.

        Deletes go one at a time (`Method.SINGLE`).
        """

    async def fetch(
        self, object_name: str, record_id: str, fields: Sequence[str]
    ) -> Mapping[str, Any] | None:
        """The record's values of these fields; None where there is no such record."""

    async def aclose(self) -> None:
        """Close the connections."""
