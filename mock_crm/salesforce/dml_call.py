"""A call of DML: how it is meant, what became of its rows, and the transaction that may undo them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mock_crm.core.faults import Strike
from mock_crm.core.store import Store
from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError


class DmlOptions(msgspec.Struct, frozen=True):
    """How a call is meant.

    Attributes:
        all_or_none: One failed row undoes all of them.
        allow_duplicates: Save in spite of duplicate rules that may be bypassed.
        is_text: Values arrive as text, so a value of the wrong type is the fault of its row and not of the
            whole request; rows then fail with INVALID_TYPE_ON_FIELD_IN_RECORD instead of WrongTypeError.
        is_collection: Rows name their own types; one that does so behind a value of the wrong kind has been
            read by then, and fails alone (recorded by grouparoo, since September 2020).
        columns: Where each value stands in the CSV file that it came in, counted from 0.
        strike: Fault rules for single records.
        first_position: Position of the first row in its request, for `strike`; counted from 1.
    """

    all_or_none: bool = False
    allow_duplicates: bool = False
    is_text: bool = False
    is_collection: bool = False
    columns: Mapping[str, int] | None = None
    strike: Strike | None = None
    first_position: int = 1


class RowResult(msgspec.Struct):
    """What became of one row.

    `id` has 18 characters and is None for a row that was not saved, unless it was one to change or delete
    that was rolled back.
    """

    id: str | None = None
    errors: Sequence[SalesforceError] = ()
    created: bool = False

    @property
    def success(self) -> bool:
        """Whether the row was saved."""
        return not self.errors


class _UndoneError(Exception):
    """Unwinds the store's transaction; never leaves this module."""


class Atomic:
    """A block that is one transaction of the store.

    When `is_strict` and some row of `results` has failed at the end of the block, everything is undone, and
    the rows that had not failed say that they were rolled back. Blocks may be nested.

    Args:
        store: Where the rows are saved.
        results: The results, as far as they are known when the block ends.
        is_strict: Whether one failed row undoes all.
        is_one_statement: As for `Store.transaction`.
    """

    def __init__(
        self,
        store: Store,
        results: Sequence[RowResult],
        *,
        is_strict: bool,
        is_one_statement: bool = False,
    ) -> None:
        self._block = store.transaction(is_one_statement=is_one_statement)
        self._results = results
        self._is_strict = is_strict

    def __enter__(self) -> None:
        self._block.__enter__()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None or not self._is_strict or not any(r.errors for r in self._results):
            self._block.__exit__(kind, error, trace)
            return
        # The block raises it again, which its `__exit__` says by returning False: nothing is raised here.
        self._block.__exit__(_UndoneError, _UndoneError(), None)
        for result in self._results:
            if result.created:
                result.id, result.created = None, False
            result.errors = result.errors or [errors.rolled_back()]
