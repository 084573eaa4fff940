"""What a test sees of one group's mock CRM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, get_args

import msgspec

from ampsandbox.errors import NotFoundError, UsageError
from ampsandbox.service.installations import installation_view
from ampsandbox.testing.names import one_of
from mock_crm.core.faults import Kind, Rule

if TYPE_CHECKING:
    from ampsandbox.engine.model import Installation
    from ampsandbox.server.runner import Runner
    from ampsandbox.service.record_views import CrmObject, RelatedRecord
    from ampsandbox.service.records import CreatedRow
    from mock_crm.core.faults import Conditions, Firing, Kind, Rule


class FaultsView:
    """Failures on demand in one mock CRM. Rules strike in the order in which they were added."""

    def __init__(self, runner: Runner, installation: Installation) -> None:
        self._runner = runner
        self._faults = runner.service.faults
        self._names = (installation.group, installation.integration)

    def add(self, kind: Kind, **conditions: Unpack[Conditions]) -> Rule:
        """Make chosen requests fail.

        Args:
            kind: latency, error, drop-before, drop-after, rate-limit, expired-token, outage, row-lock,
                record-error or slow-body.
            conditions: Which requests, and how; see `mock_crm.core.faults.Rule`.

        Raises:
            UsageError: There is no such kind or condition, or its value cannot be.
        """
        group, integration = self._names
        try:
            one_of("fault kind", kind, get_args(Kind))
            for name in conditions:
                one_of("condition", name, (each for each in Rule.__struct_fields__ if each != "kind"))
            # Making a struct does not check its values, converting it to itself does.
            rule = msgspec.convert(msgspec.to_builtins(Rule(kind=kind, **conditions), enc_hook=str), Rule)
        except (TypeError, ValueError) as error:
            raise UsageError(f"The fault rule cannot be: {error}.") from error
        return self._runner.run(self._faults.add(group, rule, integration))

    def list(self) -> Sequence[Rule]:
        """The fault rules in force, in the order in which they are tried."""
        return self._runner.run(self._faults.list(*self._names))

    def remove(self, fault_id: str) -> None:
        """Take one rule out of force.

        Raises:
            NotFoundError: There is no such rule.
        """
        group, integration = self._names
        self._runner.run(self._faults.remove(group, fault_id, integration))

    def clear(self) -> None:
        """Remove every fault rule; those that ran out are gone already."""
        self._runner.run(self._faults.clear(*self._names))

    @property
    def fired(self) -> Sequence[Firing]:
        """The faults that struck, oldest first."""
        return self._runner.run(self._faults.fired(*self._names))


class CrmView:
    """One group's mock CRM: its records, read and written directly.

    Object and field names are the CRM's own, in any case; objects may be named in the singular or plural.
    What a rule of the CRM forbids raises `CrmRefusedError`, with the CRM's `code` and `fields`.

    Attributes:
        url: Where any client finds it over HTTP.
        access_token: A token that it always accepts.
        faults: Failures on demand.
    """

    def __init__(self, runner: Runner, installation: Installation) -> None:
        self._runner = runner
        self._records = runner.service.records
        self._group, self._integration = installation.group, installation.integration
        access = installation_view(runner.service.context, installation).crm
        self.url = access.url if access else ""
        self.access_token = access.access_token if access else ""
        self.faults = FaultsView(runner, installation)

    def objects(self) -> Sequence[CrmObject]:
        """The objects of the CRM with the number of their records, those with records first."""
        return self._runner.run(self._records.objects(self._group, self._integration))

    def describe(self, object_name: str) -> dict[str, Any]:
        """The schema of an object, in the CRM's own form."""
        return self._runner.run(self._records.describe(self._group, object_name, self._integration))

    def records(self, object_name: str, **matching: Any) -> list[dict[str, Any]]:
        """All records of an object as flat dicts, oldest first; only those with the `matching` values.

        Raises:
            UsageError: The object has no field of such a name.
        """
        listing = self._records.list(self._group, object_name, self._integration, limit=None)
        found = self._runner.run(listing)
        wanted = self._by_field(object_name, matching)
        return [each for each in found if all(each.get(name) == value for name, value in wanted.items())]

    def _by_field(self, object_name: str, matching: Mapping[str, Any]) -> dict[str, Any]:
        """The values under the CRM's own spelling of their fields."""
        if not matching:
            return {}
        description = self.describe(object_name)
        fields = description.get("fields") or description["properties"]
        known = {name.lower(): name for name in ("id", *(field["name"] for field in fields))}
        for name in matching:
            if name.lower() not in known:
                one_of(f"field of {object_name}", name, known.values())
        return {known[name.lower()]: value for name, value in matching.items()}

    def search(
        self, object_name: str, text: str = "", *, sort: str = "", descending: bool = False, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Records that hold a text, in the order of a field; newest first without one."""
        searching = self._records.search(
            self._group, object_name, text, sort, descending, integration=self._integration, limit=limit
        )
        return list(self._runner.run(searching).rows)

    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        """One record, None when there is none."""
        try:
            return self._runner.run(self._records.get(self._group, object_name, record_id, self._integration))
        except NotFoundError:
            return None

    def related(self, object_name: str, record_id: str) -> Sequence[RelatedRecord]:
        """The records that a record points to, and those that point to it."""
        return self._runner.run(self._records.related(self._group, object_name, record_id, self._integration))

    def create(self, object_name: str, fields: Mapping[str, Any]) -> str:
        """Create one record, as an update needs it, and return its id."""
        [record_id] = self.seed(object_name, [fields])
        return record_id

    def create_each(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> Sequence[CreatedRow]:
        """Create records, each for itself: an id or a refusal for each, in order."""
        creating = self._records.create(self._group, object_name, list(map(dict, rows)), self._integration)
        return self._runner.run(creating)

    def seed(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Create many records, all or none, and return their ids."""
        seeding = self._records.seed(self._group, object_name, list(map(dict, rows)), self._integration)
        return list(self._runner.run(seeding))

    def update(self, object_name: str, record_id: str, fields: Mapping[str, Any]) -> None:
        """Change a record directly, past the write path."""
        self._runner.run(self._records.update(self._group, object_name, record_id, fields, self._integration))

    def delete(self, object_name: str, record_id: str) -> None:
        """Delete a record directly, past the write path."""
        self._runner.run(self._records.delete(self._group, object_name, record_id, self._integration))

    def undelete(self, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin."""
        self._runner.run(self._records.undelete(self._group, object_name, record_id, self._integration))

    def reset(self) -> None:
        """Empty the CRM; what the installation created in its schema stays."""
        self._runner.run(self._records.reset(self._group, self._integration))

    def query(self, search: Any) -> list[dict[str, Any]]:
        """The records that a SOQL text or the body of a HubSpot search finds."""
        return list(self._runner.run(self._records.query(self._group, search, self._integration)).rows)

    def history(self, object_name: str, record_id: str) -> list[dict[str, Any]]:
        """The versions of a record, oldest first: when, its fields, and the operation that wrote it."""
        return list(
            self._runner.run(self._records.history(self._group, object_name, record_id, self._integration))
        )
