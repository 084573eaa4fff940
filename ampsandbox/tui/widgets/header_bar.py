"""The top line: what runs, where, against which CRM, and what time it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from ampsandbox.tui.plain import plain
from ampsandbox.tui.words import speed_label

if TYPE_CHECKING:
    from ampsandbox.tui.views import Snapshot


class HeaderBar(Static):
    """Project, MOCK or LIVE badge, URL, clock and its speed."""

    ALLOW_SELECT = False

    def __init__(self, project: str, url: str) -> None:
        super().__init__("", id="header", markup=False)
        self.project = project
        self.url = url
        self._shown: Content | None = None
        self._snapshot: Snapshot | None = None

    def on_mount(self) -> None:
        """Say that the sandbox is starting, until there is something to show."""
        self.update(Content.assemble((" ampsandbox ", "bold $primary"), plain(self.url, "$muted")))

    def name_server(self, project: str, url: str) -> None:
        """Say which project runs where."""
        self.project, self.url = project, url

    def show(self, snapshot: Snapshot) -> None:
        """Show the state of this moment; repaints only when a character changed."""
        self._snapshot = snapshot
        live = [item for item in snapshot.installations if item.is_live]
        self.set_class(bool(live), "-live")
        # On the red ground of a live sandbox, only its own text colour is readable.
        name, quiet, moved = (
            ("bold", "", "bold") if live else ("bold $primary", "$muted", "bold $text-warning")
        )
        left = Content.assemble(
            (" ampsandbox ", name), plain(self.project, "bold", 40), "  ",
            self._badge(snapshot), "  ",
            plain(self.url, quiet),
        )  # fmt: skip
        wide = self.size.width >= 100
        stamp = f"{snapshot.now:%a %Y-%m-%d %H:%M:%S} UTC" if wide else f"{snapshot.now:%H:%M:%S}"
        speed = speed_label(snapshot.speed)
        tone = quiet if snapshot.speed == 1 else moved
        right = Content.assemble((stamp, ""), "  ", (speed, tone), " ")
        room = max(1, self.size.width - right.cell_length - 1)
        shown = left.truncate(room, ellipsis=True, pad=True) + Content(" ") + right
        if self._shown is None or not shown.is_same(self._shown):
            self._shown = shown
            self.update(shown)

    def on_resize(self) -> None:
        """Lay the line out anew."""
        if self._snapshot is not None:
            self.show(self._snapshot)

    @staticmethod
    def _badge(snapshot: Snapshot) -> Content:
        live = [item for item in snapshot.installations if item.is_live]
        if live:
            orgs = ", ".join(dict.fromkeys(f"{item.provider} {item.org}".strip() for item in live))
            return plain(f" ▲ LIVE {orgs} ", "bold reverse", 60)
        return Content.styled(" ● MOCK ", "bold $text-success on $success-muted")
