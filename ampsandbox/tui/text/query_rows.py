"""What a query gives as a flat table: fields of parents with dots, records of subqueries counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

_SAMPLE = 200


def flat(row: Row) -> dict[str, Any]:
    """One row with `Owner.Name` for the fields of a parent; a subquery's records stay one value."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping) and "records" in value:
            found[name] = [flat(child) for child in value["records"]]
        elif isinstance(value, Mapping):
            found |= {f"{name}.{inner}": each for inner, each in flat(value).items()}
        else:
            found[name] = value
    return found


def columns_of(rows: Sequence[Row]) -> list[str]:
    """The fields of flat rows in the order of the query; a parent that some rows lack is not one of them."""
    names = dict.fromkeys(name for row in rows[:_SAMPLE] for name in row)
    parents = {name.rpartition(".")[0] for name in names}
    return [name for name in names if name not in parents]


def cell_text(value: Any) -> Any:
    """What a table shows of a value: how many records where it is a list of them."""
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return "1 record" if len(value) == 1 else f"{len(value):,} records"
    return "" if value == [] else value
