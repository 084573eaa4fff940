"""The fields of the CRM object behind the selected endpoint, the manifest's own marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static

from ampsandbox.tui.actions import bindings
from ampsandbox.tui.plain import plain
from ampsandbox.tui.widgets.pane import Pane
from ampsandbox.tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from ampsandbox.engine.crm import CrmField
    from ampsandbox.tui.target import Target
    from ampsandbox.tui.views import SchemaView

_COLUMNS = (
    Column("field", least=16),
    Column("label", least=12),
    Column("type", 12),
    Column("", 10),
    Column("values", least=10),
)


class SchemaPane(Pane):
    """The object's fields, searchable."""

    HELP = (
        "The fields of the CRM object that the endpoint writes to, as its describe call lists them. ◆ "
        "marks the "
        "custom fields that the integration created; * what an insert needs; “read only” what no write "
        "can set. "
        "/ searches names, labels and types."
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("schema")]

    def __init__(self) -> None:
        super().__init__(id="schema")
        self.schema: SchemaView | None = None

    def compose(self) -> ComposeResult:
        """A heading, a search line and the list."""
        yield Static("", id="schema-heading", classes="heading", markup=False)
        yield Input(placeholder="/ search fields", compact=True, id="schema-search", classes="search")
        yield Rows(
            _COLUMNS, lambda field: field.name, _cells, id="schema-rows",
            empty="The CRM's schema is not known yet.\nInstall the integration for a group first "
            "(2, then i).",
        )  # fmt: skip

    async def show_target(self, target: Target, schema: SchemaView | None) -> None:
        """Show the fields of the endpoint's object."""
        self.schema = schema
        words = (
            f"{schema.object_name} · {schema.label} · {len(schema.fields)} fields"
            if schema
            else target.item.name
        )
        self.query_one("#schema-heading", Static).update(plain(words, "bold"))
        self._show_rows()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        event.stop()
        self._show_rows()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the list."""
        event.stop()
        self.query_one(Rows).focus()

    def action_search(self) -> None:
        """Go to the search line."""
        self.query_one("#schema-search", Input).focus()

    def _show_rows(self) -> None:
        fields = self.schema.fields if self.schema else ()
        wanted = self.query_one("#schema-search", Input).value.lower().split()
        found = [field for field in fields if all(word in _searched(field) for word in wanted)]
        self.query_one(Rows).show(sorted(found, key=_order))


def _order(field: CrmField) -> tuple[bool, bool, bool, str]:
    return (not field.is_custom, not field.is_required, not field.is_writable, field.name.lower())


def _searched(field: CrmField) -> str:
    return f"{field.name} {field.label} {field.type}{' custom' if field.is_custom else ''}".lower()


def _cells(field: CrmField) -> list[Cell]:
    mark = ("◆ " if field.is_custom else "  ") + field.name + (" *" if field.is_required else "")
    size = f"{field.type}({field.length})" if field.length and field.type == "string" else field.type
    access: Cell = "" if field.is_writable else ("read only", "muted")
    values = ", ".join(field.options[:12]) + (f" … {len(field.options)}" if len(field.options) > 12 else "")
    return [
        (mark, "accent" if field.is_custom else ""),
        (field.label, "muted"),
        size,
        access,
        (values, "muted"),
    ]
