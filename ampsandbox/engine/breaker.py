"""When requests to a CRM are held back: the rules of a circuit breaker, which is told the time."""

from __future__ import annotations

from datetime import datetime, timedelta

from ampsandbox.engine.model import CircuitState
from ampsandbox.settings.engine import EngineSettings


class Breaker:
    """Lets requests through while the CRM answers.

    Closed until `breaker_failures` requests in a row fail; then open for a pause, after which one request
    is let through (half open). Its success closes the circuit, its failure doubles the pause.
    A wish of the CRM (`Retry-After`) holds requests back without opening the circuit.

    Attributes:
        failures: How many requests in a row failed.
        failing_since: When the first of them did.
        until: When the pause ends, or ended, of an open circuit.
        wake_at: When it is worth asking again for a request that was held back; may lie in the past.
    """

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._pause_s = settings.breaker_pause_s
        self._rest_until: datetime | None = None
        self.state = CircuitState.CLOSED
        self.failures = 0
        self.failing_since: datetime | None = None
        self.until: datetime | None = None
        self.wake_at: datetime | None = None

    def refuses(self, now: datetime) -> bool:
        """Whether a request that cannot wait is refused."""
        if self.state is CircuitState.OPEN:
            return self.until is not None and now < self.until
        return self.state is CircuitState.HALF_OPEN

    def holds_back(self, now: datetime) -> bool:
        """Whether a request that can wait is to wait."""
        return (self._rest_until is not None and now < self._rest_until) or self.refuses(now)

    def is_undisturbed(self, now: datetime) -> bool:
        """Whether nothing is left of a failure or a wish."""
        return self.state is CircuitState.CLOSED and not self.failures and not self.holds_back(now)

    def probe(self) -> bool:
        """Note that a request goes out: the first one after a pause is the probe, which this tells."""
        if self.state is not CircuitState.OPEN:
            return False
        self.state = CircuitState.HALF_OPEN
        return True

    def succeeded(self) -> bool:
        """The CRM answered, whatever it said; gives whether that closes the circuit."""
        self.failures = 0
        self.failing_since = None
        if self.state is CircuitState.CLOSED:
            return False
        self.state = CircuitState.CLOSED
        self.until = None
        self._pause_s = self._settings.breaker_pause_s
        return True

    def failed(self, now: datetime) -> bool:
        """The CRM could not be reached, or failed as a whole; gives whether that opens the circuit."""
        self.failures += 1
        self.failing_since = self.failing_since or now
        is_probe = self.state is CircuitState.HALF_OPEN
        if is_probe:
            self._pause_s = min(self._pause_s * 2, self._settings.breaker_pause_cap_s)
        is_full = self.state is CircuitState.CLOSED and self.failures >= self._settings.breaker_failures
        if not (is_probe or is_full):
            return False
        self.state = CircuitState.OPEN
        self.until = now + timedelta(seconds=self._pause_s)
        self._wake_not_before(self.until)
        return True

    def rest(self, now: datetime, seconds: float) -> None:
        """Send nothing that can wait for so long, as the CRM asked.

        A longer rest than writes are tried for would hold up those that come next, only to give them up.
        """
        until = now + timedelta(seconds=min(seconds, self._settings.retry_deadline_s))
        if self._rest_until is None or until > self._rest_until:
            self._rest_until = until
            self._wake_not_before(until)

    def abandoned(self) -> bool:
        """A request ended without a word on the CRM; gives whether that frees the probe for another one."""
        if self.state is not CircuitState.HALF_OPEN:
            return False
        self.state = CircuitState.OPEN
        return True

    def _wake_not_before(self, moment: datetime) -> None:
        self.wake_at = max(self.wake_at or moment, moment)
