"""A manifest that was saved is said to be in force, or why it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Open, Settle

pytestmark = pytest.mark.anyio


def said(app: Any) -> list[str]:
    return [item.text for item in app.said]


async def test_a_reload_is_said_once_and_a_start_is_not(
    opened: Open, settle: Settle, backend: FakeBackend
) -> None:
    async with opened() as (app, pilot):
        assert not any("again" in words for words in said(app))
        backend.load(backend.loaded.text.replace("create-account", "make-account"))
        await settle(app, pilot)
        assert [words for words in said(app) if "again" in words] == ["✓ Read amp.yaml again: it is in force"]


async def test_a_manifest_with_errors_is_not_said_to_be_in_force(
    opened: Open, settle: Settle, backend: FakeBackend
) -> None:
    async with opened() as (app, pilot):
        backend.load(backend.loaded.text.replace("mode: insert", "mode: upsert"))
        await settle(app, pilot)
        assert not any("in force" in words for words in said(app))
