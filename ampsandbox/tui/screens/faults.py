"""Make the mock CRM of an installation misbehave, and watch its quotas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.backend.views import FaultView, InstallationStatus, QuotaUsage
from ampsandbox.tui.forms.fault_rules import RECIPES
from ampsandbox.tui.screens.fault_dialog import FaultDialog
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

REFRESH_S: Final = 0.5
_BAR: Final = 24
_ROOMY: Final = 90
"""From this width on, gauges are shown at full length."""
_COLUMNS: Final = (
    Column("rule", least=24, is_flexible=True, preferred=36),
    Column("fired", 5, right=True),
    Column("left", 4, right=True),
    Column("last", 8, right=True),
    Column("request struck", least=20, is_flexible=True, rank=1),
)
_MOCK_EMPTY: Final = "The mock CRM behaves. a makes it misbehave."
_LIVE_EMPTY: Final = "A real CRM misbehaves by itself: faults are for mocks. o shows another org."


class FaultsPanel(Panel):
    """Rules above, quotas below."""

    TITLE = "Faults and quota"
    HELP = (
        "Rules by which the mock CRM misbehaves, how often and when each one fired last, and on which "
        "request. a adds one: choose what should happen, then to which requests. d removes the one under the "
        "cursor, x all. Below are the request quotas: what was sent over this connection, what the mock CRM "
        "itself counted, and what the same writes would have cost without batches."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("faults")]

    def __init__(self, installation: InstallationStatus) -> None:
        super().__init__(id="faults")
        self.installation = installation
        self.quota: Sequence[QuotaUsage] = ()

    @property
    def subject(self) -> object:
        """One page for each org."""
        return self.installation.id

    def compose(self) -> ComposeResult:
        """The list and the gauges."""
        yield Static("", id="faults-heading", classes="heading", markup=False)
        yield Rows[FaultView](_COLUMNS, lambda fault: fault.id, _cells, id="fault-rows", empty=_MOCK_EMPTY)
        yield Static("", id="quota", markup=False)

    def on_mount(self) -> None:
        """Keep reading while the screen is open."""
        self.query_one(Rows).focus()
        self._read_soon()
        self.repeat(REFRESH_S, self.reload)

    def _read_soon(self) -> None:
        self.run_worker(self.reload(), exclusive=True, group="faults")

    async def reload(self) -> None:
        """Read rules and quotas."""
        where, heading = self.installation, self.query_one("#faults-heading", Static)
        try:
            faults = [] if where.is_live else await self.ui.backend.faults.list(where.id)
            quota = await self.ui.backend.faults.quota(where.id)
        except AmpSandboxError as error:
            heading.update(plain(f"✗ {error.message}", "$text-error"))
            return
        if where is not self.installation or not self.is_attached:
            return
        sign = "▲ LIVE" if where.is_live else "● mock"
        heading.update(plain(f"{sign} · {where.integration} · {where.group} · {where.org}", "bold"))
        rows = self.query_one("#fault-rows", Rows)
        rows.empty = _LIVE_EMPTY if where.is_live else _MOCK_EMPTY
        rows.show(faults)
        self.quota = quota
        self._show_quota()

    def on_resize(self) -> None:
        """Draw the gauges as long as there is room for."""
        self._show_quota()

    def _show_quota(self) -> None:
        width = _BAR if self.size.width >= _ROOMY else _BAR // 2
        shown = [gauge(item, width) for item in self.quota]
        self.query_one("#quota", Static).update(Content("\n").join(shown))

    def _can_misbehave(self) -> bool:
        if self.installation.is_live:
            self.ui.tell(_LIVE_EMPTY)
        return not self.installation.is_live

    def action_add(self) -> None:
        """Choose what should happen, then to which requests."""
        if not self._can_misbehave() or self.ui.state.latest is None:
            return
        now = self.ui.state.latest.now

        def chosen(recipe: str | None) -> None:
            if recipe is not None:
                self.ui.push_screen(FaultDialog(RECIPES[recipe], now), self._put_in_force)

        self.ui.pick("How should the mock CRM misbehave?", list(RECIPES), chosen)

    def _put_in_force(self, rule: dict[str, Any] | None) -> None:
        if rule is not None:
            work = self.ui.backend.faults.add(self.installation.id, rule)
            self.ui.command(work, "Fault added", self.reload)

    def action_remove(self) -> None:
        """Take the rule under the cursor out of force."""
        fault: FaultView | None = self.query_one("#fault-rows", Rows).selected
        if fault is not None:
            work = self.ui.backend.faults.remove(self.installation.id, fault.id)
            self.ui.command(work, "Fault removed", self.reload)

    def action_clear(self) -> None:
        """Let the mock CRM behave again."""
        if self._can_misbehave():
            work = self.ui.backend.faults.clear(self.installation.id)
            self.ui.command(work, "Faults cleared", self.reload)

    def action_choose(self) -> None:
        """Look at another installation."""
        found = {_name(item): item for item in self.ui.state.installations}

        def chosen(name: str | None) -> None:
            if name is not None:
                self.installation = found[name]
                self._read_soon()

        self.ui.pick("Whose CRM?", list(found), chosen)


def _name(item: InstallationStatus) -> str:
    return f"{'▲ ' if item.is_live else ''}{item.integration} · {item.group}"


def gauge(item: QuotaUsage, width: int = _BAR) -> Content:
    """A quota as a bar with its numbers; one without a limit against what it would be without batches."""
    whole = item.limit or item.unbatched
    share = min(1.0, item.used / whole) if whole else 0.0
    cells = max(round(share * width), 1 if item.used and whole else 0)
    style = "$text-error" if share > 0.9 else "$text-warning" if share > 0.7 else "$text-primary"
    if not item.limit:
        style = "$text-primary"
    words = f" {item.used:,}" + (f" of {item.limit:,} · {_percent(share)}" if item.limit else " requests")
    if item.window:
        words += f" in {item.window}"
    spared = f" instead of {item.unbatched:,}" if item.unbatched else ""
    if spared and width >= _BAR:
        spared += " without batches"
    bar = [("━" * cells, style), ("╌" * (width - cells), "$faint")] if whole else [(" " * width, "")]
    return Content.assemble(plain(f"{item.name:<23} "), *bar, plain(words, "bold"), plain(spared, "$muted"))


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.01 else f"{share:.0%}"


def _cells(fault: FaultView) -> Sequence[Cell]:
    left = "∞" if fault.remaining is None else f"{fault.remaining:,}"
    is_spent = fault.remaining == 0
    fired: Cell = (f"{fault.fired:,}", "warn" if fault.fired else "muted")
    at = f"{fault.last_at:%H:%M:%S}" if fault.last_at else ""
    text: Cell = (fault.text, "muted") if is_spent else fault.text
    last: list[Cell] = [(at, "muted"), (fault.last_request, "muted")]
    return [text, fired, ("spent" if is_spent else left, "muted"), *last]
