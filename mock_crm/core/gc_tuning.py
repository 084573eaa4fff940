"""Settings of a process that is ours alone, unlike one that runs somebody's tests."""

from __future__ import annotations

import gc


def tune_garbage_collector() -> None:
    """Keep the collector from walking everything that start-up made, again and again, under load.

    Call it once all is set up. With the objects of a Textual app in memory, a full collection stops the event
    loop for tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
