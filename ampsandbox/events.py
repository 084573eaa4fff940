"""Everything that happens, as typed events in one ordered log.

An event carries the clock's time and ids, never wall time, ports or paths: two runs with one seed and the
same inputs give the same bytes. The journal numbers events when it stores them, and only then publishes them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec


class ErrorDetail(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One error as the CRM words it: `code` is Salesforce's `errorCode` or HubSpot's category or code."""

    message: str
    code: str
    fields: tuple[str, ...] = ()


def _kebab(class_name: str) -> str:
    """`WriteAccepted` becomes `write-accepted`."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in class_name).lstrip("-")


class Event(msgspec.Struct, kw_only=True, tag_field="type", tag=_kebab, rename="camel", gc=False):
    """What all events have: a number without gaps, given when it is stored, and the clock's time.

    They hold plain values only, so that the garbage collector need not look at them.

    In JSON the field `type` holds the name in kebab-case, such as `write-accepted`.
    """

    seq: int = 0
    at: datetime


class SandboxStarted(Event):
    """The engine took up its work. `recovered` writes were on their way to a CRM when it last ended."""

    project: str
    recovered: int = 0


class SandboxStopped(Event):
    """The engine ended in good order."""


class WebhookQueued(Event):
    """An operation has ended, and a webhook of the app is to be told so."""

    notification: str
    operation: str


class WebhookAnswered(Event):
    """A webhook of the app was told that an operation has ended. `status` is None when no answer came."""

    notification: str
    operation: str
    url: str
    status: int | None
    attempt: int


class SandboxReset(Event):
    """Every operation, batch and event so far was forgotten."""


class SandboxRestored(Event):
    """The state was replaced by a snapshot.

    `in_doubt` counts the writes that wait in it for live orgs and may have been sent since it was taken.
    """

    in_doubt: int = 0


class JournalRecovered(Event):
    """The journal could not be written for a while, and is again; what was refused was not accepted."""


class ManifestLoaded(Event):
    """A manifest became the current one."""

    integrations: tuple[str, ...]
    errors: int
    warnings: int


class ManifestRefused(Event):
    """A manifest with errors was not taken; the last good one stays."""

    errors: int


class ClockMoved(Event):
    """The clock was moved forward; `at` is where it came to."""

    start: datetime


class ClockSpeedChanged(Event):
    """The clock runs at another multiple of real time; 0 means frozen."""

    speed: float


class InstallationEvent(Event):
    """What events about one installation have."""

    installation: str


class InstallationAdded(InstallationEvent):
    """An integration was installed for a group, and its CRM provisioned."""

    integration: str
    group: str
    provider: str


class InstallationRemoved(InstallationEvent):
    """An integration was uninstalled for a group."""


class ProvisioningStepDone(InstallationEvent):
    """Provisioning created one thing, or found that it exists."""

    action: str
    kind: str
    name: str


class ProvisioningFailed(InstallationEvent):
    """The CRM did not let an installation create what it needs."""

    message: str


class WriteAccepted(InstallationEvent):
    """A write is in the journal. `batch` and `flush_at` are None for an immediate one."""

    operation: str
    object: str
    mode: str
    endpoint: str | None = None
    batch: str | None = None


class WriteSucceeded(InstallationEvent):
    """The CRM wrote the record; of an insert, `record_id` says which."""

    operation: str
    record_id: str | None = None
    batch: str | None = None


class WriteFailed(InstallationEvent):
    """The write will not be tried again on its own; it is among the dead letters."""

    operation: str
    errors: tuple[ErrorDetail, ...]
    batch: str | None = None


class WriteInDoubt(InstallationEvent):
    """The CRM may or may not have written the record; only a person can tell."""

    operation: str
    errors: tuple[ErrorDetail, ...]
    batch: str | None = None


class WriteDropped(InstallationEvent):
    """A write was given up manually."""

    operation: str
    batch: str | None = None


class WriteEdited(InstallationEvent):
    """The fields of a waiting write were replaced manually."""

    operation: str


class WriteRetried(InstallationEvent):
    """A dead letter was sent again manually."""

    operation: str


class WritesDeferred(InstallationEvent):
    """Some writes of one request will be tried again at `until`, because of a transient error."""

    writes: int
    until: datetime
    reason: str
    batch: str | None = None


class BatchOpened(InstallationEvent):
    """The first write of a new batch arrived."""

    batch: str
    object: str
    mode: str
    flush_at: datetime | None


class BatchPaused(InstallationEvent):
    """The schedule no longer flushes the batch."""

    batch: str


class BatchResumed(InstallationEvent):
    """The schedule flushes the batch again."""

    batch: str
    flush_at: datetime | None


class BatchRescheduled(InstallationEvent):
    """A changed manifest moved the flush of a waiting batch."""

    batch: str
    flush_at: datetime | None


class BatchOrphaned(InstallationEvent):
    """The manifest no longer schedules the batch's object; it waits to be flushed or dropped manually."""

    batch: str


class BatchDropped(InstallationEvent):
    """All waiting writes of a batch were given up manually."""

    batch: str
    writes: int


class FlushStarted(InstallationEvent):
    """A batch is being delivered. `reason` is schedule, manual, shutdown, uninstall or recovery."""

    batch: str
    reason: str
    writes: int


class FlushFinished(InstallationEvent):
    """Every write of a batch has its outcome; `requests` counts the write requests it took."""

    batch: str
    succeeded: int
    failed: int
    in_doubt: int
    requests: int


class CrmRequested(InstallationEvent):
    """One HTTP request went to the CRM. `status` is None when no answer came."""

    method: str
    path: str
    status: int | None
    records: int = 0


class SchemaForgotten(InstallationEvent):
    """The CRM called a field unknown, so the schema is read anew before the write is given up."""

    object: str


class CircuitOpened(InstallationEvent):
    """The CRM keeps failing: no request until `until`."""

    until: datetime
    reason: str


class CircuitHalfOpened(InstallationEvent):
    """One request is let through to see whether the CRM is back."""


class CircuitClosed(InstallationEvent):
    """The CRM answers again: requests to it go out as before."""


AnyEvent = (
    SandboxStarted
    | SandboxStopped
    | SandboxReset
    | SandboxRestored
    | WebhookQueued
    | WebhookAnswered
    | JournalRecovered
    | ManifestLoaded
    | ManifestRefused
    | ClockMoved
    | ClockSpeedChanged
    | InstallationAdded
    | InstallationRemoved
    | ProvisioningStepDone
    | ProvisioningFailed
    | WriteAccepted
    | WriteSucceeded
    | WriteFailed
    | WriteInDoubt
    | WriteDropped
    | WriteEdited
    | WriteRetried
    | WritesDeferred
    | BatchOpened
    | BatchPaused
    | BatchResumed
    | BatchRescheduled
    | BatchOrphaned
    | BatchDropped
    | FlushStarted
    | FlushFinished
    | CrmRequested
    | SchemaForgotten
    | CircuitOpened
    | CircuitHalfOpened
    | CircuitClosed
)
"""Every kind of event, as `msgspec.json.decode(line, type=AnyEvent)` takes it."""

Subscriber = Callable[[Event], None]

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode_events(events: Iterable[Event]) -> bytes:
    """Events as lines of JSON, without the end of the last line."""
    return _encoder.encode_lines(events)[:-1]


def encode_event(event: Event) -> bytes:
    """One event as one line of JSON, without the line's end."""
    return _encoder.encode(event)


def decode_event(line: bytes | str) -> Event:
    """The event that `encode_event` wrote.

    Raises:
        msgspec.ValidationError: The line is no event.
    """
    return _decoder.decode(line)


class EventLog:
    """The newest events, and who wants to hear of more.

    Args:
        size: How many events stay in memory.
        older: Reads stored events that left the ring: given the numbers `after` and `before` (both
            exclusive) and a limit, the oldest events between them. None when nothing is stored.
    """

    def __init__(
        self, size: int = 10_000, older: Callable[[int, int, int], Sequence[Event]] | None = None
    ) -> None:
        self._ring: deque[Event] = deque(maxlen=size)
        self._subscribers: list[Subscriber] = []
        self._older = older
        self._last = 0

    @property
    def last_seq(self) -> int:
        """The number of the newest event; 0 before the first."""
        return self._last

    def publish(self, events: Iterable[Event]) -> None:
        """Take events that are stored and numbered, in order, and tell the subscribers."""
        for event in events:
            self._ring.append(event)
            self._last = event.seq
            for tell in tuple(self._subscribers):
                tell(event)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` on the loop for each event from now on; the returned function ends that.

        A subscriber must be quick and must not raise.
        """
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def since(self, seq: int, limit: int = 1000) -> list[Event]:
        """The oldest `limit` events numbered above `seq`; 0 starts with the first one kept.

        Events that left memory are read from the journal as far as it keeps them.
        """
        first = self._ring[0].seq if self._ring else self._last + 1
        found: list[Event] = []
        if self._older is not None and seq < first - 1:
            found.extend(self._older(seq, first, limit))
        skip = max(seq - first + 1, 0)
        # By index, since most ask for the last few of thousands: an iterator would walk over all the others.
        end = min(skip + limit - len(found), len(self._ring))
        found.extend(self._ring[index] for index in range(skip, end))
        return found

    def resume(self, last_seq: int) -> None:
        """Forget what is in memory and go on after `last_seq`, as after a restart or a reset."""
        self._ring.clear()
        self._last = last_seq
