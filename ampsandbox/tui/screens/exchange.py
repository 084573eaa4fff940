"""One request in full: what came, what was answered, which CRM requests it led to, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import ContentSwitcher, Input, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.snippets import Headers, masked
from ampsandbox.tui import external_editor
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.highlight import coloured
from ampsandbox.tui.text.operation_words import describe
from ampsandbox.tui.text.sanitize import block, plain, pretty
from ampsandbox.tui.text.waterfall import path, status, took_s, waterfall
from ampsandbox.tui.widgets.log_rows import result
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.tab_bar import TabBar
from ampsandbox.tui.widgets.text_view import TextSection, TextView

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Exchange
    from ampsandbox.tui.backend.views import LogDetail
    from ampsandbox.tui.widgets.log_window import LogWindow

TABS: Final = {
    "request": "Request", "response": "Answer", "crm": "CRM and timing", "operation": "Operation",
}  # fmt: skip
_FOLLOW_S: Final = 0.5
_BODY_SHOWN: Final = 1_000_000
_COLOURED_UP_TO: Final = 100_000
_CRM_IN_FULL: Final = 20
_UNSETTLED: Final = ("queued", "sending")


class ExchangePanel(Panel):
    """The tabs of one exchange. What its write leads to is followed while it is shown."""

    TITLE = "Request"
    HELP = (
        "One request to the sandbox in full; ← and → change the tab. “CRM and timing” draws the way of the "
        "write: when it came, how long it waited in its batch, each CRM request made for it with a bar for "
        "how long it took, faults and retries, and its outcome; the requests follow in full. It goes on "
        "while you look. ↓ goes into the text; shift with ↑ and ↓ selects lines, {say-how-to-quit} copies "
        "them. {toggle-wrap} wraps long lines or not, {toggle-line-numbers} numbers those of bodies. "
        "{search-exchange} searches the text, {next-place} and {previous-place} go on, esc ends the search. "
        "{next-exchange} and {previous-exchange} go through the log. "
        "{open-exchange-operation} opens the operation, {open-exchange-record} its record. Secrets are "
        "masked."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("exchange"),
        Binding("escape", "leave", "Back", show=False),
        Binding("left,h", "step(-1)", "Previous tab", show=False),
        Binding("right,l", "step(1)", "Next tab", show=False),
        Binding("up,k", "enter_text('move(-1)')", "Up", show=False),
        Binding("down,j", "enter_text('move(1)')", "Down", show=False),
        Binding("pageup", "enter_text('page(-1)')", "Page up", show=False),
        Binding("pagedown,space", "enter_text('page(1)')", "Page down", show=False),
        Binding("home,g", "enter_text('end(-1)')", "Top", show=False),
        Binding("end,G", "enter_text('end(1)')", "Bottom", show=False),
    ]

    def __init__(self, detail: LogDetail, book: LogWindow) -> None:
        super().__init__(id="exchange")
        self.detail = detail
        self._book = book

    @property
    def subject(self) -> object:
        """One page for each exchange."""
        return self.detail.row.seq

    def compose(self) -> ComposeResult:
        """A heading, tabs, their texts, and the search line."""
        yield Static(classes="heading", markup=False)
        yield TabBar(TABS, id="exchange-tabs")
        with ContentSwitcher(initial="text-request", id="exchange-texts"):
            for tab in TABS:
                yield TextView(id=f"text-{tab}")
        yield Input(placeholder="search in this text", compact=True, id="exchange-search")

    def on_mount(self) -> None:
        """Show the texts, and follow a write that has no outcome yet."""
        self.query_one("#exchange-search").display = False
        self.query_one(TabBar).focus()
        self.repeat(_FOLLOW_S, self._follow)

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._show_all()

    def _show_all(self) -> None:
        row = self.detail.row
        heading = f"{row.method} {row.path}   {result(row)[0]}   {row.elapsed_ms:,.1f} ms"
        sizes = f"{len(self.detail.sent):,} bytes sent, {len(self.detail.answered):,} answered"
        self.query_one(".heading", Static).update(plain(f"{heading}   {sizes}", "bold"))
        place, count = self._book.place(row.seq)
        self.hint(f"[ {place:,}/{count:,} ]" if place else "")
        self._show(TABS)

    async def action_go_on(self, by: int) -> None:
        """Show the next request of the log, or the previous one, on the same tab."""
        row = self._book.neighbour(self.detail.row.seq, by)
        if row is None:
            self.ui.tell("This is the newest request." if by > 0 else "This is the oldest request.")
            return
        try:
            self.detail = await self.ui.backend.log.get(row.seq)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        self._show_all()
        self._find()

    def _show(self, tabs: Iterable[str]) -> None:
        detail = self.detail
        texts: dict[str, Callable[[], Sequence[TextSection]]] = {
            "request": lambda: message(detail.request_headers, detail.request_body),
            "response": lambda: message(detail.response_headers, detail.response_body),
            "crm": self._way,
            "operation": lambda: [
                TextSection(
                    describe(detail.operation, self.ui.keyed)
                    if detail.operation
                    else plain(self.ui.keyed(_BATCH), "$muted")
                    if detail.batch_id
                    else _NO_OPERATION
                )
            ],
        }
        for tab in tabs:
            self.query_one(f"#text-{tab}", TextView).show(*texts[tab]())

    def _way(self) -> list[TextSection]:
        """The waterfall over the CRM requests in full."""
        now = self.ui.state.latest.now if self.ui.state.latest else None
        picture = waterfall(self.detail, now, self.content_size.width - 1)
        requests = self.detail.crm[-_CRM_IN_FULL:]
        return [TextSection(picture + "\n"), *(part for request in requests for part in in_full(request))]

    async def _follow(self) -> None:
        operation = self.detail.operation
        if operation is None or operation.state not in _UNSETTLED:
            return
        before = self.detail
        try:
            detail = await self.ui.backend.log.get(before.row.seq)
        except AmpSandboxError:
            return  # The log was cleared; what is shown stays.
        if self.detail is not before:
            return  # Another request is shown by now.
        self.detail = detail
        if self.is_attached and not self.text.position[1]:
            self._show(("crm", "operation"))

    # -- tabs and search ---------------------------------------------------------------------------------

    @property
    def text(self) -> TextView:
        """The text that is shown."""
        return self.query_one(f"#{self.query_one(ContentSwitcher).current}", TextView)

    @on(TabBar.Changed)
    def change_tab(self, event: TabBar.Changed) -> None:
        """Show the chosen tab, and look for the same words in it."""
        event.stop()
        self.query_one(ContentSwitcher).current = f"text-{event.tab}"
        self.call_after_refresh(self._find)

    def action_step(self, by: int) -> None:
        """Change the tab while the text has the focus."""
        self.query_one(TabBar).action_step(by)

    async def action_enter_text(self, action: str) -> None:
        """Go from the tabs to the text, and move the cursor there."""
        self.screen.set_focus(self.text)
        await self.text.run_action(action)

    def action_search(self) -> None:
        """Open the search line."""
        line = self.query_one("#exchange-search", Input)
        line.display = True
        self.screen.set_focus(line)

    def action_go(self, by: int) -> None:
        """Go to the next place, or the previous one."""
        self.text.go(by)
        self._count()

    @on(Input.Changed, "#exchange-search")
    def search_while_typing(self, event: Input.Changed) -> None:
        """Go to the first place that holds what was typed so far."""
        event.stop()
        self._find()

    @on(Input.Submitted, "#exchange-search")
    def search_done(self, event: Input.Submitted) -> None:
        """Go from the search line to the text."""
        event.stop()
        self.text.focus()

    def _find(self) -> None:
        if not self.is_attached:
            return  # Asked for after a refresh: the screen that was refreshed may be the one below by now.
        self.text.find(self.query_one("#exchange-search", Input).value)
        self._count()

    def _count(self) -> None:
        number, count = self.text.position
        words = self.query_one("#exchange-search", Input).value
        self.remark(f"{number:,} of {count:,}" if count else "not found" if words else "")

    def action_leave(self) -> None:
        """End the search; without one, go back."""
        line = self.query_one("#exchange-search", Input)
        if not line.display:
            self.screen.dismiss(None)
            return
        line.value = ""
        line.display = False
        self.text.focus()

    # -- what can be done --------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the request in another language."""
        self.ui.requests.copy(self.detail)

    def action_page(self) -> None:
        """Show request and answer in the user's own pager."""
        detail = self.detail
        text = f"{block(pretty(detail.request_body))}\n\n{block(pretty(detail.response_body))}\n"
        try:
            external_editor.page(self.app, text)
        except AmpSandboxError as error:
            self.ui.tell_error(error)

    def action_replay(self) -> None:
        """Send the request again."""
        self.ui.requests.replay(self.detail)

    def action_edit(self) -> None:
        """Put the request into the form."""
        self.screen.dismiss(None)
        self.ui.requests.edit(self.detail)

    def action_open_operation(self) -> None:
        """Show the operation with what can be done about it."""
        made = self.detail.operation.id if self.detail.operation else self.detail.batch_id
        if made:
            self.ui.operations.open(made)
        else:
            self.ui.tell("No operation was made of this request.")

    def action_open_record(self) -> None:
        """Show the record that was written."""
        if self.detail.operation is None:
            self.ui.tell("No operation was made of this request.")
        else:
            self.ui.records.open_of(self.detail.operation.id)


_BATCH: Final = "These records went as a batch: {open-exchange-operation} shows what became of each."
_NO_OPERATION: Final = Content.styled("No operation was made of it.", "$muted")


def in_full(item: Exchange) -> list[TextSection]:
    """A CRM request with its answer."""
    answered = Content.assemble(("answered ", "$muted"), status(item), f"  {took_s(item) * 1000:,.1f} ms")
    return [
        TextSection(plain(f"{item.method} {path(item.url)}", "bold $text-primary", 300)),
        *message(item.request_headers, item.request_body),
        TextSection(answered),
        *message(item.response_headers, item.response_body),
        TextSection(Content("")),
    ]


def message(headers: Headers, body: str) -> list[TextSection]:
    """Headers, secret ones masked, over a body; JSON is indented and coloured."""
    lines = [Content.assemble(plain(f"{name}: ", "$muted"), plain(value)) for name, value in masked(headers)]
    above = [TextSection(Content("\n").join([*lines, Content("")]))] if lines else []
    if not body:
        return [*above, TextSection(Content.styled("(no body)", "$muted"))]
    shown = block(pretty(body), _BODY_SHOWN)
    return [
        *above,
        TextSection(coloured(shown) if len(shown) <= _COLOURED_UP_TO else Content(shown), is_body=True),
    ]
