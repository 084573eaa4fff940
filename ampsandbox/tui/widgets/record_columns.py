"""Which fields of records are columns, in which order and how wide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len

from ampsandbox.tui.text.record_text import MOMENTS, SYSTEM, is_derived
from ampsandbox.tui.text.sanitize import as_text, line
from ampsandbox.tui.widgets.columns import Column

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import SchemaView
    from ampsandbox.tui.forms.target import FormTarget

Record = Mapping[str, Any]

_SHOWN: Final = 12
_WIDEST: Final = 28
_NAMES: Final = ("name", "firstname", "lastname", "email", "dealname", "subject", "company", "domain")
_SAMPLE: Final = 100


def id_name(rows: Sequence[Record]) -> str:
    """What the id is called: HubSpot's `id`, which mock orgs of Salesforce have beside `Id`."""
    return "id" if rows and "id" in rows[0] else "Id"


def written_fields(target: FormTarget | None, schema: SchemaView | None) -> list[str]:
    """The API names of the custom fields that the manifest's entry writes."""
    if target is None or schema is None:
        return []
    return [schema.names.get(field.name.lower(), field.name) for field in target.item.custom_fields]


def usual_columns(rows: Sequence[Record], written: Iterable[str] = ()) -> list[str]:
    """The columns worth showing: id, names, what the manifest writes, what has values most often, a date."""
    used: dict[str, int] = {}
    for row in rows[:_SAMPLE]:
        for name, value in row.items():
            if value not in (None, "", False) and name.lower() not in SYSTEM:
                used[name] = used.get(name, 0) + 1
    if not used:
        return []
    known = {name.lower(): name for name in used if name.lower() not in (*MOMENTS, "id")}
    names = [known[name] for name in _NAMES if name in known]
    often = sorted(known.values(), key=lambda name: (is_derived(name), -used[name]))
    dates = [name for name in used if name.lower() in MOMENTS][:1]
    chosen = dict.fromkeys([*names, *written, *often])
    return [id_name(rows), *list(chosen)[:_SHOWN], *dates]


def titled(names: Sequence[str], rows: Sequence[Record], sort: str, *, descending: bool) -> list[Column]:
    """The columns of these fields, after a narrow one for marks; an arrow says by which one is sorted."""
    arrow = " ↓" if descending else " ↑"
    titles = [name + (arrow if name == sort else "") for name in names]
    return [
        Column("", 1),
        *(
            Column(title, column_width(title, name, rows), is_numeric(name, rows), is_flexible=True)
            for title, name in zip(titles, names, strict=True)
        ),
    ]


def column_width(title: str, name: str, rows: Sequence[Record]) -> int:
    """How wide a column of these rows should be."""
    longest = max((len(as_text(row.get(name))) for row in rows[:_SAMPLE]), default=0)
    return max(cell_len(line(title)), min(_WIDEST, longest), 4)


def is_numeric(name: str, rows: Sequence[Record]) -> bool:
    """Whether all values are numbers, which are read from the right."""
    values = [row.get(name) for row in rows[:_SAMPLE] if row.get(name) is not None]
    return bool(values) and all(type(value) in (int, float) for value in values)


def tone_of(name: str) -> str:
    """Dates are there to be found, not to be read first."""
    return "muted" if name.lower() in MOMENTS else ""
