"""The request as a form: one line for each field, and a line to add others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from ampsandbox.manifest.model import Mode
from ampsandbox.tui.forms.model import suggestions
from ampsandbox.tui.forms.options import TYPE
from ampsandbox.tui.text.sanitize import line
from ampsandbox.tui.text.truncate import fit_best
from ampsandbox.tui.ui import AsksUi
from ampsandbox.tui.widgets.field_input import CompletingInput
from ampsandbox.tui.widgets.field_row import FieldRow
from ampsandbox.tui.widgets.group_row import GroupRow
from ampsandbox.tui.widgets.key_row import KeyRow
from ampsandbox.tui.widgets.option_row import OptionRow

if TYPE_CHECKING:
    from ampsandbox.tui.forms.draft import Draft
    from ampsandbox.tui.forms.fields import FormField
    from ampsandbox.tui.forms.model import FormModel

_LEAST_LABEL: Final = 12
_LEAST_VALUE: Final = 12
_ADD: Final = (
    "add a field: type its name, or down for the list",
    "add a field: its name, or down",
    "add a field",
)


class AddInput(CompletingInput):
    """Where the name of another field is typed; down lists those that are not on the form."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "list", "List the fields", show=False)]

    class Listed(Message):
        """The user wants to see every field."""

    def on_resize(self) -> None:
        """Choose the hint that fits."""
        self.placeholder = fit_best(_ADD, self.content_size.width)

    def action_list(self) -> None:
        """Ask for the list."""
        self.post_message(self.Listed())


class _NextForm(msgspec.Struct, frozen=True):
    """What the form shall show next."""

    model: FormModel
    draft: Draft
    installed: Sequence[str]
    is_own: bool = False
    """Whether the form itself asks for it, for what was typed: then what is typed meanwhile counts."""


class RequestForm(VerticalScroll, AsksUi):
    """The lines of one draft. It writes what is typed into the draft.

    Lines are put there and taken away by the form's own message loop alone, which nothing cancels: cancelling
    who waits for a removal would cancel the message loops of the removed widgets, and with them the app's.
    """

    class Changed(Message):
        """The draft holds something else now."""

    class Wished(Message):
        """Something else shall be shown."""

    def __init__(self) -> None:
        super().__init__(id="form", can_focus=False)
        self.model: FormModel | None = None
        self.draft: Draft | None = None
        self._next: _NextForm | None = None
        self._installed: Sequence[str] = ()
        self._is_laid_out = asyncio.Event()

    async def show(self, model: FormModel, draft: Draft, installed: Sequence[str]) -> None:
        """Show a draft; the field that has the focus keeps it.

        Returns once it is shown, or something that was asked for later. Safe to cancel.
        """
        self._next = _NextForm(model, draft, installed)
        self._is_laid_out.clear()
        if self.post_message(self.Wished()):
            await self._is_laid_out.wait()

    @on(Wished)
    async def lay_out(self, event: Wished) -> None:
        """Show what was asked for last; what was asked for before that is passed over."""
        event.stop()
        try:
            while (wanted := self._next) is not None:
                self._next = None
                await self._lay_out(wanted)
        finally:
            self._is_laid_out.set()

    async def _lay_out(self, wanted: _NextForm) -> None:
        for row in self.query(FieldRow):  # What was typed last is still on its way.
            self._keep(row)
        self.model, self.draft, self._installed = wanted.model, wanted.draft, wanted.installed
        rows = self._rows(wanted.model, wanted.draft, wanted.installed)
        ways = [row for row in rows if _is_way(row)]
        lines = [row for row in rows if not _is_way(row)]
        if [row.kind for row in lines] != [row.kind for row in self.query(FieldRow) if not _is_way(row)]:
            focused = self._focused_name()
            adder = [] if wanted.model.mode is Mode.DELETE else [self._adder(wanted.model, wanted.draft)]
            async with self.batch():
                await self.remove_children()
                await self.mount_all([*lines, *adder, *ways])
            self._fit_labels()
            if focused:
                self.focus_field(focused)
        else:
            await self._change_ways(ways)
        if not wanted.is_own:
            self.show_values()  # They may have changed while the lines were put there.
        self.show_installed(wanted.installed)

    async def _change_ways(self, wanted: Sequence[FieldRow]) -> None:
        """Take away the options that make no sense any more, and put in those that do now."""
        there: dict[str, FieldRow] = {row.field.name: row for row in self.query(OptionRow)}
        kept = {row.field.name for row in wanted} | {TYPE.field.name}
        for name, row in there.items():
            if name not in kept:
                await row.remove()
        last: Widget = self.children[-1 - sum(_is_way(row) for row in self.query(FieldRow))]
        for row in wanted:
            if row.field.name not in there:
                await self.mount(row, after=last)
            last = there.get(row.field.name, row)
        self._fit_labels()

    def _rows(self, model: FormModel, draft: Draft, installed: Sequence[str]) -> list[FieldRow]:
        """The group, what is done to which record, its fields, and how it is done."""
        what, how = (options := model.options(draft))[:1], options[1:]
        rows: list[FieldRow] = [GroupRow(model.target.integration, draft.group, installed, model.group_name)]
        rows += [OptionRow(option, draft) for option in what]
        if model.names_record:
            rows.append(KeyRow(model.target, model.object_name, draft.primary_key, model.key_name))
        names = () if model.mode is Mode.DELETE else draft.values
        rows += [self._row(model, draft, name) for name in names]
        return [*rows, *(OptionRow(option, draft) for option in how)]

    @staticmethod
    def _row(model: FormModel, draft: Draft, name: str) -> FieldRow:
        field = model.find(name)
        own = {item.api_name for item in model.starters()}
        return FieldRow(field, draft.values[name], is_added=not field.api_name or field.api_name not in own)

    @staticmethod
    def _adder(model: FormModel, draft: Draft) -> AddInput:
        return AddInput("", suggestions(model.names, draft.values), id="add-field")

    # -- how it looks ----------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Give the labels what the names need, as far as room for values is left."""
        self._fit_labels()

    def _fit_labels(self) -> None:
        rows = self.query(FieldRow)
        room = max(_LEAST_LABEL, self.size.width - _LEAST_VALUE)
        width = min(max((row.label_length for row in rows), default=0) + 1, room)
        for row in rows:
            row.set_label_width(max(width, _LEAST_LABEL))

    def show_problems(self, problems: dict[str, str]) -> list[str]:
        """Show problems under their fields and go to the first; the names of those that are on no line."""
        first: FieldRow | None = None
        rows = {row.field.name: row for row in self.query(FieldRow)}
        for name, row in rows.items():
            row.show_problem(problems.get(name, ""))
            first = first or (row if name in problems else None)
        if first is not None:
            first.input.focus()
        return [name for name in problems if name not in rows]

    def show_answers(self, said: dict[str, str]) -> None:
        """Show what the answer says about fields, by lower-cased name or API name."""
        for row in self.query(FieldRow):
            problem = said.get(row.field.name.lower()) or said.get(row.field.api_name.lower() or "-")
            if problem:
                row.show_problem(line(problem, 200))

    def show_installed(self, installed: Sequence[str]) -> None:
        """Take note of the groups that the integration is installed for now."""
        for row in self.query_children(GroupRow):
            row.show_installed(installed)

    def show_values(self) -> None:
        """Show the draft's values after they were changed from outside."""
        for row in self.query(FieldRow):
            if self.draft is not None and row.kept(self.draft) != row.value:
                row.load(self.draft)
                self._say_problem(row)

    # -- typing ----------------------------------------------------------------------------------------

    @on(FieldRow.Changed)
    def take_over(self, event: FieldRow.Changed) -> None:
        """Keep what is typed, and say what is wrong with it."""
        event.stop()
        if event.row.is_attached:
            self._keep(event.row)

    def _keep(self, row: FieldRow) -> None:
        if self.draft is None or row.kept(self.draft) == row.value:
            return  # A line also says that it changed when it is made.
        row.store(self.draft)
        self._say_problem(row)
        if _is_way(row) and self.model is not None:  # Others may make sense now, or not any more.
            self._next = self._next or _NextForm(self.model, self.draft, self._installed, is_own=True)
            self.post_message(self.Wished())
        self.post_message(self.Changed())

    def _say_problem(self, row: FieldRow) -> None:
        if isinstance(row, GroupRow | OptionRow):
            row.show_state()
        elif self.model is not None and self.draft is not None:
            is_field = not isinstance(row, KeyRow)
            row.show_problem(self.model.problem(self.draft, row.field.name) if is_field else "")

    @on(FieldRow.Removed)
    async def remove_row(self, event: FieldRow.Removed) -> None:
        """Take a line and its value away; the one above it gets the focus."""
        event.stop()
        if self.draft is None or self.model is None:
            return
        rows = list(self.query(FieldRow))
        above = rows[max(0, rows.index(event.row) - 1)]
        self.draft.values.pop(event.row.field.name, None)
        above.input.focus()
        await event.row.remove()
        self._offer()
        self.post_message(self.Changed())

    @on(Input.Submitted, "#add-field")
    async def add_typed(self, event: Input.Submitted) -> None:
        """Add a line for the named field."""
        event.stop()
        if event.value.strip():
            await self.add_field(event.value.strip())

    @on(AddInput.Listed)
    def list_fields(self, event: AddInput.Listed) -> None:
        """Let the user choose from the fields that are not on the form yet."""
        event.stop()
        if self.model is None or self.draft is None:
            return
        names = suggestions(self.model.names, self.draft.values)
        lines = {_line_of(self.model.find(name)): name for name in names}

        def chosen(option: str | None) -> None:
            if option is not None:
                self.call_later(self.add_field, lines[option])

        self.ui.pick("Add a field", list(lines), chosen)

    async def add_field(self, name: str) -> None:
        """Add a line for a field and go to it; one that is there only gets the focus."""
        if self.model is None or self.draft is None:
            return
        name = self.model.find(name).name
        if name not in self.draft.values:
            self.draft.values[name] = ""
            await self.mount(self._row(self.model, self.draft, name), before="#add-field")
            self._fit_labels()
            self._offer()
        self.focus_field(name)

    def _offer(self) -> None:
        adder = self.query_one(AddInput)
        adder.value = ""
        if self.model is not None and self.draft is not None:
            adder.complete_with(suggestions(self.model.names, self.draft.values))

    # -- focus -----------------------------------------------------------------------------------------

    def _focused_name(self) -> str:
        focused = self.screen.focused  # Also while another screen is on top of this one.
        return next((row.field.name for row in self.query(FieldRow) if row.input is focused), "")

    def focus_field(self, name: str) -> None:
        """Go to the line of a field."""
        for row in self.query(FieldRow):
            if row.field.name == name:
                row.input.focus()


def _is_way(row: FieldRow) -> bool:
    """Whether the line is an option below the fields."""
    return isinstance(row, OptionRow) and row.option is not TYPE


def _line_of(field: FormField) -> str:
    label = f"  {line(field.label, 40)}" if field.label.lower() != field.name.lower() else ""
    return f"{line(field.name, 60)}{label} · {field.type_words}{' · required' if field.is_required else ''}"
