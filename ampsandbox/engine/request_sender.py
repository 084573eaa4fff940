"""One write request to a CRM, from the journal's note that it is on its way to what is made of its answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec

from ampsandbox.engine.attempts import (
    AttemptResult,
    DeliveryResult,
    damaged_row,
    ended,
    lost,
    refusal,
    unavailable,
)
from ampsandbox.engine.connection import CrmConnection
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.crm import (
    Answer,
    AnswerLostError,
    CrmUnavailableError,
    Method,
    ObjectMapping,
    Record,
    Verdict,
)
from ampsandbox.engine.in_flight import InFlightRequests
from ampsandbox.engine.journal import JournalEntry, Row
from ampsandbox.engine.journal.intents import DELETE_REQUEST, INSERT_REQUEST, pack
from ampsandbox.engine.model import OperationState
from ampsandbox.engine.operation_context import OnBehalfOf, PackedOperationIds
from ampsandbox.engine.pending_writes import Outcome, PendingWrite, saved
from ampsandbox.engine.quota import SAVE_QUOTA
from ampsandbox.engine.retry import RetryPolicy
from ampsandbox.engine.timestamps import to_micros
from ampsandbox.engine.write_options import WriteOptions
from ampsandbox.errors import AmpSandboxError
from ampsandbox.events import ErrorDetail, Event, SchemaForgotten, WritesDeferred
from ampsandbox.manifest.model import Mode
from ampsandbox.secrets import log_defect

_log = logging.getLogger(__name__)

UNKNOWN_FIELD_CODES = frozenset({"INVALID_FIELD", "PROPERTY_DOESNT_EXIST"})
"""How CRMs call a field that is not in their schema (Salesforce's and HubSpot's error references)."""


class ResolvedWrites(msgspec.Struct, frozen=True):
    """Writes as the CRM takes them."""

    object_name: str
    records: list[Record]


class _Attempt(msgspec.Struct, frozen=True):
    """A request and its reply; `drifted`, `note` and `make_durable` as `RequestSender` knows them."""

    chunk: Sequence[PendingWrite]
    reply: AttemptResult
    drifted: set[int]
    note: int | None
    make_durable: Callable[[], None] | None = None


class RequestSender:
    """Sends write requests over one connection.

    Args:
        policy: When what failed for now is tried again.
        options: How the requests differ from ordinary ones.
        is_patient: Whether to wait for an open circuit, or to send all the same.
    """

    def __init__(
        self,
        context: EngineContext,
        connection: CrmConnection,
        in_flight: InFlightRequests,
        policy: RetryPolicy,
        options: WriteOptions,
        *,
        is_patient: bool,
    ) -> None:
        self._context = context
        self._in_flight = in_flight
        self._connection = connection
        self._policy = policy
        self._options = options
        self._is_patient = is_patient

    async def send(
        self, chunk: Sequence[PendingWrite], method: Method, noted: int | None = None
    ) -> DeliveryResult:
        """Deliver writes of one object and mode in one request, and store what came of it.

        Args:
            chunk: The writes; no two for one record, unless the app sent them so.
            method: How they travel.
            noted: The number of the journal's note, where it was stored with the acceptance.
        """
        connection, is_patient = self._connection, self._is_patient
        with await connection.slot(is_patient=is_patient) as slot, await self._in_flight.begin():
            attempts = await self._deliver(chunk, method, noted)
            # Others go on while the outcomes are stored, so that more of them share a commit: under load it
            # takes a sixth off an immediate write.
            slot.release()
            return await self._conclude(attempts, keeps_notes=noted is not None)

    async def send_each(self, singles: Sequence[tuple[PendingWrite, int]]) -> DeliveryResult:
        """Deliver single writes one after the other to a CRM that answers at once, and store all outcomes.

        Args:
            singles: New records, each with the number of the journal's note.

        Returns:
            What came of them; those after an outage are neither finished nor deferred.
        """
        connection = self._connection
        with await connection.slot(is_patient=self._is_patient) as slot, await self._in_flight.begin():
            attempts: list[_Attempt] = []
            for pending, noted in singles:
                attempts += await self._deliver([pending], Method.SINGLE, noted)
                if attempts[-1].reply.outage or not connection.crm.sender.answers_at_once:
                    break
            slot.release()
            return await self._conclude(attempts, keeps_notes=True)

    async def _deliver(
        self, chunk: Sequence[PendingWrite], method: Method, noted: int | None
    ) -> list[_Attempt]:
        packed = pack([pending.number for pending in chunk])
        number = noted
        drifted: set[int] = set()
        make_durable = None
        with OnBehalfOf(PackedOperationIds(packed, self._context.ids)):
            try:
                addressed = await self._address(chunk)
            except AmpSandboxError as error:
                # The schema could not be read, so the writes did not get as far as the CRM.
                if isinstance(error, AnswerLostError):
                    error = CrmUnavailableError(ErrorDetail(error.message, "CONNECTION_LOST"))
                reply = self._failure(error, chunk)
            except Exception as error:  # noqa: BLE001 - logged, and the writes are tried again
                if any(pending.find_damage() for pending in chunk):
                    return await self._set_damaged_apart(chunk, method, noted)
                log_defect(_log, f"The schema of {self._connection.installation_id} could not be read", error)
                unreadable = ErrorDetail(
                    f"The schema could not be read ({type(error).__name__}).", "UNREADABLE_ANSWER"
                )
                reply = self._failure(CrmUnavailableError(unreadable), chunk)
            else:
                number = number or await self._note(packed)
                reply = await self._write(chunk, addressed, method)
                make_durable = self._connection.crm.sender.make_durable
                if unknown := _with_unknown_fields(chunk, reply):
                    drifted = await self._drifted(chunk, addressed, unknown)
        return [_Attempt(chunk, reply, drifted, number, make_durable)]

    async def _set_damaged_apart(
        self, chunk: Sequence[PendingWrite], method: Method, noted: int | None
    ) -> list[_Attempt]:
        """Fail the writes whose rows are damaged, and send the others."""
        damages = {pending.number: damage for pending in chunk if (damage := pending.find_damage())}
        damaged = [pending for pending in chunk if pending.number in damages]
        answers = [
            Answer(Verdict.REFUSED, errors=(damaged_row(pending.number, damages[pending.number]),))
            for pending in damaged
        ]
        refused = _Attempt(damaged, AttemptResult(answers), set(), noted)
        sound = [pending for pending in chunk if pending.number not in damages]
        return [refused, *(await self._deliver(sound, method, noted) if sound else ())]

    async def _conclude(self, attempts: Sequence[_Attempt], *, keeps_notes: bool) -> DeliveryResult:
        """Store what came of the requests. The notes of single writes stay until the writes are final."""
        now = self._context.clock.now()
        sent = DeliveryResult()
        joined: list[tuple[str, Sequence[Row]]] = []
        events: list[Event] = []
        for attempt in attempts:
            settled = self._judge(attempt.chunk, attempt.reply, attempt.drifted, now)
            joined += self._rows(attempt, settled, now, keeps_note=keeps_notes and bool(settled.deferred))
            events += self._events(attempt.chunk, settled, attempt.reply, now)
            sent.finished += settled.finished
            sent.deferred += settled.deferred
            sent.gave_up = sent.gave_up or settled.gave_up
        joined.append((SAVE_QUOTA, self._connection.ledger.take_unsaved()))
        entry = JournalEntry(joined=joined, events=events, requires=_all_of(attempts))
        try:
            await self._context.journal.store_surely(entry)
        except CrmUnavailableError as error:
            # Raised by `make_durable`: what was answered did not happen.
            replies = [(each, self._failure(error, each.chunk)) for each in attempts]
            void = [_Attempt(each.chunk, reply, set(), each.note) for each, reply in replies]
            return await self._conclude(void, keeps_notes=keeps_notes)
        return sent

    async def _note(self, packed: bytes) -> int:
        """Tell the journal that the writes are on their way, before they are."""
        number = self._context.journal.next_number("requests")
        await self._context.journal.store_surely(
            JournalEntry(statements=[(INSERT_REQUEST, [(number, packed)])])
        )
        return number

    # -- sending -----------------------------------------------------------------------------------------

    async def _address(self, chunk: Sequence[PendingWrite]) -> ResolvedWrites:
        """Translate the writes against the org's schema."""
        targets: dict[int, ObjectMapping] = {}
        for pending in chunk:
            if pending.path.number not in targets:
                targets[pending.path.number] = await self._connection.crm.resolve(pending.path.item)
        object_name = targets[chunk[0].path.number].object_name
        records: list[Record] = []
        for each in chunk:
            values = each.values()
            if each.options.only_if_empty and each.primary_key is not None:
                values = await self._without_filled(each, each.primary_key, values, object_name)
            translated = targets[each.path.number].translate(values)
            records.append(Record(each.primary_key, translated, each.options.associations))
        return ResolvedWrites(object_name, records)

    async def _without_filled(
        self, pending: PendingWrite, record_id: str, values: dict[str, Any], object_name: str
    ) -> dict[str, Any]:
        """The fields of a write, less those that would replace a value which the customer wants kept."""
        # The CRMs' names are the same in any case, and a config may spell one in another way than the app.
        guarded = {name.lower() for name in pending.options.only_if_empty} & {name.lower() for name in values}
        if not guarded:
            return values
        now = await self._connection.crm.fetch(object_name, record_id, sorted(guarded)) or {}
        filled = {name.lower() for name, value in now.items() if value not in (None, "")}
        return {name: value for name, value in values.items() if name.lower() not in guarded & filled}

    async def _drifted(
        self, chunk: Sequence[PendingWrite], before: ResolvedWrites, unknown: Sequence[int]
    ) -> set[int]:
        """Of the writes with unknown fields those that a schema read anew translates in another way."""
        self._connection.crm.forget_schema()
        self._context.emit(
            SchemaForgotten(
                at=self._context.clock.now(),
                installation=self._connection.installation_id,
                object=chunk[0].path.item.name,
            )
        )
        try:
            after = await self._address([chunk[index] for index in unknown])
        except Exception:  # noqa: BLE001 - the refusal stands; the next write reads the schema
            return set()
        return {
            chunk[index].number
            for index, record in zip(unknown, after.records, strict=True)
            if record != before.records[index] or after.object_name != before.object_name
        }

    async def _write(
        self, chunk: Sequence[PendingWrite], addressed: ResolvedWrites, method: Method
    ) -> AttemptResult:
        mode = chunk[0].path.mode
        for pending in chunk:
            pending.attempts += 1
            pending.is_sending = True
        try:
            answers = await self._connection.write(
                addressed.object_name, mode, addressed.records, method, self._options
            )
        except AnswerLostError as error:
            self._connection.circuit.failed(error.message)
            return lost(chunk)
        except AmpSandboxError as error:
            return self._failure(error, chunk)
        except Exception as error:  # noqa: BLE001 - logged, and the writes are shown as in doubt
            # A defect of the client must neither hold up the batch nor repeat an insert.
            log_defect(_log, f"The client of {self._connection.installation_id} failed", error)
            self._connection.circuit.abandoned()
            return lost(chunk)
        finally:
            for pending in chunk:
                pending.is_sending = False
        self._connection.circuit.succeeded()
        if len(answers) != len(chunk):
            return lost(chunk)
        return AttemptResult(answers)

    def _failure(self, error: AmpSandboxError, chunk: Sequence[PendingWrite]) -> AttemptResult:
        circuit = self._connection.circuit
        if not isinstance(error, CrmUnavailableError):
            circuit.succeeded()
            return AttemptResult([refusal(error)] * len(chunk))
        if error.retry_after_s is None:
            circuit.failed(error.message)
        else:
            circuit.abandoned()
            circuit.rest(error.retry_after_s)
        return unavailable(error, chunk)

    # -- judging -----------------------------------------------------------------------------------------

    def _judge(
        self, chunk: Sequence[PendingWrite], reply: AttemptResult, drifted: set[int], now: datetime
    ) -> DeliveryResult:
        sent = DeliveryResult()
        for pending, answer in zip(chunk, reply.answers, strict=True):
            if answer.verdict is Verdict.SUCCEEDED:
                raw = answer.raw if pending.options.keeps_answer else None
                outcome = Outcome(OperationState.SUCCEEDED, answer.record_id, answer.errors, raw)
                sent.finished.append((pending, outcome))
            elif answer.verdict is Verdict.SPARED:
                sent.deferred.append((pending, now))
            elif pending.number in drifted:
                pending.is_retranslated = True
                sent.deferred.append((pending, now))
            elif answer.verdict is Verdict.REFUSED and not _is_worth_a_retry(pending, answer):
                sent.finished.append((pending, ended(OperationState.FAILED, answer)))
            elif reply.lost and pending.path.mode is Mode.INSERT:
                sent.finished.append((pending, ended(OperationState.IN_DOUBT, answer)))
            else:
                self._try_again(sent, pending, answer, reply, now)
        return sent

    def _try_again(
        self, sent: DeliveryResult, pending: PendingWrite, answer: Answer, reply: AttemptResult, now: datetime
    ) -> None:
        pending.may_be_applied = pending.may_be_applied or reply.lost
        outage = self._connection.circuit.failing_since if reply.outage else None
        until = self._policy.try_again(pending, now, outage, reply.wish_s)
        if until is not None:
            sent.deferred.append((pending, until))
            return
        state = OperationState.IN_DOUBT if pending.may_be_applied else OperationState.FAILED
        outcome = ended(state, answer)
        sent.finished.append((pending, outcome))
        if outage is not None and self._policy.is_over(outage, now):
            sent.gave_up = outcome.errors[0]

    # -- storing -----------------------------------------------------------------------------------------

    def _rows(
        self, attempt: _Attempt, settled: DeliveryResult, now: datetime, *, keeps_note: bool
    ) -> list[tuple[str, list[Row]]]:
        at_us = to_micros(now)
        rows = saved([outcome.row(pending, at_us) for pending, outcome in settled.finished])
        if attempt.note is not None and not keeps_note:
            rows.append((DELETE_REQUEST, [(attempt.note,)]))
        return rows

    def _events(
        self, chunk: Sequence[PendingWrite], sent: DeliveryResult, reply: AttemptResult, now: datetime
    ) -> list[Event]:
        ids = self._context.ids
        installation = self._connection.installation_id
        batch = ids.batch(chunk[0].batch) if chunk[0].batch is not None else None
        events = [
            outcome.event(now, installation, ids.operation(pending.number), batch)
            for pending, outcome in sent.finished
        ]
        waiting = [(pending, until) for pending, until in sent.deferred if until > now]
        for pending, until in sent.deferred:
            pending.next_attempt_at = until
        if waiting:
            events.append(
                WritesDeferred(
                    at=now,
                    installation=installation,
                    writes=len(waiting),
                    until=min(until for _, until in waiting),
                    reason=reply.outage or "The CRM asked to try some of the writes again.",
                    batch=batch,
                )
            )
        return events


def _all_of(attempts: Sequence[_Attempt]) -> Callable[[], None] | None:
    """What makes all answers durable; those of one pass have it in common."""
    calls = {attempt.make_durable for attempt in attempts if attempt.make_durable is not None}

    def make_durable() -> None:
        for call in calls:
            call()

    return make_durable if calls else None


def _with_unknown_fields(chunk: Sequence[PendingWrite], reply: AttemptResult) -> list[int]:
    """Which writes were refused for a field that the CRM does not know, for the first time."""
    return [
        index
        for index, answer in enumerate(reply.answers)
        if answer.verdict is Verdict.REFUSED
        and not chunk[index].is_retranslated
        and any(error.code in UNKNOWN_FIELD_CODES for error in answer.errors)
    ]


def _is_worth_a_retry(pending: PendingWrite, answer: Answer) -> bool:
    """Whether Ampersand tries an asynchronous write again although the CRM refused it.

    Its connectors count a 404 among the answers that may change (docs/evidence/ampersand.md), so that an
    update of a record that is gone is in progress until its deadline.
    """
    return pending.options.retry_s is not None and answer.status == HTTPStatus.NOT_FOUND
