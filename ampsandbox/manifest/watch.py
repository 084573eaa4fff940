"""Telling when a manifest was saved."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeAlias

from ampsandbox.errors import ManifestError
from ampsandbox.manifest.encoding import decode
from ampsandbox.manifest.findings import LoadResult, Target
from ampsandbox.manifest.loader import load_manifest

# Asking for one file's times costs some microseconds. A library that is told of changes took 2.4 MB, and
# had to look as well, for the file systems that tell nothing.
_LOOK_S = 0.2

_Signature: TypeAlias = tuple[int, int, int]


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
    text = known.text
    read: _Signature | None = None
    seen: _Signature | None = None
    while not await _is_set_soon(stop):
        before, seen = seen, _signature(path)
        # An editor saves in several steps (write, rename, set times): the last one has passed once two looks
        # see the same.
        if seen is None or seen != before or seen == read:
            continue
        read = seen
        result = await asyncio.to_thread(_read_changed, path, text, strict=strict, target=target)
        if result is not None:
            text = result.text
            yield result


async def _is_set_soon(stop: asyncio.Event | None) -> bool:
    """Wait until the next look; whether it is not to be taken."""
    if stop is None:
        await asyncio.sleep(_LOOK_S)
        return False
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), _LOOK_S)
    return stop.is_set()


def _read_changed(path: Path, text: str, *, strict: bool, target: Target) -> LoadResult | None:
    """The manifest; None when its text is this one, or when it went away, which the next look sees."""
    try:
        is_same = decode(path.read_bytes())[0] == text
        return None if is_same else load_manifest(path, strict=strict, target=target)
    except (OSError, ManifestError):
        return None


def _signature(path: Path) -> _Signature | None:
    try:
        status = path.stat()
    except OSError:
        return None  # gone, or for a moment not there: editors put a new file in the place of the old one
    return status.st_mtime_ns, status.st_size, status.st_ino
