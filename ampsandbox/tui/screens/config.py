"""What the customer chose at installation: objects, deletes, field settings and mappings, to be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from ampsandbox.engine.config import everything_ticked
from ampsandbox.errors import AmpSandboxError, UsageError
from ampsandbox.tui.actions.registry import bindings
from ampsandbox.tui.forms import installation_config as config
from ampsandbox.tui.forms.installation_config import ConfigLine
from ampsandbox.tui.screens.editor import EditorDialog, as_json, read_object
from ampsandbox.tui.screens.form_dialog import FormDialog, FormLine
from ampsandbox.tui.text.sanitize import plain
from ampsandbox.tui.widgets.panel import Panel
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Integration
    from ampsandbox.tui.backend.views import InstallationStatus

_COLUMNS: Final = (
    Column("", least=30, is_flexible=True, preferred=44),
    Column("", least=16, is_flexible=True),
)
_EDITED: Final = ("setting", "new-setting", "mapping", "values")


class SettingDialog(FormDialog):
    """A field's default, and when it is written."""

    def __init__(self, field: str, default: str, on_create: str, on_update: str) -> None:
        lines = [
            FormLine("field", field, "as the app calls it", is_required=True),
            FormLine("default", default, "what stands for it where a request leaves it out"),
            FormLine("on-create", on_create, " or ".join(config.ON_CREATE)),
            FormLine("on-update", on_update, ", ".join(config.ON_UPDATE)),
        ]
        about = "When the field is written, and with what. All three empty: no setting."
        super().__init__("Field setting", about, lines, "keep")

    def read(self, given: Mapping[str, str]) -> tuple[str, str, str, str]:
        """The field, its default and the two rules."""
        if "field" not in given:
            raise UsageError("Which field?")
        for name, known in (("on-create", config.ON_CREATE), ("on-update", config.ON_UPDATE)):
            if given.get(name, known[0]) not in known:
                raise UsageError(f"{name} is {given[name]}.", f"It is one of: {', '.join(known)}.")
        return (
            given["field"],
            given.get("default", ""),
            given.get("on-create", ""),
            given.get("on-update", ""),
        )


class ConfigPanel(Panel):
    """One line for each thing that a customer can choose. A change holds from the next write on."""

    TITLE = "Config"
    HELP = (
        "What the customer chose when they installed the integration; writes obey it. {toggle-config} ticks "
        "an object, a field or deletes, {edit-config} changes a mapping or a field's setting: what stands "
        "for a field that a request leaves out, and whether creates and updates write it. {config-as-json} "
        "shows the whole config as JSON, {tick-everything} ticks everything, as it is after an installation "
        "from here. Each change is kept at once, and holds from the next write on."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("config")]

    def __init__(self, installation: InstallationStatus, integration: Integration) -> None:
        super().__init__(id="config")
        self.installation = installation
        self.integration = integration
        self.content: Mapping[str, Any] = {}

    @property
    def subject(self) -> object:
        """One page for each installation."""
        return self.installation.id

    def compose(self) -> ComposeResult:
        """What was chosen in short, and line by line."""
        yield Static("", id="config-heading", classes="heading", markup=False)
        yield Rows[ConfigLine](_COLUMNS, lambda line: line.key, _cells, header=False, id="config-rows")

    async def on_mount(self) -> None:
        """Read the config."""
        self.border_title = plain(
            f"Config of {self.integration.name} for {self.installation.group}", limit=80
        )
        await self.reload()
        self.rows.focus()

    @property
    def rows(self) -> Rows[ConfigLine]:
        """The list inside."""
        return self.query_one("#config-rows", Rows)

    async def reload(self) -> None:
        """Read the config anew, and show it."""
        try:
            self.content = await self.ui.backend.installations.config(self.installation.id)
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        self.rows.show(list(config.lines_of(self.content, self.integration)), force=True)
        words = config.summary(self.content, self.integration)
        ways = self.ui.keyed("{toggle-config} ticks · {edit-config} changes · {config-as-json} JSON")
        self.query_one("#config-heading", Static).update(
            Content.assemble(plain(words, "bold"), plain(f" · {ways}", "$muted"))
        )
        self.refresh_bindings()

    # -- actions ---------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done with the line under the cursor."""
        line = self.rows.selected if self.is_mounted else None
        if action == "tick":
            return line is not None and line.is_ticked is not None
        if action == "edit":
            return line is not None and line.kind in _EDITED
        return super().check_action(action, parameters)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Another line, other things to do."""
        event.stop()
        self.refresh_bindings()

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Tick or change what the line is about."""
        event.stop()
        if event.item.is_ticked is not None:
            self.action_tick()
        elif event.item.kind in _EDITED:
            self.action_edit()

    def action_tick(self) -> None:
        """Tick the line, or take its tick away."""
        if (line := self.rows.selected) is not None and line.is_ticked is not None:
            self._keep(config.toggled(self.content, self.integration, line))

    def action_edit(self) -> None:
        """Change a mapping or a setting."""
        line = self.rows.selected
        if line is None:
            return
        if line.kind in ("setting", "new-setting"):
            self._edit_setting(line)
        elif line.kind == "mapping":
            about = f"The field of the CRM that the app calls {line.name}; empty for none."
            self.ui.ask("Which field?", about, lambda text: self._map(line, text), value=line.value)
        elif line.name:
            self._edit_values(line, line.name)
        else:
            self.ui.ask(
                "Values of which field?", "As the app calls it.", lambda name: self._edit_values(line, name)
            )

    def _map(self, line: ConfigLine, text: str) -> None:
        self._keep(config.mapped(self.content, line, text.strip()))

    def _edit_setting(self, line: ConfigLine) -> None:
        texts = config.setting_of(self.content, line)

        def given(answer: tuple[str, str, str, str] | None) -> None:
            if answer is not None:
                base = self.content
                if line.name and answer[0] != line.name:
                    base = config.with_setting(base, line, line.name, "", "", "")
                self._keep(config.with_setting(base, line, *answer))

        self.ui.push_screen(SettingDialog(line.name, *texts), given)

    def _edit_values(self, line: ConfigLine, field: str) -> None:
        def given(text: str) -> None:
            self._keep(config.with_values(self.content, line, field, text))

        about = "The app's values and the CRM's: hot = 1, cold = 2. Empty for none."
        self.ui.ask(f"Values of {field}", about, given, value=line.value, check=_pairs)

    def action_edit_json(self) -> None:
        """Change the whole config as JSON."""

        def edited(text: str | None) -> None:
            if text is not None:
                self._keep(read_object(text))

        title = f"Config of {self.integration.name} for {self.installation.group}"
        self.ui.push_screen(EditorDialog(title, as_json(dict(self.content)), check=read_object), edited)

    def action_tick_everything(self) -> None:
        """Tick everything, after a question."""
        about = "Field settings and mappings of your own are taken away; deletes are allowed."
        self.ui.confirm("Tick everything?", about, lambda: self._keep(everything_ticked(self.integration)))

    def _keep(self, content: Mapping[str, Any]) -> None:
        work = self.ui.backend.installations.configure(self.installation.id, content)
        self.ui.command(work, "Kept: it holds from the next write on", self.reload)


def _pairs(text: str) -> Sequence[str]:
    """The pairs of a text such as `hot = 1, cold = 2`.

    Raises:
        UsageError: One is none.
    """
    pairs = [part for part in text.split(",") if part.strip()]
    if any("=" not in part for part in pairs):
        raise UsageError("Write pairs: hot = 1, cold = 2.")
    return pairs


def _cells(line: ConfigLine) -> list[Cell]:
    tick = "" if line.is_ticked is None else "☑ " if line.is_ticked else "☐ "
    lead = "  " * line.depth
    if line.kind == "heading":
        return [(line.text, "strong")]
    tone = "muted" if line.is_ticked is False or (not line.name and line.kind in _EDITED) else ""
    return [
        (lead + tick + line.text, tone),
        (line.value or ("not mapped" if line.kind == "mapping" else ""), "accent"),
    ]
