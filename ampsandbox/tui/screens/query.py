"""Ask a mock CRM in its own language: the query above, what it found below."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.forms.completion import NOTHING, Completion, complete_search, complete_soql
from ampsandbox.tui.forms.query_examples import examples
from ampsandbox.tui.screens.value import ValueDialog
from ampsandbox.tui.text.highlight import Language
from ampsandbox.tui.text.query_rows import columns_of, flat
from ampsandbox.tui.text.record_text import record_id
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.query_editor import CompletionList, QueryEditor
from ampsandbox.tui.widgets.query_table import QueryTable
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from ampsandbox.service.record_views import QueryResult
    from ampsandbox.tui.backend.views import InstallationStatus, SchemaView

LIMIT: Final = 5_000
_PLACE = re.compile(r"Row:(\d+):Column:(\d+)")


_WAYS: Final = "{run-query} runs the query · {query-examples} examples · {query-history} before"


class QueryPanel(Panel):
    """An editor with the queries of before, and a table of its own for the rows."""

    TITLE = "Query"
    HELP = (
        "SOQL on Salesforce, such as SELECT Id, Name FROM Account; the JSON body of a CRM search on "
        "HubSpot. {run-query} runs it; what is wrong with it is said with its place. While you type, the "
        "names that fit are offered: tab or enter takes one, ↓ and ↑ choose, esc hides them; "
        "{complete-query} offers them anywhere. A dot after a relationship goes on to its object. "
        "{query-examples} offers examples, {query-history} the queries of before, which are remembered; "
        "{previous-query} and {next-query} go through them. tab goes to the rows: {search-rows} searches "
        "them, {sort-rows} or a click on a title sorts, enter shows one in full, {copy-rows} copies, "
        "{export-rows} writes them to a file."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        replace(binding, priority=True) if binding.id == "run-query" else binding
        for binding in bindings("query")
    ]

    def __init__(self, installation: InstallationStatus, object_name: str, fields: Sequence[str]) -> None:
        super().__init__(id="query")
        self.installation = installation
        self.object_name = object_name
        self.examples = examples(installation.provider, object_name, fields)
        self._place = 0
        self._objects: list[str] = []
        self._schemas: dict[str, SchemaView | None] = {}

    @property
    def subject(self) -> object:
        """One page for each object."""
        return (self.installation.id, self.object_name)

    def compose(self) -> ComposeResult:
        """Query, result line with the search line beside it, rows."""
        code: Language = "json" if self.installation.provider == "hubspot" else "soql"
        offered = CompletionList()
        yield QueryEditor(next(iter(self.examples.values())), code, self._complete, offered)
        yield offered
        with Horizontal(classes="heading-row"):
            yield Static(
                plain(self.ui.keyed(_WAYS), "$muted"),
                id="query-result",
                markup=False,
            )
            yield Input(placeholder="/ search rows", compact=True, id="query-search", classes="search")
        yield QueryTable()

    def on_mount(self) -> None:
        """Start in the query."""
        where = self.installation
        self.border_title = plain(f"Query · {where.org or where.integration} · {where.group}", limit=80)
        self.editor.focus()

    @property
    def editor(self) -> QueryEditor:
        """The query."""
        return self.query_one(QueryEditor)

    @property
    def table(self) -> QueryTable:
        """The rows."""
        return self.query_one(QueryTable)

    def _say(self, text: str, style: str) -> None:
        self.query_one("#query-result", Static).update(plain(text, style, 1_000))

    # -- completing ---------------------------------------------------------------------------------------

    def action_complete(self) -> None:
        """Offer what may stand at the cursor."""
        self.editor.focus()
        self.editor.offer()

    def on_completion_list_picked(self, event: CompletionList.Picked) -> None:
        """Take what was clicked."""
        event.stop()
        self.editor.take(event.suggestion)

    async def _complete(self, text: str, at: int) -> Completion:
        way = complete_search if self.installation.provider == "hubspot" else complete_soql
        try:
            if not self._objects:
                found = await self.ui.backend.records.objects(self.installation.id)
                self._objects = [each.name for each in found]
            return await way(text, at, self._objects, self._describe)
        except AmpSandboxError:
            return NOTHING  # Running the query says what is wrong with the org.

    async def _describe(self, name: str) -> SchemaView | None:
        key = name.lower()
        if key not in self._schemas:
            known = next((each for each in self._objects if each.lower() == key), None)
            self._schemas[key] = (
                await self.ui.backend.records.schema(self.installation.id, known) if known else None
            )
        return self._schemas[key]

    # -- running ------------------------------------------------------------------------------------------

    def action_run(self) -> None:
        """Run the query."""
        self._say("running…", "$muted")
        self.run_worker(self._run(self.editor.text), group="query", exclusive=True)

    async def _run(self, text: str) -> None:
        try:
            found = await self.ui.backend.records.query(self.installation.id, text, LIMIT)
        except AmpSandboxError as error:
            self._show_problem(error)
            return
        self._remember(text)
        self.query_one("#query-search", Input).value = ""
        rows = [flat(row) for row in found.rows]
        self.table.take(rows, columns_of(rows))
        self._say_found(found)

    def _say_found(self, found: QueryResult) -> None:
        count = f"✓ {found.total:,} row{'' if found.total == 1 else 's'}"
        if found.total and not found.rows:
            count = f"✓ {found.total:,} counted"
        elif len(found.rows) < found.total:
            count += f", the first {len(found.rows):,} of them below: narrow the query for others"
        self._say(count, "$text-success")

    def _show_problem(self, error: AmpSandboxError) -> None:
        """Say what is wrong, and put the cursor there."""
        place = _PLACE.search(error.message)
        said = error.message
        if place is not None:
            code, text = error.message.partition(":")[0], error.message[place.end() :]
            said = f"{code} in line {place[1]}, column {place[2]}: {text.strip() or error.message}"
            self.editor.go_to(int(place[1]), int(place[2]))
        self._say(f"✗ {' '.join(said.split())} {error.hint}", "$text-error")
        self.editor.focus()

    # -- queries of before --------------------------------------------------------------------------------

    @property
    def _known(self) -> list[str]:
        return self.ui.preferences.queries.setdefault(self.installation.provider, [])

    def _remember(self, text: str) -> None:
        known = self._known
        if text in known:
            known.remove(text)
        known.append(text)
        self._place = 0

    def action_step(self, by: int) -> None:
        """Put the query before, or the one after it, into the editor."""
        known = self._known
        place = self._place + by
        if -len(known) <= place <= -1:
            self._place = place
            self.editor.load_text(known[place])

    def action_history(self) -> None:
        """Choose one of the queries of before."""
        self._offer("Queries of before", {text: text for text in reversed(self._known)})

    def action_examples(self) -> None:
        """Choose a query to start from."""
        self._offer("Examples", self.examples)

    def _offer(self, title: str, texts: Mapping[str, str]) -> None:
        def chosen(label: str | None) -> None:
            if label is not None:
                self.editor.load_text(texts[label])
                self.editor.focus()

        if texts:
            self.ui.pick(title, list(texts), chosen)
        else:
            self.ui.tell(self.ui.keyed("No query was run yet. {query-examples} offers examples."))

    # -- rows ---------------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search the rows while typing."""
        event.stop()
        self.table.search(event.value)
        if event.value:
            self._say(f"{len(self.table.found):,} of {len(self.table.all):,} rows", "$muted")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the rows."""
        event.stop()
        self.table.focus()

    def action_search(self) -> None:
        """Go to the search line."""
        self.screen.set_focus(self.query_one("#query-search", Input))

    def action_sort(self) -> None:
        """Choose the column to sort by."""

        def chosen(name: str | None) -> None:
            if name is not None:
                self.table.sort_by(name)

        self.ui.pick("Sort by", self.table.names, chosen)

    def on_rows_header_picked(self, event: Rows.HeaderPicked) -> None:
        """Sort by the column whose title was clicked."""
        event.stop()
        self.table.sort_by(self.table.names[event.column])

    def action_turn_page(self, by: int) -> None:
        """Show the next or the previous rows."""
        self.table.turn(by)

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show a row in full."""
        event.stop()
        row = event.item[1]
        self.ui.push_screen(ValueDialog(f"Row {event.item[0] + 1:,} {record_id(row)}", row))

    def action_open_record(self) -> None:
        """Go to the record of the row."""
        chosen = self.table.selected
        key = record_id(chosen[1]) if chosen is not None else ""
        if key:
            self.ui.records.open(self.installation.id, self._object_name(), key)
        else:
            self.ui.tell("This row has no id: put it into the query.")

    def _object_name(self) -> str:
        pattern = (
            r'"objectType"\s*:\s*"([^"]+)"'
            if self.installation.provider == "hubspot"
            else r"(?i)\bFROM\s+(\w+)\s*(?![\w\s]*\))"
        )
        names = re.findall(pattern, self.editor.text)
        return names[-1] if names else self.object_name

    def action_copy(self) -> None:
        """Copy the row under the cursor, or all rows."""
        chosen = self.table.selected
        if chosen is not None:
            rows = [row for _, row in self.table.found]
            self.ui.records.copy([chosen[1]], self.table.names, "this row", rows)

    def action_export(self) -> None:
        """Write the rows to a file."""
        self.ui.records.export_rows([row for _, row in self.table.found])
