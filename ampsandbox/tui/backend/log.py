"""The part of the backend for the request log: its rows, and all that is known of one request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from ampsandbox.errors import NotFoundError
from ampsandbox.service.request_log import REQUESTS_KEPT
from ampsandbox.tui.backend.views import LogDetail, LogRow, WriteOutcome
from ampsandbox.tui.forms.target import targets

if TYPE_CHECKING:
    from ampsandbox.manifest.findings import LoadResult
    from ampsandbox.service.handled_request import HandledRequest, Headers
    from ampsandbox.tui.backend.link import Link
    from ampsandbox.tui.backend.operations import RunningOperations

_TEXT_SEARCHED: Final = 300
_CRM_SHOWN: Final = 200
_ROWS_AT_ONCE: Final = 400


class RunningLog:
    """The requests that a runner handled."""

    def __init__(self, link: Link, operations: RunningOperations) -> None:
        self._link = link
        self._operations = operations
        self.cleared = 0
        """The number of the last request that was thrown away."""
        self._providers: Mapping[str, str] = {}

    async def rows(self, after: int, loaded: LoadResult) -> tuple[LogRow, ...]:
        """The rows after a number. Made on the caller's thread, so that they cost the server nothing.

        Under load there are thousands, which would hold up a whole frame and the keys with it.
        """
        if loaded.manifest is not None:
            known = targets(loaded.manifest)
            self._providers = {target.logged_as: target.integration.provider for target in known}
        found = self._link.runner.request_log.since(max(after, self.cleared), REQUESTS_KEPT)
        rows: list[LogRow] = []
        for start in range(0, len(found), _ROWS_AT_ONCE):
            rows += [_row(item, self._providers) for item in found[start : start + _ROWS_AT_ONCE]]
            await asyncio.sleep(0)
        return tuple(rows)

    async def get(self, seq: int) -> LogDetail:
        """Everything known of one exchange."""
        return await self._link.read(lambda: self._detail(self._link.runner.request_log.find(seq)))

    async def of(self, operation_id: str) -> LogDetail:
        """The exchange that an operation was made of."""
        return await self._link.read(lambda: self._detail(self._link.runner.request_log.of(operation_id)))

    async def before(self, seq: int, limit: int) -> Sequence[LogRow]:
        """The rows below a number, oldest first: the last `limit` of those that are kept on disk alone."""
        found = await asyncio.to_thread(self._link.runner.request_log.before, seq, limit)
        return [_row(item, self._providers) for item in found if item.seq > self.cleared]

    async def outcomes(self, operation_ids: Sequence[str]) -> Mapping[str, WriteOutcome]:
        """What has become of operations by now; those that are not known any more are left out."""

        def read() -> dict[str, WriteOutcome]:
            found = {}
            for key in operation_ids:
                with suppress(NotFoundError):
                    operation = self._link.engine.operations.get(key)
                    record = operation.record_id or operation.primary_key or ""
                    found[key] = WriteOutcome(operation.state.value, record)
            return found

        return await self._link.read(read)

    async def several(self, numbers: Sequence[int]) -> Sequence[LogDetail]:
        """The exchanges of these numbers that are still kept, without what they led to."""
        found = map(self._link.runner.request_log.find, numbers)
        return [self._bare(item) for item in found if item is not None and item.seq > self.cleared]

    def _detail(self, item: HandledRequest | None) -> LogDetail:
        if item is None or item.seq <= self.cleared:
            raise NotFoundError("This request is no longer kept.", f"The newest {REQUESTS_KEPT:,} are.")
        engine, key = self._link.engine, item.operation_id
        if not key:
            return self._bare(item)
        try:
            found = self._operations.of(key)
        except NotFoundError:  # The log on disk may be older than the state that was gone back to.
            return self._bare(item)
        sent = {id(each): each.exchange for one in found for each in engine.exchanges.of(one.id)}
        is_batch = [one.id for one in found] != [key]
        return replace(
            self._bare(item),
            crm=tuple(sent.values())[-_CRM_SHOWN:],
            operation=None if is_batch else self._operations.view(found[0]),
            batch_id=key if is_batch else "",
        )

    def _bare(self, item: HandledRequest) -> LogDetail:
        return LogDetail(
            row=_row(item, self._providers),
            url=f"{self._link.runner.url}{(item.target or item.path.encode()).decode('latin-1')}",
            request_headers=_texts(item.headers),
            sent=item.request_body,
            response_headers=_texts(item.response_headers),
            answered=item.response_body,
            span=item.span,
        )

    async def clear(self) -> None:
        """Forget the exchanges so far."""
        self.forget()
        await self._link.call(self._link.service.log.clear())

    def forget(self) -> None:
        """Show none of the requests so far."""
        self.cleared = self._link.runner.request_log.count


def _row(item: HandledRequest, providers: Mapping[str, str]) -> LogRow:
    begin, end = item.span
    return LogRow(
        seq=item.seq, at=item.at, kind="write", method=item.method, path=item.path, status=item.status,
        elapsed_ms=(end - begin) * 1000, endpoint=item.endpoint, group=item.group,
        provider=providers.get(item.endpoint, ""), operation_id=item.operation_id,
        text=item.request_body[:_TEXT_SEARCHED].decode(errors="replace"), size=item.size,
    )  # fmt: skip


def _texts(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
