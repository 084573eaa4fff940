"""Which CRM org each installation writes to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from ampsandbox.engine.crm import OrgIdentity, StepAction
from ampsandbox.errors import AmpSandboxError, UsageError
from ampsandbox.manifest.model import Provider
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.text.truncate import fit_ends
from ampsandbox.tui.text.words import countdown
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.service.live import LivePreview
    from ampsandbox.settings.credentials import LiveConnection
    from ampsandbox.tui.backend.views import InstallationStatus
    from ampsandbox.tui.screens.credentials import CredentialsDialog
    from ampsandbox.tui.screens.install import OnStep, Work

_FROM_SETTINGS: Final = "as the settings file says"
_CREATED_SHOWN: Final = 8
REFRESH_S: Final = 0.5
_COLUMNS = (
    Column("", 7),
    Column("integration", least=14, is_flexible=True, cut=fit_ends),
    Column("group", 5),
    Column("org", least=14, is_flexible=True, cut=fit_ends),
    Column("circuit", rank=1),
    Column("state"),
)


class ConnectionsPanel(Panel):
    """One line per installation."""

    TITLE = "Connections"
    HELP = (
        "Where each installation's writes go. ● mock is an org inside this program; ▲ live is a real one, "
        "from the settings file (--settings) or from credentials that are given here with L and kept in "
        "memory only. Before anything is switched, the org says whose it is and what would be created in "
        "it, and its name must be typed. b goes back to a mock. t asks the CRM whose org it is. After a "
        "restart the credentials of a live one are gone: c asks for them again, and what waits stays. An "
        "open circuit means that the CRM failed several times in a row and rests for a while."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("connections")]

    def __init__(self) -> None:
        super().__init__(id="connections")
        self._is_answered = False

    def compose(self) -> ComposeResult:
        """The list, and what a test said."""
        yield Rows(
            _COLUMNS,
            lambda item: item.id,
            _cells,
            id="connection-rows",
            empty="Nothing is installed. Go to the installer (2, then i).",
        )
        yield Static("", id="identity", markup=False)

    def on_mount(self) -> None:
        """Show the installations, and keep following them."""
        self.show_all()
        self.query_one("#connection-rows", Rows).focus()
        self.repeat(REFRESH_S, self.show_all)

    def show_all(self) -> None:
        """Show the installations as they are now."""
        self.query_one("#connection-rows", Rows).show(self.ui.state.installations)
        if not self._is_answered:
            self._say_what_is_wrong(self._selected)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Say what is wrong with the connection under the cursor, if anything."""
        event.stop()
        self._say_what_is_wrong(event.item)

    def _say_what_is_wrong(self, item: InstallationStatus | None) -> None:
        self._is_answered = False
        now = self.ui.state.latest.now if self.ui.state.latest else None
        words = "" if item is None else trouble(item, now)
        self.query_one("#identity", Static).update(plain(words, "$text-warning", 1_000))

    def on_rows_opened(self) -> None:
        """The same as testing."""
        self.action_test()

    @property
    def _selected(self) -> InstallationStatus | None:
        found: InstallationStatus | None = self.query_one("#connection-rows", Rows).selected
        return found

    def _say(self, content: Content) -> None:
        self._is_answered = True
        self.query_one("#identity", Static).update(content)

    # -- test ------------------------------------------------------------------------------------------------

    def action_test(self) -> None:
        """Ask the CRM whose org this is."""
        if (item := self._selected) is not None:
            self.run_worker(self._test(item), exclusive=True, group="identify")

    async def _test(self, item: InstallationStatus) -> None:
        self._say(Content.styled("Asking…", "$muted"))
        try:
            org = await self.ui.backend.connections.identify(item.id)
        except AmpSandboxError as error:
            self._say(plain(f"✗ {error.message} {error.hint}", "$text-error", 1_000))
        else:
            self._say(Content.assemble(("✓ The CRM answered\n", "bold $text-success"), _facts(org)))

    # -- live and back ---------------------------------------------------------------------------------------

    def action_go_live(self) -> None:
        """Ask how to log in, then for what that needs."""
        item = self._selected
        if item is not None and item.is_live:
            self.ui.tell("It is live already: c gives it other credentials, b goes back to a mock.")
        elif item is not None:
            self.run_worker(self._choose_way(item), exclusive=True, group="identify")

    def action_reconnect(self) -> None:
        """Ask for the credentials of a live installation again."""
        item = self._selected
        if item is not None and not item.is_live:
            self.ui.tell("A mock needs no credentials; L goes live.")
        elif item is not None:
            self.run_worker(self._choose_way(item), exclusive=True, group="identify")

    async def _choose_way(self, item: InstallationStatus) -> None:
        from ampsandbox.settings.connections import ways_in
        from ampsandbox.settings.credentials import Grant
        from ampsandbox.tui.screens.credentials import CredentialsDialog

        known = await self.ui.backend.connections.known_way(item.id)
        ways = [grant.value for grant in ways_in(Provider(item.provider))]

        def chosen(way: str | None) -> None:
            if way == _FROM_SETTINGS:
                self._look(item, known)
            elif way is not None:
                self._ask_credentials(CredentialsDialog(item, Grant(way)))

        self.ui.pick("How does it log in?", [_FROM_SETTINGS, *ways] if known else ways, chosen)

    def _ask_credentials(self, dialog: CredentialsDialog) -> None:
        self.ui.push_screen(dialog, lambda live: self._look(dialog.installation, live, dialog))

    def _look(
        self, item: InstallationStatus, live: LiveConnection | None, dialog: CredentialsDialog | None = None
    ) -> None:
        if live is not None:
            self.run_worker(self._show_org(item, live, dialog), exclusive=True, group="identify")

    async def _show_org(
        self, item: InstallationStatus, live: LiveConnection, dialog: CredentialsDialog | None
    ) -> None:
        self._say(Content.styled("Asking…", "$muted"))
        try:
            found = await self.ui.backend.connections.preview(item.id, live)
        except AmpSandboxError as error:
            problem = f"{_host(live)}: {error.message} {error.hint}".strip()
            self._say(plain(f"✗ {problem}", "$text-error", 1_000))
            if dialog is not None:
                self._ask_credentials(dialog.again(problem))
            return
        self._say(Content.assemble(("✓ The CRM answered\n", "bold $text-success"), _facts(found.org)))
        if item.is_live:
            self._confirm_reconnection(item, live, found)
        else:
            self._confirm_live(item, live, found)

    def _confirm_reconnection(
        self, item: InstallationStatus, live: LiveConnection, found: LivePreview
    ) -> None:
        org = found.org

        def go(typed: str) -> None:
            work = self.ui.backend.connections.reconnect(item.id, live, org)
            self.ui.command(work, f"{item.integration} for {item.group} writes to {org.name} again")

        about = _reconnection(item, found)
        self.ui.ask(f"▲ Connect to {org.name} again?", about, go, check=lambda typed: _same(typed, org.name))

    def _confirm_live(self, item: InstallationStatus, live: LiveConnection, found: LivePreview) -> None:
        org = found.org

        def go(typed: str) -> None:
            async def work(on_step: OnStep) -> None:
                await self.ui.backend.connections.go_live(item.id, live, org, on_step)

            self._switch(item, work)

        about = _warning(item, found)
        self.ui.ask(f"▲ Go live with {org.name}?", about, go, check=lambda typed: _same(typed, org.name))

    def action_go_mock(self) -> None:
        """Write to a mock org again, after a question."""
        item = self._selected
        if item is None or not item.is_live:
            self.ui.tell("This installation writes to a mock org already.")
            return

        async def work(on_step: OnStep) -> None:
            await self.ui.backend.connections.go_mock(item.id, on_step)

        about = "A new mock org takes its writes from now on. Credentials given here are forgotten."
        self.ui.confirm("Back to the mock?", about, lambda: self._switch(item, work))

    def _switch(self, item: InstallationStatus, work: Work) -> None:
        from ampsandbox.tui.screens.install import StepsPanel

        self.ui.open_page(StepsPanel(item.integration, item.group, work=work))


def _host(live: LiveConnection) -> str:
    """The host that is asked first."""
    from ampsandbox.settings.credentials import Grant

    url = live.base_url if live.grant is Grant.ACCESS_TOKEN else live.login_url or live.base_url
    return urlsplit(url).hostname or url


def _facts(org: OrgIdentity) -> Content:
    facts = {
        "org": f"{org.name} ({org.id})", "type": org.type, "production": "yes" if org.is_production else "no",
        "API version": org.api_version, "time zone": org.time_zone,
        "requests left": "" if org.remaining_requests is None else f"{org.remaining_requests:,}",
        "scopes": ", ".join(org.scopes),
    }  # fmt: skip
    lines = [
        Content.assemble((f"{name:<14}", "$muted"), plain(value)) for name, value in facts.items() if value
    ]
    return Content("\n").join(lines)


def _warning(item: InstallationStatus, found: LivePreview) -> str:
    """What going live means, before the name of the org is typed."""
    org, steps = found.org, found.plan.steps
    created = [f"{step.kind} {step.name}" for step in steps if step.action is StepAction.CREATE]
    shown = created[:_CREATED_SHOWN] + ([f"… {len(created)} in all"] if len(created) > _CREATED_SHOWN else [])
    lines = [
        f"Every write of {item.integration} for {item.group} will reach {org.name} ({org.type}, {org.id}).",
        "This is a PRODUCTION org: it may hold a customer's real data." if org.is_production else "",
        f"It will create: {', '.join(shown)}." if created else "It will create no objects or fields.",
        *(f"In the way: {step.kind} {step.name}: {step.detail}" for step in found.plan.problems),
        f"To go on, type the org's name: {org.name}",
    ]
    return "\n".join(line for line in lines if line)


def _reconnection(item: InstallationStatus, found: LivePreview) -> str:
    """What connecting again means, before the name of the org is typed."""
    org = found.org
    missing = [f"{step.kind} {step.name}" for step in found.plan.steps if step.action is StepAction.CREATE]
    others = ", ".join(found.other_orgs)
    lines = [
        f"Every write of {item.integration} for {item.group} will reach {org.name} ({org.type}, {org.id}), "
        "also those that wait by now. Nothing is created in it.",
        f"So far it wrote to ANOTHER ORG: {others}." if others else "",
        "This is a PRODUCTION org: it may hold a customer's real data." if org.is_production else "",
        f"It lacks: {', '.join(missing[:_CREATED_SHOWN])}; install again to create it." if missing else "",
        f"To go on, type the org's name: {org.name}",
    ]
    return "\n".join(line for line in lines if line)


def trouble(item: InstallationStatus, now: datetime | None) -> str:
    """What keeps writes from the org, and the way out; empty when nothing does."""
    if item.needs_credentials:
        return (
            "▲ It needs credentials: they were in memory only, or the settings no longer name them. "
            "c gives them again. Until then its writes wait and are tried again, and fail in the end."
        )
    if item.circuit != "closed":
        rest = f" for {countdown(item.rests_until - now)}" if item.rests_until and now else ""
        return f"↻ The CRM is left alone{rest} after {item.failure}"
    return f"✗ {item.error}" if item.error else ""


def _same(typed: str, name: str) -> None:
    if typed.strip() != name:
        raise UsageError("Not the name of the org.")


def _cells(item: InstallationStatus) -> list[Cell]:
    sign: Cell = ("▲ LIVE", "bad") if item.is_live else ("● mock", "good")
    circuit: Cell = (item.circuit, "muted" if item.circuit == "closed" else "warn")
    state: Cell = ("needs credentials", "warn") if item.needs_credentials else (item.state, "muted")
    return [sign, item.integration, (item.group, "strong"), item.org or "–", circuit, state]
