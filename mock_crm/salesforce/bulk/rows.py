"""The rows of a bulk job: columns checked once, then written in batches through the one way into the org."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from mock_crm.core.faults import Strike
from mock_crm.salesforce.bulk.csv_text import NULL
from mock_crm.salesforce.bulk.refusals import (
    check_entity,
    invalid_batch,
    invalid_job,
    no_such_entity,
    no_such_field,
    no_such_key,
)
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.dml import DmlOptions, RowResult
from mock_crm.salesforce.errors import SalesforceError, id_not_specified, invalid_cross_reference
from mock_crm.salesforce.model import Field, SObject

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
CHUNK = 200
"""Rows that are written together, as in Salesforce."""

Values: TypeAlias = Mapping[str, Any]


class Writer:
    """Writes the rows of one job.

    Args:
        org: Where to.
        sobject: The object.
        operation: One of `OPERATIONS`.
        key: The field that an upsert finds its records by.
        strike: Fault rules for single rows.
        columns: The header of a CSV file.
    """

    def __init__(
        self,
        org: SalesforceContext,
        sobject: SObject,
        operation: str,
        key: Field | None,
        strike: Strike | None,
        columns: Sequence[str] = (),
    ) -> None:
        self._org = org
        self._sobject = sobject
        self._operation = operation
        self._key = key
        self._strike = strike
        self._columns = {name: at for at, name in enumerate(columns)}
        self._written = 0

    def write(self, rows: Sequence[Values]) -> list[RowResult]:
        """Write rows in chunks, in one transaction; each row succeeds or fails by itself."""
        results: list[RowResult] = []
        with self._org.store.transaction(), paused_collector():
            for start in range(0, len(rows), CHUNK):
                results += self.write_chunk(rows[start : start + CHUNK])
        return results

    def write_chunk(self, rows: Sequence[Values]) -> list[RowResult]:
        """Write at most `CHUNK` rows together."""
        dml = self._org.dml
        options = DmlOptions(
            is_text=True,
            columns=self._columns,
            strike=self._strike,
            first_position=self._written + 1,
        )
        self._written += len(rows)
        if self._operation == "insert":
            return dml.insert(self._sobject, rows, options)
        if self._operation == "upsert" and self._key is not None:
            return dml.upsert(self._sobject, self._key, rows, options)
        pairs = [_split_id(row) for row in rows]
        if self._operation == "update":
            return dml.update(self._sobject, pairs, options)
        return self._delete([record_id for record_id, _ in pairs], options)

    def _delete(self, ids: Sequence[str | None], options: DmlOptions) -> list[RowResult]:
        """Delete records of the job's object; ids of other objects are refused."""
        results = [RowResult(errors=self._id_errors(record_id)) for record_id in ids]
        known = [at for at, result in enumerate(results) if not result.errors]
        outcomes = self._org.dml.delete(
            [str(ids[at]) for at in known], options, is_hard=self._operation == "hardDelete"
        )
        for at, outcome in zip(known, outcomes, strict=True):
            results[at] = outcome
        return results

    def _id_errors(self, record_id: str | None) -> list[SalesforceError]:
        if not record_id:
            return [id_not_specified("delete")]
        return [] if record_id.startswith(self._sobject.prefix) else [invalid_cross_reference()]


@contextmanager
def paused_collector() -> Iterator[None]:
    """Keep the garbage collector from looking, in vain, for cycles in thousands of new rows."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _split_id(row: Values) -> tuple[str | None, Values]:
    name = "Id" if "Id" in row else next((key for key in row if key.lower() == "id"), None)
    if name is None:
        return None, row
    return row[name], {key: value for key, value in row.items() if key != name}


def job_object(org: SalesforceContext, name: str) -> SObject:
    """The object that a job names.

    Raises:
        BulkError: There is none, or the Bulk APIs leave it out.
    """
    check_entity(name)
    found = org.schema.find(name)
    if found is None:
        raise no_such_entity(name)
    return found


def job_key(sobject: SObject, operation: str, name: str) -> Field | None:
    """The key field of an upsert; None for other operations.

    Raises:
        BulkError: An upsert names none, or one that is no key.
    """
    if operation not in OPERATIONS:
        raise invalid_job(f"Unsupported operation: {operation}")
    if operation != "upsert":
        return None
    if not name:
        raise invalid_job(
            f"External ID was blank for {sobject.name}. An External ID must be specified for upsert."
        )
    key = sobject.field(name)
    if key is None or not (key.is_key or key.name == "Id"):
        raise no_such_key(name, sobject.name)
    return key


def check_columns(org: SalesforceContext, sobject: SObject, operation: str, names: Sequence[str]) -> None:
    """Make sure that every column is a field, or a key of a parent such as `Account.Ext__c`.

    Raises:
        BulkError: One is neither, or appears twice; or there are others than ids to delete.
    """
    if operation in ("delete", "hardDelete") and any(name.lower() != "id" for name in names):
        raise invalid_batch(f"The '{operation}' batch must contain only ids")
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise invalid_batch(f"Duplicate column name : {name}")
        seen.add(name.lower())
        if sobject.field(name) is None and not _is_parent_key(org, sobject, name):
            raise no_such_field(name)


def _is_parent_key(org: SalesforceContext, sobject: SObject, column: str) -> bool:
    path, _, key = column.partition(".")
    relationship, _, named = path.partition(":")
    field = sobject.relationships.get(relationship.lower())
    if field is None or not key:
        return False
    targets = [org.schema.find(name) for name in ((named,) if named else field.reference_to)]
    return any(target is not None and target.field(key) is not None for target in targets)


def values_of(header: Sequence[str], batch: Iterable[Sequence[str]]) -> list[dict[str, Any]]:
    """Rows of CSV as values: empty cells leave their field alone, `#N/A` sets it to null."""
    rows: list[dict[str, Any]] = []
    for cells in batch:
        # Short rows leave the last columns out. Saying so to zip takes 2 % of a bulk job.
        values: dict[str, Any] = dict(zip(header, cells))  # noqa: B905
        if "" in cells:
            values = {name: cell for name, cell in values.items() if cell}
        if NULL in cells:
            values = {name: None if cell == NULL else cell for name, cell in values.items()}
        rows.append(values)
    return rows
