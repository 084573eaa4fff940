"""What a test sees of one group's mock CRM."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from mock_crm.core.faults import Firing, Rule
    from mock_crm.core.org import Org

T = TypeVar("T")

OnLoop = Callable[[Callable[[], T]], T]
"""Runs a function on the sandbox's own loop, and returns what it returns."""


class FaultsView:
    """Failures on demand in one mock CRM. Rules strike in the order in which they were added."""

    def __init__(self, org: Org, on_loop: OnLoop[Any]) -> None:
        self._org = org
        self._on_loop = on_loop

    def add(self, kind: str, **conditions: Any) -> Rule:
        """Make chosen requests fail.

        Args:
            kind: latency, error, drop-before, drop-after, rate-limit, expired-token, outage, row-lock,
                record-error or slow-body.
            conditions: Which requests, and how; see `mock_crm.core.faults.Rule`.

        Raises:
            UsageError: There is no such kind or condition, or its value cannot be.
        """
        import msgspec

        from mock_crm.core.faults import Rule

        try:
            # Making a struct does not check its values, converting it to itself does.
            rule = msgspec.convert(msgspec.to_builtins(Rule(kind=kind, **conditions)), Rule)  # type: ignore[arg-type]
            added: Rule = self._on_loop(lambda: self._org.faults.add(rule))
        except (TypeError, ValueError) as error:
            raise UsageError(f"The fault rule cannot be: {error}.") from error
        return added

    def clear(self) -> None:
        """No more faults."""
        self._on_loop(self._org.faults.clear)

    @property
    def fired(self) -> list[Firing]:
        """The faults that struck, oldest first."""
        found: list[Firing] = self._on_loop(lambda: list(self._org.faults.fired))
        return found


class CrmView:
    """One group's mock CRM: its records, read and written directly.

    Object and field names are the CRM's own, in any case; objects may be named in the singular or plural.
    What a rule of the CRM forbids raises `mock_crm.core.org.CrmError`.

    Attributes:
        url: Where any client finds it over HTTP.
        access_token: A token that it always accepts.
        faults: Failures on demand.
    """

    def __init__(self, org: Org, url: str, on_loop: OnLoop[Any]) -> None:
        self._org = org
        self._on_loop = on_loop
        self.url = url
        self.access_token = org.token
        self.faults = FaultsView(org, on_loop)

    def records(self, object_name: str, **matching: Any) -> list[dict[str, Any]]:
        """All records of an object as flat dicts, oldest first; only those with the `matching` values."""
        found: list[dict[str, Any]] = self._on_loop(lambda: self._org.records(object_name))
        return [
            record for record in found if all(record.get(name) == value for name, value in matching.items())
        ]

    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        """One record, None when there is none."""
        found: dict[str, Any] | None = self._on_loop(lambda: self._org.record(object_name, record_id))
        return found

    def create(self, object_name: str, fields: Mapping[str, Any]) -> str:
        """Create one record, as an update needs it, and return its id."""
        [record_id] = self.seed(object_name, [fields])
        return record_id

    def seed(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Create many records, all or none, and return their ids."""
        ids: list[str] = self._on_loop(lambda: self._org.seed(object_name, list(rows)))
        return ids

    def update(self, object_name: str, record_id: str, fields: Mapping[str, Any]) -> None:
        """Change a record behind the sandbox's back."""
        self._on_loop(lambda: self._org.update(object_name, record_id, fields))

    def delete(self, object_name: str, record_id: str) -> None:
        """Delete a record behind the sandbox's back."""
        self._on_loop(lambda: self._org.delete(object_name, record_id))

    def query(self, search: Any) -> list[dict[str, Any]]:
        """The records that a SOQL text or the body of a HubSpot search finds."""
        found: list[dict[str, Any]] = self._on_loop(lambda: self._org.query(search))
        return found

    def history(self, object_name: str, record_id: str) -> list[dict[str, Any]]:
        """The versions of a record, oldest first."""
        found: list[dict[str, Any]] = self._on_loop(lambda: self._org.history(object_name, record_id))
        return found
