"""What the loaded manifest's schedules would cost many customers: a few questions above, the answer below."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Label, Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.sanitize import block, plain
from ampsandbox.tui.user_files import path_of, write_file
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.path_input import PathInput

if TYPE_CHECKING:
    from ampsandbox.capacity.simulation import Progress
    from ampsandbox.capacity.summary import Summary
    from ampsandbox.manifest.model import Manifest

_BAR: Final = 30
_BARS: Final = re.compile("([█▉▊▋▌▍▎▏]+)")
_LEAST_WIDTH: Final = 75
_ABOUT: Final = (
    "{simulate-capacity} simulates. Without a traffic file each object gets 500 writes a day from each of "
    "100 groups; `ampsandbox simulate --print-traffic` writes such a file."
)


class CapacityPanel(Panel):
    """Four fields, how far it is, and the report."""

    TITLE = "Capacity"
    HELP = (
        "Simulates days of writes for many groups by the engine's own rules, against the limits of their "
        "CRMs: how many requests the schedules of this manifest cost, who runs out of calls and when, and "
        "how late records get; the same without batches, and under schedules of yours, such as “every 15 "
        "minutes,0 * * * *”. The traffic file says what is written and for whom (docs/capacity.md). "
        "{simulate-capacity} simulates, esc stops and shows what there is, {export-capacity} writes the "
        "report as HTML, JSON or text."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("capacity")]

    def __init__(self, manifest: Manifest, name: str) -> None:
        super().__init__(id="capacity")
        self.manifest = manifest
        self.name_of_manifest = name
        self.summary: Summary | None = None
        self.is_simulating = False
        self._is_stopped = False
        self._progress: Progress | None = None
        self._started_at = 0.0

    def compose(self) -> ComposeResult:
        """The fields, a line for what is going on, the report."""
        with Horizontal(classes="capacity-fields"):
            yield Label("traffic")
            yield PathInput(endings=(".yaml", ".yml"), placeholder="plain assumptions", id="capacity-traffic")
            yield Label("groups")
            yield Input(placeholder="as given", compact=True, restrict=r"\d{0,7}", id="capacity-groups")
            yield Label("days")
            yield Input(placeholder="as given", compact=True, restrict=r"\d{0,3}", id="capacity-days")
        with Horizontal(classes="capacity-fields"):
            yield Label("compare")
            yield Input(
                "every 15 minutes,0 * * * *", placeholder="schedules, separated by commas", compact=True,
                id="capacity-compare",
            )  # fmt: skip
        yield Static(plain(self.ui.keyed(_ABOUT), "$muted"), id="capacity-line", markup=False)
        with VerticalScroll(id="capacity-report"):
            yield Static("", id="capacity-text", markup=False)

    def on_mount(self) -> None:
        """Start in the path of the traffic file."""
        self.remark(self.name_of_manifest)
        self.query_one("#capacity-traffic").focus()

    def on_unmount(self) -> None:
        """Nobody waits for the answer any more."""
        self._is_stopped = True

    def on_resize(self) -> None:
        """Draw the bars as long as there is room for."""
        self._show_report()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to stop only while it runs, and something to write only afterwards."""
        if action == "stop":
            return self.is_simulating
        return super().check_action(action, parameters)

    def _say(self, text: str, style: str = "$muted") -> None:
        self.query_one("#capacity-line", Static).update(plain(text, style, 1_000))

    # -- running ------------------------------------------------------------------------------------------

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Enter simulates from every field."""
        event.stop()
        self.action_simulate()

    def action_simulate(self) -> None:
        """Simulate what the fields say."""
        if not self.is_simulating:
            self.is_simulating, self._is_stopped, self._progress = True, False, None
            self._started_at = time.monotonic()
            self._show_progress()
            self.refresh_bindings()
            self.run_worker(self._answer(), group="capacity")

    def action_stop(self) -> None:
        """Simulate no more groups, and show what there is."""
        self._is_stopped = True
        self._say("stopping…")

    async def _answer(self) -> None:
        """Work on another thread and its processes; show from time to time how far it is."""
        timer = self.set_interval(0.2, self._show_progress)
        given = {
            name: self.query_one(f"#capacity-{name}", Input).value.strip()
            for name in ("traffic", "groups", "days", "compare")
        }
        try:
            found = await asyncio.to_thread(self._simulate, given)
        except AmpSandboxError as error:
            self._show_problem(error)
        else:
            self.summary = found or self.summary
            self._say(
                self.ui.keyed(_done(found)),
                "$text-warning" if found is None or found.is_partial else "$text-success",
            )
            self._show_report()
            if found is not None:
                self.query_one("#capacity-report").focus()
        finally:
            timer.stop()
            self.is_simulating = False
            self.refresh_bindings()

    def _simulate(self, given: dict[str, str]) -> Summary | None:
        """The answer; None when it was stopped before the first group was done. Runs on another thread."""
        from ampsandbox.capacity.assembly import RunOptions, make_plan, schedules_in
        from ampsandbox.capacity.evaluation import summarise
        from ampsandbox.capacity.simulation import simulate
        from ampsandbox.capacity.traffic import load_traffic

        path = path_of(given["traffic"]) if given["traffic"] else None
        groups, days = (int(given[name] or 0) or None for name in ("groups", "days"))
        plan = make_plan(
            load_traffic(path, self.manifest), RunOptions(groups, days, None, schedules_in(given["compare"]))
        )
        results = simulate(
            plan.scenario, on_progress=self._note_progress, should_stop=lambda: self._is_stopped
        )
        if not results.done_groups:
            return None
        return summarise(plan, results, self.name_of_manifest, assumed_traffic=path is None)

    def _note_progress(self, progress: Progress) -> None:
        self._progress = progress

    def _show_progress(self) -> None:
        if self._is_stopped:
            return
        progress, share, words = self._progress, 0.0, " simulating…"
        if progress is not None:
            share = progress.done_groups / progress.total_groups
            words = f" {share:.0%} · {progress.done_groups:,} groups · {progress.writes:,} writes"
        cells, gone_s = round(share * _BAR), time.monotonic() - self._started_at
        if share and gone_s > 1:
            left_s = round(gone_s / share - gone_s)
            words += f" · {left_s // 60:02}:{left_s % 60:02} left"
        self.query_one("#capacity-line", Static).update(
            Content.assemble(
                ("━" * cells, "$primary"), ("╌" * (_BAR - cells), "$faint"), f"{words} · esc stops"
            )
        )

    # -- the report ---------------------------------------------------------------------------------------

    def _show_problem(self, error: AmpSandboxError) -> None:
        """Say what is wrong; all of it where that is the traffic file."""
        from ampsandbox.capacity.findings import TrafficInvalidError
        from ampsandbox.manifest.formats.text import render

        self._say(f"✗ {error.message} {error.hint}", "$text-error")
        if isinstance(error, TrafficInvalidError):
            self.summary = None
            self.query_one("#capacity-text", Static).update(Content(block(render(error.result))))

    def _show_report(self) -> None:
        if self.summary is None:
            return
        from ampsandbox.capacity.reports.text import figures

        summary = self.summary
        width = max(self.query_one("#capacity-report").size.width - 1, _LEAST_WIDTH)
        style = "bold $text-success" if summary.holds else "bold $text-error"
        parts = [plain(summary.answer, style, 2_000), Content("")]
        parts += [plain(f"· {each}", "", 1_000) for each in summary.advice]
        parts += [Content(""), *(_coloured(line) for line in figures(summary, width))]
        self.query_one("#capacity-text", Static).update(Content("\n").join(parts))

    def action_export(self) -> None:
        """Write the report to a file, in the format that its name ends in."""
        summary = self.summary
        if summary is None:
            self.ui.tell(self.ui.keyed("There is no report yet: {simulate-capacity} simulates."))
            return
        self.ui.ask(
            "Write the report to which file?",
            "A name that ends in .html makes a page with plots, .json the figures, any other the text.",
            lambda path: self.ui.command(_write(path, summary), f"Wrote {path}"),
            value="capacity.html",
        )


def _coloured(line: str) -> Content:
    """A line of the report with its bar in the theme's colour."""
    pieces = _BARS.split(line)
    return Content.assemble(
        *(plain(piece, "$primary" if number % 2 else "") for number, piece in enumerate(pieces))
    )


def _done(summary: Summary | None) -> str:
    if summary is None:
        return "Stopped before the first group was done."
    if summary.is_partial:
        return f"Stopped after {summary.done_groups:,} of {summary.groups:,} groups."
    return "✓ {export-capacity} writes the report to a file."


async def _write(path: str, summary: Summary) -> None:
    from ampsandbox.capacity.reports import format_of, renderer

    def render() -> None:
        write_file(path, f"{renderer(format_of(Path(path)))(summary)}\n")

    await asyncio.to_thread(render)
