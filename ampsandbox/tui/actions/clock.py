"""Actions on the sandbox's time."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.actions.part import ActionPart
from ampsandbox.tui.text.words import countdown, parse_moment, speed_label

_EXAMPLES: Final = "Such as: 2 hours · +90m · tomorrow 9:00 · next friday 5pm · 2026-12-01 09:00"
SPEEDS: Final = (1.0, 60.0, 3600.0)

_NOTICED_S: Final = 0.3
"""A jump that takes longer than this is shown with its progress."""


class ClockActions(ActionPart):
    """Freeze, hurry, step and jump."""

    def action_toggle(self) -> None:
        """Freeze the clock, or let it go on in real time."""
        if self.ui.state.latest is not None:
            self.action_set_speed(0 if self.ui.state.latest.speed else 1)

    def action_set_speed(self, speed: float) -> None:
        """Run the clock at a multiple of real time."""
        words = "The clock stands still" if speed == 0 else f"The clock runs at {speed_label(speed)}"
        self.ui.command(self.ui.backend.clock.set_speed(speed), words)

    def action_speed_up(self) -> None:
        """Go to the next faster speed."""
        now = self.ui.state.latest.speed if self.ui.state.latest else 1
        self.action_set_speed(next((speed for speed in SPEEDS if speed > now), SPEEDS[-1]))

    def action_slow_down(self) -> None:
        """Go to the next slower speed."""
        now = self.ui.state.latest.speed if self.ui.state.latest else 1
        self.action_set_speed(next((speed for speed in reversed(SPEEDS) if speed < now), SPEEDS[0]))

    def action_step(self) -> None:
        """Move to the next flush and let it happen."""
        due = self.ui.state.latest.next_flush if self.ui.state.latest else None
        if due is None:
            self.ui.tell("No flush is due: nothing waits for a schedule.")
            return
        self.travel(due, "the next flush")

    def action_move(self) -> None:
        """Jump to a moment given in words."""
        if self.ui.state.latest is None:
            return
        about = (
            f"It is {self.ui.state.latest.now:%a %Y-%m-%d %H:%M:%S} UTC. What falls due on the way happens."
        )
        self.ui.ask(
            "Jump to when?",
            f"{about}\n{_EXAMPLES}",
            lambda words: self.travel(self._moment(words)[0]),
            check=lambda words: self._moment(words)[1],
        )

    def _moment(self, words: str) -> tuple[datetime, str]:
        """The moment that words mean now, and the same in full."""
        assert self.ui.state.latest is not None
        now = self.ui.state.latest.now
        moment = parse_moment(words, now)
        return moment, f"{moment:%A %Y-%m-%d %H:%M:%S} UTC, in {countdown(moment - now)}"

    def travel(self, to: datetime, what: str = "") -> None:
        """Move to a moment; a long way is shown, and can be left."""
        self.ui.run_worker(self._go_to(to, what), group="travel")

    async def _go_to(self, to: datetime, what: str) -> None:
        from ampsandbox.tui.screens.clock_jump import ClockJumpDialog

        work = asyncio.create_task(self.ui.backend.clock.advance(to=to))
        try:
            await asyncio.wait([work], timeout=_NOTICED_S)
            if not work.done() and self.ui.state.latest is not None:
                await self.ui.push_screen_wait(ClockJumpDialog(work, self.ui.state.latest, to))
            await work
        except asyncio.CancelledError:
            await self.ui.refresh_state()
            stop = f"{self.ui.state.latest.now:%a %Y-%m-%d %H:%M:%S}" if self.ui.state.latest else ""
            self.ui.say(f"– Left the way at {stop}", "$text-warning")
            return
        except AmpSandboxError as error:
            self.ui.tell_error(error)
            return
        self.ui.say(f"✓ Moved to {to:%a %Y-%m-%d %H:%M:%S}{f', {what}' if what else ''}", "$text-success")
        await self.ui.refresh_state()
