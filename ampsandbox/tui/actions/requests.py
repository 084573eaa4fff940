"""Actions on the log's requests: show, copy, replay, edit and resend, export; and the links between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from ampsandbox.errors import AmpSandboxError, NotFoundError
from ampsandbox.tui.base import SandboxBase
from ampsandbox.tui.forms.target import target_of, targets
from ampsandbox.tui.text.answers import headline
from ampsandbox.tui.text.sanitize import pretty

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import LogDetail, LogRow
    from ampsandbox.tui.ui import Ui

_READ_AT_ONCE: Final = 250


class RequestActions(SandboxBase):
    """What is done with a request that the log holds."""

    def with_exchange(self, row: LogRow, then: Callable[[LogDetail], None]) -> None:
        """Read the exchange of a row and go on with it; show the operation alone where it is not kept."""
        self._with(self.backend.exchange(row.seq), then, row.operation_id)

    def open_request(self, operation_id: str) -> None:
        """Show the request that an operation was made of."""
        self._with(self.backend.exchange_of(operation_id), self.show_exchange)

    def open_record_of(self, operation_id: str) -> None:
        """Show the record that an operation wrote or is to update."""
        self.run_worker(self._open_record_of(operation_id), group="exchange", exclusive=True)

    async def _open_record_of(self, operation_id: str) -> None:
        try:
            where = await self.backend.record_of(operation_id)
        except AmpSandboxError as error:
            self.tell_error(error)
        else:
            cast("Ui", self).open_record(*where)

    def _with(
        self, read: Coroutine[Any, Any, LogDetail], then: Callable[[LogDetail], None], operation_id: str = ""
    ) -> None:
        self.run_worker(self._go_on_with(read, then, operation_id), group="exchange", exclusive=True)

    async def _go_on_with(
        self, read: Coroutine[Any, Any, LogDetail], then: Callable[[LogDetail], None], operation_id: str
    ) -> None:
        try:
            then(await read)
        except NotFoundError as error:
            if operation_id and then == self.show_exchange:
                cast("Ui", self).open_operation(operation_id)
            else:
                self.tell_error(error)
        except AmpSandboxError as error:
            self.tell_error(error)

    def show_exchange(self, detail: LogDetail) -> None:
        """Show one exchange in full."""
        from ampsandbox.tui.screens.exchange import ExchangePanel

        self.open_page(ExchangePanel(detail))

    def copy_exchange(self, detail: LogDetail) -> None:
        """Ask for a language and copy the request in it."""
        from ampsandbox.snippets import as_curl, as_fetch, as_httpx

        request = (detail.row.method, detail.url, detail.sent, detail.request_headers)
        texts = {
            "curl": as_curl(*request),
            "httpx": as_httpx(*request),
            "fetch": as_fetch(*request),
            "JSON": pretty(detail.request_body),
            "JSON of the answer": pretty(detail.response_body),
        }

        def chosen(language: str | None) -> None:
            if language is not None:
                self.copy_to_clipboard(texts[language])
                self._note(f"✓ Copied as {language}", "$text-success")

        self.pick("Copy as", list(texts), chosen)

    def replay(self, detail: LogDetail) -> None:
        """Send a request again as it was."""
        self.run_worker(self._replay(detail), group="send")

    async def _replay(self, detail: LogDetail) -> None:
        from ampsandbox.snippets import replayed

        headers = replayed(detail.request_headers)
        answer = await self.http.send(detail.row.method, detail.url, detail.sent, headers)
        words, style = headline(answer)
        self._note(f"{words} · replayed {detail.row.endpoint or detail.row.path}", style)
        await self.refresh_state()

    def _note(self, words: str, style: str) -> None:
        """Say what became of it, on a page that hides the status line too."""
        self.say(words, style)
        if self.screen is not self.main:
            self.tell(words)

    def edit_exchange(self, detail: LogDetail) -> None:
        """Put a request into the form's JSON tab, on its endpoint where there still is one."""
        self.run_worker(self._edit_exchange(detail), group="send")

    async def _edit_exchange(self, detail: LogDetail) -> None:
        if self.main is None or self.latest is None:
            return
        known = targets(self.latest.loaded.manifest)
        target = target_of(known, detail.row.endpoint, detail.sent)
        if target is not None:
            self.main.show_in_tree(target)
            await self.main.set_target(target)
        await self.main.open_tab("write")
        await self.form.show_body(pretty(detail.request_body))

    async def export_exchanges(self, numbers: Sequence[int], path: Path) -> None:
        """Write exchanges to a file."""
        from ampsandbox.tui.text.exports import export

        found: list[LogDetail] = []
        for start in range(0, len(numbers), _READ_AT_ONCE):
            found += await self.backend.exchanges(numbers[start : start + _READ_AT_ONCE])
            await asyncio.sleep(0)
        await asyncio.to_thread(export, found, path)
        gone = len(numbers) - len(found)
        words = f" ({gone:,} are no longer kept)" if gone else ""
        self.say(f"✓ Wrote {len(found):,} requests{words} to {path}", "$text-success")
