"""Inserting, updating, upserting and deleting records under Salesforce's rules: the one way into the store.

REST, composite, Bulk, SOAP and the Python side all come through here, each with its own rendering of the
results. Rows are mappings from API names, in any case, to values as they came (JSON values, or text when
`DmlOptions.is_text`); `attributes` is ignored; a relationship name with a mapping refers by external id.
Every call gives one result for each row, in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_crm.core.faults import Rule
from mock_crm.salesforce import errors
from mock_crm.salesforce.deletion import Deletion
from mock_crm.salesforce.dml_call import Atomic, DmlOptions, RowResult
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.model import Field, SObject
from mock_crm.salesforce.references import find_targets
from mock_crm.salesforce.standard_objects.operations import NOT_CREATED, NOT_UPDATED
from mock_crm.salesforce.state import OrgState
from mock_crm.salesforce.validation import Pending, RowValidator, Validation

Values = Mapping[str, Any]

_CHANGES_SCHEMA = frozenset({"FieldPermissions", "PermissionSetAssignment", "RecordType"})


_DEFAULT = DmlOptions()


class Dml:
    """Writes into one state.

    Args:
        state: Whose schema, rules, ids and store apply.
    """

    def __init__(self, state: OrgState) -> None:
        self._state = state
        self._prepare = Validation(state)
        self._delete = Deletion(state)

    def insert(
        self, sobject: SObject, rows: Sequence[Values], options: DmlOptions = _DEFAULT
    ) -> list[RowResult]:
        """Create records.

        Raises:
            WrongTypeError: A value is of the wrong kind, and `is_text` is off; nothing is saved.
        """
        if sobject.name in NOT_CREATED:
            return [RowResult(errors=[errors.not_supported(sobject.label, "create")]) for _ in rows]
        results: list[RowResult] = []
        batch = self._prepare.batch(sobject, options)
        is_one_statement = len(rows) == 1 and not batch.is_followed
        with Atomic(
            self._state.store, results, is_strict=options.all_or_none, is_one_statement=is_one_statement
        ):
            pending: list[Pending] = []
            for at, row in enumerate(rows):
                prepared = self._struck(options, at, "") or batch.new(row)
                if isinstance(prepared, Pending):
                    pending.append(prepared)
                    results.append(RowResult(prepared.id, created=True))
                else:
                    results.append(RowResult(errors=prepared))
            if pending:
                self._state.store.insert_many(sobject.name, pending, self._state.now_ms())
                self._saved(sobject, batch)
        return results

    def update(
        self,
        sobject: SObject,
        rows: Sequence[tuple[str | None, Values]],
        options: DmlOptions = _DEFAULT,
    ) -> list[RowResult]:
        """Change records given as (id, values) pairs.

        Raises:
            WrongTypeError: As for `insert`.
        """
        if sobject.name in NOT_UPDATED:
            return [RowResult(errors=[errors.not_supported(sobject.label, "update")]) for _ in rows]
        results: list[RowResult] = []
        with Atomic(self._state.store, results, is_strict=options.all_or_none):
            batch = self._prepare.batch(sobject, options)
            changed: list[Pending] = []
            for at, (given, values) in enumerate(rows):
                prepared = self._struck(options, at, given or "") or batch.change(given, values)
                if isinstance(prepared, Pending):
                    changed.append(prepared)
                    results.append(RowResult(prepared.id))
                else:
                    results.append(RowResult(errors=prepared))
            self._state.store.update_many(sobject.name, changed, self._state.now_ms())
            self._saved(sobject, batch)
        return results

    def upsert(
        self, sobject: SObject, key: Field, rows: Sequence[Values], options: DmlOptions = _DEFAULT
    ) -> list[RowResult]:
        """Update the records that the key field names, and create the others.

        The key is `Id`, an external id or an idLookup field; its value stands in the row.

        Raises:
            WrongTypeError: As for `insert`.
        """
        results = [RowResult() for _ in rows]
        with Atomic(self._state.store, results, is_strict=options.all_or_none):
            plain = DmlOptions(
                allow_duplicates=options.allow_duplicates,
                is_text=options.is_text,
                is_collection=options.is_collection,
                columns=options.columns,
            )
            new: list[int] = []
            known: list[tuple[int, str]] = []
            for at, target in enumerate(find_targets(self._state, sobject, key, rows)):
                if isinstance(target, SalesforceError):
                    results[at].errors = [target]
                elif struck := self._struck(options, at, target or ""):
                    results[at].errors = struck
                elif target is None:
                    new.append(at)
                else:
                    known.append((at, target))
            inserted = self.insert(sobject, [without_id(rows[at]) for at in new], plain)
            updated = self.update(sobject, [(target, without_id(rows[at])) for at, target in known], plain)
            for at, result in zip(new, inserted, strict=True):
                results[at] = result
            for (at, _), result in zip(known, updated, strict=True):
                results[at] = result
        return results

    def undelete(self, sobject: SObject, record_id: str) -> None:
        """Bring a record back from the recycle bin, with what hangs on it.

        Raises:
            SalesforceError: It is not there.
        """
        self._delete.undelete(sobject, record_id)

    def delete(
        self, ids: Sequence[str], options: DmlOptions = _DEFAULT, *, is_hard: bool = False
    ) -> list[RowResult]:
        """Move records of any objects to the recycle bin, with what hangs on them; `is_hard` erases them."""
        results = [RowResult() for _ in ids]
        with Atomic(self._state.store, results, is_strict=options.all_or_none):
            for at, given in enumerate(ids):
                if struck := self._struck(options, at, given):
                    results[at].errors = struck
                    continue
                try:
                    results[at].id = self._delete.delete(given, is_hard=is_hard)
                except SalesforceError as error:
                    results[at].errors = [error]
        return results

    # -- inside ----------------------------------------------------------------------------------------------

    def _saved(self, sobject: SObject, batch: RowValidator) -> None:
        batch.follow()
        if sobject.name in _CHANGES_SCHEMA:
            self._state.schema.forget_permissions()

    def _struck(self, options: DmlOptions, at: int, record_id: str) -> list[SalesforceError]:
        """What a fault rule says of the row at this place of the call; nothing when none strikes it."""
        rule = options.strike.for_record(at + options.first_position) if options.strike else None
        return [] if rule is None else [struck_error(rule, record_id)]


def struck_error(rule: Rule, record_id: str) -> SalesforceError:
    """The refusal that a fault rule asks for."""
    if rule.kind == "row-lock" and not rule.code:
        return errors.row_locked(record_id)
    return errors.usual(rule.code, rule.message, rule.status)


def ids_of(rows: Iterable[Values]) -> list[str | None]:
    """The `Id` of each row as text, in any case of the key; None where there is none."""
    return [_id_of(row) for row in rows]


def _id_of(row: Values) -> str | None:
    given = next((row[key] for key in row if key.lower() == "id"), None)
    return None if given is None or given == "" else str(given)


def without_id(row: Values) -> Values:
    return {key: value for key, value in row.items() if key != "Id" and key.lower() != "id"}


__all__ = ["Dml", "DmlOptions", "RowResult", "ids_of", "struck_error", "without_id"]
