"""The Records tab: what can be done with the records of a mock org."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from textual.binding import BindingType

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.backend.views import InstallationStatus
from ampsandbox.tui.screens.columns import ColumnsDialog
from ampsandbox.tui.screens.value import ValueDialog
from ampsandbox.tui.text.record_text import record_id
from ampsandbox.tui.widgets.record_list import RecordListView
from ampsandbox.tui.widgets.rows import Rows

Record = Mapping[str, Any]

_NO_ORG: Final = "There is no mock org here. Install the integration for a group first (2, then i)."


class RecordsPane(RecordListView):
    """Records of one object of one installation's org, and what can be done with them."""

    HELP = (
        "What is in the mock CRM org: the records of the object that the endpoint writes to, newest first, "
        "all of them, 500 at a time. The list follows the org: + marks a new record, ~ a changed one. "
        "{search-records} searches all values, enter shows a record with its lookups and its history, "
        "{choose-object} chooses another object, {choose-group} another org. h and l go through the columns, "
        "{next-records} and {previous-records} through the pages. {mark-record} marks records, to copy "
        "({copy-records}) or delete ({delete-record}) them; {undelete-record} brings back what was deleted, "
        "{show-bin} shows the recycle bin."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("records")]

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show a record in full."""
        event.stop()
        if self.where is not None and not self.asked.archived:
            self.ui.records.open(*self.where, record_id(event.item))
        elif self.asked.archived:
            self.ui.push_screen(ValueDialog(f"{self.asked.object_name} {record_id(event.item)}", event.item))

    # -- what to look at -------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Go to the search line."""
        self.screen.set_focus(self.query_one("#records-search"))  # at once: letters may follow quickly

    def action_choose_object(self) -> None:
        """Choose another object of the org."""
        if self.installation is not None and not self.installation.is_live:
            self.ui.run_worker(self._choose_object(self.installation), group="record", exclusive=True)
        else:
            self.ui.tell(_NO_ORG)

    async def _choose_object(self, installation: InstallationStatus) -> None:
        try:
            found = await self.ui.backend.records.objects(installation.id)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        names = {
            item.name
            + (f"  ({item.count:,})" if item.count else "")
            + ("  ◆" if item.is_custom else ""): item.name
            for item in found
        }

        def chosen(label: str | None) -> None:
            if label is not None:
                self.look_into(installation, names[label])

        self.ui.pick("Which object?", list(names), chosen)

    def action_choose_group(self) -> None:
        """Look into another installation's org."""
        found = {
            f"{item.group} · {item.integration}": item
            for item in self.ui.state.installations
            if not item.is_live
        }

        def chosen(label: str | None) -> None:
            if label is None:
                return
            same = self.installation is not None and found[label].integration == self.installation.integration
            self.look_into(found[label], self.asked.object_name if same else "")
            if not same:
                self.action_choose_object()

        if found:
            self.ui.pick("Whose org?", list(found), chosen)
        else:
            self.ui.tell(_NO_ORG)

    def action_sort(self) -> None:
        """Choose the field to sort by; the same one again turns the order."""

        def chosen(name: str | None) -> None:
            if name is not None:
                self.sort_by("" if name == "newest first" else name)

        self.ui.pick("Sort all records by", [*self.names, "newest first", *self._other_fields()], chosen)

    def sort_by(self, name: str) -> None:
        """Sort by a field; by the same one again the other way round, a third time not at all."""
        is_same = name == self.asked.sort
        if is_same and self.asked.descending:
            self.look_at(sort="", descending=False)
        else:
            self.look_at(sort=name, descending=is_same and bool(name))

    def on_rows_header_picked(self, event: Rows.HeaderPicked) -> None:
        """Sort by the column whose title was clicked."""
        event.stop()
        if event.column:
            self.sort_by(self.names[event.column - 1])

    def action_choose_columns(self) -> None:
        """Choose which fields are columns."""

        def chosen(names: list[str] | None) -> None:
            if names is not None:
                self.ui.preferences.record_columns[self._columns_key] = names
                self.show_columns()
                self.rows.show(self.rows.items, force=True)

        self.ui.push_screen(ColumnsDialog(self.names, self._other_fields()), chosen)

    def _other_fields(self) -> list[str]:
        """The fields of the object that are not columns."""
        schema = self.schema if self.schema and self.schema.object_name == self.asked.object_name else None
        known = [field.name for field in schema.fields] if schema else []
        found = dict.fromkeys([*known, *(name for row in self.page.rows[:100] for name in row)])
        shown = {"attributes", *(name.lower() for name in self.names)}
        return [name for name in found if name.lower() not in shown]

    def action_show_bin(self) -> None:
        """Show the deleted records, or the others again."""
        self.marked.clear()
        self.look_at(archived=not self.asked.archived)

    # -- what to do with them --------------------------------------------------------------------------------

    def _chosen(self) -> list[Record]:
        """The marked records, or the one under the cursor."""
        selected = self.rows.selected
        return list(self.marked.values()) or ([selected] if selected is not None else [])

    def action_mark(self) -> None:
        """Mark the record under the cursor, or take the mark away, and go on to the next one."""
        if (record := self.rows.selected) is not None:
            key = record_id(record)
            if self.marked.pop(key, None) is None:
                self.marked[key] = record
            self.rows.show(self.rows.items, force=True)
            self.rows.action_move(1)
            self.show_heading()

    def action_edit(self) -> None:
        """Change fields of the record under the cursor."""
        if self.where is not None and self.rows.selected is not None and not self.asked.archived:
            self.ui.records.edit(self.where, self.rows.selected, self.load)

    def action_delete(self) -> None:
        """Delete the marked records, or the one under the cursor."""
        where, keys = self.where, [record_id(record) for record in self._chosen()]
        if where is None or not keys or self.asked.archived:
            return

        async def then() -> None:
            self.marked.clear()
            await self.load()

        self.ui.records.delete(where, keys, then)

    def action_undelete(self) -> None:
        """Bring back what was deleted last, or in the recycle bin what was chosen."""
        if self.asked.archived and self.where is not None and self._chosen():
            self._undelete(self.where, [record_id(record) for record in self._chosen()])
        elif self.ui.records.deleted is not None:
            self._undelete(*self.ui.records.deleted)
        else:
            self.ui.tell("Nothing was deleted here. t shows the recycle bin.")

    def _undelete(self, where: tuple[str, str], keys: Sequence[str]) -> None:
        self.marked.clear()
        self.ui.records.undelete(where, keys, self.load)

    def action_copy(self) -> None:
        """Copy the marked records, or the one under the cursor, or those shown."""
        chosen = self._chosen()
        if not chosen:
            self.ui.tell("There are no records to copy.")
            return
        what = f"the {len(chosen):,} marked" if self.marked else "this record"
        self.ui.records.copy(chosen, self.names, what, self.page.rows)

    def action_export(self) -> None:
        """Write all records that the list goes through to a file."""
        if self.where is not None:
            asked = self.asked
            self.ui.records.export(
                self.where, self.page.total, search=asked.search, sort=asked.sort,
                descending=asked.descending, archived=asked.archived,
            )  # fmt: skip

    # -- the org ---------------------------------------------------------------------------------------------

    def action_query(self) -> None:
        """Run a query of the CRM's own language."""
        from ampsandbox.tui.screens.query import QueryPanel  # its editor takes 25 ms of the tab's 35

        if self.installation is None or self.installation.is_live:
            self.ui.tell(_NO_ORG)
            return
        self.ui.open_page(QueryPanel(self.installation, self.asked.object_name, self.names))

    def action_seed(self) -> None:
        """Create records from a file."""
        from ampsandbox.tui.screens.seeding import SeedPanel

        if self.where is None or self.installation is None:
            self.ui.tell(_NO_ORG)
            return
        self.ui.open_page(SeedPanel(self.installation, self.asked.object_name))

    def action_save_snapshot(self) -> None:
        """Write the whole state to a file."""
        self.ui.sandbox.action_save_snapshot()

    def action_restore_snapshot(self) -> None:
        """Go back to a saved state."""
        self.ui.sandbox.action_restore_snapshot()

    def action_reset_org(self) -> None:
        """Empty this org, after a question."""
        where = self.installation
        if where is None or where.is_live:
            self.ui.tell(_NO_ORG)
            return
        about = (
            f"All records of {where.org or where.integration} for {where.group} are gone for good. Its "
            "custom objects and fields stay, and so do the operations and what waits in batches. w saves a "
            "snapshot first."
        )
        work = self.ui.backend.records.reset
        self.ui.confirm(
            "Empty this org?", about, lambda: self.ui.command(work(where.id), "Org emptied", self.load)
        )
