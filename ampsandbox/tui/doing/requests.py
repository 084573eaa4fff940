"""Actions on requests: send, send many, copy, replay, edit and resend, export."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ampsandbox.errors import AmpSandboxError, UsageError
from ampsandbox.tui.answers import headline
from ampsandbox.tui.base import SandboxBase
from ampsandbox.tui.plain import pretty
from ampsandbox.tui.target import targets

if TYPE_CHECKING:
    from ampsandbox.tui.views import LogDetail
    from ampsandbox.tui.widgets.write import WritePane

MOST: Final = 100_000
_AT_ONCE: Final = 16
_PROGRESS_S: Final = 0.1


class RequestActions(SandboxBase):
    """Everything that puts requests on the wire, or takes them elsewhere."""

    def action_send_write(self) -> None:
        """Send what is in the form."""
        form = self.form
        if form.model is None:
            self.tell("Choose an endpoint first.")
        elif form.check():
            self.run_worker(self._send(form), group="send")

    async def _send(self, form: WritePane) -> None:
        from ampsandbox.tui.templates import expand_text

        form.show_sending()
        answer = await self.wire.send("POST", form.url, expand_text(form.body_text(), form.fake))
        form.show_answer(answer)
        words, style = headline(answer)
        self.say(f"{words} · {form.title}", style)
        await self.refresh_state()

    def send_many(self) -> None:
        """Ask how many, then send the form's write that often."""
        form = self.form
        if form.model is None or not form.check():
            return
        about = "Templates such as {{n}}, {{email}} or {{firstName}} in a field differ with every write."
        self.ask(
            "How many writes?", about, lambda text: self._send_many(int(text)), value="100", check=_count
        )

    def _send_many(self, count: int) -> None:
        self.run_worker(self._send_all(count), group="send-many", exclusive=True)

    async def _send_all(self, count: int) -> None:
        from ampsandbox.tui.templates import expand

        form, start = self.form, time.perf_counter()
        body, url = form.body(), form.url
        results: Counter[int] = Counter()
        numbers = iter(range(1, count + 1))

        async def sender() -> None:
            for n in numbers:
                form.fake.next_person()
                text = json.dumps(expand(body, n, form.fake), ensure_ascii=False)
                results[(await self.wire.send("POST", url, text)).status] += 1

        work = asyncio.gather(*(sender() for _ in range(min(_AT_ONCE, count))))
        while not work.done():
            form.show_progress(results, count, time.perf_counter() - start)
            await asyncio.wait([work], timeout=_PROGRESS_S)
        form.show_progress(results, count, time.perf_counter() - start)
        self.say(f"✓ Sent {count:,} writes to {form.title}", "$text-success")
        await self.refresh_state()

    # -- the log's requests --------------------------------------------------------------------------------

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


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise UsageError(f"A number from 1 to {MOST:,}.")
    return int(text)
