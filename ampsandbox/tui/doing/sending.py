"""Actions that send what is in the write form: once, or many times with other values each time."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from ampsandbox.errors import UsageError
from ampsandbox.tui.answers import headline
from ampsandbox.tui.base import SandboxBase

if TYPE_CHECKING:
    from ampsandbox.tui.widgets.write import WritePane

MOST: Final = 100_000
_AT_ONCE: Final = 16
_PROGRESS_S: Final = 0.1


class SendingActions(SandboxBase):
    """Everything that sends the form's write."""

    def action_send_write(self) -> None:
        """Send what is in the form."""
        form = self.form
        if self.latest is None:
            self.tell("The sandbox is still starting.")
        elif form.model is None:
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


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise UsageError(f"A number from 1 to {MOST:,}.")
    return int(text)
