"""What a query gives: how many records, and the records page by page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from mock_crm.core.store import Row
from mock_crm.salesforce.soql.catalog import Entity, RecordSource
from mock_crm.salesforce.soql.shape import Record, Shape

DEFAULT_BASE = "/services/data/v60.0"


class QueryResult(ABC):
    """The result of one query. Its records are read when a page is asked for, as Salesforce's cursors do.

    Attributes:
        entity: The object of FROM.
        total_size: How many records there are in all pages.
        is_aggregate: Whether the records are groups, which cannot be paged.
    """

    is_aggregate: ClassVar[bool]
    entity: Entity
    total_size: int

    @property
    def has_children(self) -> bool:
        """Whether its records hold the results of child subqueries."""
        return False

    @property
    def shows_compound(self) -> bool:
        """Whether its records hold addresses or locations as a whole."""
        return False

    @abstractmethod
    def page(self, start: int, size: int, base: str = DEFAULT_BASE) -> list[Record]:
        """The records from place `start` (counted from 0) on, at most `size`; `base` is for their URLs."""

    @abstractmethod
    def names(self) -> list[str]:
        """The columns of the records as a flat table, fields of parents with dots."""

    @property
    def records(self) -> list[Record]:
        return self.page(0, self.total_size)


class RecordResult(QueryResult):
    """Records of an object, kept as their ids in order.

    Args:
        source: Where the records are.
        entity: The object of FROM.
        shape: What to show of each.
        ids: Which records, in which order.
        loaded: Records that have been read already, by id.
    """

    LOADED_LIMIT = 4000
    is_aggregate = False

    def __init__(
        self,
        source: RecordSource,
        entity: Entity,
        shape: Shape,
        ids: Sequence[str],
        loaded: Mapping[str, Row],
    ) -> None:
        self.entity = entity
        self.total_size = len(ids)
        self._source = source
        self._shape = shape
        self._ids = ids
        self._loaded = loaded

    @property
    def has_children(self) -> bool:
        """Whether SELECT has a child subquery."""
        return bool(self._shape.children)

    @property
    def shows_compound(self) -> bool:
        """Whether SELECT names an address or a location."""
        return self._shape.shows_compound

    def page(self, start: int, size: int, base: str = DEFAULT_BASE) -> list[Record]:
        """Records of the page; those deleted for good meanwhile are left out."""
        ids = self._ids[start : start + size]
        if all(record_id in self._loaded for record_id in ids):
            rows = [self._loaded[record_id] for record_id in ids]
        else:
            rows = self._source.get_many(self.entity, ids)
        return self._shape.render(rows, base)

    def names(self) -> list[str]:
        """Columns in the order of SELECT."""
        return self._shape.names()


class ChildResult(QueryResult):
    """The children of one record, which were read along with it.

    Args:
        entity: The object of the outer FROM.
        children: All of them.
    """

    is_aggregate = False

    def __init__(self, entity: Entity, children: Sequence[Record]) -> None:
        self.entity = entity
        self.total_size = len(children)
        self._children = children

    def page(self, start: int, size: int, base: str = DEFAULT_BASE) -> list[Record]:
        return list(self._children[start : start + size])

    def names(self) -> list[str]:
        """Columns in the order of SELECT."""
        return [name for name in self._children[0] if name != "attributes"] if self._children else []


class AggregateResult(QueryResult):
    """Groups, or a bare count.

    Args:
        entity: The object of FROM.
        groups: The records to show.
        total_size: The count; of groups, their number.
    """

    is_aggregate = True

    def __init__(self, entity: Entity, groups: list[Record], total_size: int) -> None:
        self.entity = entity
        self.total_size = total_size
        self._groups = groups

    def page(self, start: int, size: int, base: str = DEFAULT_BASE) -> list[Record]:
        return self._groups[start : start + size]

    def names(self) -> list[str]:
        """Columns in the order of SELECT."""
        return [name for name in self._groups[0] if name != "attributes"] if self._groups else []
