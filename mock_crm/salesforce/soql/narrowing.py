"""Conditions that the store can check by itself, with an index where the field has one.

A narrowing may let through more than the condition, never less; the evaluator looks at every record again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mock_crm.core.clock import epoch_ms
from mock_crm.salesforce.soql.catalog import EntityField, Narrowing, Storage, Stored
from mock_crm.salesforce.soql.operand import Operand
from mock_crm.salesforce.soql.values import DateRange, Scalar

VALUE_LIMIT = 10_000
"""More values than these are looked for by reading all records."""


def equal(operand: Operand, values: Sequence[Scalar | DateRange]) -> Narrowing | None:
    """The field has one of the values."""
    stored = _stored(operand)
    if stored is None or len(values) > VALUE_LIMIT:
        return None
    if not values:
        return Narrowing("0", ())
    if stored.storage is Storage.MOMENT:
        return either([_moment(stored, value) for value in values])
    if not all(_is_comparable(stored.storage, value) for value in values):
        return None
    return _one_of(stored, values)


def equal_ids(field: EntityField, ids: Sequence[str]) -> Narrowing | None:
    """A reference field has one of the ids."""
    return _one_of(field.stored, ids) if field.stored and ids else None


def _one_of(stored: Stored, values: Sequence[Scalar | DateRange]) -> Narrowing:
    collation = " COLLATE NOCASE" if stored.storage is Storage.TEXT else ""
    keys = (stored.key,) if stored.key else ()
    is_indexed = stored.is_indexed or bool(keys)
    if len(values) == 1:
        return Narrowing(f"{stored.sql} = ?{collation}", tuple(values), keys, is_indexed)
    places = ", ".join("?" * len(values))
    return Narrowing(f"{stored.sql}{collation} IN ({places})", tuple(values), keys, is_indexed)


def ordered(operand: Operand, symbol: str, bound: Scalar) -> Narrowing | None:
    """The field is less or greater than the bound."""
    stored = _stored(operand)
    if stored is None or stored.storage is Storage.TEXT or bound is None:
        return None
    if stored.storage is Storage.MOMENT:
        moment = _epoch_ms(str(bound))
        return Narrowing(f"{stored.sql} {symbol[0]}= ?", (moment,), (), stored.is_indexed)
    return Narrowing(f"{stored.sql} {symbol} ?", (bound,), (), stored.is_indexed)


def together(parts: Sequence[Narrowing | None]) -> Narrowing | None:
    """All of the conditions that are known."""
    known = [part for part in parts if part is not None]
    return _joined(known, " AND ", is_indexed=any(part.is_indexed for part in known)) if known else None


def either(parts: Sequence[Narrowing | None]) -> Narrowing | None:
    """One of the conditions; nothing is known when one of them is unknown."""
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    return _joined(known, " OR ", is_indexed=all(part.is_indexed for part in known))


def _joined(parts: Sequence[Narrowing], word: str, *, is_indexed: bool) -> Narrowing:
    if len(parts) == 1:
        return parts[0]
    return Narrowing(
        "(" + word.join(part.sql for part in parts) + ")",
        tuple(parameter for part in parts for parameter in part.parameters),
        tuple(key for part in parts for key in part.keys),
        is_indexed,
    )


def _stored(operand: Operand) -> Stored | None:
    return operand.field.stored if operand.is_own and operand.field is not None else None


def _is_comparable(storage: Storage, value: Scalar | DateRange) -> bool:
    if storage is Storage.NUMBER:
        return isinstance(value, (int, float))
    # SQLite folds the case of ASCII letters only.
    return isinstance(value, str) and value != "" and value.isascii()


def _moment(stored: Stored, value: Scalar | DateRange) -> Narrowing | None:
    if isinstance(value, DateRange):
        sql = f"({stored.sql} >= ? AND {stored.sql} < ?)"
        edges = (_epoch_ms(value.start), _epoch_ms(value.end))
        return Narrowing(sql, edges, (), stored.is_indexed)
    if value is None:
        return None
    return Narrowing(f"{stored.sql} = ?", (_epoch_ms(str(value)),), (), stored.is_indexed)


def _epoch_ms(text: str) -> int:
    return epoch_ms(datetime.fromisoformat(text))
