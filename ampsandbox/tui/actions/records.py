"""Actions on records of mock orgs: open, edit, delete, bring back, copy, write to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.text.record_text import as_csv, as_json, by_ending, changeable, record_id
from ampsandbox.tui.ui import Record, Where
from ampsandbox.tui.user_files import write_file

_READ_AT_ONCE: Final = 1_000


class RecordActions(ActionPart):
    """What lists of records and pages of one record both offer.

    Attributes:
        deleted: What was deleted last, on whichever page, and can be brought back.
    """

    deleted: tuple[Where, list[str]] | None = None

    def open(self, installation_id: str, object_name: str, key: str) -> None:
        """Show one record with what belongs to it and its history."""
        from ampsandbox.tui.screens.record import RecordPanel

        self.ui.open_page(RecordPanel(installation_id, object_name, key))

    def open_of(self, operation_id: str) -> None:
        """Show the record that an operation wrote or is to update."""
        self.ui.run_worker(self._open_of(operation_id), group="exchange", exclusive=True)

    async def _open_of(self, operation_id: str) -> None:
        try:
            where = await self.ui.backend.operations.record_of(operation_id)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
        else:
            self.open(*where)

    def edit(self, where: Where, record: Record, then: Callable[[], Any], first: str = "") -> None:
        """Change fields of a record, beginning at one; only what was changed is written."""
        self.ui.run_worker(self._edit(where, record, then, first), group="record", exclusive=True)

    async def _edit(self, where: Where, record: Record, then: Callable[[], Any], first: str) -> None:
        from ampsandbox.tui.forms.fields import field_of
        from ampsandbox.tui.screens.record_editor import RecordEditor

        try:
            schema = await self.ui.backend.records.schema(*where)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        key = record_id(record)
        fields = {item.name: field_of(item, item.name) for item in schema.fields if item.is_writable}
        before = {name: value for name, value in changeable(record).items() if name in fields}

        async def save(changed: Mapping[str, Any]) -> None:
            if changed:
                await self.ui.backend.records.update(*where, key, changed)
                self.ui.command(_nothing(), "Record changed", then)

        self.ui.push_screen(RecordEditor(f"{where[1]} {key}", before, fields, save, first))

    def delete(self, where: Where, keys: Sequence[str], then: Callable[[], Any]) -> None:
        """Move records to the recycle bin, after a question."""
        about = f"{where[1]} {', '.join(keys[:5])}" + (
            f" and {len(keys) - 5:,} more" if len(keys) > 5 else ""
        )
        title = "Delete this record?" if len(keys) == 1 else f"Delete {len(keys):,} records?"
        way = self.ui.keyed("{undelete-record} brings " + ("it" if len(keys) == 1 else "them") + " back")
        words = f"Deleted {_count(len(keys))} · {way}"
        about += "\nThe recycle bin keeps what is deleted."

        async def delete() -> None:
            await _each(self.ui.backend.records.delete, where, keys)
            self.deleted = (where, list(keys))

        self.ui.confirm(title, about, lambda: self.ui.command(delete(), words, then))

    def undelete(self, where: Where, keys: Sequence[str], then: Callable[[], Any]) -> None:
        """Bring records back from the recycle bin."""
        work = self.ui.backend.records.undelete
        if self.deleted is not None and self.deleted[0] == where and set(self.deleted[1]) <= set(keys):
            self.deleted = None
        self.ui.command(_each(work, where, keys), f"{_count(len(keys))} brought back", then)

    def copy(
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
                self.ui.copy(makers[label](), label)

        self.ui.pick("Copy what?", list(makers), chosen)

    def export(self, where: Where, total: int, **how: Any) -> None:
        """Write all records that a list goes through to a file."""
        about = f"{_count(total)}. The ending decides: .csv, .json or .jsonl."

        def go(path: str) -> None:
            self.ui.command(self._export(where, path, how), f"Wrote {_count(total)} to {path}")

        self.ui.ask(
            "Write to which file?", about, go, value=f"{where[1]}.csv", check=lambda path: by_ending(path, ())
        )

    def export_rows(self, rows: Sequence[Record], value: str = "rows.csv") -> None:
        """Write rows that are at hand to a file."""
        if not rows:
            self.ui.tell("There are no rows to write.")
            return

        async def write(path: str) -> None:
            write_file(path, by_ending(path, rows))

        about = f"{len(rows):,} rows. The ending decides: .csv, .json or .jsonl."
        self.ui.ask(
            "Write to which file?", about,
            lambda path: self.ui.command(write(path), f"Wrote {len(rows):,} rows to {path}"),
            value=value, check=lambda path: by_ending(path, ()),
        )  # fmt: skip

    async def _export(self, where: Where, path: str, how: Mapping[str, Any]) -> None:
        rows: list[Record] = []
        while True:
            page = await self.ui.backend.records.search(*where, offset=len(rows), limit=_READ_AT_ONCE, **how)
            rows += page.rows
            if not page.rows or len(rows) >= page.total:
                break
        write_file(path, by_ending(path, rows))


async def _nothing() -> None:
    """What was to be done is done."""


async def _each(work: Callable[..., Any], where: Where, keys: Sequence[str]) -> None:
    for key in keys:
        await work(*where, key)


def _count(number: int) -> str:
    return "1 record" if number == 1 else f"{number:,} records"
