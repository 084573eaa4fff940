"""Looks into a mock org for the record of a write whose answer was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.errors import ConflictError, NotFoundError
from ampsandbox.tui.plain import as_text
from ampsandbox.tui.views import RecordPage

if TYPE_CHECKING:
    from ampsandbox.engine.model import Operation
    from ampsandbox.manifest.model import WriteObject
    from ampsandbox.server.runner import Runner
    from mock_crm.core.org import Org

_FOUND_SHOWN: Final = 20
_CANDIDATES: Final = 500


async def look_up(runner: Runner, operation_id: str) -> RecordPage:
    """The records that hold every value of an operation; for an update, the record with its key if it does.

    Raises:
        ConflictError: The org is a real one.
        NotFoundError: The operation, or its object in the manifest, is gone.
    """
    operation = runner.sandbox.operation(operation_id)
    org = runner.org(operation.installation_id)
    if org is None:
        raise ConflictError(
            "This connection is a live one.", "Look for the record in the CRM itself, then w or r."
        )
    target = await runner.sandbox.crm(operation.installation_id).resolve(item_of(runner, operation))
    values = target.translate(operation.fields)
    name = target.object_name
    rows = [row for row in await _candidates(org, name, operation.primary_key, values) if _holds(row, values)]
    return RecordPage(name, tuple(rows[:_FOUND_SHOWN]), len(rows))


async def _candidates(
    org: Org, name: str, key: str | None, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The record of the key; without one, the newest records that hold the longest value somewhere."""
    if key is not None:
        record = org.record(name, key)
        return [] if record is None else [record]
    browsing = org.browse(name, max(map(as_text, values.values()), key=len, default=""))
    for _ in browsing.steps():
        await asyncio.sleep(0)
    return browsing.window(0, _CANDIDATES)


def item_of(runner: Runner, operation: Operation) -> WriteObject:
    """The manifest's object that an operation writes to.

    Raises:
        NotFoundError: The manifest has it no more.
    """
    manifest = runner.sandbox.manifest
    owner = next((i for i in runner.sandbox.installations if i.id == operation.installation_id), None)
    integration = manifest.find_integration(owner.integration) if manifest and owner else None
    for item in integration.objects if integration else ():
        if item.name == operation.object and item.mode == operation.mode:
            return item
    raise NotFoundError(f"The manifest has no {operation.object} now.")


def _holds(row: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a record has the values; a CRM gives some of them back in another spelling or type."""
    known = {name.lower(): as_text(value).lower() for name, value in row.items()}
    return all(known.get(name.lower()) == as_text(value).lower() for name, value in values.items())
