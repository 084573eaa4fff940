"""The filter line of the log: what it may hold is offered while it is typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from textual.suggester import Suggester
from textual.widgets import Input

from ampsandbox.tui.text.log_filter import KEYS

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import LogRow

_STATUSES: Final = ("2xx", "4xx", "5xx", ">=400", "202", "422")


class FilterLine(Input):
    """One line, hidden until it is wanted."""

    def __init__(self) -> None:
        self.terms = Terms()
        super().__init__(
            placeholder="words, status:4xx, group:acme, -endpoint:create, ms:>100, marked",
            compact=True,
            id="log-filter",
            suggester=self.terms,
        )


class Terms(Suggester):
    """Completes the term that is being typed: keys first, then the values that the log holds."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._offered: dict[str, None] = dict.fromkeys([f"{key}:" for key in KEYS] + ["marked"])
        self._offered |= dict.fromkeys(f"status:{each}" for each in _STATUSES)

    def learn(self, rows: Iterable[LogRow]) -> None:
        """Offer the names in these rows from now on."""
        for row in rows:
            found = {"method": row.method.lower(), "endpoint": row.endpoint, "group": row.group}
            for key, value in {**found, "provider": row.provider}.items():
                if value and len(self._offered) < 1_000:
                    self._offered[f'{key}:"{value}"' if " " in value else f"{key}:{value}"] = None

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line with its last term completed."""
        term = value.rpartition(" ")[2]
        sign = term[:1] if term[:1] in ("-", "!") else ""
        start = term[len(sign) :]
        if not start:
            return None
        found = next((each for each in self._offered if each.startswith(start) and each != start), None)
        return None if found is None else value + found[len(start) :]
