"""One request in full: what came, what was answered, which CRM requests it led to, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions import bindings
from ampsandbox.tui.operation_words import describe
from ampsandbox.tui.plain import block, plain, pretty
from ampsandbox.tui.snippets import Headers, masked
from ampsandbox.tui.widgets.log import result
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Exchange
    from ampsandbox.tui.views import LogDetail

_TABS = {"request": "Request", "response": "Answer", "crm": "CRM requests", "operation": "Operation"}
_BAR_WIDTH = 16


class ExchangePanel(Panel):
    """The tabs of one exchange."""

    TITLE = "Request"
    HELP = (
        "One request to the sandbox in full. “CRM requests” are those that its write led to, with a bar "
        "for when each "
        "ran; a write that still waits has none yet. Secrets are masked."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("exchange")]

    def __init__(self, detail: LogDetail) -> None:
        super().__init__(id="exchange")
        self.detail = detail

    def compose(self) -> ComposeResult:
        """A heading, tabs, and their texts."""
        detail = self.detail
        sign = result(detail.row)[0]
        yield Static(
            plain(
                f"{detail.row.method} {detail.row.path}   {sign}   {detail.row.elapsed_ms:,.0f} ms", "bold"
            ),
            classes="heading",
        )
        yield TabBar(_TABS, id="exchange-tabs")
        with ContentSwitcher(initial="tab-request", id="exchange-texts"):
            yield _text("request", _message(detail.request_headers, detail.request_body))
            yield _text("response", _message(detail.response_headers, detail.response_body))
            yield _text("crm", waterfall(detail))
            yield _text(
                "operation",
                describe(detail.operation) if detail.operation else _none("No operation was made of it."),
            )

    def on_mount(self) -> None:
        """Start on the tabs."""
        self.query_one(TabBar).focus()

    def on_tab_bar_changed(self, event: TabBar.Changed) -> None:
        """Show the chosen tab."""
        event.stop()
        self.query_one(ContentSwitcher).current = f"tab-{event.tab}"

    def action_copy(self) -> None:
        """Copy the request in another language."""
        self.ui.copy_exchange(self.detail)

    def action_page(self) -> None:
        """Show request and answer in the user's own pager."""
        from ampsandbox.tui.outside import page

        detail = self.detail
        text = f"{block(pretty(detail.request_body))}\n\n{block(pretty(detail.response_body))}\n"
        try:
            page(self.ui, text)
        except AmpSandboxError as error:
            self.ui.tell_error(error)

    def action_replay(self) -> None:
        """Send the request again."""
        self.ui.replay(self.detail)

    def action_edit(self) -> None:
        """Put the request into the form."""
        self.screen.dismiss(None)
        self.ui.edit_exchange(self.detail)


def waterfall(detail: LogDetail) -> Content:
    """The CRM requests with a bar each, on the time from the first to the last."""
    if not detail.crm:
        return _none("None yet. A scheduled write leads to CRM requests when its batch is flushed.")
    start = min(item.at for item in detail.crm)
    end = max(item.at + timedelta(milliseconds=item.elapsed_ms) for item in detail.crm)
    span = max((end - start).total_seconds() * 1000, 1)
    parts: list[Content] = []
    for item in detail.crm:
        left = round((item.at - start).total_seconds() * 1000 / span * _BAR_WIDTH)
        length = max(1, round(item.elapsed_ms / span * _BAR_WIDTH))
        left = min(left, _BAR_WIDTH - 1)
        bar = " " * left + "━" * min(length, _BAR_WIDTH - left)
        parts.append(
            Content.assemble(
                (f"{bar:<{_BAR_WIDTH}} ", "$text-primary"), plain(f"{item.elapsed_ms:>7,.1f} ms "),
                _status(item),
                plain(f" {item.method} {_path(item.url)}", "bold", 200),
            )
        )  # fmt: skip
    parts.append(Content(""))
    for item in detail.crm:
        parts += [
            plain(f"{item.method} {item.url}", "bold $text-primary", 300),
            _message(item.request_headers, item.request_body),
        ]
        parts += [
            Content.assemble(("answered ", "$muted"), _status(item)),
            _message(item.response_headers, item.response_body),
            Content(""),
        ]
    return Content("\n").join(parts)


def _path(url: str) -> str:
    """The URL without scheme and host, which are the same for all."""
    return "/" + url.partition("://")[2].partition("/")[2] if "://" in url else url


def _status(item: Exchange) -> Content:
    if item.status is None:
        return Content.styled("? no answer", "$text-warning")
    good = item.status < 400
    return Content.styled(f"{'✓' if good else '✗'} {item.status}", "$text-success" if good else "$text-error")


def _message(headers: Headers, body: str) -> Content:
    lines = [Content.assemble(plain(f"{name}: ", "$muted"), plain(value)) for name, value in masked(headers)]
    if lines:
        lines.append(Content(""))
    lines.append(Content(block(pretty(body))) if body else Content.styled("(no body)", "$muted"))
    return Content("\n").join(lines)


def _none(words: str) -> Content:
    return Content.styled(words, "$muted")


def _text(name: str, content: Content) -> VerticalScroll:
    return VerticalScroll(Static(content, markup=False), id=f"tab-{name}")
