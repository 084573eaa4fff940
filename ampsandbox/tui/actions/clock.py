"""Actions on the sandbox's time."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from ampsandbox.errors import AmpSandboxError
from ampsandbox.tui.base import SandboxBase
from ampsandbox.tui.text.words import countdown, parse_moment, speed_label

_EXAMPLES: Final = "Such as: 2 hours · +90m · tomorrow 9:00 · next friday 5pm · 2026-12-01 09:00"
SPEEDS: Final = (1.0, 60.0, 3600.0)

_NOTICED_S: Final = 0.3
"""A jump that takes longer than this is shown with its progress."""


class ClockActions(SandboxBase):
    """Freeze, hurry, step and jump."""

    def action_toggle_clock(self) -> None:
        """Freeze the clock, or let it go on in real time."""
        if self.latest is not None:
            self.action_set_speed(0 if self.latest.speed else 1)

    def action_set_speed(self, speed: float) -> None:
        """Run the clock at a multiple of real time."""
        words = "The clock stands still" if speed == 0 else f"The clock runs at {speed_label(speed)}"
        self.command(self.backend.set_speed(speed), words)

    def action_speed_up(self) -> None:
        """Go to the next faster speed."""
        now = self.latest.speed if self.latest else 1
        self.action_set_speed(next((speed for speed in SPEEDS if speed > now), SPEEDS[-1]))

    def action_slow_down(self) -> None:
        """Go to the next slower speed."""
        now = self.latest.speed if self.latest else 1
        self.action_set_speed(next((speed for speed in reversed(SPEEDS) if speed < now), SPEEDS[0]))

    def action_step_clock(self) -> None:
        """Move to the next flush and let it happen."""
        due = self.latest.next_flush if self.latest else None
        if due is None:
            self.tell("No flush is due: nothing waits for a schedule.")
            return
        self._travel(due, "the next flush")

    def action_move_clock(self) -> None:
        """Jump to a moment given in words."""
        if self.latest is None:
            return
        about = f"It is {self.latest.now:%a %Y-%m-%d %H:%M:%S} UTC. What falls due on the way happens."
        self.ask(
            "Jump to when?",
            f"{about}\n{_EXAMPLES}",
            lambda words: self._travel(self._moment(words)[0]),
            check=lambda words: self._moment(words)[1],
        )

    def _moment(self, words: str) -> tuple[datetime, str]:
        """The moment that words mean now, and the same in full."""
        assert self.latest is not None
        now = self.latest.now
        moment = parse_moment(words, now)
        return moment, f"{moment:%A %Y-%m-%d %H:%M:%S} UTC, in {countdown(moment - now)}"

    def _travel(self, to: datetime, what: str = "") -> None:
        """Move to a moment; a long way is shown, and can be left."""
        self.run_worker(self._go_to(to, what), group="travel")

    async def _go_to(self, to: datetime, what: str) -> None:
        from ampsandbox.tui.screens.clock_jump import ClockJumpDialog

        work = asyncio.create_task(self.backend.advance(to=to))
        try:
            await asyncio.wait([work], timeout=_NOTICED_S)
            if not work.done() and self.latest is not None:
                await self.push_screen_wait(ClockJumpDialog(work, self.latest, to))
            await work
        except asyncio.CancelledError:
            await self.refresh_state()
            stop = f"{self.latest.now:%a %Y-%m-%d %H:%M:%S}" if self.latest else ""
            self.say(f"– Left the way at {stop}", "$text-warning")
            return
        except AmpSandboxError as error:
            self.tell_error(error)
            return
        self.say(f"✓ Moved to {to:%a %Y-%m-%d %H:%M:%S}{f', {what}' if what else ''}", "$text-success")
        await self.refresh_state()
