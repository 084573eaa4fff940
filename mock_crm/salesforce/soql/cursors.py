"""Results that are read in several requests, under locators such as `01g…-2000`."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from mock_crm.core.clock import Clock
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.ids import IdFactory
from mock_crm.salesforce.soql.result import ChildResult, QueryResult
from mock_crm.salesforce.soql.shape import Record

OPEN_LIMIT = 10
"""Cursors that stay open; the oldest is closed for a new one."""

OPEN_CHILDREN_LIMIT = 200
"""Lists of children that stay open."""

CHILD_PAGE, ONE_PARENT_PAGE = 199, 499
"""Children that come with each of several parents, and with a single one (jsforce issues 1752 and 577)."""

LIFETIME = timedelta(days=2)


class Cursors:
    """The open cursors of one org.

    Args:
        ids: Gives the cursors' ids.
        clock: Whose time they live in.
    """

    def __init__(self, ids: IdFactory, clock: Clock) -> None:
        self._ids = ids
        self._clock = clock
        self._open: OrderedDict[str, tuple[datetime, QueryResult]] = OrderedDict()
        self._children: OrderedDict[str, tuple[datetime, QueryResult]] = OrderedDict()

    def first_page(self, result: QueryResult, size: int, base: str, prefix: str) -> Record:
        """The answer to a query: its first records, and where the next are if there are more.

        Args:
            result: What the query gave.
            size: Records per page.
            base: Path of the API version.
            prefix: Path under which the org is mounted.

        Raises:
            SalesforceError: EXCEEDED_ID_LIMIT for groups that need a second page.
        """
        if result.total_size <= size or (result.is_aggregate and not result.page(0, 1)):
            records = self._records(result, 0, size, base, prefix)
            return {"totalSize": result.total_size, "done": True, "records": records}
        if result.is_aggregate:
            raise SalesforceError(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single "
                "batch",
            )
        cursor = self._ids.next("01g")
        self._open[cursor] = (self._clock.now(), result)
        while len(self._open) > OPEN_LIMIT:
            self._open.popitem(last=False)
        return self._page(cursor, result, 0, size, base, prefix)

    def next_page(self, locator: str, size: int, base: str, prefix: str) -> Record:
        """The answer to a request for the records at a locator.

        Raises:
            SalesforceError: INVALID_QUERY_LOCATOR.
        """
        cursor, _, place = locator.partition("-")
        opened = self._open.get(cursor) or self._children.get(cursor)
        is_live = opened is not None and self._clock.now() - opened[0] < LIFETIME
        if opened is None or not is_live or not (place.isascii() and place.isdigit()):
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        start = int(place[:12])
        if start >= opened[1].total_size:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(cursor, opened[1], start, size, base, prefix)

    def clear(self) -> None:
        self._open.clear()
        self._children.clear()

    def _page(
        self, cursor: str, result: QueryResult, start: int, size: int, base: str, prefix: str
    ) -> Record:
        end = start + size
        answer: Record = {"totalSize": result.total_size, "done": end >= result.total_size}
        if not answer["done"]:
            answer["nextRecordsUrl"] = f"{prefix}{base}/query/{cursor}-{end}"
        answer["records"] = self._records(result, start, size, base, prefix)
        return answer

    def _records(self, result: QueryResult, start: int, size: int, base: str, prefix: str) -> list[Record]:
        """A page's records; of long lists of children only the beginning, and where the others are."""
        records = result.page(start, size, base)
        if result.has_children:
            most = min(size, ONE_PARENT_PAGE if len(records) == 1 else CHILD_PAGE)
            for record in records:
                for name, children in record.items():
                    if isinstance(children, dict) and len(children.get("records", ())) > most:
                        record[name] = self._beginning(result, children["records"], most, base, prefix)
        return records

    def _beginning(
        self, result: QueryResult, children: list[Record], size: int, base: str, prefix: str
    ) -> Record:
        cursor = self._ids.next("01g")
        found = ChildResult(result.entity, children)
        self._children[cursor] = (self._clock.now(), found)
        while len(self._children) > OPEN_CHILDREN_LIMIT:
            self._children.popitem(last=False)
        return self._page(cursor, found, 0, size, base, prefix)
