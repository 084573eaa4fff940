"""The part of the backend for the sandbox as a whole: start over, save, go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ampsandbox.tui.backend.link import Link


class RunningSnapshots:
    """The whole state of a runner."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def reset(self) -> None:
        """Start over: no operations, empty orgs, the installations kept."""
        await self._link.call(self._link.service.snapshots.reset())

    async def take(self) -> bytes:
        """The whole state as bytes."""
        return await self._link.call(self._link.service.snapshots.take())

    async def restore(self, snapshot: bytes) -> None:
        """Go back to a saved state."""
        await self._link.call(self._link.service.snapshots.restore(snapshot))
