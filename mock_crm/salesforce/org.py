"""A Salesforce org as hosts hold it: plain calls in Python beside HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from mock_crm.core.browsing import Reading, Related
from mock_crm.core.clock import Clock
from mock_crm.core.errors import CrmError
from mock_crm.core.org import Org
from mock_crm.core.settings import OrgSettings
from mock_crm.core.store import Row
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.dml import DmlOptions, RowResult
from mock_crm.salesforce.identity import Identity
from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.middleware import SalesforceMiddleware
from mock_crm.salesforce.model import SObject
from mock_crm.salesforce.records import moment_text
from mock_crm.salesforce.routes import router


class SalesforceOrg(Org):
    """A Salesforce org; see `mock_crm.core.context.OrgContext` for its arguments."""

    provider: ClassVar[str] = "salesforce"

    def __init__(
        self, name: str, random_seed: int | str, clock: Clock, path: Path | None, settings: OrgSettings
    ) -> None:
        self.context = SalesforceContext(name, random_seed, clock, path, settings)
        super().__init__(self.context, router(), SalesforceMiddleware(self.context))
        self.token = self.context.sessions.own_token

    @property
    def identity(self) -> Identity:
        """The organization, its API user and its other first records."""
        return self.context.identity

    def objects(self) -> list[str]:
        """API names of all objects, standard ones first."""
        items = self.context.schema.objects()
        return [i.name for i in items if not i.custom] + [i.name for i in items if i.custom]

    def object_name(self, name: str) -> str:
        """The API name of an object that is named in any case, singular or plural."""
        return self.context.schema.named(name).name

    def describe(self, object_name: str) -> dict[str, Any]:
        """The describe of an object, as over HTTP with relative URLs."""
        # Here and below: a sandbox starts, and takes its first write, without these.
        from mock_crm.salesforce.describe import describe
        from mock_crm.salesforce.versions import NEWEST

        return describe(self.context, self.context.schema.named(object_name), NEWEST)

    def records(
        self, object_name: str, limit: int | None = None, offset: int = 0, archived: bool = False
    ) -> list[dict[str, Any]]:
        """Records as flat dicts, oldest first; `archived` gives those in the recycle bin."""
        sobject = self.context.schema.named(object_name)
        rows = self.store.scan(sobject.name, limit=limit, offset=offset, archived=archived)
        return [_flat(self.context.reader.whole(sobject, row)) for row in rows]

    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        """One record as a flat dict, by its id of 15 or 18 characters."""
        sobject = self.context.schema.named(object_name)
        row = self.store.get(sobject.name, to_18(record_id) or "")
        return _flat(self.context.reader.whole(sobject, row)) if row and not row.archived else None

    def reading(self, object_name: str) -> Reading:
        """How the records of an object are read from the store; formulas are worked out on the way."""
        sobject = self.context.schema.named(object_name)
        return Reading(sobject.name, partial(self._flat_row, sobject), partial(self._value, sobject))

    def _flat_row(self, sobject: SObject, row: Row) -> dict[str, Any]:
        return _flat(self.context.reader.whole(sobject, row))

    def _value(self, sobject: SObject, row: Row, name: str) -> Any:
        field = sobject.field(name)
        if field is not None and field.is_stored:
            return row.document.get(field.name)
        return self.context.reader.whole(sobject, row).get(field.name if field else name)

    def related(self, object_name: str, record_id: str) -> list[Related]:
        """The records that reference fields name, and those whose reference fields name this one."""
        from mock_crm.salesforce.related_records import children, parents

        sobject, key = self.context.schema.named(object_name), to_18(record_id) or ""
        row = self.store.get(sobject.name, key)
        return [*parents(self.context, sobject, row), *children(self.context, sobject, key)] if row else []

    def create(self, object_name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Create a record and return it."""
        sobject = self.context.schema.named(object_name)
        return self._saved(sobject, self.context.dml.insert(sobject, [fields]))

    def update(self, object_name: str, record_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change fields of a record and return it."""
        sobject = self.context.schema.named(object_name)
        return self._saved(sobject, self.context.dml.update(sobject, [(record_id, fields)]))

    def delete(self, object_name: str, record_id: str) -> None:
        """Move a record to the recycle bin."""
        if not record_id.startswith(self.context.schema.named(object_name).prefix):
            raise errors.not_found()
        result = self.context.dml.delete([record_id])[0]
        if result.errors:
            raise result.errors[0]

    def undelete(self, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin, with what was deleted along with it."""
        self.context.dml.undelete(self.context.schema.named(object_name), to_18(record_id) or "")

    def query(self, search: Any) -> list[dict[str, Any]]:
        """The records that a SOQL query finds."""
        from mock_crm.salesforce import soql

        return soql.execute(self.context, str(search)).records

    def ask(self, search: Any, limit: int) -> tuple[list[dict[str, Any]], int]:
        """The first records that a SOQL query finds, and how many it finds."""
        from mock_crm.salesforce import soql

        result = soql.execute(self.context, str(search))
        return result.page(0, limit), result.total_size

    def history(self, object_name: str, record_id: str) -> list[dict[str, Any]]:
        """The versions of a record, oldest first."""
        sobject = self.context.schema.named(object_name)
        versions = self.store.history(sobject.name, to_18(record_id) or "")
        return [
            {"at": moment_text(v.modified), "archived": v.archived, "fields": v.document} for v in versions
        ]

    def seed(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Put many records in, all or none, and return their ids."""
        sobject = self.context.schema.named(object_name)
        results = self.context.dml.insert(sobject, list(rows), DmlOptions(all_or_none=True))
        for position, result in enumerate(results, 1):
            for error in result.errors:
                if error.code != "ALL_OR_NONE_OPERATION_ROLLED_BACK":
                    raise errors.SalesforceError(error.code, f"row {position}: {error.message}", error.fields)
        return [str(result.id) for result in results]

    def create_each(self, object_name: str, rows: Sequence[Mapping[str, Any]]) -> list[str | CrmError]:
        """Create records, each for itself: its id, or the first reason why not."""
        results = self.context.dml.insert(
            self.context.schema.named(object_name), rows, DmlOptions(is_text=True)
        )
        return [result.errors[0] if result.errors else str(result.id) for result in results]

    def seed_tree(self, records: list[Any]) -> list[str]:
        """Put records in the form of `composite/tree` in, of any number and depth."""
        from mock_crm.salesforce.trees import insert_trees

        return insert_trees(self.context, records)

    def count(self, object_name: str) -> int:
        """How many records there are, without those in the recycle bin."""
        return self.store.count(self.context.schema.named(object_name).name)

    def _saved(self, sobject: SObject, results: list[RowResult]) -> dict[str, Any]:
        if results[0].errors:
            raise results[0].errors[0]
        record = self.record(sobject.name, str(results[0].id))
        assert record is not None
        return record


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """The record with a lower-case `id`, as of every provider, and without the compound addresses."""
    flat = {name: value for name, value in record.items() if value.__class__ is not dict}
    return {"id": record["Id"], **flat}
