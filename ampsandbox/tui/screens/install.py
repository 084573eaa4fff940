"""An installation under way: one line for each thing that is created in the CRM."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ampsandbox.engine.crm import ProvisioningPlan, ProvisioningStep, StepAction
from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.panel import Panel

_SIGNS = {
    StepAction.CREATE: ("+ create", "$text-success"),
    StepAction.EXISTS: ("= exists", "$muted"),
    StepAction.CONFLICT: ("✗ conflict", "$text-error"),
    StepAction.MISSING_PERMISSION: ("✗ not permitted", "$text-error"),
}

_BAR = 30

OnStep = Callable[[ProvisioningStep], None]
Work = Callable[[OnStep], Coroutine[Any, Any, None]]


class StepsPanel(Panel):
    """The steps of a plan, or of an installation while it runs.

    `work` is what installs, where that is more than asking the backend to.
    """

    TITLE = "Install"
    HELP: ClassVar[str | None] = (
        "What an installation does in the CRM, step by step: + is created, = is there already, ✗ stops it."
    )

    def __init__(
        self, integration: str, group: str, plan: ProvisioningPlan | None = None, *, work: Work | None = None
    ) -> None:
        super().__init__(id="steps")
        self.integration = integration
        self.group = group
        self.plan = plan
        self.work = work or self._install
        self.steps: list[ProvisioningStep] = list(plan.steps) if plan else []
        self.expected = 0
        words = "Nothing was changed: this is what an installation would do." if plan else "Working…"
        self.end = (words, "$muted")

    @property
    def subject(self) -> object:
        """One page for each installation and each plan."""
        return (self.integration, self.group, self.plan)

    def compose(self) -> ComposeResult:
        """The steps, and how it ended."""
        with VerticalScroll():
            yield Static("", id="step-lines", markup=False)
            yield Static("", id="step-end", markup=False)

    def on_mount(self) -> None:
        """Show the plan, or begin."""
        verb = "Plan for" if self.plan else "Installing"
        self.border_title = plain(f"{verb} {self.integration} · {self.group}", limit=80)
        self.query_one(VerticalScroll).focus()
        if self.plan is None:
            self.run_worker(self._run())
        self._paint()

    async def _install(self, on_step: OnStep) -> None:
        plan = await self.ui.backend.installations.plan(self.integration, self.group)
        self.expected = len(plan.steps)
        await self.ui.backend.installations.install(self.integration, self.group, on_step)

    async def _run(self) -> None:
        try:
            await self.work(self._on_step)
        except AmpSandboxError as error:
            self._finish(f"✗ {error.message} {error.hint}", "$text-error")
            await self.ui.refresh_state()
            return
        self._finish(f"✓ Installed for {self.group}. esc goes back.", "bold $text-success")
        self.ui.say(f"✓ Installed {self.integration} for {self.group}", "$text-success")
        await self.ui.refresh_state()

    def _on_step(self, step: ProvisioningStep) -> None:
        """Take a step from the backend's thread to the interface's."""
        self.call_later(self._add, step)

    def _add(self, step: ProvisioningStep) -> None:
        self.steps.append(step)
        self._paint()

    def _finish(self, words: str, style: str) -> None:
        # Steps may still arrive from the other thread after this; they must not paint over it.
        self.end = (words, style)
        self._paint()

    def _paint(self) -> None:
        lines = []
        for step in self.steps:
            sign, tone = _SIGNS[step.action]
            detail = plain(f"  {step.detail}", "$muted") if step.detail else Content("")
            lines.append(
                Content.assemble(
                    (f"{sign:<16}", tone),
                    plain(f"{step.kind:<12} ", "$muted"),
                    plain(step.name, "bold"),
                    detail,
                )
            )
        self.query_one("#step-lines", Static).update(Content("\n").join(lines))
        self.query_one("#step-end", Static).update(
            Content.assemble("\n", self._progress(), plain(*self.end, 1_000))
        )

    def _progress(self) -> Content:
        done, expected = len(self.steps), max(self.expected, len(self.steps))
        if self.plan is not None or not expected:
            return Content("")
        filled = round(done / expected * _BAR)
        return Content.assemble(
            ("━" * filled, "$text-primary"), ("╌" * (_BAR - filled), "$faint"), f" {done} of {expected}\n"
        )
