"""The fields of the CRM object behind the selected endpoint, the manifest's own marked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.forms.field_facts import FieldFacts, facts_of
from ampsandbox.tui.screens.value import ValueDialog
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.pane import Pane
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import SchemaView
    from ampsandbox.tui.forms.target import FormTarget

_COLUMNS = (
    Column("field", least=17, is_flexible=True), Column("label", least=13, is_flexible=True, rank=2),
    Column("type"), Column(""), Column("manifest", least=12, is_flexible=True, rank=1),
    Column("values", least=9, is_flexible=True, rank=3),
)  # fmt: skip
_NOT_KNOWN = "The CRM's schema is not known yet.\nInstall the integration for a group first (2, then i)."


class SchemaPane(Pane):
    """The object's fields, searchable."""

    HELP = (
        "The fields of the CRM object that the endpoint writes to, as its describe call lists them. ◆ marks "
        "custom fields, with the manifest's field and entry where the integration made them; “required” is "
        "what an insert needs, “read only” what no write can set. / searches names, labels, types and "
        "values; enter shows a field in full, with all values of its pick list; c copies its API name; a "
        "shows another object."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("schema")]

    def __init__(self) -> None:
        super().__init__(id="schema")
        self.target: FormTarget | None = None
        self.schema: SchemaView | None = None
        self.facts: list[FieldFacts] = []

    def compose(self) -> ComposeResult:
        """A heading with the search line beside it, and the list."""
        with Horizontal(classes="heading-row"):
            yield Static("", id="schema-heading", classes="heading", markup=False)
            yield Input(placeholder="/ search fields", compact=True, id="schema-search", classes="search")
        yield Rows[FieldFacts](
            _COLUMNS, lambda facts: facts.crm.name, _cells, id="schema-rows", empty=_NOT_KNOWN, pinned=1
        )

    @property
    def rows(self) -> Rows[FieldFacts]:
        """The list inside."""
        return self.query_one(Rows)

    async def show_target(self, target: FormTarget, schema: SchemaView | None) -> None:
        """Show the fields of the endpoint's object."""
        self.target = target
        self._take(schema)

    def _take(self, schema: SchemaView | None) -> None:
        self.schema = schema
        self.facts = facts_of(schema, self.target) if schema else []
        self._show_rows()

    def _show_rows(self) -> None:
        wanted = self.query_one("#schema-search", Input).value.lower().split()
        found = [facts for facts in self.facts if all(word in facts.searched() for word in wanted)]
        self.rows.say_when_empty("No field matches.\nesc clears the search." if self.facts else _NOT_KNOWN)
        self.rows.show(found, force=True)
        self._show_heading(len(found))

    def _show_heading(self, count: int) -> None:
        schema = self.schema
        words = self.target.item.name if self.target else "Schema"
        if schema is not None:
            label = f" · {schema.label}" if schema.label != schema.object_name else ""
            some = f"{count:,} of {len(self.facts):,}" if count != len(self.facts) else f"{count:,}"
            words = f"{schema.object_name}{label} · {some} fields"
        self.query_one("#schema-heading", Static).update(plain(words, "bold"))

    # -- search ----------------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        event.stop()
        self._show_rows()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the list."""
        event.stop()
        self.rows.focus()

    def key_escape(self) -> None:
        """Take the search away."""
        self.query_one("#schema-search", Input).value = ""
        self.rows.focus()

    def action_search(self) -> None:
        """Go to the search line."""
        self.screen.set_focus(self.query_one("#schema-search", Input))

    # -- fields ----------------------------------------------------------------------------------------------

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show a field in full."""
        event.stop()
        self._open(event.item)

    def action_open(self) -> None:
        """Show the field under the cursor in full."""
        if self.rows.selected is not None:
            self._open(self.rows.selected)

    def _open(self, facts: FieldFacts) -> None:
        self.ui.push_screen(ValueDialog(f"{facts.crm.name} · {facts.crm.label}", facts.document()))

    def action_copy(self) -> None:
        """Copy the API name of the field under the cursor."""
        if self.rows.selected is not None:
            name = self.rows.selected.crm.name
            self.ui.copy(name, name)

    def action_copy_all(self) -> None:
        """Copy the fields that are shown, as JSON."""
        found = [facts.document() for facts in self.rows.items]
        self.ui.copy(json.dumps(found, indent=2, ensure_ascii=False), f"{len(found):,} fields as JSON")

    def action_choose_object(self) -> None:
        """Look at another object of the org."""
        self.ui.run_worker(self._choose_object(), group="schema", exclusive=True)

    async def _choose_object(self) -> None:
        installation = self.ui.installation_for(self.target) if self.target else None
        if installation is None:
            self.ui.tell(_NOT_KNOWN)
            return
        try:
            names = [item.name for item in await self.ui.backend.records.objects(installation.id)]
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return

        def chosen(name: str | None) -> None:
            if name is not None:
                self.ui.command(self._show_object(installation.id, name))

        self.ui.pick("Which object?", names, chosen)

    async def _show_object(self, installation_id: str, name: str) -> None:
        self._take(await self.ui.backend.records.schema(installation_id, name))


def _cells(facts: FieldFacts) -> list[Cell]:
    item = facts.crm
    count = f"{len(item.options):,}: " if len(item.options) > 3 else ""
    values = count + ", ".join(item.options[:12])
    if item.refers_to:
        values = f"→ {', '.join(item.refers_to)}"
    return [
        (("◆ " if item.is_custom else "  ") + item.name, "accent" if item.is_custom else ""),
        (item.label, "muted"),
        facts.size,
        (facts.marks, "" if item.is_writable else "muted"),
        (str(facts.entry or ""), "accent"),
        (values, "muted"),
    ]
