"""What is read of the records of a mock CRM, as every front shows it."""

from __future__ import annotations

from typing import Any

import msgspec

CrmRecord = dict[str, Any]
"""A record as a flat dict: its id and its fields, by the CRM's names."""


class CrmObject(msgspec.Struct, frozen=True, rename="camel"):
    """One object of a mock CRM with the number of its records."""

    name: str
    count: int
    is_custom: bool


class RelatedRecord(msgspec.Struct, frozen=True, rename="camel"):
    """A record that another one points to, or that points to it. `label` says how."""

    label: str
    object_name: str
    record_id: str
    name: str = ""


class QueryResult(msgspec.Struct, frozen=True, rename="camel"):
    """What a query found: the first of `total` rows."""

    rows: tuple[CrmRecord, ...]
    total: int


class RecordPage(msgspec.Struct, frozen=True, rename="camel"):
    """A window on the records of an object: the rows from `offset` on, of `total` in all.

    `stamp` is another number whenever something in the org has changed. `among` is the number of all records
    where only those were read that hold a text.
    """

    object_name: str
    rows: tuple[dict[str, Any], ...]
    total: int
    offset: int = 0
    stamp: int = -1
    among: int = 0
