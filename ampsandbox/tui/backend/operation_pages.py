"""Windows on long lists of operations, searched without holding up the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.errors import NotFoundError
from ampsandbox.tui.backend.views import OperationPage, OperationSource, OperationView
from ampsandbox.tui.text.sanitize import as_text

if TYPE_CHECKING:
    from ampsandbox.engine.engine import Engine

_READ_AT_ONCE: Final = 250
_PARTS: Final[dict[str, Callable[[OperationView], object]]] = {
    "group": lambda item: item.group,
    "object": lambda item: item.object,
    "endpoint": lambda item: item.endpoint,
    "state": lambda item: item.state,
    "error": lambda item: " ".join(item.errors),
}
PREFIXES: Final = tuple(_PARTS)


class OperationPages:
    """Reads pages of operations. Used on the engine's loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def page(self, source: OperationSource, cursor: str, search: str, limit: int) -> OperationPage:
        """The operations of a source from `cursor` on that hold all words of `search`.

        Args:
            source: Which operations.
            cursor: Where the page before this one ended; empty for the first.
            search: Words, each optionally behind `group:`, `object:`, `endpoint:`, `state:` or `error:`.
            limit: How many at most.
        """
        found: list[OperationView] = []
        while rows := self._read(source, cursor):
            for row in self.views(rows):
                if matches(row, search):
                    if len(found) == limit:
                        return OperationPage(tuple(found), cursor)
                    found.append(row)
                cursor = str(int(cursor or 0) + 1) if source.batch_id else row.id
            if len(rows) < _READ_AT_ONCE:
                break
            await asyncio.sleep(0)  # let the engine go on between the parts of a long list
        return OperationPage(tuple(found))

    def _read(self, source: OperationSource, cursor: str) -> list[Operation]:
        if source.operation_id:
            return self.of(source.operation_id)
        if source.batch_id:
            return self._engine.batches.operations(source.batch_id, int(cursor or 0), _READ_AT_ONCE)
        states = [OperationState(state) for state in source.states] or None
        return self._engine.operations.newest(states, before=cursor or None, limit=_READ_AT_ONCE)

    def of(self, operation_id: str) -> list[Operation]:
        """An operation; those of a batch where the id is one's, as callers of today's API get it.

        Raises:
            NotFoundError: The id was never given out.
        """
        try:
            return [self._engine.operations.get(operation_id)]
        except NotFoundError:
            return self._engine.batches.operations(operation_id, 0, _READ_AT_ONCE)

    def views(self, found: Sequence[Operation]) -> list[OperationView]:
        """Operations as the screen shows them."""
        groups = {item.id: item.group for item in self._engine.installations.all()}
        return [_view(item, groups.get(item.installation_id, "")) for item in found]


def matches(item: OperationView, search: str) -> bool:
    """Whether an operation holds all the words."""
    return all(_holds(item, word) for word in search.lower().split())


def _holds(item: OperationView, word: str) -> bool:
    prefix, _, rest = word.partition(":")
    if rest and prefix in _PARTS:
        return rest in str(_PARTS[prefix](item) or "").lower()
    texts = (
        item.id, item.group, item.object, item.mode, item.state.replace("_", " "), item.endpoint,
        item.primary_key, item.record_id, *item.errors, *map(as_text, item.fields.values()),
    )  # fmt: skip
    return any(word in text.lower() for text in texts if text)


def _view(item: Operation, group: str) -> OperationView:
    return OperationView(
        id=item.id, installation_id=item.installation_id, group=group, object=item.object,
        mode=item.mode.value,
        state=item.state.value, fields=item.fields, endpoint=item.endpoint, primary_key=item.primary_key,
        batch_id=item.batch_id, record_id=item.record_id, attempts=item.attempts,
        errors=tuple(f"{error.code}: {error.message}" for error in item.errors), raw=item.raw_response,
        accepted_at=item.accepted_at, finished_at=item.finished_at, next_attempt_at=item.next_attempt_at,
    )  # fmt: skip
