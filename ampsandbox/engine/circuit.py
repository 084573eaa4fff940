"""The circuit breaker of one connection: a CRM that is down is left alone, then probed with one request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from ampsandbox.clock import Clock, Timer
from ampsandbox.engine.breaker import Breaker
from ampsandbox.engine.model import CircuitState
from ampsandbox.events import CircuitClosed, CircuitHalfOpened, CircuitOpened, Event
from ampsandbox.settings.engine import EngineSettings


class Circuit:
    """A `Breaker` on the clock, with those who wait for it, and its events."""

    def __init__(
        self, clock: Clock, settings: EngineSettings, installation: str, emit: Callable[[Event], None]
    ) -> None:
        self._clock = clock
        self._breaker = Breaker(settings)
        self._installation = installation
        self._emit = emit
        self._waiters: list[asyncio.Future[None]] = []
        self._timer: Timer | None = None
        self.reason = ""

    @property
    def state(self) -> CircuitState:
        """Closed lets requests through, open none, half-open one to try."""
        return self._breaker.state

    @property
    def failures(self) -> int:
        """How many requests in a row failed."""
        return self._breaker.failures

    @property
    def failing_since(self) -> datetime | None:
        """When the first of them did."""
        return self._breaker.failing_since

    @property
    def until(self) -> datetime | None:
        """When the pause of an open circuit ends."""
        return self._breaker.until

    @property
    def refuses(self) -> bool:
        """Whether a request that cannot wait is refused now."""
        return self._breaker.refuses(self._clock.now())

    def enter(self) -> bool:
        """Ask to send a request that can wait; False means to wait for `changed` and ask again."""
        if self._breaker.holds_back(self._clock.now()):
            return False
        self.probe()
        return True

    def probe(self) -> None:
        """Note that a request goes out: the first one after a pause is the probe."""
        if self._breaker.probe():
            self._emit(CircuitHalfOpened(at=self._clock.now(), installation=self._installation))

    async def changed(self) -> None:
        """Wait until it is worth asking again."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(future)
        with self._clock.waiting():
            await future

    def succeeded(self) -> None:
        """The CRM answered, whatever it said."""
        if not self._breaker.succeeded():
            return
        self.reason = ""
        self._emit(CircuitClosed(at=self._clock.now(), installation=self._installation))
        self._wake()

    def failed(self, reason: str) -> None:
        """The CRM could not be reached, or failed as a whole."""
        now = self._clock.now()
        self.reason = reason
        if self._breaker.failed(now) and self.until is not None:
            self._emit(
                CircuitOpened(at=now, installation=self._installation, until=self.until, reason=reason)
            )
            self._arm()

    def rest(self, seconds: float) -> None:
        """Send nothing that can wait for so long, as the CRM asked."""
        self._breaker.rest(self._clock.now(), seconds)
        self._arm()

    def abandoned(self) -> None:
        """A request ended without a word on the CRM; if it was the probe, another one may go."""
        if self._breaker.abandoned():
            self._wake()

    def _arm(self) -> None:
        moment = self._breaker.wake_at
        if moment is None or (self._timer is not None and self._timer.due == moment):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_at(moment, self._wake)

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for future in waiters:
            if not future.done():
                future.set_result(None)
