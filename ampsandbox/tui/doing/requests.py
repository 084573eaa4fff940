"""Actions on the log's requests: show, copy, replay, edit and resend, export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.answers import headline
from ampsandbox.tui.base import SandboxBase
from ampsandbox.tui.plain import pretty
from ampsandbox.tui.target import targets

if TYPE_CHECKING:
    from ampsandbox.tui.views import LogDetail


class RequestActions(SandboxBase):
    """What is done with a request that the log holds."""

    def with_exchange(self, seq: int, then: str) -> None:
        """Read one exchange and hand it to the method of that name."""
        self.run_worker(self._with_exchange(seq, then), group="exchange", exclusive=True)

    async def _with_exchange(self, seq: int, then: str) -> None:
        try:
            detail = await self.backend.exchange(seq)
        except AmpSandboxError as error:
            self.tell_error(error)
            return
        getattr(self, then)(detail)

    def show_exchange(self, detail: LogDetail) -> None:
        """Show one exchange in full."""
        from ampsandbox.tui.screens.exchange import ExchangePanel

        self.open_page(ExchangePanel(detail))

    def copy_exchange(self, detail: LogDetail) -> None:
        """Ask for a language and copy the request in it."""
        from ampsandbox.tui.snippets import as_curl, as_fetch, as_httpx

        row, body, headers = detail.row, detail.request_body, detail.request_headers
        texts = {
            "curl": as_curl(row.method, detail.url, body, headers),
            "httpx": as_httpx(row.method, detail.url, body, headers),
            "fetch": as_fetch(row.method, detail.url, body, headers),
            "JSON": pretty(body),
        }

        def chosen(language: str | None) -> None:
            if language is not None:
                self.copy_to_clipboard(texts[language])
                self.say(f"✓ Copied as {language}", "$text-success")

        self.pick("Copy as", list(texts), chosen)

    def replay(self, detail: LogDetail) -> None:
        """Send a request again as it was."""
        self.run_worker(self._replay(detail), group="send")

    async def _replay(self, detail: LogDetail) -> None:
        answer = await self.wire.send(detail.row.method, detail.url, detail.request_body)
        words, style = headline(answer)
        self.say(f"{words} · replayed {detail.row.endpoint or detail.row.path}", style)
        await self.refresh_state()

    def edit_exchange(self, detail: LogDetail) -> None:
        """Put a request into the form's JSON tab, on its endpoint where there still is one."""
        self.run_worker(self._edit_exchange(detail), group="send")

    async def _edit_exchange(self, detail: LogDetail) -> None:
        if self.main is None or self.latest is None:
            return
        known = targets(self.latest.loaded.manifest)
        target = next((item for item in known if item.item.endpoint == detail.row.endpoint), None)
        if target is not None:
            self.main.show_in_tree(target)
            await self.main.set_target(target)
        await self.main.open_tab("write")
        await self.form.show_body(pretty(detail.request_body))

    async def export_exchanges(self, numbers: Sequence[int], path: str) -> None:
        """Write exchanges to a file."""
        from ampsandbox.tui.exports import export

        found = [await self.backend.exchange(number) for number in numbers]
        count = export(found, path)
        self.say(f"✓ Wrote {count:,} requests to {path}", "$text-success")
