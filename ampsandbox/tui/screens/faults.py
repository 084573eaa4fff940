"""Make the mock CRM of an installation misbehave, and watch its quotas."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions import bindings
from ampsandbox.tui.plain import plain
from ampsandbox.tui.screens.editor import EditorDialog, as_json, read_object
from ampsandbox.tui.views import FaultView, InstallationView, QuotaView
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

REFRESH_S: Final = 0.5
RECIPES: Final[dict[str, dict[str, Any]]] = {
    "refuse the next 3 requests: too many requests": {"kind": "rate-limit", "first": 3, "retryAfterS": 2},
    "be down for the next 5 requests (503)": {"kind": "outage", "first": 5},
    "apply the next request, then lose its answer": {"kind": "drop-after", "method": "POST", "first": 1},
    "cut the next connection before anything is applied": {"kind": "drop-before", "first": 1},
    "take 2 seconds for every request": {"kind": "latency", "seconds": 2},
    "let the access token expire once": {"kind": "expired-token", "first": 1},
    "lock the first record of the next batch": {"kind": "row-lock", "record": 1, "first": 1},
    "refuse the second record of every batch":
        {"kind": "record-error", "record": 2, "code": "REFUSED", "message": "On purpose."},
    "fail a tenth of all requests": {"kind": "error", "share": 0.1, "status": 500, "code": "INTERNAL_ERROR"},
}  # fmt: skip


class FaultsPanel(Panel):
    """Rules above, quotas below."""

    TITLE = "Faults and quota"
    HELP = (
        "Rules by which the mock CRM misbehaves, and how often each one fired. a adds one: choose a "
        "recipe and change "
        "it before it is put in force. Below are the CRM's request quotas, and what the same writes "
        "would have cost "
        "without batches."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("faults")]

    def __init__(self, installation: InstallationView) -> None:
        super().__init__(id="faults")
        self.installation = installation

    def compose(self) -> ComposeResult:
        """The list and the gauges."""
        yield Static("", id="faults-heading", classes="heading", markup=False)
        yield Rows[FaultView](
            [Column("rule", least=30), Column("fired", 7, right=True), Column("left", 7, right=True)],
            lambda fault: fault.id, _cells, id="fault-rows",
            empty="The mock CRM behaves. a makes it misbehave.",
        )  # fmt: skip
        yield Static("", id="quota", markup=False)

    def on_mount(self) -> None:
        """Keep reading while the screen is open."""
        self.query_one(Rows).focus()
        self._read_soon()
        self.set_interval(REFRESH_S, self._read_soon)

    def _read_soon(self) -> None:
        self.run_worker(self.reload(), exclusive=True, group="faults")

    async def reload(self) -> None:
        """Read rules and quotas."""
        try:
            faults = await self.ui.backend.faults(self.installation.id)
            quota = await self.ui.backend.quota(self.installation.id)
        except AmpSandboxError as error:
            self.query_one("#faults-heading", Static).update(plain(f"✗ {error.message}", "$text-error"))
            return
        where = self.installation
        words = f"{where.integration} · {where.group} · {where.org or where.connection}"
        self.query_one("#faults-heading", Static).update(plain(words, "bold"))
        self.query_one("#fault-rows", Rows).show(faults)
        self.query_one("#quota", Static).update(Content("\n").join([gauge(item) for item in quota]))

    def action_add(self) -> None:
        """Choose a recipe, change it, put it in force."""

        def chosen(recipe: str | None) -> None:
            if recipe is not None:
                self.ui.push_screen(
                    EditorDialog(recipe, as_json(RECIPES[recipe]), check=read_object), self._put_in_force
                )

        self.ui.pick("How should the mock CRM misbehave?", list(RECIPES), chosen)

    def _put_in_force(self, text: str | None) -> None:
        if text is not None:
            self.ui.command(
                self.ui.backend.add_fault(self.installation.id, read_object(text)), "Fault added", self.reload
            )

    def action_clear(self) -> None:
        """Let the mock CRM behave again."""
        self.ui.command(self.ui.backend.clear_faults(self.installation.id), "Faults cleared", self.reload)

    def action_choose(self) -> None:
        """Look at another installation."""
        mocks = {
            f"{item.integration} · {item.group}": item for item in self.ui.installations if not item.is_live
        }

        def chosen(name: str | None) -> None:
            if name is not None:
                self.installation = mocks[name]
                self._read_soon()

        self.ui.pick("Whose mock CRM?", list(mocks), chosen)


def gauge(item: QuotaView, width: int = 30) -> Content:
    """A quota as a bar with its numbers."""
    share = min(1.0, item.used / item.limit) if item.limit else 0.0
    cells = max(round(share * width), 1 if item.used else 0)
    style = "$text-error" if share > 0.9 else "$text-warning" if share > 0.7 else "$text-primary"
    limit = f" of {item.limit:,}" if item.limit else ""
    window = f" in {item.window}" if item.window else ""
    cost = f"   unbatched: {item.unbatched:,}" if item.unbatched else ""
    return Content.assemble(
        plain(f"{item.name:<18} "), ("━" * cells, style), ("╌" * (width - cells), "$faint"),
        plain(f" {item.used:,}{limit}{window}", "bold"), plain(cost, "$muted"),
    )  # fmt: skip


def _cells(fault: FaultView) -> list[Cell]:
    left = "∞" if fault.remaining is None else f"{fault.remaining:,}"
    fired: Cell = (f"{fault.fired:,}", "warn" if fault.fired else "muted")
    return [fault.text, fired, (left, "muted")]
