"""Actions on the log's requests: show, copy, replay, edit and resend, export; and the links between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.errors import AmpSandboxError, NotFoundError
from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.forms.target import target_of, targets
from ampsandbox.tui.screens.main import main_screen
from ampsandbox.tui.text.answers import headline
from ampsandbox.tui.text.sanitize import pretty
from ampsandbox.tui.widgets.log import LogPanel

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import LogDetail, LogRow
    from ampsandbox.tui.http_sender import HttpClient
    from ampsandbox.tui.ui import Ui

_READ_AT_ONCE: Final = 250
_CRM_OFFERED: Final = 10


class RequestActions(ActionPart):
    """What is done with a request that the log holds."""

    def __init__(self, ui: Ui, http: HttpClient) -> None:
        super().__init__(ui)
        self._http = http

    def read(self, row: LogRow, then: Callable[[LogDetail], None]) -> None:
        """Read the exchange of a row and go on with it; show the operation alone where it is not kept."""
        self._with(self.ui.backend.log.get(row.seq), then, row.operation_id)

    def open_of(self, operation_id: str) -> None:
        """Show the request that an operation was made of."""
        self._with(self.ui.backend.log.of(operation_id), self.show)

    def _with(
        self, read: Coroutine[Any, Any, LogDetail], then: Callable[[LogDetail], None], operation_id: str = ""
    ) -> None:
        self.ui.run_worker(self._go_on_with(read, then, operation_id), group="exchange", exclusive=True)

    async def _go_on_with(
        self, read: Coroutine[Any, Any, LogDetail], then: Callable[[LogDetail], None], operation_id: str
    ) -> None:
        try:
            then(await read)
        except NotFoundError as error:
            if operation_id and then == self.show:
                self.ui.operations.open(operation_id)
            else:
                self.ui.tell_error(error)
        except AmpSandboxError as error:
            self.ui.tell_error(error)

    def show(self, detail: LogDetail) -> None:
        """Show one exchange in full."""
        from ampsandbox.tui.screens.exchange import ExchangePanel

        main = main_screen(self.ui)
        if main is not None:
            self.ui.open_page(ExchangePanel(detail, main.query_one(LogPanel).book))

    def copy(self, detail: LogDetail) -> None:
        """Ask for a language and copy the request in it, or a CRM request that was made for it."""
        from ampsandbox.snippets import as_curl, as_fetch, as_httpx

        request = (detail.row.method, detail.url, detail.sent, detail.request_headers)
        texts = {
            "curl": as_curl(*request),
            "httpx": as_httpx(*request),
            "fetch": as_fetch(*request),
            "JSON": pretty(detail.request_body),
            "JSON of the answer": pretty(detail.response_body),
        }
        for number, each in enumerate(detail.crm[-_CRM_OFFERED:], 1):
            name = f"CRM request {number}, {each.method} {each.url.partition('?')[0].rpartition('/')[2]}"
            sent = (each.method, each.url, each.request_body, each.request_headers)
            texts[f"{name}: curl"] = as_curl(*sent)
            texts[f"{name}: JSON"] = pretty(each.request_body)
            texts[f"{name}: JSON of the answer"] = pretty(each.response_body)

        def chosen(language: str | None) -> None:
            if language is not None:
                self.ui.copy(texts[language], f"as {language}")

        self.ui.pick("Copy as", list(texts), chosen)

    def replay(self, detail: LogDetail) -> None:
        """Send a request again as it was."""
        self.ui.run_worker(self._replay(detail), group="send")

    async def _replay(self, detail: LogDetail) -> None:
        from ampsandbox.snippets import replayed

        headers = replayed(detail.request_headers)
        given = {name.lower() for name, _ in headers}
        headers += [each for each in self.ui.backend.write_headers if each[0].lower() not in given]
        answer = await self._http.send(detail.row.method, detail.url, detail.sent, headers)
        words, style = headline(answer)
        self.ui.say(f"{words} · replayed {detail.row.endpoint or detail.row.path}", style)
        await self.ui.refresh_state()

    def edit(self, detail: LogDetail) -> None:
        """Put a request into the form's JSON tab, on its endpoint where there still is one."""
        self.ui.run_worker(self._edit(detail), group="send")

    async def _edit(self, detail: LogDetail) -> None:
        main = main_screen(self.ui)
        if main is None or self.ui.state.latest is None:
            return
        known = targets(self.ui.state.latest.loaded.manifest)
        target = target_of(known, detail.row.endpoint)
        if target is not None:
            main.show_in_tree(target)
            await main.set_target(target)
        await main.open_tab("write")
        await main.form.show_body(pretty(detail.request_body))

    async def export(self, numbers: Sequence[int], path: Path) -> None:
        """Write exchanges to a file."""
        from ampsandbox.tui.text.exports import export

        found: list[LogDetail] = []
        for start in range(0, len(numbers), _READ_AT_ONCE):
            found += await self.ui.backend.log.several(numbers[start : start + _READ_AT_ONCE])
            await asyncio.sleep(0)
        await asyncio.to_thread(export, found, path)
        gone = len(numbers) - len(found)
        words = f" ({gone:,} are no longer kept)" if gone else ""
        self.ui.say(f"✓ Wrote {len(found):,} requests{words} to {path}", "$text-success")
