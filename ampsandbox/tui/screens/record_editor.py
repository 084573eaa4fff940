"""Change a record under the CRM's own rules, as a form or as JSON: what it refuses is said in the box."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import ContentSwitcher, Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.service.context import MockRefusedError
from ampsandbox.tui.forms.fields import FormField
from ampsandbox.tui.forms.model import suggestions
from ampsandbox.tui.screens.editor import ChangingDialog, as_json, read_object
from ampsandbox.tui.text.record_text import changes
from ampsandbox.tui.text.sanitize import as_text, line, plain
from ampsandbox.tui.widgets.code_editor import CodeEditor
from ampsandbox.tui.widgets.field_row import FieldRow
from ampsandbox.tui.widgets.request_form import AddInput
from ampsandbox.tui.widgets.tab_bar import TabBar

Save = Callable[[Mapping[str, Any]], Coroutine[Any, Any, None]]
_LABEL: Final = 24


class RecordEditor(ChangingDialog):
    """The fields of a record. Those that were changed go to `save`, and the box closes once it took them.

    Args:
        title: Whose fields they are.
        before: The values that can be changed.
        fields: What can be written, by its API name; others are shown as plain texts.
        first: The field to begin at; it gets a line where the record has no value for it.
        save: Writes the changes.
    """

    HELP = (
        "The fields of the record that have a value; the last line adds others. What you empty is emptied in "
        "the CRM. down or enter opens the values of a pick list (▾). alt+j shows the same as JSON, and goes "
        "back. ctrl+j saves what you changed; what the CRM refuses is said here, and the box stays."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+j", "turn", "As JSON, or as a form", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        before: Mapping[str, Any],
        fields: Mapping[str, FormField],
        save: Save,
        first: str = "",
    ) -> None:
        super().__init__()
        self.title_text = title
        self.before = before
        self.fields = fields
        self.save = save
        self.first = first if first in {**before, **fields} else next(iter(before), "")
        self._now: dict[str, Any] = dict(before)

    def compose(self) -> ComposeResult:
        """The fields in one of two forms, and what is wrong with them."""
        with Vertical(classes="dialog editor") as box:
            box.border_title = plain(self.title_text, limit=60)
            box.border_subtitle = Content("ctrl+j: save · alt+j: JSON or form · esc: leave")
            yield TabBar({"form": "Form", "json": "JSON"}, id="record-tabs")
            with ContentSwitcher(initial="record-form", id="record-forms"):
                with VerticalScroll(id="record-form"):
                    yield from map(self._row, dict.fromkeys([*self.before, *filter(None, [self.first])]))
                    yield AddInput("", self._others(), id="add-field")
                yield CodeEditor(as_json(self.before), "json", is_tab_typed=True, id="record-json")
            yield Static("", classes="field-problem", id="editor-problem", markup=False)

    def _row(self, name: str) -> FieldRow:
        field = self.fields.get(name) or FormField(name, api_name=name)
        return FieldRow(field, as_text(self._now.get(name)), is_added=name not in self.before)

    def on_mount(self) -> None:
        """Begin at the field that was pointed at."""
        self._fit()
        self._go_to(self.first)

    def _fit(self) -> None:
        longest = max((row.label_length for row in self.rows), default=0)
        for row in self.rows:
            row.set_label_width(min(longest + 1, _LABEL))

    @property
    def rows(self) -> Iterable[FieldRow]:
        """The lines of the form."""
        return self.query(FieldRow)

    @property
    def tabs(self) -> TabBar:
        """The line that names the two forms."""
        return self.query_one(TabBar)

    @property
    def editor(self) -> CodeEditor:
        """The fields as JSON."""
        return self.query_one(CodeEditor)

    @property
    def is_json(self) -> bool:
        """Whether the fields are shown as JSON."""
        return self.query_one(ContentSwitcher).current == "record-json"

    # -- the values --------------------------------------------------------------------------------------

    @property
    def is_changed(self) -> bool:
        """Whether there is something that leaving would drop."""
        try:
            return bool(changes(self.before, self._read()))
        except AmpSandboxError:
            return True

    def _read(self) -> dict[str, Any]:
        """The values as they stand in the form that is shown; a field that is empty is left out.

        Raises:
            UsageError: The JSON is none, or no object.
        """
        if self.is_json:
            return read_object(self.editor.text)
        found = dict(self._now)
        for row in self.rows:
            name = row.field.name
            if row.value != as_text(self._now.get(name)):
                found[name] = self._typed(row)
        return {
            name: value for name, value in found.items() if value not in ("", None) or name in self.before
        }

    def _typed(self, row: FieldRow) -> Any:
        """What the text of a line means: what is no text in the record is JSON here too."""
        if isinstance(self.before.get(row.field.name), dict | list):
            try:
                return json.loads(row.value)
            except (ValueError, RecursionError):
                return row.value
        return row.field.value(row.value) if row.value else None

    def action_accept(self) -> None:
        """Save what was changed, and close when that worked."""
        self.run_worker(self._save(), group="save", exclusive=True)

    async def _save(self) -> None:
        try:
            await self.save(changes(self.before, self._read()))
        except AmpSandboxError as error:
            fields = error.fields if isinstance(error, MockRefusedError) else ()
            refused = {name.lower() for name in fields}
            for row in self.rows:
                row.show_problem(line(error.message, 200) if row.field.name.lower() in refused else "")
            self.say(f"✗ {error.message} {error.hint}")
            return
        self.dismiss("saved")

    # -- the two forms -----------------------------------------------------------------------------------

    def action_turn(self) -> None:
        """Show the other form."""
        self.tabs.choose("form" if self.is_json else "json")

    @on(TabBar.Changed, "#record-tabs")
    async def show_tab(self, event: TabBar.Changed) -> None:
        """Take the values over into the form that is chosen; JSON that is none keeps its tab."""
        event.stop()
        try:
            self._now = {name: value for name, value in self._read().items() if value not in ("", None)}
        except AmpSandboxError as error:
            self.tabs.active = "json"
            self.say(f"✗ {error.message} {error.hint}")
            return
        self.say("")
        if event.tab == "json":
            self.editor.load_text(as_json(self._now))
        else:
            await self._show_values()
        self.query_one(ContentSwitcher).current = f"record-{event.tab}"
        if not self.tabs.has_focus:
            self.editor.focus() if event.tab == "json" else self._go_to(self.first)

    async def _show_values(self) -> None:
        there = {row.field.name: row for row in self.rows}
        for name, row in there.items():
            row.set_value(as_text(self._now.get(name)))
        added = [self._row(name) for name in self._now if name not in there]
        await self.query_one("#record-form").mount_all(added, before="#add-field")
        self._fit()

    # -- lines -------------------------------------------------------------------------------------------

    def _others(self) -> list[str]:
        return suggestions(list(self.fields), [*self._now, *(row.field.name for row in self.rows)])

    @on(Input.Submitted, "#add-field")
    async def add_typed(self, event: Input.Submitted) -> None:
        """Add a line for the named field."""
        event.stop()
        if event.value.strip():
            await self._add(event.value.strip())

    @on(AddInput.Listed)
    def list_fields(self, event: AddInput.Listed) -> None:
        """Let the user choose from the fields that have no line yet."""
        event.stop()

        def chosen(name: str | None) -> None:
            if name is not None:
                self.call_later(self._add, name)

        self.ui.pick("Add a field", self._others(), chosen)

    async def _add(self, name: str) -> None:
        name = next((each for each in self.fields if each.lower() == name.lower()), name)
        if all(row.field.name != name for row in self.rows):
            await self.query_one("#record-form").mount(self._row(name), before="#add-field")
            self._fit()
        adder = self.query_one(AddInput)
        adder.value = ""
        adder.complete_with(self._others())
        self._go_to(name)

    @on(FieldRow.Removed)
    async def remove_row(self, event: FieldRow.Removed) -> None:
        """Take a line away that was added."""
        event.stop()
        self._now.pop(event.row.field.name, None)
        self.screen.focus_previous()
        await event.row.remove()
        self.query_one(AddInput).complete_with(self._others())

    @on(FieldRow.Changed)
    def check(self, event: FieldRow.Changed) -> None:
        """Say what is wrong with what is typed."""
        event.stop()
        text = event.row.value
        event.row.show_problem(event.row.field.problem(text) if text else "")

    def _go_to(self, name: str) -> None:
        for row in self.rows:
            if row.field.name == name:
                row.input.focus()
