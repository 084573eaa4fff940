"""The write form: a request for the selected endpoint, what is wrong with it, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import Worker

from ampsandbox.errors import AmpSandboxError
from ampsandbox.manifest.model import Mode
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.forms.draft import ABSENT, Draft, from_texts
from ampsandbox.tui.forms.fake_values import FakeValues
from ampsandbox.tui.forms.installation_config import refusals
from ampsandbox.tui.forms.model import FormModel
from ampsandbox.tui.forms.options import MODES
from ampsandbox.tui.text.answers import field_problems
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.text.truncate import fit_best
from ampsandbox.tui.widgets.answer import AnswerPanel
from ampsandbox.tui.widgets.pane import Pane
from ampsandbox.tui.widgets.request import RequestPanel

if TYPE_CHECKING:
    from ampsandbox.tui.actions.bulk_send import BulkSend
    from ampsandbox.tui.backend.views import SchemaView, Snapshot
    from ampsandbox.tui.forms.target import FormTarget
    from ampsandbox.tui.http_sender import HttpAnswer

_ANSWER_COMES: Final = (
    "{send-write} sends the write.\nThe answer shows here, the record under Records ({show-records})."
)
_FIRST_STEPS: Final = """\
First steps
{fill-form}  fill the form
{send-write}  send it; the answer shows here
{focus-batches}  what waits (◷); {flush-all} delivers it
{show-records}  the records in the CRM
{show-help}  help on where you are
{open-palette}  every action

These lines go away with your first write."""
_PROVIDERS: Final = {"salesforce": "Salesforce", "hubspot": "HubSpot"}


class WritePane(Pane):
    """The form for one endpoint."""

    HELP = (
        "A write to the selected endpoint. {send-write} sends it over HTTP, as your app would. Required "
        "fields carry a *, custom fields of the manifest a ◆. down or enter opens the values of a pick list "
        "(▾): of groupId the groups, with ways to install and uninstall them, of primaryKey the records. "
        "The last line adds fields; backspace or × takes an added one away. JSON and curl show the same "
        "request; what you change in one tab changes in the others. {{n}}, {{email}}, {{firstName}} and "
        "other names in double braces are replaced when the write is sent, with other values each time "
        "ctrl+r sends it."
    )
    FOCUS = "FieldRow FieldInput"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("write")]

    class Regrouped(Message):
        """The write goes to another group now."""

    def __init__(self) -> None:
        super().__init__(id="write")
        self.model: FormModel | None = None
        self.fake = FakeValues()
        self.sending: Worker[None] | None = None
        self._drafts: dict[str, Draft] = {}
        self._is_warned = False
        self._is_group_chosen = False
        self._config_of = ("", 0)
        self._config: Mapping[str, Any] = {}

    def compose(self) -> ComposeResult:
        """The target, the request, and the answer beside or below it."""
        yield Static("", id="write-target", markup=False)
        with Container(id="write-body"):
            yield RequestPanel()
            yield AnswerPanel()

    def on_mount(self) -> None:
        """Say what the answer panel is for."""
        self.request.draft.group = self.ui.preferences.group or self.group
        is_first_run = self.ui.preferences_path is not None and not self.ui.preferences.hints_seen
        words = _FIRST_STEPS if is_first_run else _ANSWER_COMES
        self.answer.show_words(Content.styled(self.ui.keyed(words), "$muted"))

    def on_resize(self) -> None:
        """Show as much of the URL as there is room for."""
        self._show_heading()

    def show(self, snapshot: Snapshot) -> None:
        """Follow the operation that the answer is about, and what is installed."""
        self.answer.show(snapshot)
        self.request.show_installed(self._installed)
        owner = self.ui.installation_for(self.model.target) if self.model else None
        if owner is not None and (owner.id, owner.config) != self._config_of:
            self._config_of = (owner.id, owner.config)
            self.run_worker(self._read_config(owner.id), group="config", exclusive=True)

    async def _read_config(self, installation_id: str) -> None:
        try:
            self._config = await self.ui.backend.installations.config(installation_id)
        except AmpSandboxError:
            self._config = {}  # Uninstalled meanwhile, or the manifest has changed.
        self._show_heading()

    # -- parts -----------------------------------------------------------------------------------------

    @property
    def request(self) -> RequestPanel:
        """What is composed."""
        return self.query_one(RequestPanel)

    @property
    def answer(self) -> AnswerPanel:
        """What came back."""
        return self.query_one(AnswerPanel)

    @property
    def group(self) -> str:
        """The group that is written to."""
        return self.request.draft.group

    @property
    def title(self) -> str:
        """What the write goes to, in short."""
        return self.model.target.title if self.model else ""

    @property
    def url(self) -> str:
        """Where the write goes."""
        backend = self.ui.backend
        return f"{backend.url}{self.model.target.path(backend.project)}" if self.model else backend.url

    @property
    def _installed(self) -> list[str]:
        name = self.model.target.integration.name if self.model else ""
        return [item.group for item in self.ui.state.installations if item.integration == name]

    # -- which endpoint --------------------------------------------------------------------------------

    async def show_target(self, target: FormTarget, schema: SchemaView | None) -> None:
        """Show the form for an endpoint, with what was last typed for it."""
        draft = self.request.draft
        if self.model is None or self.model.target.key != target.key:
            draft = self._draft_for(target)
            if draft.type in MODES:
                target = target.of_type(draft.type)
        elif draft.type in MODES:
            target = target.of_type(draft.type)
        if schema is None and self.model is not None and self.model.target.key == target.key:
            schema = self.model.schema  # The fields that are known stay while they are asked for again.
        self._choose_group(draft, target)
        self.model = FormModel(target, schema)
        self._is_warned = False
        self._show_heading()
        await self.request.show(self.model, draft, self.url, self._installed)

    def _draft_for(self, target: FormTarget) -> Draft:
        if target.key not in self._drafts:
            self._drafts[target.key] = from_texts(self.ui.preferences.forms.get(target.key, {}))
        draft = self._drafts[target.key]
        draft.group = self.group
        if not target.item.endpoint:
            draft.type = draft.type or target.type
        return draft

    def _choose_group(self, draft: Draft, target: FormTarget) -> None:
        """Take a group that there is, if nobody chose the one that is remembered or stands for a first."""
        mine = [
            each.group for each in self.ui.state.installations if each.integration == target.integration.name
        ]
        if mine and not self._is_group_chosen and draft.group not in mine:
            draft.group = mine[0]
        self._is_group_chosen |= bool(mine)

    def _show_heading(self) -> None:
        if self.model is None:
            return
        target = self.model.target
        path = target.path(self.ui.backend.project)
        ways = [self.url, path] if self.ui.state.latest is not None else []  # Before, only its end is known.
        url = fit_best([*ways, f"…/{path.rpartition('/')[2]}"], (self.size.width or 80) - len("POST "))
        owner = self.ui.installation_for(target)
        live = plain(f"▲ LIVE {owner.org} · ", "bold $text-error") if owner and owner.is_live else Content("")
        provider = _PROVIDERS.get(target.integration.provider, "") if self.size.width >= 70 else ""
        words = " · ".join(filter(None, (f"{target.verb} {target.item.name}", provider, target.when)))
        config = refusals(self._config, target.integration, target.item.name) if self._config else ""
        self.query_one("#write-target", Static).update(
            Content.assemble(
                ("POST ", "bold $text-primary"), plain(url, "bold"), "\n", live,
                plain(f"{config} · " if config else "", "$text-warning"), plain(words, "$muted"),
            )
        )  # fmt: skip

    @on(RequestPanel.Changed)
    async def keep(self, event: RequestPanel.Changed) -> None:
        """Remember what is typed; another group may have other fields in its CRM."""
        event.stop()
        self._is_warned = False
        if self.model is None:
            return
        draft, key = self.request.draft, self.model.target.key
        if draft.type in MODES and draft.type != self.model.target.type:
            await self.show_target(self.model.target.of_type(draft.type), self.model.schema)
        self._drafts[key] = draft
        self.ui.preferences.forms[key] = draft.texts()
        if draft.group != self.ui.preferences.group:
            self._is_group_chosen = True
            self.ui.preferences.group = draft.group
            self._show_heading()
            self.post_message(self.Regrouped())

    # -- before and after sending ----------------------------------------------------------------------

    def check(self) -> bool:
        """Show the problems under their fields; False when there are some and the user was not warned yet."""
        if self.model is None:
            return False
        is_free = self.request.tabs.active == "json" or self._is_warned
        problems = {} if is_free else self.model.problems(self.request.draft)
        if not problems:
            return True
        self._is_warned = True
        self.request.form.show_problems(problems)
        self.answer.show_problems([f"{name}: {words}" for name, words in problems.items()])
        self.ui.say(self.ui.keyed("✗ Not sent: {send-write} again sends it all the same"), "$text-warning")
        return False

    def can_repeat(self) -> bool:
        """Whether the body can be made anew for each write; says why where it cannot."""
        if self.request.problem:
            self.ui.say(f"✗ Not sent: {self.request.problem}", "$text-error")
        return not self.request.problem

    def show_answer(self, answer: HttpAnswer, object_name: str = "") -> None:
        """Show what came back, and under each field what it says about it."""
        self._is_warned = False
        self.ui.preferences.hints_seen = True
        self.answer.show_answer(answer, object_name)
        self.request.form.show_answers(field_problems(answer))

    def show_bulk_send(self, bulk: BulkSend) -> None:
        """Show how far sending many has come."""
        self.ui.preferences.hints_seen = True
        self.answer.show_bulk_send(bulk)

    async def show_body(self, text: str) -> None:
        """Show a body in the JSON tab, to be changed and sent."""
        await self.request.show_body(text)

    # -- actions ---------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to stop only while many writes are being sent."""
        return self.sending is not None if action == "stop_sending" else True

    def action_send_many(self) -> None:
        """Send the write many times."""
        self.ui.sending.send_many()

    def action_stop_sending(self) -> None:
        """Send no more of the many writes."""
        if self.sending is not None:
            self.sending.cancel()

    async def action_turn_to(self, tab: str) -> None:
        """Show the request as a form, as JSON or as curl, and go to it."""
        await self.request.turn_to(tab)
        self.focus_panel()

    def focus_panel(self) -> None:
        """Go to the first field, or to the JSON."""
        editor = self.request.editor
        if self.request.tabs.active == "json" and editor is not None:
            editor.area.focus()
        elif self.request.tabs.active == "curl":
            self.request.tabs.focus()
        else:
            super().focus_panel()

    def action_clear(self) -> None:
        """Empty every field; the group stays."""
        draft = self.request.draft
        draft.values = dict.fromkeys(draft.values, "")
        draft.primary_key = ""
        for kept in (draft.exact, draft.head, draft.rest):
            kept.clear()
        self.request.show_values()

    def action_copy_curl(self) -> None:
        """Copy the write as a curl command."""
        self.ui.copy(self.request.curl(), "as curl")

    async def action_edit_outside(self) -> None:
        """Change the body in the user's own editor."""
        from ampsandbox.tui.external_editor import edit

        try:
            text = edit(self.app, self.request.body_text())
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        await self.request.show_body(text)

    async def action_fill(self) -> None:
        """Put a plausible value into every empty field, and the newest record into an empty key."""
        if self.model is None or self.ui.state.latest is None:
            self.ui.tell("The sandbox is still starting.")
            return
        self.fake.next_person()
        draft = self.request.draft
        before = {self.model.key_name: draft.primary_key} if self.model.names_record else {}
        if self.model.mode is not Mode.DELETE:
            before |= draft.values
            for name, text in draft.values.items():
                if not text and draft.exactly(name) is ABSENT:
                    draft.values[name] = self.fake.value(self.model.find(name))
        if self.model.names_record and not draft.primary_key:
            draft.primary_key = await self._newest_id(self.model)
        self.request.show_values()
        self._say_filled(before, draft.values | {self.model.key_name: draft.primary_key})

    def _say_filled(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Say which lines have a value now, which kept theirs, and which are empty still."""
        filled = [name for name, text in before.items() if not text and after[name]]
        kept = [name for name, text in before.items() if text]
        empty = [name for name in before if not after[name]]
        parts = [("Filled", filled), ("kept", kept), ("left empty", empty)]
        words = " · ".join(f"{verb} {', '.join(names)}" for verb, names in parts if names)
        self.ui.say(
            f"✓ {words}" if filled else f"Nothing to fill · {words}", "$text-success" if filled else ""
        )

    async def _newest_id(self, model: FormModel) -> str:
        from ampsandbox.tui.screens.record_picker import record_id

        installation = self.ui.installation_for(model.target)
        if installation is None or installation.is_live or not model.object_name:
            return ""
        try:
            page = await self.ui.backend.records.search(installation.id, model.object_name, limit=1)
        except AmpSandboxError:
            return ""
        if not page.rows:
            words = f"no {model.object_name} in the org yet: insert one first, or seed the org "
            words += self.ui.keyed("({show-records}, then {seed-records})")
            self.request.form.show_answers({model.key_name.lower(): words})
        return record_id(page.rows[0]) if page.rows else ""
