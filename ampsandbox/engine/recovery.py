"""What a start does about the requests that were on their way when the last run ended."""

from __future__ import annotations

from ampsandbox.engine.attempts import ANSWER_LOST, damaged_row
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.delivery import Delivery
from ampsandbox.engine.installation_registry import InstallationRegistry
from ampsandbox.engine.journal import JournalEntry, OperationRow
from ampsandbox.engine.journal.intents import DELETE_REQUEST, INSERT_REQUEST, pack, unpack
from ampsandbox.engine.model import FlushReason, OperationState
from ampsandbox.engine.pending_batches import PendingBatches
from ampsandbox.engine.pending_writes import Outcome, PendingWrite, saved
from ampsandbox.engine.timestamps import to_micros
from ampsandbox.engine.write_options import decode_options
from ampsandbox.engine.write_paths import WritePaths
from ampsandbox.events import ErrorDetail, Event
from ampsandbox.manifest.model import Mode

_INTERRUPTED = ErrorDetail(
    "The sandbox ended before the CRM's answer came; the CRM may have written the record.", ANSWER_LOST.code
)


class Recovery:
    """Finds what was on its way: inserts are in doubt from now on, updates are delivered again.

    An update that belongs to a batch simply waits in it again; a single one is sent on its own. Both have
    the whole retry deadline before them, since nobody tried while the sandbox was down. What was meant for an
    installation that is gone cannot be sent again, and is in doubt; so is what the journal holds damaged.
    """

    def __init__(self, context: EngineContext, installations: InstallationRegistry) -> None:
        self._context = context
        self._installations = installations
        self._paths = WritePaths(context)
        self._singles: list[PendingWrite] = []
        self._unit = JournalEntry()
        self.count = 0
        """How many writes were on their way."""

    async def settle(self) -> list[tuple[PendingWrite, int]]:
        """Store what is to be said of them. Comes before the batches are read.

        Returns:
            The single updates to deliver again, each with the number of its new note.

        Raises:
            JournalUnavailableError: It could not be stored.
        """
        journal = self._context.journal
        events: list[Event] = []
        for request, packed in journal.read.requests():
            self._unit.statements.append((DELETE_REQUEST, [(request,)]))
            for number in unpack(packed):
                row = journal.read.operation(number)
                if row is not None and row.state is None:
                    self._settle_one(row, events)
        again = [(pending, journal.next_number("requests")) for pending in self._singles]
        notes = [(request, pack([pending.number])) for pending, request in again]
        self._unit.statements.append((INSERT_REQUEST, notes))
        self._unit.events = events
        await journal.store(self._unit)
        return again

    def _settle_one(self, row: OperationRow, events: list[Event]) -> None:
        self.count += 1
        path = self._paths[row.path]
        now = self._context.clock.now()
        options, damage = decode_options(row.options)
        pending = PendingWrite(
            row.number,
            path,
            row.batch,
            row.primary_key,
            row.fields,
            now,
            attempts=1,  # at least: the journal notes that a write was on its way, not how often
            options=options,
        )
        is_gone = self._installations.get(path.installation) is None
        if path.mode is Mode.INSERT or is_gone or damage:
            errors = (_INTERRUPTED, damaged_row(row.number, damage)) if damage else (_INTERRUPTED,)
            outcome = Outcome(OperationState.IN_DOUBT, None, errors)
            self._unit.statements += saved([outcome.row(pending, to_micros(now))])
            ids = self._context.ids
            batch = ids.batch(row.batch) if row.batch is not None else None
            installation = ids.installation(path.installation)
            events.append(outcome.event(now, installation, ids.operation(row.number), batch))
        elif row.batch is None or self._is_flushed(row.batch):
            pending.may_be_applied = True
            self._singles.append(pending)

    def _is_flushed(self, batch: int) -> bool:
        row = self._context.journal.read.batch(batch)
        return row is None or row.state == "flushed"


def resume(
    context: EngineContext, batches: PendingBatches, delivery: Delivery, again: list[tuple[PendingWrite, int]]
) -> None:
    """Take up the flushes that were interrupted, then the single updates."""
    for batch in list(batches):
        if not batch.is_open:
            delivery.begin(batch, FlushReason.RECOVERY)
    for pending, request in again:
        retry_s = pending.options.retry_s
        policy = context.scheduled_policy() if retry_s is None else context.policy(retry_s)
        delivery.start_one(pending, request, policy)
