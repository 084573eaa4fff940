"""Settings of a process that is ours alone, unlike one that runs somebody's tests."""

from __future__ import annotations

import gc


def put_off_garbage_collection() -> None:
    """Collect nothing until `tune_garbage_collector`.

    What a start makes stays: looking for garbage in it takes a tenth of the start, and finds next to none.
    """
    gc.disable()


def tune_garbage_collector() -> None:
    """Keep the collector from walking everything that start-up made, again and again, under load.

    Call it once all is set up. With the objects of a Textual app in memory, a full collection stops the event
    loop for tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()
