"""Actions that send what is in the write form: once, or many times with other values each time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.errors import UsageError
from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.screens.main import MainScreen, main_screen
from ampsandbox.tui.text.answers import headline

if TYPE_CHECKING:
    from ampsandbox.tui.actions.bulk_send import BulkSend
    from ampsandbox.tui.http_sender import HttpClient
    from ampsandbox.tui.ui import Ui
    from ampsandbox.tui.widgets.write import WritePane

MOST: Final = 100_000
_AT_ONCE: Final = 8
_PROGRESS_S: Final = 0.1
_TEMPLATES: Final = (
    "{{n}} in a field becomes 1, 2, 3 …; {{email}}, {{firstName}}, {{company}} and other names of "
    "fields become plausible values, another one in every write."
)
MakeBody = Callable[[int], dict[str, Any]]


class SendingActions(ActionPart):
    """Everything that sends the form's write."""

    def __init__(self, ui: Ui, http: HttpClient) -> None:
        super().__init__(ui)
        self._http = http

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Sending belongs to the main screen, where the form is."""
        return isinstance(self.ui.screen, MainScreen)

    def action_send(self) -> None:
        """Send what is in the form."""
        form = self._form
        if self.ui.state.latest is None:
            self.ui.tell("The sandbox is still starting.")
        elif form.model is None:
            self.ui.tell("Choose an endpoint first.")
        elif form.check():
            self.ui.run_worker(self._send(form), group="send")

    async def _send(self, form: WritePane) -> None:
        url, text, title = form.url, form.request.text_to_send(form.fake), form.title
        object_name = form.model.object_name if form.model else ""
        form.answer.show_sending()
        answer = await self._http.send("POST", url, text, self.ui.backend.write_headers)
        form.show_answer(answer, object_name)
        words, style = headline(answer)
        self.ui.say(f"{words} · {title}", style)
        await self.ui.refresh_state()

    @property
    def _form(self) -> WritePane:
        main = main_screen(self.ui)
        assert main is not None
        return main.form

    # -- many ------------------------------------------------------------------------------------------

    def send_many(self) -> None:
        """Ask how many, then send the form's write that often."""
        form = self._form
        if form.model is not None and form.can_repeat() and form.check():
            self.ui.ask(
                "How many writes?",
                _TEMPLATES,
                lambda text: self.begin_many(int(text)),
                value="100",
                check=_count,
            )

    def begin_many(self, count: int) -> None:
        """Send the form's write that often."""
        self._form.sending = self.ui.run_worker(self._send_all(count), group="send-many", exclusive=True)

    async def _send_all(self, count: int) -> None:
        from ampsandbox.tui.actions.bulk_send import BulkSend

        form = self._form
        bulk = BulkSend(count, form.title)
        try:
            await self._fire(bulk, form.url, form.request.body_maker(form.fake), form.show_bulk_send)
        finally:
            bulk.is_stopped = bulk.done < count
            form.sending = None
            form.show_bulk_send(bulk)
            said = f"{bulk.done:,} writes to {bulk.title}, {bulk.refused:,} refused, {bulk.rate:,.0f}/s"
            self.ui.say(
                f"✗ Sent {said}" if bulk.refused else f"✓ Sent {said}",
                "$text-error" if bulk.refused else "$text-success",
            )
        await self.ui.refresh_state()

    async def _fire(
        self, bulk: BulkSend, url: str, body_of: MakeBody, show: Callable[[BulkSend], None]
    ) -> None:
        start = time.perf_counter()
        numbers = iter(range(1, bulk.count + 1))
        senders = [self._sender(numbers, bulk, url, body_of) for _ in range(min(_AT_ONCE, bulk.count))]
        work = asyncio.gather(*senders)
        try:
            while not work.done():
                show(bulk)
                await asyncio.wait([work], timeout=_PROGRESS_S)
                bulk.elapsed_s = time.perf_counter() - start
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _sender(self, numbers: Iterator[int], bulk: BulkSend, url: str, body_of: MakeBody) -> None:
        for n in numbers:
            text = json.dumps(body_of(n), ensure_ascii=False)
            bulk.add(await self._http.send("POST", url, text, self.ui.backend.write_headers))


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise UsageError(f"A number from 1 to {MOST:,}.")
    return int(text)
