"""Telling when a manifest was saved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import load_manifest
from ampsandbox.manifest.watch import watch_manifest

pytestmark = pytest.mark.anyio

GOOD = (
    "specVersion: 1.0.0\nintegrations:\n  - name: {}\n    provider: hubspot\n    proxy: {{enabled: true}}\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "amp.yaml"
    path.write_text(GOOD.format("first"))
    return path


def _save(path: Path, text: str) -> None:
    path.write_text(text)


def _replace(path: Path, text: str) -> None:
    """Save as some editors do: the old file goes, another one takes its name."""
    path.unlink()
    scratch = path.with_suffix(".tmp")
    scratch.write_text(text)
    scratch.rename(path)


async def _next(results: AsyncIterator[LoadResult]) -> LoadResult:
    return await asyncio.wait_for(anext(results), 5)


async def test_each_save_is_told_also_a_broken_one(path: Path) -> None:
    stop = asyncio.Event()
    results = watch_manifest(path, load_manifest(path), stop=stop)
    _save(path, GOOD.format("second"))
    changed = await _next(results)
    assert changed.manifest is not None
    assert changed.manifest.integrations[0].name == "second"
    _save(path, "integrations: [")
    assert (await _next(results)).manifest is None
    stop.set()
    with pytest.raises(StopAsyncIteration):
        await _next(results)


async def test_an_editor_that_replaces_the_file_is_followed(path: Path) -> None:
    stop = asyncio.Event()
    results = watch_manifest(path, load_manifest(path), stop=stop)
    for name in ("second", "third"):
        _replace(path, GOOD.format(name))
        result = await _next(results)
        assert result.manifest is not None
        assert result.manifest.integrations[0].name == name
    stop.set()
    await cast("AsyncGenerator[LoadResult]", results).aclose()


async def test_a_save_that_changes_nothing_is_not_told(path: Path) -> None:
    stop = asyncio.Event()
    results = watch_manifest(path, load_manifest(path), stop=stop)
    _save(path, GOOD.format("first"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(results), 0.8)
