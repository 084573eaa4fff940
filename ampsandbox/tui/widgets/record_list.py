"""The list of an object's records: reads the window that is shown, and follows what happens to it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.service.record_views import RecordPage
from ampsandbox.tui.backend.views import InstallationStatus, SchemaView, Snapshot
from ampsandbox.tui.text.record_text import record_id
from ampsandbox.tui.text.sanitize import as_text, plain
from ampsandbox.tui.widgets.pane import Pane
from ampsandbox.tui.widgets.record_changes import Changes, changes_between
from ampsandbox.tui.widgets.record_columns import titled, tone_of, usual_columns, written_fields
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from textual.worker import Worker

    from ampsandbox.tui.forms.target import FormTarget

Record = Mapping[str, Any]

PAGE: Final = 500
_MARKED_S: Final = 4.0
"""For how long what is new stays marked."""

_REST: Final = 4
"""How many times as long as the last reading took the list rests before it follows again."""

_EMPTY_BIN: Final = "The recycle bin is empty. {show-bin} goes back."
_LIVE: Final = (
    "The records of a real org are not read here: look at them in the CRM itself.\n"
    "The log ({focus-log}) shows every request that was sent there; {show-schema} shows the fields; "
    "{choose-group} looks into another installation's mock org."
)
_NONE_YET: Final = (
    "No records here yet.\nSend a write ({show-write}, then {send-write}); a scheduled one arrives when its "
    "batch is flushed. {seed-records} creates records from a file, {choose-object} shows another object."
)
_NOT_INSTALLED: Final = (
    "There is no org yet.\n"
    "Install the integration for a group first ({show-installer}, then {install-group})."
)


class RecordQuery(msgspec.Struct, frozen=True):
    """What the list shows of an org: which object, which of its records, in which order, from where on."""

    object_name: str = ""
    search: str = ""
    sort: str = ""
    descending: bool = False
    archived: bool = False
    start: int = 0


class RecordListView(Pane):
    """Records of one object of one installation's org."""

    def __init__(self) -> None:
        super().__init__(id="records")
        self.installation: InstallationStatus | None = None
        self.target: FormTarget | None = None
        self.schema: SchemaView | None = None
        self.asked = RecordQuery()
        self.page = RecordPage("", (), 0)
        self.names: list[str] = []
        self.marked: dict[str, Record] = {}
        self.changes = Changes()
        self._shown: tuple[str, RecordQuery] | None = None
        self._is_reading = False
        self._following: Worker[None] | None = None
        self._rests_until = 0.0
        self._lands_on = 0
        self._calming: Timer | None = None
        self._usual: dict[str, list[str]] = {}

    def compose(self) -> ComposeResult:
        """A heading with the search line beside it, and the list."""
        with Horizontal(classes="heading-row"):
            yield Static("", id="records-heading", classes="heading", markup=False)
            yield Input(placeholder="/ search", compact=True, id="records-search", classes="search")
        yield Rows(
            [Column("")],
            record_id,
            self._cells,
            id="record-rows",
            empty=self.ui.keyed(_NOT_INSTALLED),
            pinned=2,
        )

    @property
    def rows(self) -> Rows[Record]:
        """The list inside."""
        return self.query_one("#record-rows", Rows)

    @property
    def where(self) -> tuple[str, str] | None:
        """The org and the object, as commands want them; None while there are none."""
        if self.installation is None or self.installation.is_live or not self.asked.object_name:
            return None
        return self.installation.id, self.asked.object_name

    # -- what is shown ---------------------------------------------------------------------------------------

    async def show_target(self, target: FormTarget, schema: SchemaView | None) -> None:
        """Show the records of the endpoint's object in the org of the form's group."""
        installation = self.ui.installation_for(target)
        if (target, installation) != (self.target, self.installation) or schema != self.schema:
            name = schema.object_name if schema else ""
            self.target, self.schema, self.installation = target, schema, installation
            if name != self.asked.object_name or schema is None:
                self._forget()
                self.asked = RecordQuery(name, self.query_one("#records-search", Input).value)
        await self.load()

    def look_at(self, **changed: Any) -> None:
        """Show something else of the org, from its first record on."""
        self.asked = replace(self.asked, **{"start": 0, **changed})
        self.load_soon()

    def look_into(self, installation: InstallationStatus | None, object_name: str) -> None:
        """Show another object, or another org."""
        self.installation = installation
        self._forget()
        self.look_at(object_name=object_name, sort="", descending=False, archived=False)

    def _forget(self) -> None:
        self.marked.clear()
        self.changes = Changes()

    # -- reading ---------------------------------------------------------------------------------------------

    def show(self, snapshot: Snapshot) -> None:
        """Follow the org: read the records again when something in it changed."""
        where = self.where
        is_following = self._following is not None and not self._following.is_finished
        if where is None or self._is_reading or is_following or time.perf_counter() < self._rests_until:
            return
        self._following = self._follow(where[0])

    @work(group="following")
    async def _follow(self, installation_id: str) -> None:
        try:
            stamp = await self.ui.backend.records.stamp(installation_id)
        except AmpSandboxError:
            return  # The next thing that the user does here says it.
        if stamp != self.page.stamp and not self._is_reading:
            await self.load()

    @work(group="records", exclusive=True)
    async def load_soon(self) -> None:
        """Read the window of records in the background, and forget about a reading that goes on."""
        await self.load()

    async def load(self) -> None:
        """Read the window of records that is shown."""
        where, asked = self.where, self.asked
        if where is None:
            self._show_page(RecordPage(asked.object_name, (), 0))
            return
        self._is_reading, started = True, time.perf_counter()
        try:
            page = await self.ui.backend.records.search(
                *where, search=asked.search, sort=asked.sort, descending=asked.descending,
                archived=asked.archived, offset=asked.start, limit=PAGE,
            )  # fmt: skip
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        finally:
            self._is_reading = False
            self._rests_until = time.perf_counter() + _REST * (time.perf_counter() - started)
        if self.is_attached and (where, asked) == (self.where, self.asked):
            self._show_page(page)

    def _show_page(self, page: RecordPage) -> None:
        seen = (self.installation.id if self.installation else "", self.asked)
        if seen == self._shown:
            found = changes_between(self.page.rows, page.rows, is_grown=page.total > self.page.total)
            if found:
                self._mark_changes(found)
        else:
            self.changes = Changes()
        is_new, self._shown, self.page = seen != self._shown, seen, page
        self.rows.say_when_empty(self._words_when_empty())
        self.show_columns()
        self.rows.show(page.rows, force=True)
        if is_new:
            self.rows.action_go(self._lands_on)
            self._lands_on = 0

    def show_columns(self) -> None:
        """Show the chosen columns, or the usual ones."""
        chosen = self.ui.preferences.record_columns.get(self._columns_key)
        self.names = chosen or self._usual_columns()
        columns = titled(self.names, self.page.rows, self.asked.sort, descending=self.asked.descending)
        if columns != self.rows.columns:
            self.rows.set_columns(columns)
        self.show_heading()

    def _usual_columns(self) -> list[str]:
        """The usual ones; those that were there keep their place while the rows change."""
        found = usual_columns(self.page.rows, written_fields(self.target, self.schema))
        before = self._usual.get(self._columns_key, [])
        self._usual[self._columns_key] = [*before, *(name for name in found if name not in before)]
        return self._usual[self._columns_key]

    @property
    def _columns_key(self) -> str:
        provider = self.installation.provider if self.installation else ""
        return f"{provider}/{self.asked.object_name}"

    # -- what is new -----------------------------------------------------------------------------------------

    def _mark_changes(self, found: Changes) -> None:
        self.changes = found
        if self._calming is not None:
            self._calming.stop()
        self._calming = self.set_timer(_MARKED_S, self._calm)

    def _calm(self) -> None:
        self.changes = Changes()
        self.rows.show(self.rows.items, force=True)
        self.show_heading()

    def _cells(self, record: Record) -> list[Cell]:
        key = record_id(record)
        sign: Cell = ("★", "warn") if key in self.marked else (self.changes.sign(key), "warn")
        return [
            sign,
            *(
                (as_text(record.get(name)), "changed" if self.changes.touches(key, name) else tone_of(name))
                for name in self.names
            ),
        ]

    # -- words -----------------------------------------------------------------------------------------------

    def show_heading(self) -> None:
        """Say which records these are, and how many of how many."""
        parts = [self.asked.object_name or "Records", self.installation.group if self.installation else ""]
        parts += ["recycle bin" if self.asked.archived else "", self._count_words(), self.changes.words()]
        parts += [f"{len(self.marked):,} marked" if self.marked else ""]
        self.query_one("#records-heading", Static).update(plain(" · ".join(filter(None, parts)), "bold"))

    def _count_words(self) -> str:
        page = self.page
        if self.where is None:
            return ""
        among = page.among if self.asked.search else page.total
        found = f"{page.total:,} of {among:,}" if page.total != among else f"{among:,}"
        found += " record" if among == 1 else " records"
        if page.total <= len(page.rows):
            return found
        return f"{page.offset + 1:,}–{page.offset + len(page.rows):,} of {found}"

    def _words_when_empty(self) -> str:
        where = self.installation
        if where is None:
            return self.ui.keyed(_NOT_INSTALLED)
        if where.is_live:
            return f"LIVE: {where.org or where.provider}. " + self.ui.keyed(_LIVE)
        if self.asked.search:
            return f"No record holds “{self.asked.search}”.\nesc clears the search."
        return self.ui.keyed(_EMPTY_BIN if self.asked.archived else _NONE_YET)

    # -- search ----------------------------------------------------------------------------------------------

    @on(Input.Changed, "#records-search")
    def search(self, event: Input.Changed) -> None:
        """Search while typing."""
        event.stop()
        if event.value != self.asked.search:
            self.look_at(search=event.value)

    @on(Input.Submitted, "#records-search")
    def leave_search(self, event: Input.Submitted) -> None:
        """Go to the list."""
        event.stop()
        self.rows.focus()

    def key_escape(self) -> None:
        """Take the search away, then the marks, then leave the recycle bin."""
        line = self.query_one("#records-search", Input)
        if line.value or line.has_focus:
            line.value = ""
            self.rows.focus()
        elif self.marked:
            self._forget()
            self.rows.show(self.rows.items, force=True)
            self.show_heading()
        elif self.asked.archived:
            self.look_at(archived=False)

    # -- pages -----------------------------------------------------------------------------------------------

    def action_turn_page(self, by: int) -> None:
        """Show the next or the previous records."""
        start = self.asked.start + by * PAGE
        if 0 <= start < self.page.total:
            self.look_at(start=start)

    def action_go_page(self, page: int) -> None:
        """Show the first or the last records."""
        self.look_at(start=0 if page >= 0 else max(0, self.page.total - 1) // PAGE * PAGE)

    def on_rows_past_end(self, event: Rows.PastEnd) -> None:
        """Go on in the next window; backwards, at the end of the one before."""
        event.stop()
        start = self.asked.start + event.by * PAGE
        if 0 <= start < self.page.total:
            self._lands_on = 0 if event.by > 0 else -1
            self.look_at(start=start)
