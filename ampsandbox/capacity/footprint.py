"""What writes and installations take of disk and memory in a sandbox.

As `benchmarks/footprint.py` and `benchmarks/installations.py` measured it on Linux with Python 3.11. Writes
that wait take no memory to speak of: they are in the journal.
"""

from __future__ import annotations

from typing import Final

JOURNAL_BYTES_A_WRITE: Final = 610
"""Beyond its fields, once it has its outcome."""

JOURNAL_BYTES_A_REQUEST: Final = 280

MEMORY_BYTES: Final = 60_000_000
"""Of a sandbox that serves, before anything is installed."""

MEMORY_BYTES_AN_INSTALLATION: Final = 1_100_000
"""With its mock org."""
