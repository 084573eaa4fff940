"""The main screen: tree, tabs, batches and log between the header and the footer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.geometry import Size
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Static

from ampsandbox.tui.forms.target import FormTarget, targets
from ampsandbox.tui.screens import sizes
from ampsandbox.tui.text.words import countdown
from ampsandbox.tui.widgets.batches import BatchesPanel
from ampsandbox.tui.widgets.borders import DraggedBorders
from ampsandbox.tui.widgets.header_bar import HeaderBar
from ampsandbox.tui.widgets.integrations import IntegrationsPanel
from ampsandbox.tui.widgets.key_hints import KeyHints
from ampsandbox.tui.widgets.log import LOG_KEYS, LogPanel
from ampsandbox.tui.widgets.pane import Pane
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.status_line import StatusLine
from ampsandbox.tui.widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from ampsandbox.manifest.findings import LoadResult
    from ampsandbox.manifest.model import Manifest
    from ampsandbox.tui.backend.views import SchemaView, Snapshot
    from ampsandbox.tui.ui import Ui
    from ampsandbox.tui.widgets.write import WritePane

TABS: dict[str, str] = {"write": "Write", "installer": "Installer", "records": "Records", "schema": "Schema"}
_SETTLE_S = 0.06
_STYLES = Path(__file__).parents[1] / "styles" / "app.tcss"
_LEAST = Size(50, 14)
_TOO_SMALL = f"Make this window larger, please.\nampsandbox needs at least {_LEAST.width} × {_LEAST.height}."


class Centre(Panel):
    """The tabs."""


class MainScreen(DraggedBorders):
    """Everything at a glance."""

    AUTO_FOCUS = "#tree"
    ALLOW_IN_MAXIMIZED_VIEW = "#header, #bottom, .-textual-system"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (160, "-wide")]  # noqa: RUF012 - as Textual does
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012

    def __init__(self, project: str, url: str) -> None:
        super().__init__()
        self.project = project
        self.url = url
        self.target: FormTarget | None = None
        self.schema: SchemaView | None = None
        self._chosen: FormTarget | None = None
        self._waiting: Timer | None = None
        self._adding = asyncio.Lock()
        self.has_form = False

    def compose(self) -> ComposeResult:
        """Header, tree and tabs, batches and log, status and footer."""
        yield HeaderBar(self.project, self.url)
        with Horizontal(id="upper"):
            yield IntegrationsPanel()
            with Centre(id="centre"):
                yield TabBar(TABS, id="tabs")
                yield ContentSwitcher(id="panes")
        with Container(id="lower"):
            yield BatchesPanel()
            yield LogPanel()
        with Vertical(id="bottom"):
            yield StatusLine()
            yield KeyHints()
        yield Static(_TOO_SMALL, id="too-small", markup=False)

    async def fill(self) -> None:
        """Put the write form into its tab; it is left out of the first frame, which is there sooner so."""
        async with self._adding:
            if not self.has_form:
                self.app.stylesheet.read(_STYLES)
                await self.query_one("#panes", ContentSwitcher).add_content(_make("write"), set_current=True)
                self.has_form = True

    @property
    def form(self) -> WritePane:
        """The write form; it is there before any state is shown."""
        return cast("WritePane", self.query_one("#write"))

    # -- state -----------------------------------------------------------------------------------------

    def show(self, snapshot: Snapshot) -> None:
        """Bring every part up to this moment."""
        self.query_one(HeaderBar).show(snapshot)
        self.query_one(StatusLine).show(snapshot)
        self.query_one(BatchesPanel).show(snapshot)
        self.query_one(LogPanel).show(snapshot)
        self._announce_batches(snapshot)
        self.set_class(any(item.is_live for item in snapshot.installations), "-live")
        manifest = snapshot.loaded.manifest
        self.query_one(IntegrationsPanel).show(manifest, snapshot.installations, snapshot.batches)
        self._show_findings(snapshot)
        if (pane := self.pane) is not None:
            pane.show(snapshot)

    def _announce_batches(self, snapshot: Snapshot) -> None:
        """In the log's border, say what waits behind it where both share one place, else what its keys do."""
        batches = self.query_one(BatchesPanel)
        words = "" if batches.display else self.ui.keyed("{focus-batches}: batches")
        if snapshot.batches and words:
            waiting = sum(batch.count for batch in snapshot.batches)
            due = snapshot.next_flush
            words = f"◷ {waiting:,} waiting" + (f" · flush in {countdown(due - snapshot.now)}" if due else "")
            words += self.ui.keyed(" · {focus-batches}: batches")
        log = self.query_one(LogPanel)
        log.hint(words or (self.ui.keyed(LOG_KEYS) if self.focused is log.rows else ""))
        batches.hint(self.ui.keyed("{focus-log}: log") if self.has_class("-narrow") else "")

    def _show_findings(self, snapshot: Snapshot) -> None:
        switcher = self.query_one("#panes", ContentSwitcher)
        if snapshot.loaded.errors:
            self.call_later(self._open_findings, snapshot.loaded)
        elif switcher.current == "findings":
            switcher.current = self.query_one("#tabs", TabBar).active
            self.query("#findings").remove()

    async def _open_findings(self, loaded: LoadResult) -> None:
        from ampsandbox.tui.screens.findings import FindingsView

        async with self._adding:
            found = self.query(FindingsView)
            if found:
                found.first().show(loaded)
            else:
                switcher = self.query_one("#panes", ContentSwitcher)
                await switcher.add_content(FindingsView(loaded), set_current=True)

    # -- tabs ------------------------------------------------------------------------------------------

    @property
    def pane(self) -> Pane | None:
        """The pane that is shown."""
        current = self.query_one("#panes", ContentSwitcher).visible_content
        return current if isinstance(current, Pane) and current.is_mounted else None

    @on(TabBar.Changed, "#tabs")
    async def change_tab(self, event: TabBar.Changed) -> None:
        """Show the chosen tab, making it when it is new."""
        event.stop()
        await self.open_tab(event.tab)

    async def open_tab(self, tab: str) -> Pane:
        """Show a tab; it is made and filled when it is first opened."""
        await (
            self.fill()
        )  # The first tab, and what all of them look like: a click may come before it is there.
        switcher = self.query_one("#panes", ContentSwitcher)
        bar = self.query_one("#tabs", TabBar)
        bar.active = tab
        async with self._adding:  # Keys and clicks ask for a tab from two message loops.
            if any(child.id == tab for child in switcher.children):
                switcher.current = tab
            else:
                await switcher.add_content(_make(tab), set_current=True)
        pane = switcher.query_one(f"#{tab}", Pane)
        if self.target is not None and tab != "write":
            await pane.show_target(self.target, self.schema)
        return pane

    # -- endpoints -------------------------------------------------------------------------------------

    @on(IntegrationsPanel.Chosen)
    async def choose(self, event: IntegrationsPanel.Chosen) -> None:
        """Follow the cursor of the tree once it rests; go to the form when the endpoint was opened."""
        event.stop()
        self._chosen = event.target
        if self._waiting is not None:
            self._waiting.stop()
        await self.fill()
        if event.is_opened:
            await self.set_target(event.target)
            (await self.open_tab("write")).focus_panel()
            return
        self._waiting = self.set_timer(_SETTLE_S, lambda: self._follow(event.target))

    def _follow(self, target: FormTarget) -> None:
        self.run_worker(self.set_target(target), group="target")

    async def set_target(self, target: FormTarget, *, again: bool = False) -> None:
        """Make an endpoint the selected one: shows its form, and the CRM's fields once they are known."""
        if not again and self.target is not None and self.target.key == target.key:
            return
        self.target = self._chosen = target
        self.schema = None
        await self.form.show_target(target, None)
        self.read_fields()

    def on_write_pane_regrouped(self) -> None:
        """Another group may have other fields in its CRM."""
        self.read_fields()

    def read_fields(self) -> None:
        """Ask the CRM for the fields of the selected object, and show what depends on them.

        Never cancelled for a later one: who asks last might ask for the same, or be cancelled before it asks,
        and then nobody would show them.
        """
        self.run_worker(self._read_fields(), group="fields")

    async def _read_fields(self) -> None:
        target = self.target
        if target is None:
            return
        asked = self.ui.installation_for(target)
        schema = await self.ui.read_schema(target)
        if self.target is not target or not self.is_attached:
            return  # Whoever chose another endpoint asks for its fields.
        now = self.ui.installation_for(target)
        if (now and now.id) != (asked and asked.id):
            self.read_fields()
            return
        self.schema = schema
        await self.form.show_target(target, schema)
        pane = self.pane
        if pane is not None and pane is not self.form:
            await pane.show_target(target, schema)

    def on_resize(self) -> None:
        """Give the parts their remembered sizes, as far as there is room."""
        sizes.apply(self, self.ui.preferences)
        self.set_class(self.size.width < _LEAST.width or self.size.height < _LEAST.height, "-tiny")

    @on(IntegrationsPanel.Grown)
    def give_room(self, event: IntegrationsPanel.Grown) -> None:
        """Let the tree be as wide as its names, as far as there is room."""
        event.stop()
        sizes.apply(self, self.ui.preferences)

    def show_in_tree(self, target: FormTarget) -> None:
        """Put the tree's cursor on an endpoint."""
        self.query_one(IntegrationsPanel).select_target(target)

    async def show_manifest(self, manifest: Manifest | None) -> None:
        """Show the tree and the first endpoint's form, which need not wait for the sandbox to start."""
        self.query_one(IntegrationsPanel).show(manifest, None)
        if found := targets(manifest):
            self.target = found[0]
            self.query_one(IntegrationsPanel).select_target(self.target)
            await self.form.show_target(self.target, None)

    async def follow_manifest(self, snapshot: Snapshot) -> None:
        """After a reload, stay on the endpoint that was chosen, or take the first one."""
        found = targets(snapshot.loaded.manifest)
        if not found:
            return
        key = self._chosen.key if self._chosen else ""
        target = next((item for item in found if item.key == key), None)
        if target is None:
            target = found[0]
            self.query_one(IntegrationsPanel).select_target(target)
        await self.set_target(target, again=True)


def main_screen(ui: Ui) -> MainScreen | None:
    """The main screen of the app, while it is there."""
    screens = (item for item in ui.screen_stack if isinstance(item, MainScreen))
    return next((screen for screen in screens if screen.is_running and screen.display), None)


def _make(tab: str) -> Pane:
    """The pane of a tab. Imported here, so that the first frame waits only for what it shows."""
    if tab == "write":
        from ampsandbox.tui.widgets.write import WritePane

        return WritePane()
    if tab == "installer":
        from ampsandbox.tui.widgets.installer import InstallerPane

        return InstallerPane()
    if tab == "records":
        from ampsandbox.tui.widgets.records import RecordsPane

        return RecordsPane()
    from ampsandbox.tui.widgets.schema import SchemaPane

    return SchemaPane()
