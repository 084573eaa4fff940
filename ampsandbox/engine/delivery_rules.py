"""How a batch is cut into requests. The capacity simulation goes by the same rules."""

from __future__ import annotations

import math

from ampsandbox.engine.crm import Limits, Method
from ampsandbox.engine.write_options import DEFAULT, WriteOptions

# A flush holds about this many writes in memory at most, unless one request alone carries more.
_WINDOW = 20_000


def way_of(
    count: int, limits: Limits, bulk_threshold: int, options: WriteOptions = DEFAULT
) -> tuple[Method, int]:
    """How that many writes travel, and how many of them fit one request."""
    if options.is_whole:
        return Method.COLLECTION, limits.collection
    if limits.bulk and count >= bulk_threshold:
        return Method.BULK, limits.bulk
    return Method.COLLECTION, limits.collection


def worker_count(count: int, size: int, parallel_requests: int) -> int:
    """How many requests at a time a flush of so many writes makes, where `size` of them fit one."""
    return min(parallel_requests, math.ceil(count / size))


def window_of(size: int, parallel_requests: int) -> int:
    """How many writes of a flush are in memory at a time: what is on its way, and the next request."""
    return max(size, min(size * (parallel_requests + 1), _WINDOW))
