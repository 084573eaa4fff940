"""What writes take of disk and memory in a sandbox, as `benchmarks/footprint.py` measures it."""

from __future__ import annotations

from typing import Final

JOURNAL_BYTES_A_WRITE: Final = 1_000
JOURNAL_BYTES_A_REQUEST: Final = 1_000
MEMORY_BYTES_A_WRITE: Final = 1_000
