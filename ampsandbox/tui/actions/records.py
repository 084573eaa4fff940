"""Actions on records of mock orgs: open, edit, delete, bring back, copy, write to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ampsandbox.errors import UsageError
from ampsandbox.tui.base import SandboxBase
from ampsandbox.tui.text.record_text import as_csv, as_json, by_ending, changeable, changes, record_id

Record = Mapping[str, Any]
Where = tuple[str, str]
"""An installation's id and the name of an object in its org."""

_READ_AT_ONCE: Final = 1_000


class RecordActions(SandboxBase):
    """What lists of records and pages of one record both offer.

    Attributes:
        deleted: What was deleted last, on whichever page, and can be brought back.
    """

    deleted: tuple[Where, list[str]] | None = None

    def open_record(self, installation_id: str, object_name: str, key: str) -> None:
        """Show one record with what belongs to it and its history."""
        from ampsandbox.tui.screens.record import RecordPanel

        self.open_page(RecordPanel(installation_id, object_name, key))

    def edit_record(self, where: Where, record: Record, then: Callable[[], Any]) -> None:
        """Change fields of a record; only what was changed is written."""
        from ampsandbox.tui.screens import editor
        from ampsandbox.tui.screens.record_editor import RecordEditor

        before, key = changeable(record), record_id(record)

        async def save(after: dict[str, Any]) -> None:
            if changed := changes(before, after):
                await self.backend.update_record(*where, key, changed)
                self.command(_nothing(), "Record changed", then)

        self.push_screen(RecordEditor(f"{where[1]} {key}", editor.as_json(before), save))

    def delete_records(self, where: Where, keys: Sequence[str], then: Callable[[], Any]) -> None:
        """Move records to the recycle bin, after a question."""
        about = f"{where[1]} {', '.join(keys[:5])}" + (
            f" and {len(keys) - 5:,} more" if len(keys) > 5 else ""
        )
        title = "Delete this record?" if len(keys) == 1 else f"Delete {len(keys):,} records?"
        words = (
            f"Deleted {_count(len(keys))} · u brings it back"
            if len(keys) == 1
            else (f"Deleted {_count(len(keys))} · u brings them back")
        )
        about += "\nThe recycle bin keeps what is deleted."

        async def delete() -> None:
            await _each(self.backend.delete_record, where, keys)
            self.deleted = (where, list(keys))

        self.confirm(title, about, lambda: self.command(delete(), words, then))

    def undelete_records(self, where: Where, keys: Sequence[str], then: Callable[[], Any]) -> None:
        """Bring records back from the recycle bin."""
        work = self.backend.undelete_record
        if self.deleted is not None and self.deleted[0] == where and set(self.deleted[1]) <= set(keys):
            self.deleted = None
        self.command(_each(work, where, keys), f"{_count(len(keys))} brought back", then)

    def copy_records(
        self, records: Sequence[Record], names: Sequence[str], what: str, shown: Sequence[Record] = ()
    ) -> None:
        """Let the user choose in which form to copy records, or all that are shown."""
        makers: dict[str, Callable[[], str]] = {
            f"JSON of {what}": lambda: as_json(records),
            f"CSV of {what}, the columns shown": lambda: as_csv(records, names),
            f"CSV of {what}, all fields": lambda: as_csv(records),
            "the id" if len(records) == 1 else "the ids": lambda: "\n".join(map(record_id, records)),
        }
        if len(shown) > len(records):
            makers[f"JSON of the {len(shown):,} shown"] = lambda: as_json(shown)
            makers[f"CSV of the {len(shown):,} shown"] = lambda: as_csv(shown, names)

        def chosen(label: str | None) -> None:
            if label is not None:
                self.copy_to_clipboard(makers[label]())
                self.say(f"✓ Copied {label}", "$text-success")

        self.pick("Copy what?", list(makers), chosen)

    def export_records(self, where: Where, total: int, **how: Any) -> None:
        """Write all records that a list goes through to a file."""
        about = f"{_count(total)}. The ending decides: .csv, .json or .jsonl."

        def go(path: str) -> None:
            self.command(self._export(where, path, how), f"Wrote {_count(total)} to {path}")

        self.ask(
            "Write to which file?", about, go, value=f"{where[1]}.csv", check=lambda path: by_ending(path, ())
        )

    def export_rows(self, rows: Sequence[Record], value: str = "rows.csv") -> None:
        """Write rows that are at hand to a file."""
        if not rows:
            self.tell("There are no rows to write.")
            return

        async def write(path: str) -> None:
            _write(path, rows)

        about = f"{len(rows):,} rows. The ending decides: .csv, .json or .jsonl."
        self.ask(
            "Write to which file?", about,
            lambda path: self.command(write(path), f"Wrote {len(rows):,} rows to {path}"),
            value=value, check=lambda path: by_ending(path, ()),
        )  # fmt: skip

    async def _export(self, where: Where, path: str, how: Mapping[str, Any]) -> None:
        rows: list[Record] = []
        while True:
            page = await self.backend.records(*where, offset=len(rows), limit=_READ_AT_ONCE, **how)
            rows += page.rows
            if not page.rows or len(rows) >= page.total:
                break
        _write(path, rows)


def _write(path: str, rows: Sequence[Record]) -> None:
    try:
        Path(path).expanduser().write_text(by_ending(path, rows), encoding="utf-8", newline="")
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot write {path}: {error}.") from error


async def _nothing() -> None:
    """What was to be done is done."""


async def _each(work: Callable[..., Any], where: Where, keys: Sequence[str]) -> None:
    for key in keys:
        await work(*where, key)


def _count(number: int) -> str:
    return "1 record" if number == 1 else f"{number:,} records"
