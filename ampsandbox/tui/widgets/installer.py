"""What the customer sees at installation, and the groups it is installed for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ampsandbox.errors import AmpSandboxError
from ampsandbox.manifest.preview import previews
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.browser import has_browser, write_page
from ampsandbox.tui.text.prompts import render
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.group_row import GROUP_WORDS, group_name
from ampsandbox.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Integration
    from ampsandbox.tui.backend.views import InstallationStatus, SchemaView, Snapshot
    from ampsandbox.tui.forms.target import FormTarget


_REAL_COMPONENT: Final = (
    "This is a drawing. For Ampersand's own component, start with --allow-origin and the origin of a "
    "page of yours that has @amp-labs/react with this server as its base URL (docs/install.md)."
)


class InstallerPane(Pane):
    """The installer prompts of the selected integration."""

    HELP = (
        "The prompts that a customer sees when they install the integration: what it will write to, and "
        "the custom "
        "objects and fields it will create in their CRM. {install-group} installs it for a group, "
        "{uninstall-group} uninstalls it, {show-config} shows what was chosen and changes it, {open-preview} "
        "opens the page in the browser."
    )
    FOCUS = "#prompts"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("installer")]

    def __init__(self) -> None:
        super().__init__(id="installer")
        self.integration: Integration | None = None
        self.installations: tuple[InstallationStatus, ...] = ()

    def compose(self) -> ComposeResult:
        """The installations, then the prompts."""
        with VerticalScroll(id="prompts"):
            yield Static("", id="installed", markup=False)
            yield Static("", id="prompt-card", markup=False)

    async def show_target(self, target: FormTarget, schema: SchemaView | None) -> None:
        """Show the prompts of the endpoint's integration."""
        self.integration = target.integration
        self.installations = self.ui.state.installations
        self._paint()

    def show(self, snapshot: Snapshot) -> None:
        """Keep the list of installations up to date."""
        if snapshot.installations != self.installations:
            self.installations = snapshot.installations
            self._paint()

    # -- actions ---------------------------------------------------------------------------------------------

    def action_install(self) -> None:
        """Ask for a group and install for it, showing each step."""
        if self.integration is not None:
            name = self.integration.name
            self._ask_group(
                "Install for which group?", lambda group: self.ui.installations.install(name, group)
            )

    def action_show_plan(self) -> None:
        """Show what an installation would do."""
        if self.integration is not None:
            name = self.integration.name
            self._ask_group(
                "The plan for which group?", lambda group: self.ui.installations.plan(name, group)
            )

    def _ask_group(self, title: str, then: Callable[[str], None]) -> None:
        self.ui.ask(title, GROUP_WORDS, then, value=self.ui.group or "demo", check=group_name)

    def action_uninstall(self) -> None:
        """Choose a group and uninstall it."""
        if self.integration is None:
            return
        name = self.integration.name
        groups = [item.group for item in self.installations if item.integration == name]

        def chosen(group: str | None) -> None:
            if group is not None:
                self.ui.installations.uninstall(name, group)

        if groups:
            self.ui.pick("Uninstall which group?", groups, chosen)
        else:
            self.ui.say("It is not installed for any group.", "$text-warning")

    def action_show_config(self) -> None:
        """Show what the customer chose, and change it."""
        if self.integration is None:
            return
        name = self.integration.name
        groups = [item.group for item in self.installations if item.integration == name]

        def chosen(group: str | None) -> None:
            if group is not None:
                self.ui.installations.open_config(name, group)

        if not groups:
            self.ui.say(self.ui.keyed("Not installed for any group: {install-group} installs it"))
        elif self.ui.group in groups or len(groups) == 1:
            chosen(self.ui.group if self.ui.group in groups else groups[0])
        else:
            self.ui.pick("The config of which group?", groups, chosen)

    def action_open_preview(self) -> None:
        """Open the user's page with the real component, where there is one, or the drawn prompts."""
        if self.integration is None:
            return
        integration, origins = self.integration, self.ui.backend.component_origins
        if not origins:
            self.run_worker(self._open_preview(integration))
            self.ui.tell(_REAL_COMPONENT)
            return
        drawn = "The prompts, as they are drawn here"
        pages = {f"{origin}: your page with the real component": origin for origin in origins}

        def chosen(page: str | None) -> None:
            if page == drawn:
                self.run_worker(self._open_preview(integration))
            elif page is not None:
                self._open(pages[page])

        self.ui.pick("Open in the browser", [*pages, drawn], chosen)

    def _open(self, url: str) -> None:
        if has_browser():
            self.ui.open_url(url)
            self.ui.say(f"✓ Opened {url}", "$text-success")
        else:
            self.ui.tell(f"There is no browser here. The page is {url}")

    async def _open_preview(self, integration: Integration) -> None:
        try:
            page = await self.ui.backend.installations.preview_html(integration, self.ui.group)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        path = write_page(f"preview-{integration.name}", page)
        if has_browser():
            self.ui.open_url(path.as_uri())
            self.ui.say(f"✓ Opened {path}", "$text-success")
        else:
            self.ui.copy(str(path), "the path of the page")
            self.ui.tell(f"There is no browser here. The page is {path} until you leave.")

    def _paint(self) -> None:
        if self.integration is None:
            return
        self.query_one("#prompt-card", Static).update(self._prompts(self.integration))
        self.query_one("#installed", Static).update(self._installed(self.integration))

    def _prompts(self, integration: Integration) -> Content:
        manifest = self.ui.state.latest.loaded.manifest if self.ui.state.latest else None
        if manifest is None:
            return Content("")
        return Content("\n").join(
            render(document) for document in previews(integration, manifest, group=self.ui.group)
        )

    def _installed(self, integration: Integration) -> Content:
        mine = [item for item in self.installations if item.integration == integration.name]
        if not mine:
            return plain(
                self.ui.keyed("Not installed for any group. {install-group} installs it."), "$text-warning"
            )
        lines = [Content.styled("Installed for", "bold")]
        for item in mine:
            sign, style = ("▲ live", "bold $text-error") if item.is_live else ("● mock", "$text-success")
            state = "" if item.state == "installed" else f" · {item.state}"
            lines.append(
                Content.assemble(
                    "  ",
                    plain(item.group, "bold"),
                    "  ",
                    (sign, style),
                    plain(f"{state}  {item.org}", "$muted"),
                )
            )
        return Content("\n").join(lines)
