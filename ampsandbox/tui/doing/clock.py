"""Actions on the sandbox's time."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ampsandbox.tui.base import SandboxBase
from ampsandbox.tui.words import parse_moment, speed_label

_EXAMPLES: Final = "Such as: 2 hours · +90m · tomorrow 9:00 · friday 5pm · 2026-12-01 09:00"
SPEEDS: Final = (1.0, 60.0, 3600.0)


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
        if due is None or self.latest is None:
            self.tell("No flush is due: nothing waits for a schedule.")
            return
        to = max(due, self.latest.now)
        # A running clock may have passed the moment that the screen knows, and cannot go back to it.
        work = (
            self.backend.advance(to=to)
            if self.latest.speed == 0
            else self.backend.advance(by=to - self.latest.now)
        )
        self.command(work, f"Moved to {due:%H:%M:%S}, the next flush")

    def action_move_clock(self) -> None:
        """Jump to a moment given in words."""
        if self.latest is None:
            return
        now = self.latest.now
        about = "Everything that falls due on the way happens.\n" + _EXAMPLES

        def go(words: str) -> None:
            moment = parse_moment(words, now)
            by: timedelta = moment - now
            self.command(self.backend.advance(by=by), f"Moved to {moment:%a %Y-%m-%d %H:%M:%S}")

        self.ask("Jump to when?", about, go, check=lambda words: parse_moment(words, now))
