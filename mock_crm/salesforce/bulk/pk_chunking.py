"""PK chunking of Bulk 1.0: one query becomes several, each over a range of ids [D]."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mock_crm.salesforce.soql.tokens import tokenize

_DEFAULT_SIZE, _LARGEST_SIZE = 100_000, 250_000
_SIZE = re.compile(r"chunkSize\s*=\s*(\d{1,9})", re.IGNORECASE)
_AFTER_CONDITION = ("ORDER", "LIMIT", "OFFSET", "ALL")


def chunk_size(header: str) -> int:
    """How many ids the `Sforce-Enable-PKChunking` header wants in a chunk; 0 where it asks for none."""
    if not header or header.strip().lower() == "false":
        return 0
    found = _SIZE.search(header)
    return min(max(int(found.group(1)), 1), _LARGEST_SIZE) if found else _DEFAULT_SIZE


def chunks(query: str, ids: list[str], size: int) -> Iterator[str]:
    """The query once for each range of the sorted ids, as Salesforce writes it.

    Raises:
        SoqlError: It cannot be read.
    """
    condition, end = None, len(query)
    depth = 0
    for token in tokenize(query):
        depth += {"(": 1, ")": -1}.get(token.keyword, 0)
        if depth == 0 and token.keyword == "WHERE" and condition is None:
            condition = token.at
        if depth == 0 and token.keyword in _AFTER_CONDITION:
            end = min(end, token.at)
    start = query[: end if condition is None else condition].rstrip()
    own = "" if condition is None else f"({query[condition + len('WHERE') : end].strip()}) AND "
    starts = ids[::size]
    for first, following in zip(starts, [*starts[1:], None], strict=True):
        bound = "" if following is None else f" AND Id < '{following}'"
        yield f"{start} WHERE {own}Id >= '{first}'{bound} {query[end:]}".rstrip()
