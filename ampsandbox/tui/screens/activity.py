"""What happened over time, as plots: writes, CRM requests against their quota, flushes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.backend.views import Activity, BatchSpan, RequestHistory
from ampsandbox.tui.text.batch_words import REASONS
from ampsandbox.tui.text.plots import GUTTER, Span, axis, columns, timeline
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.text.words import countdown
from ampsandbox.tui.user_files import write_file
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.tab_bar import TabBar

WINDOWS: Final = {"hour": 60, "quarter": 360, "day": 1_440}
_FOLLOW_S: Final = 1.0
_DAY: Final = 1_440
_HEIGHT: Final = 4
_BATCHES_SHOWN: Final = 10


class Plots(VerticalScroll, inherit_bindings=False):
    """What scrolls; left and right are the panel's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
        Binding("home,g", "scroll_home", "Top", show=False),
        Binding("end,G", "scroll_end", "Bottom", show=False),
    ]


class ActivityPanel(Panel):
    """The plots under a line of windows, and the numbers of the step under the cursor."""

    TITLE = "Activity"
    HELP = (
        "The writes that were accepted, written and not written over the sandbox's time, the CRM requests of "
        "each connection in the 24 hours before each moment, with the limit and with what they would have "
        "been without batches, and each batch from its first write to its last outcome: ░ it waited, █ it "
        "was delivered, ▸ it still waits. {narrow-activity} and {widen-activity} choose how long a time is "
        "shown; {earlier-activity} and {later-activity}, or the mouse, move a cursor that names the numbers. "
        "{export-activity} writes the plots to a file, as a page or as SVG. While the clock stands, nothing "
        "moves to the left."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("activity")]

    def __init__(self) -> None:
        super().__init__(id="activity")
        self.activity: Activity | None = None
        self.cursor: int | None = None

    def compose(self) -> ComposeResult:
        """The windows, the plots, and a line for the cursor."""
        yield TabBar({"hour": "1 hour", "quarter": "6 hours", "day": "24 hours"}, id="activity-window")
        with Plots(id="activity-plots"):
            yield Static("", id="activity-text", markup=False)
        yield Static("", id="activity-at", markup=False)

    async def on_mount(self) -> None:
        """Read what happened, choose the shortest window that holds all of it, and follow."""
        await self.reload()
        if self.activity is not None:
            self.tabs.active = _fitting(self.activity)
        self.query_one("#activity-plots").focus()
        self.repeat(_FOLLOW_S, self.reload)

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._draw()

    async def reload(self) -> None:
        """Read what happened, and draw it."""
        try:
            found = await self.ui.backend.activity.last_day()
        except AmpSandboxError as error:
            if self.activity is None:
                self.ui.tell_error(error)
            return
        if self.is_attached and found != self.activity:
            self.activity = found
            self._draw()

    # -- drawing ------------------------------------------------------------------------------------------

    @property
    def tabs(self) -> TabBar:
        """The line that names the windows."""
        return self.query_one(TabBar)

    @property
    def span(self) -> Span | None:
        """The stretch of time that is shown."""
        cells = self.query_one("#activity-plots").content_size.width - GUTTER - 1
        if self.activity is None or cells <= 0:
            return None
        return Span(self.activity.now, WINDOWS[self.tabs.active], cells)

    def _draw(self) -> None:
        activity, span = self.activity, self.span
        if activity is None or span is None:
            return
        if self.cursor is not None:
            self.cursor = min(self.cursor, span.count - 1)
        lines = [line for part in self._plots(activity, span) for line in part]
        self.query_one("#activity-text", Static).update(Content("\n").join(lines))
        self.query_one("#activity-at", Static).update(self._at(activity, span))

    def _plots(self, activity: Activity, span: Span) -> Iterator[list[Content]]:
        for title, counted, style in (
            ("accepted", activity.accepted, "$text-primary"),
            ("written", activity.written, "$text-success"),
            ("failed or in doubt", activity.failed, "$text-error"),
        ):
            sums = span.sums(counted)
            yield [_heading(f"Writes {title}", f"{sum(sums):,} in {self.tabs.tabs[self.tabs.active]}")]
            if any(sums):
                yield columns(sums, span, _HEIGHT, style, self.cursor)
        yield [axis(span), Content("")]
        for each in activity.requests:
            used = span.running(each.requests, _DAY)
            yield [_heading(f"CRM requests in 24 hours · {each.name}", _used(each, span))]
            if any(used):
                yield columns(used, span, _HEIGHT, "$text-warning", self.cursor)
        yield [axis(span), Content("")]
        shown = [each for each in activity.batches if (each.last or activity.now) >= span.start_of(0)]
        yield [_heading("Batches", f"{len(shown):,}" if shown else "none waited or was flushed in this time")]
        for item in shown[-_BATCHES_SHOWN:]:
            yield [timeline(span, item.opened, item.first, item.last), _batch_words(item, activity)]

    def _at(self, activity: Activity, span: Span) -> Content:
        """The numbers of the step under the cursor."""
        if self.cursor is None:
            words = "{earlier-activity} and {later-activity} or the mouse: the numbers of a moment"
            return plain(self.ui.keyed(words), "$muted")
        start, end = span.start_of(self.cursor), span.start_of(self.cursor + 1)
        counts = [
            f"{span.sums(counted)[self.cursor]:,} {word}"
            for word, counted in (
                ("accepted", activity.accepted), ("written", activity.written), ("failed", activity.failed),
            )
        ]  # fmt: skip
        made = sum(span.sums(each.requests)[self.cursor] for each in activity.requests)
        return plain(f"{start:%H:%M}–{end:%H:%M}   {' · '.join(counts)} · {made:,} CRM requests", "bold")

    # -- what can be done ---------------------------------------------------------------------------------

    @on(TabBar.Changed)
    def change_window(self, event: TabBar.Changed) -> None:
        """Show a longer or a shorter time."""
        event.stop()
        self.cursor = None
        self._draw()

    def action_zoom(self, by: int) -> None:
        """Show a longer time, or a shorter one."""
        names = list(WINDOWS)
        self.tabs.choose(names[max(0, min(names.index(self.tabs.active) + by, len(names) - 1))])

    def action_move(self, by: int) -> None:
        """Move the cursor to an earlier or a later step."""
        if (span := self.span) is not None:
            wanted = span.count - 1 if self.cursor is None else self.cursor + by
            self.cursor = max(0, min(wanted, span.count - 1))
            self._draw()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Let the cursor follow the mouse."""
        plots = self.query_one("#activity-plots").content_region
        if self.span is None or not plots.contains(*event.screen_offset):
            return
        cell = event.screen_x - plots.x - GUTTER
        if 0 <= cell < self.span.cells and self.span.step_of(cell) != self.cursor:
            self.cursor = self.span.step_of(cell)
            self._draw()

    def action_export(self) -> None:
        """Write the plots to a file."""
        activity, minutes = self.activity, WINDOWS[self.tabs.active]
        if activity is None:
            return
        self.ui.ask(
            "Write the plots to which file?",
            "A name that ends in .svg makes one picture, any other a page.",
            lambda path: self.ui.command(_write(path, activity, minutes), f"Wrote {path}"),
            value="activity.html",
        )


def _fitting(activity: Activity) -> str:
    """The shortest window that holds every write."""
    now = int(activity.now.timestamp()) // 60
    oldest = min((minute for each in (activity.accepted, activity.written) for minute in each), default=now)
    return next((name for name, minutes in WINDOWS.items() if now - oldest < minutes), "day")


def _heading(title: str, words: str) -> Content:
    return Content.assemble(plain(title, "bold"), "  ", plain(words, "$muted"))


def _used(history: RequestHistory, span: Span) -> str:
    used, unbatched = (span.running(each, _DAY)[-1] for each in (history.requests, history.unbatched))
    limit = f" of {history.limit:,} ({used / history.limit:.1%})" if history.limit else ", no limit"
    return f"{used:,}{limit}" + (f" · unbatched {unbatched:,}" if unbatched != used else "")


def _batch_words(span: BatchSpan, activity: Activity) -> Content:
    batch = span.batch
    count = batch.count + batch.done
    writes = f"{count:,} write{'' if count == 1 else 's'}"
    if span.first is None:
        due = f"flush in {countdown(batch.flush_at - activity.now)}" if batch.flush_at else "no schedule"
        ending = "paused" if batch.is_paused else due
    else:
        requests = f"{batch.requests:,} request{'' if batch.requests == 1 else 's'}"
        ending = f"{requests} · {REASONS.get(batch.reason, '')} · {span.first:%H:%M:%S}"
    return plain(f"{' ' * GUTTER}{batch.object} {batch.mode} · {batch.group} · {writes} · {ending}", "$muted")


async def _write(path: str, activity: Activity, minutes: int) -> None:
    from ampsandbox.tui.text.activity_page import as_page, as_svg

    text = (as_svg if path.lower().endswith(".svg") else as_page)(activity, minutes)
    await asyncio.to_thread(write_file, path, text)
