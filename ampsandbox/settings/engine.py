"""How the engine stores, delivers and retries; sandbox.yaml's section `engine`, as it is used."""

from __future__ import annotations

from datetime import UTC, tzinfo
from enum import StrEnum

import msgspec


class Durability(StrEnum):
    """What an accepted write survives: the end of the process, or a power cut too."""

    NORMAL = "normal"
    """The death of the process (SQLite's synchronous=NORMAL)."""

    FULL = "full"
    """A power cut as well, at the price of one fsync per group of writes (synchronous=FULL)."""


class EngineSettings(msgspec.Struct, frozen=True):
    """How the engine stores, delivers and retries.

    Attributes:
        durability: What an accepted write survives.
        parallel_requests: Requests to one CRM at a time, 1 or more.
        bulk_threshold: From how many writes on a flush uses the CRM's bulk API where it has one.
        retry_deadline_s: How long scheduled writes are tried after the first transient error. It begins anew
            when the sandbox is started again: nobody tried in between.
        retry_base_s: The first pause between tries is between 0 and this; the bound doubles each time.
        retry_cap_s: The longest bound of a pause.
        immediate_deadline_s: The same deadline for immediate writes; 0 tries them once, as Ampersand does.
        breaker_failures: After how many failed requests in a row a connection's circuit opens.
        breaker_pause_s: How long the circuit stays open at first; doubles up to `breaker_pause_cap_s`.
        breaker_pause_cap_s: The longest time it stays open.
        time_zone: The zone in which cron schedules are read.
        events_in_memory: How many events stay in memory.
        events_kept: How many events the journal keeps at least.
        exchanges_in_memory: How many HTTP exchanges with CRMs stay in memory for inspection.
    """

    durability: Durability = Durability.NORMAL
    parallel_requests: int = 5
    bulk_threshold: int = 2_000
    retry_deadline_s: float = 600.0
    retry_base_s: float = 1.0
    retry_cap_s: float = 60.0
    immediate_deadline_s: float = 0.0
    breaker_failures: int = 5
    breaker_pause_s: float = 15.0
    breaker_pause_cap_s: float = 240.0
    time_zone: tzinfo = UTC
    events_in_memory: int = 1_000
    events_kept: int = 500_000
    exchanges_in_memory: int = 500
