"""The top line: what runs, where, against which CRM, and what time it is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from ampsandbox.tui.text.sanitize import line, plain
from ampsandbox.tui.text.words import speed_label
from ampsandbox.tui.ui import AsksUi
from ampsandbox.tui.widgets.parts import Part, PartsLine

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import InstallationStatus, Snapshot


class HeaderBar(PartsLine, AsksUi):
    """Project, manifest, MOCK or LIVE badge with the org, URL, clock and its speed; all can be clicked."""

    def __init__(self, project: str, url: str) -> None:
        super().__init__(id="header")
        self.project = project
        self.url = url
        self._snapshot: Snapshot | None = None

    def on_mount(self) -> None:
        """Say that the sandbox is starting, until there is something to show."""
        self._show_start()

    def _show_start(self) -> None:
        self.update(Content.assemble((" ampsandbox ", "bold $primary"), plain(self.url, "$muted")))

    def name_server(self, project: str, url: str) -> None:
        """Say which project runs where."""
        self.project, self.url = project, url
        if self._snapshot is None:
            self._show_start()

    def show(self, snapshot: Snapshot) -> None:
        """Show the state of this moment."""
        self._snapshot = snapshot
        is_live = any(item.is_live for item in snapshot.installations)
        self.set_class(is_live, "-live")
        faces = list(self._faces(snapshot, is_live))
        width = (self.size.width or 80) - 4
        left, right = next(
            (face for face in faces if self.width_of(face[0]) + self.width_of(face[1]) <= width), faces[-1]
        )
        self.lay_out(left, right)

    def on_resize(self) -> None:
        """Lay the line out anew."""
        if self._snapshot is not None:
            self.show(self._snapshot)

    def _faces(self, snapshot: Snapshot, is_live: bool) -> Iterator[tuple[list[Part], list[Part]]]:
        """The line from its fullest form to its shortest: the badge and the clock stay longest."""
        # On the red ground of a live sandbox, only its own text colour is readable.
        quiet = "" if is_live else "$muted"
        brand = Part(Content.styled("ampsandbox", "bold" if is_live else "bold $primary"), "help.show")
        project = Part(
            plain(self.project, "bold", 40), "sandbox.show_findings", self._about_project(snapshot)
        )
        manifest = Part(plain(_manifest_words(snapshot), quiet), "sandbox.show_findings", project.about)
        url = Part(plain(self.url, quiet), "sandbox.copy_url", f"The server: {self.url}\nClick to copy.")
        port = Part(plain(self.url.partition("://")[2] or self.url, quiet), url.action, url.about)
        badge, short, bare = (self._badge(snapshot, size) for size in (60, 18, 0))
        full, day, hour = (self._clock(snapshot, form, is_live) for form in ("%a %Y-%m-%d ", "%Y-%m-%d ", ""))
        yield [brand, project, manifest, badge, url], [full]
        yield [project, manifest, badge, url], [full]
        yield [project, manifest, badge, port], [full]
        yield [project, manifest, badge, port], [day]
        yield [project, badge, port], [day]
        yield [project, badge, port], [hour]
        yield [project, short, port], [hour]
        yield [short, port], [hour]
        yield [bare], [hour]

    def _about_project(self, snapshot: Snapshot) -> str:
        manifest = snapshot.loaded.manifest
        found = manifest.integrations[:12] if manifest else ()
        names = [f"· {line(item.name, 60)} ({item.provider})" for item in found]
        words = [f"Project {line(self.project, 60)}", line(snapshot.loaded.source, 200), *names]
        return "\n".join([*words, "Click to see the findings."])

    @staticmethod
    def _clock(snapshot: Snapshot, form: str, is_live: bool) -> Part:
        stamp = f"{snapshot.now:{form}%H:%M:%S}" + (" UTC" if form else "")
        sign, tone = speed_label(snapshot.speed), "bold" if is_live else "bold $text-warning"
        if snapshot.speed == 0:
            sign = f"❚❚ {sign}"
        elif snapshot.speed == 1:
            tone = "" if is_live else "$muted"
        about = (
            f"The sandbox's time: {snapshot.now:%A %Y-%m-%d %H:%M:%S} UTC, {speed_label(snapshot.speed)}.\n"
            "Click to jump to a time. f9 freezes it, + and - change its speed, "
            "ctrl+n steps to the next flush."
        )
        return Part(Content.assemble(stamp, "  ", (sign, tone)), "clock.move", about)

    def _badge(self, snapshot: Snapshot, size: int) -> Part:
        """Mock or live, and whose org; with `size` 0 the word alone."""
        live = [item for item in snapshot.installations if item.is_live]
        words, style = (
            ("▲ LIVE", "bold reverse") if live else ("● MOCK", "bold $text-success on $success-muted")
        )
        orgs = _orgs(self._nearest_first(live or snapshot.installations))
        name = line(orgs[0], size) if size and orgs else ""
        if name and len(orgs) > 1:
            name += f" +{len(orgs) - 1}"
        about = "\n".join(map(_org_words, snapshot.installations[:20])) or "Nothing is installed."
        shown = Content.styled(f" {words} {name} " if name else f" {words} ", style)
        return Part(shown, "sandbox.show_connections", f"{about}\nClick to see the connections.")

    def _nearest_first(self, found: Sequence[InstallationStatus]) -> list[InstallationStatus]:
        """The installation that the form writes to, then the others."""
        target = self.ui.target
        chosen = self.ui.installation_for(target) if target is not None else None
        return sorted(found, key=lambda item: chosen is None or item.id != chosen.id)


def _manifest_words(snapshot: Snapshot) -> str:
    manifest = snapshot.loaded.manifest
    if manifest is None:
        return "no manifest"
    count = len(manifest.integrations)
    return f"{count} integration{'' if count == 1 else 's'}"


def _orgs(found: Sequence[InstallationStatus]) -> list[str]:
    """Each org once, by its name; real ones with the provider."""
    return list(dict.fromkeys(name for name in map(_org_name, found) if name))


def _org_name(item: InstallationStatus) -> str:
    if item.needs_credentials:
        return f"{item.provider} needs credentials"
    return f"{item.provider} {item.org}".strip() if item.is_live else item.org


def _org_words(item: InstallationStatus) -> str:
    kind = "▲ LIVE" if item.is_live else "● mock"
    return line(f"{kind}  {item.integration} for {item.group}: {item.org or 'org not known yet'}", 110)
