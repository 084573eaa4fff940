"""One installation's way to its CRM: the client, how many requests at a time, its health and its ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Self

from ampsandbox.engine.circuit import Circuit
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.crm import (
    Answer,
    Crm,
    ExchangeReport,
    Method,
    Record,
)
from ampsandbox.engine.model import ConnectionView, QuotaView
from ampsandbox.engine.operation_context import current_operation_ids
from ampsandbox.engine.quota import Ledger
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.events import CrmRequested
from ampsandbox.manifest.model import Mode

_is_writing: ContextVar[bool] = ContextVar("is_writing", default=False)
_made: ContextVar[list[int] | None] = ContextVar("write_requests_made", default=None)


@contextmanager
def write_requests() -> Iterator[list[int]]:
    """Count, in the one number of the list, the requests of the writes in this block."""
    made = [0]
    token = _made.set(made)
    try:
        yield made
    finally:
        _made.reset(token)


class Slot:
    """One of the parallel requests of a connection, held until `release` or the end of the block."""

    __slots__ = ("_give_back",)

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.release()

    def release(self) -> None:
        """Give it back; safe to call twice."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()


class CrmConnection:
    """Requests to one CRM, a bounded number at a time."""

    def __init__(self, context: EngineContext, number: int, installation_id: str) -> None:
        self.number = number
        self.installation_id = installation_id
        self._context = context

    def attach(self, crm: Crm) -> None:
        """Take the client, which `observe` was handed to, and start with clean books."""
        self.crm = crm
        self.ledger = Ledger(self.number, self.installation_id, crm.limits)
        self._slots = asyncio.Semaphore(self._context.settings.parallel_requests)
        self._in_flight = 0
        self.circuit = Circuit(
            self._context.clock, self._context.settings, self.installation_id, self._context.emit
        )

    def observe(self, exchange: ExchangeReport) -> None:
        self._context.exchanges.add(self.installation_id, exchange, current_operation_ids())
        is_writing = _is_writing.get()
        self.ledger.count(exchange.at, exchange.records, for_writes=is_writing)
        if is_writing and (made := _made.get()) is not None:
            made[0] += 1
        self._context.emit(
            CrmRequested(
                at=self._context.clock.now(),
                installation=self.installation_id,
                method=exchange.method,
                path=exchange.path,
                status=exchange.status,
                records=exchange.records,
            )
        )

    async def slot(self, *, is_patient: bool) -> Slot:
        """One of the parallel requests, once the circuit lets it through; to be held for a block.

        Without patience the request goes out whatever the circuit says: somebody waits for the CRM's own
        word, as for Ampersand's synchronous writes, and the circuit learns from it.
        """
        if self._slots.locked():
            with self._context.clock.waiting():
                await self._slots.acquire()
        else:
            await self._slots.acquire()
        self._in_flight += 1
        slot = Slot(self._release)
        try:
            if is_patient:
                while not self.circuit.enter():
                    await self.circuit.changed()
            else:
                self.circuit.probe()
        except BaseException:
            slot.release()
            raise
        return slot

    def _release(self) -> None:
        self._in_flight -= 1
        self._slots.release()

    async def write(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[Answer]:
        """One write request (or bulk job), counted as such."""
        token = _is_writing.set(True)
        try:
            return await self.crm.write(object_name, mode, records, method, options)
        finally:
            _is_writing.reset(token)

    def view(self) -> ConnectionView:
        return ConnectionView(
            installation_id=self.installation_id,
            circuit=self.circuit.state,
            failures=self.circuit.failures,
            until=self.circuit.until,
            reason=self.circuit.reason,
            in_flight=self._in_flight,
        )

    def quota(self) -> QuotaView:
        return self.ledger.view(self._context.clock.now())
