"""Telling when a manifest was saved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from ampsandbox.errors import ManifestError
from ampsandbox.manifest.findings import LoadResult, Target
from ampsandbox.manifest.loader import load_manifest

# An editor saves in several steps (write, rename, set times): they count as one once a step passes
# without another, and after the longest wait in any case.
_STEP_MS = 50
_DEBOUNCE_MS = 200
_LOOK_ANYWAY_MS = 500
"""How often to look at the file without being told, for file systems that tell nothing."""


async def watch_manifest(
    path: Path,
    known: LoadResult,
    *,
    strict: bool = False,
    target: Target = Target.SANDBOX,
    stop: asyncio.Event | None = None,
) -> AsyncIterator[LoadResult]:
    """Yield the manifest anew each time its text has changed, within a second, broken or not.

    Editors that replace the file are followed. While there is no file, nothing is yielded.

    Args:
        path: The file.
        known: What was loaded before; a change since then is yielded too.
        strict: As for `load_manifest`.
        target: As for `load_manifest`.
        stop: Ends the iteration when set.
    """
    text, signature = known.text, None
    async for _ in _looks(path, stop):
        seen = _signature(path)
        if seen is None or seen == signature:
            continue
        signature = seen
        try:
            result = await asyncio.to_thread(load_manifest, path, strict=strict, target=target)
        except ManifestError:
            continue  # It went away between the two looks; the next look finds it again.
        if result.text != text:
            text = result.text
            yield result


def _looks(path: Path, stop: asyncio.Event | None) -> AsyncIterator[object]:
    """Something to iterate over that comes round when the file may have changed."""
    # Imported here, since only a running sandbox needs it.
    from watchfiles import awatch

    real = path.resolve()
    return awatch(
        real.parent,
        watch_filter=lambda _, name: Path(name).name == real.name,
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stop,
        rust_timeout=_LOOK_ANYWAY_MS,
        yield_on_timeout=True,
        recursive=False,
    )


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None  # gone, or for a moment not there: editors put a new file in the place of the old one
    return status.st_mtime_ns, status.st_size, status.st_ino
