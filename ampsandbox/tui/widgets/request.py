"""The request in three forms that say the same: lines, JSON, curl."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher

from ampsandbox.snippets import as_curl
from ampsandbox.tui.forms.draft import Draft
from ampsandbox.tui.forms.fake_values import FakeValues
from ampsandbox.tui.forms.model import FormModel
from ampsandbox.tui.forms.templates import expand_draft
from ampsandbox.tui.text.sanitize import block, json_text
from ampsandbox.tui.ui import AsksUi
from ampsandbox.tui.widgets.request_form import RequestForm
from ampsandbox.tui.widgets.tab_bar import TabBar
from ampsandbox.tui.widgets.text_view import TextSection, TextView

if TYPE_CHECKING:
    from ampsandbox.tui.widgets.body_editor import BodyEditor

_VIEWS: Final = {"form": "form", "json": "json-view", "curl": "curl"}


class RequestPanel(Vertical, AsksUi):
    """One draft, which can be changed as a form and as JSON.

    Attributes:
        editor: The request as JSON; None until that is first shown, for a text area takes a while to load.
    """

    class Changed(Message):
        """The draft holds something else now."""

    def __init__(self) -> None:
        super().__init__(id="request")
        self.model: FormModel | None = None
        self.draft = Draft("demo")
        self.url = ""
        self.installed: Sequence[str] = ()
        self.editor: BodyEditor | None = None
        self._making = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """The tabs over one of the forms."""
        yield TabBar({"form": "Form", "json": "JSON", "curl": "curl"}, id="request-tabs")
        with ContentSwitcher(initial="form", id="request-forms"):
            yield RequestForm()
            yield TextView(id="curl")

    @property
    def form(self) -> RequestForm:
        """The request as a form."""
        return self.query_one(RequestForm)

    @property
    def tabs(self) -> TabBar:
        """The line that names the three forms."""
        return self.query_one("#request-tabs", TabBar)

    # -- showing ---------------------------------------------------------------------------------------

    async def show(self, model: FormModel, draft: Draft, url: str, installed: Sequence[str]) -> None:
        """Show a draft for an endpoint."""
        is_other = self.model is None or self.model.target.key != model.target.key
        if is_other and self.editor is not None:
            self.editor.restart(self._read)
        self.model, self.draft, self.url, self.installed = model, model.with_starters(draft), url, installed
        await self.form.show(model, self.draft, installed)
        self._show_others()

    def show_installed(self, installed: Sequence[str]) -> None:
        """Take note of the groups that the integration is installed for now."""
        self.installed = installed
        self.form.show_installed(installed)

    def show_values(self) -> None:
        """Show the draft after its values were changed from outside."""
        self.form.show_values()
        self._show_others()

    async def show_body(self, text: str) -> None:
        """Show a body in the JSON tab, to be changed and sent."""
        editor = await self._turn_to("json")
        assert editor is not None
        self._adopt(editor.show_text(text))
        editor.area.focus()

    async def _turn_to(self, tab: str) -> BodyEditor | None:
        """Show a tab; the one for JSON is made when it is first shown."""
        async with self._making:
            if tab == "json" and self.editor is None:
                from ampsandbox.tui.widgets.body_editor import BodyEditor

                editor = BodyEditor(self._read)
                await self.query_one("#request-forms", ContentSwitcher).add_content(editor)
                self.editor = editor
        self.tabs.active = tab
        self.query_one("#request-forms", ContentSwitcher).current = _VIEWS[tab]
        return self.editor

    @on(TabBar.Changed, "#request-tabs")
    async def change_tab(self, event: TabBar.Changed) -> None:
        """Follow the tabs."""
        event.stop()
        await self.turn_to(event.tab)

    async def turn_to(self, tab: str) -> None:
        """Show the request as a form, as JSON or as curl."""
        if tab == "form" and self.model is not None:
            await self.form.show(self.model, self.draft, self.installed)
        await self._turn_to(tab)
        self._show_others()

    def _show_others(self) -> None:
        if self.model is not None and self.tabs.active == "json" and self.editor is not None:
            self.editor.show(self.body())
            self._mark_tab()
        elif self.tabs.active == "curl":
            self.query_one("#curl", TextView).show(TextSection(Content(block(self.curl()))))

    def _mark_tab(self) -> None:
        name = "JSON ✗" if self.editor is not None and self.editor.problem else "JSON"
        if self.tabs.tabs["json"] != name:
            self.tabs.tabs["json"] = name
            self.tabs.refresh()

    # -- changing --------------------------------------------------------------------------------------

    @on(RequestForm.Changed)
    def follow_form(self, event: RequestForm.Changed) -> None:
        """Pass on that the form was changed."""
        event.stop()
        self._show_others()
        self.post_message(self.Changed())

    def on_body_editor_edited(self, event: BodyEditor.Edited) -> None:
        """Take over what was typed as JSON; mark the tab while it cannot be."""
        event.stop()
        self._adopt(event.draft)

    def _adopt(self, draft: Draft | None) -> None:
        self._mark_tab()
        if draft is not None and self.model is not None:
            self.draft = self.model.with_starters(draft)
            if self.editor is not None:
                self.editor.keep_in_step(self.body())
            self.post_message(self.Changed())

    def _read(self, text: str) -> Draft:
        return self.model.read(text) if self.model else Draft()

    # -- what is sent ----------------------------------------------------------------------------------

    @property
    def problem(self) -> str:
        """Why the text in the JSON tab, while that is what is sent, is no body of the form's."""
        return self.editor.problem if self.editor is not None and self.tabs.active == "json" else ""

    def body(self) -> dict[str, Any]:
        """The body that the draft stands for, with its placeholders."""
        return self.model.body(self.draft) if self.model else {}

    def body_text(self) -> str:
        """The body as text, with its placeholders; what stands in the JSON tab is sent as it stands."""
        if self.editor is not None and self.tabs.active == "json":
            return self.editor.text
        return json_text(self.body())

    def text_to_send(self, fake: FakeValues) -> str:
        """The body as it goes out."""
        text = self.body_text()
        return text if self.problem or "{{" not in text else json_text(self.body_maker(fake)(1))

    def body_maker(self, fake: FakeValues) -> Callable[[int], dict[str, Any]]:
        """What makes the body of the nth write; later changes of the draft do not reach it."""
        model, draft = self.model, deepcopy(self.draft)

        def record_of(n: int) -> Draft:
            fake.next_person()
            return expand_draft(draft, n, fake)

        def body_of(n: int) -> dict[str, Any]:
            if model is None:
                return {}
            first = (n - 1) * draft.batch_size + 1
            records = [record_of(first + nth) for nth in range(draft.batch_size)]
            return model.body(records[0], records)

        return body_of

    def curl(self) -> str:
        """The request as a shell command; it does what ctrl+j does."""
        text = self.text_to_send(FakeValues())
        with suppress(ValueError, RecursionError):  # What is no JSON goes as it is: the server says so.
            text = json_text(json.loads(text), indent=None)
        headers = self.ui.backend.write_headers
        return as_curl("POST", self.url, text, headers)
