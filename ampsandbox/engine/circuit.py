"""The circuit breaker of one connection: a CRM that is down is left alone, then probed with one request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from ampsandbox.clock import Clock, Timer
from ampsandbox.engine.model import CircuitState
from ampsandbox.events import CircuitClosed, CircuitHalfOpened, CircuitOpened, Event
from ampsandbox.settings.engine import EngineSettings


class Circuit:
    """Lets requests through while the CRM answers.

    Closed until `breaker_failures` requests in a row fail; then open for a pause, after which one request
    is let through (half open). Its success closes the circuit, its failure doubles the pause.
    A wish of the CRM (`Retry-After`) holds requests back without opening the circuit.
    """

    def __init__(
        self, clock: Clock, settings: EngineSettings, installation: str, emit: Callable[[Event], None]
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._installation = installation
        self._emit = emit
        self._pause_s = settings.breaker_pause_s
        self._waiters: list[asyncio.Future[None]] = []
        self._timer: Timer | None = None
        self._rest_until: datetime | None = None
        self.state = CircuitState.CLOSED
        self.failures = 0
        self.failing_since: datetime | None = None
        self.until: datetime | None = None
        self.reason = ""

    @property
    def refuses(self) -> bool:
        """Whether a request that cannot wait is refused now."""
        if self.state is CircuitState.OPEN:
            return self.until is not None and self._clock.now() < self.until
        return self.state is CircuitState.HALF_OPEN

    def enter(self) -> bool:
        """Ask to send a request that can wait; False means to wait for `changed` and ask again."""
        if self._rest_until is not None and self._clock.now() < self._rest_until:
            return False
        if self.refuses:
            return False
        self.probe()
        return True

    def probe(self) -> None:
        """Note that a request goes out: the first one after a pause is the probe."""
        if self.state is CircuitState.OPEN:
            self.state = CircuitState.HALF_OPEN
            self._emit(CircuitHalfOpened(at=self._clock.now(), installation=self._installation))

    async def changed(self) -> None:
        """Wait until it is worth asking again."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(future)
        with self._clock.waiting():
            await future

    def succeeded(self) -> None:
        """The CRM answered, whatever it said."""
        self.failures = 0
        self.failing_since = None
        if self.state is CircuitState.CLOSED:
            return
        self.state = CircuitState.CLOSED
        self.until = None
        self.reason = ""
        self._pause_s = self._settings.breaker_pause_s
        self._emit(CircuitClosed(at=self._clock.now(), installation=self._installation))
        self._wake()

    def failed(self, reason: str) -> None:
        """The CRM could not be reached, or failed as a whole."""
        now = self._clock.now()
        self.failures += 1
        self.failing_since = self.failing_since or now
        self.reason = reason
        is_probe = self.state is CircuitState.HALF_OPEN
        if is_probe:
            self._pause_s = min(self._pause_s * 2, self._settings.breaker_pause_cap_s)
        if is_probe or (
            self.state is CircuitState.CLOSED and self.failures >= self._settings.breaker_failures
        ):
            self.state = CircuitState.OPEN
            self.until = now + timedelta(seconds=self._pause_s)
            self._emit(
                CircuitOpened(at=now, installation=self._installation, until=self.until, reason=reason)
            )
            self._wake_at(self.until)

    def rest(self, seconds: float) -> None:
        """Send nothing that can wait for so long, as the CRM asked.

        A longer rest than writes are tried for would hold up those that come next, only to give them up.
        """
        until = self._clock.now() + timedelta(seconds=min(seconds, self._settings.retry_deadline_s))
        if self._rest_until is None or until > self._rest_until:
            self._rest_until = until
            self._wake_at(until)

    def abandoned(self) -> None:
        """A request ended without a word on the CRM; if it was the probe, another one may go."""
        if self.state is CircuitState.HALF_OPEN:
            self.state = CircuitState.OPEN
            self._wake()

    def _wake_at(self, moment: datetime) -> None:
        if self._timer is not None and self._timer.callback is not None and self._timer.due > moment:
            moment = self._timer.due
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_at(moment, self._wake)

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for future in waiters:
            if not future.done():
                future.set_result(None)
