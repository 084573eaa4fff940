"""The write form: fires test writes at the selected endpoint over HTTP and shows what came back."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widgets import ContentSwitcher, Input, Static, TextArea

from ampsandbox.errors import AmpSandboxError
from ampsandbox.manifest.model import Mode
from ampsandbox.tui.actions import bindings
from ampsandbox.tui.answers import headline
from ampsandbox.tui.fake_values import FakeValues
from ampsandbox.tui.form import FormField, FormModel, Typed, read_body, suggestions
from ampsandbox.tui.plain import block, line, plain, pretty
from ampsandbox.tui.snippets import as_curl
from ampsandbox.tui.widgets.field_row import FieldRow
from ampsandbox.tui.widgets.pane import Pane
from ampsandbox.tui.widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from ampsandbox.tui.target import Target
    from ampsandbox.tui.views import SchemaView
    from ampsandbox.tui.wire import WireAnswer

_GROUP = FormField("groupId", "the group whose CRM is written to", is_required=True)
_KEY = FormField("primaryKey", "the CRM id of the record to update", is_required=True)

_ANSWER_COMES: Final = "ctrl+j sends the write.\nThe answer shows here, the record under Records (3)."
_FIRST_STEPS: Final = """\
First steps
f7       fill the form
ctrl+j   send it; the answer shows here
f4 f8    what waits (◷); deliver it
3        the records in the CRM
f1       help on where you are
ctrl+p   every action

These lines go away with your first write."""


class WritePane(Pane):
    """The form for one endpoint."""

    HELP = (
        "A write to the selected endpoint. ctrl+j sends it over HTTP, as your app would. Required fields "
        "carry a *, "
        "custom fields of the manifest a ◆; down opens the values of a pick list. JSON and curl show the "
        "same "
        "request; what you change in one tab changes in the others."
    )
    FOCUS = "FieldRow FieldInput"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("write")]

    def __init__(self) -> None:
        super().__init__(id="write")
        self.model: FormModel | None = None
        self.group = "demo"
        self.primary_key = ""
        self.values: dict[str, str] = {}
        self.fake = FakeValues()
        self._is_warned = False
        self._syncing = False

    def compose(self) -> ComposeResult:
        """The target, the request in three forms, and the answer beside or below it."""
        yield Static("", id="write-target", markup=False)
        with Container(id="write-body"):
            with Vertical(id="request"):
                yield TabBar({"form": "Form", "json": "JSON", "curl": "curl"}, id="request-tabs")
                with ContentSwitcher(initial="form", id="request-forms"):
                    yield VerticalScroll(id="form", can_focus=False)
                    yield TextArea("", id="json", compact=True, tab_behavior="focus")
                    with VerticalScroll(id="curl"):
                        yield Static("", id="curl-text", markup=False)
            with VerticalScroll(id="answer"):
                yield Static("", id="answer-text", markup=False)

    def on_mount(self) -> None:
        """Say what the answer panel is for."""
        self.group = self.ui.memory.group or self.group
        self.query_one("#answer").border_title = Content("Answer")
        is_first_run = self.ui.memory_path is not None and not self.ui.memory.hints_seen
        self.query_one("#answer-text", Static).update(
            Content.styled(_FIRST_STEPS if is_first_run else _ANSWER_COMES, "$muted")
        )

    def on_resize(self) -> None:
        """Show as much of the URL as there is room for."""
        if self.model is not None:
            self._show_heading(self.model.target)

    # -- which endpoint --------------------------------------------------------------------------------

    async def show_target(self, target: Target, schema: SchemaView | None) -> None:
        """Show the form for an endpoint, with the values last typed for it."""
        is_same = self.model is not None and self.model.target.key == target.key
        typed_in = self._harvest() if is_same else ""
        self.model = FormModel(target, schema)
        self._is_warned = False
        kept = self.ui.memory.forms.get(target.key, {})
        self.primary_key = kept.get("", "")
        names = [field.name for field in self.model.starters()]
        self.values = dict.fromkeys(names, "") | {name: text for name, text in kept.items() if name}
        self._show_heading(target)
        await self._build_rows()
        if typed_in:
            self._focus_field(typed_in)
        self._show_other_forms()

    def _harvest(self) -> str:
        """Take what stands in the rows before they are replaced; the name of the field that has the focus."""
        focused = ""
        for row in self.query(FieldRow):
            if row.field is not _GROUP and row.field is not _KEY and row.is_mounted:
                self.values[row.field.name] = row.value
            focused = row.field.name if row.is_mounted and row.input.has_focus else focused
        self._keep()
        return focused

    def _show_heading(self, target: Target) -> None:
        path = target.path(self.ui.backend.project)
        url = f"{self.ui.backend.url}{path}" if self.size.width >= 70 else path
        words = f"{target.mode.value} {target.item.name}"
        owner = self.ui.installation_for(target)
        live = plain(f"▲ LIVE {owner.org} · ", "bold $text-error") if owner and owner.is_live else Content("")
        when = f"waits for “{target.item.schedule}”" if target.item.schedule else "written at once"
        provider = {"salesforce": "Salesforce", "hubspot": "HubSpot"}.get(target.integration.provider, "")
        self.query_one("#write-target", Static).update(
            Content.assemble(
                ("POST ", "bold $text-primary"), plain(url, "bold"), "\n",
                live, plain(f"{words} · {provider} · {when}", "$muted"),
            )
        )  # fmt: skip

    async def _build_rows(self) -> None:
        if self.model is None:
            return
        form = self.query_one("#form", VerticalScroll)
        groups = tuple(dict.fromkeys(item.group for item in self.ui.installations))
        rows = [FieldRow(_GROUP, self.group, options=groups)]
        if self.model.mode is Mode.UPDATE:
            rows.append(FieldRow(_KEY, self.primary_key))
        rows += [FieldRow(self.model.find(name), text) for name, text in self.values.items()]
        adder = Input(id="add-field", placeholder="add a field: type its name, enter", compact=True)
        adder.suggester = SuggestFromList(suggestions(self.model.names, self.values), case_sensitive=False)
        async with self.batch():
            await form.remove_children()
            await form.mount_all([*rows, adder])

    # -- typing ----------------------------------------------------------------------------------------

    @on(Input.Changed, "FieldRow FieldInput")
    def take_over(self, event: Input.Changed) -> None:
        """Keep what is typed, check it, and show it in the other forms."""
        event.stop()
        row = next(node for node in event.input.ancestors if isinstance(node, FieldRow))
        self._is_warned = False
        if row.field is _GROUP:
            self.group = event.value
        elif row.field is _KEY:
            self.primary_key = event.value
        else:
            self.values[row.field.name] = event.value
            row.show_problem(row.field.problem(event.value) if event.value else "")
        self._keep()
        if not self._syncing:
            self._show_other_forms()

    @on(Input.Submitted, "#add-field")
    async def add_field(self, event: Input.Submitted) -> None:
        """Add a line for the named field."""
        event.stop()
        name = event.value.strip()
        if not name or self.model is None:
            return
        name = self.model.find(name).name
        if name not in self.values:
            self.values[name] = ""
            await self._build_rows()
        self._focus_field(name)

    @on(FieldRow.PickRequested)
    def pick(self, event: FieldRow.PickRequested) -> None:
        """Let the user choose from the values of a pick list."""
        event.stop()
        row = event.row

        def chosen(value: str | None) -> None:
            if value is not None:
                row.set_value(value)
            row.input.focus()

        self.ui.pick(row.field.name, row.options, chosen)

    @on(TextArea.Changed, "#json")
    def read_json(self, event: TextArea.Changed) -> None:
        """Take over what was typed as JSON; say when it cannot be."""
        event.stop()
        if self._syncing or self.model is None or not event.text_area.has_focus:
            return
        typed = read_body(event.text_area.text)
        if isinstance(typed, str):
            self.query_one("#request-forms").border_subtitle = plain(f"✗ {typed}", "$text-error", 60)
            return
        self.query_one("#request-forms").border_subtitle = ""
        self._take_over(typed)
        self._show_curl()

    def _take_over(self, typed: Typed) -> None:
        self.group, self.primary_key, self.values = typed.group, typed.primary_key, dict(typed.values)
        self._keep()

    @on(TabBar.Changed, "#request-tabs")
    async def change_form(self, event: TabBar.Changed) -> None:
        """Show the request as a form, as JSON or as curl."""
        event.stop()
        self._syncing = True
        if event.tab == "form":
            await self._build_rows()
        self._show_other_forms()
        self.query_one("#request-forms", ContentSwitcher).current = event.tab
        self._syncing = False

    def _keep(self) -> None:
        if self.model is not None:
            kept = {name: text for name, text in self.values.items() if text}
            self.ui.memory.forms[self.model.target.key] = kept | (
                {"": self.primary_key} if self.primary_key else {}
            )
            self.ui.memory.group = self.group

    def _focus_field(self, name: str) -> None:
        for row in self.query(FieldRow):
            if row.field.name == name:
                row.input.focus()

    # -- the same request in other forms ---------------------------------------------------------------

    @property
    def _form(self) -> str:
        return self.query_one("#request-tabs", TabBar).active

    def body_text(self) -> str:
        """The request body as it would be sent; what stands in the JSON tab is sent as it stands."""
        if self._form == "json":
            return self.query_one("#json", TextArea).text
        return json.dumps(self.body(), indent=2, ensure_ascii=False)

    def body(self) -> dict[str, Any]:
        """The request body that the form stands for."""
        return self.model.body(self.group, self.primary_key, self.values) if self.model else {}

    def _show_other_forms(self) -> None:
        area = self.query_one("#json", TextArea)
        text = block(json.dumps(self.body(), indent=2, ensure_ascii=True))
        if not area.has_focus and area.text != text:
            area.load_text(text)
        self._show_curl()

    def _show_curl(self) -> None:
        if self.model is None:
            return
        url = f"{self.ui.backend.url}{self.model.target.path(self.ui.backend.project)}"
        text = as_curl("POST", url, json.dumps(self.body(), ensure_ascii=False))
        self.query_one("#curl-text", Static).update(Content(block(text)))

    # -- sending ---------------------------------------------------------------------------------------

    def check(self) -> bool:
        """Show the problems under their fields; False when there are some and the user was not warned yet."""
        if self.model is None:
            return False
        if self._form != "form" or self._is_warned:
            return True
        problems = self.model.problems(self.values, self.primary_key)
        if not self.group:
            problems["groupId"] = "needed: whose CRM is it?"
        first: FieldRow | None = None
        for row in self.query(FieldRow):
            problem = problems.get(row.field.name, "")
            row.show_problem(problem)
            first = first or (row if problem else None)
        if not problems:
            return True
        missing = [name for name in problems if all(row.field.name != name for row in self.query(FieldRow))]
        self._is_warned = True
        if first is not None:
            first.input.focus()
        also = f" Not on the form: {', '.join(missing)}." if missing else ""
        self.ui.tell(
            f"The CRM would refuse this.{also} Press ctrl+j again to send it all the same.", "warning"
        )
        return False

    def show_sending(self) -> None:
        """Say that the answer is awaited."""
        self.query_one("#answer").border_title = Content.styled("Answer · sending…", "$muted")

    def show_answer(self, answer: WireAnswer) -> None:
        """Show what came back."""
        self._is_warned = False
        self.ui.memory.hints_seen = True
        self.query_one("#answer").border_title = Content("Answer")
        heading, style = headline(answer)
        self.query_one("#answer-text", Static).update(
            Content.assemble(plain(heading, style), "\n", Content(block(pretty(answer.body))))
        )
        self.query_one("#answer", VerticalScroll).scroll_home(animate=False)
        self._show_errors(answer)

    def _show_errors(self, answer: WireAnswer) -> None:
        document = answer.document()
        issues = [*(document.get("errors") or []), *(document.get("issues") or [])]
        said: dict[str, str] = {}
        for issue in issues:
            if isinstance(issue, dict):
                names = issue.get("fields") or [issue.get("name")]
                words = str(issue.get("message") or issue.get("detail") or "")
                said |= {str(name).lower(): words for name in names if name}
        for row in self.query(FieldRow):
            problem = said.get(row.field.name.lower()) or said.get(row.field.api_name.lower() or "-")
            if problem:
                row.show_problem(line(problem, 120))

    # -- actions ---------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the write goes."""
        backend = self.ui.backend
        return f"{backend.url}{self.model.target.path(backend.project)}" if self.model else backend.url

    @property
    def title(self) -> str:
        """What the write goes to, in short."""
        return self.model.target.title if self.model else ""

    def action_send_many(self) -> None:
        """Send the write many times."""
        self.ui.send_many()

    def show_progress(self, results: Counter[int], count: int, elapsed_s: float) -> None:
        """Show how far sending many has come, and what came back."""
        done = sum(results.values())
        filled = round(done / count * 30)
        rate = done / elapsed_s if elapsed_s else 0
        lines = [
            Content.styled(
                f"{'✓ sent' if done == count else 'Sending…'} {done:,} of {count:,}", "bold $text-primary"
            ),
            Content.assemble(
                ("━" * filled, "$text-primary"), ("╌" * (30 - filled), "$faint"), f" {rate:,.0f}/s"
            ),
            Content(""),
        ]
        for status, number in sorted(results.items()):
            sign, style = ("✓", "$text-success") if 200 <= status < 300 else ("✗", "$text-error")
            lines.append(Content.assemble((f"{sign} {status or 'no answer'}  ", style), f"{number:,}"))
        self.query_one("#answer-text", Static).update(Content("\n").join(lines))

    def action_clear(self) -> None:
        """Empty every field."""
        for row in self.query(FieldRow):
            if row.field is not _GROUP:
                row.set_value("")
                row.show_problem("")

    def action_copy_curl(self) -> None:
        """Copy the write as a curl command."""
        self.ui.copy_to_clipboard(as_curl("POST", self.url, self.body_text()))
        self.ui.say("✓ Copied as curl", "$text-success")

    async def action_edit_outside(self) -> None:
        """Change the body in the user's own editor."""
        from ampsandbox.tui.outside import edit

        try:
            text = edit(self.ui, self.body_text())
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        await self.show_body(text)

    async def show_body(self, text: str) -> None:
        """Show a body in the JSON tab, to be changed and sent."""
        self.query_one("#request-tabs", TabBar).choose("json")
        self.query_one("#request-forms", ContentSwitcher).current = "json"
        area = self.query_one("#json", TextArea)
        self._syncing = True
        area.load_text(block(text))
        area.focus()
        typed = read_body(text)
        if not isinstance(typed, str):
            self._take_over(typed)
        self._show_curl()
        self.call_after_refresh(self._synced)

    def _synced(self) -> None:
        self._syncing = False

    def action_fill(self) -> None:
        """Put a plausible value into every empty field of the form."""
        if self.model is None:
            return
        self.fake.next_person()
        for row in self.query(FieldRow):
            if row.field not in (_GROUP, _KEY) and not row.value:
                row.set_value(self.fake.value(row.field))
