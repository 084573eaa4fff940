"""Looks into a mock org for the record of a write whose answer was lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.errors import ConflictError, NotFoundError
from ampsandbox.service.context import ServiceContext
from ampsandbox.service.record_views import RecordPage

if TYPE_CHECKING:
    from ampsandbox.engine.model import Operation
    from ampsandbox.manifest.model import WriteObject
    from mock_crm.core.org import Org

_SHOWN: Final = 20
_CANDIDATES: Final = 500


async def look_up(context: ServiceContext, operation_id: str) -> RecordPage:
    """The records that hold every value of an operation; for an update, the record with its key if it does.

    Raises:
        ConflictError: The org is a real one.
        NotFoundError: The operation, or its object in the manifest, is gone.
    """
    operation = context.engine.operations.get(operation_id)
    org = context.connections.org(operation.installation_id)
    if org is None:
        raise ConflictError(
            "This connection is a live one.",
            "Look for the record in the CRM itself, then mark the write as written, or retry it.",
        )
    target = await context.engine.installations.crm(operation.installation_id).resolve(
        object_of(context, operation)
    )
    values = target.translate(operation.fields)
    name = target.object_name
    candidates = await _candidates(org, name, operation.primary_key, values)
    rows = [row for row in candidates if _holds(row, values)]
    return RecordPage(name, tuple(rows[:_SHOWN]), len(rows), stamp=org.store.changes)


async def _candidates(
    org: Org, name: str, key: str | None, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The record of the key; without one, the newest records that hold the longest value somewhere."""
    if key is not None:
        record = org.record(name, key)
        return [] if record is None else [record]
    browsing = org.browse(name, max(map(_as_text, values.values()), key=len, default=""))
    for _ in browsing.steps():
        await asyncio.sleep(0)  # the server gets its turn between the steps
    return browsing.window(0, _CANDIDATES)


def object_of(context: ServiceContext, operation: Operation) -> WriteObject:
    """The manifest's object that an operation writes to.

    Raises:
        NotFoundError: The manifest has it no more.
    """
    manifest = context.engine.manifest
    owner = next((i for i in context.engine.installations.all() if i.id == operation.installation_id), None)
    integration = manifest.find_integration(owner.integration) if manifest and owner else None
    for item in integration.objects if integration else ():
        if item.name == operation.object and item.mode in (None, operation.mode):
            return item
    raise NotFoundError(f"The manifest has no {operation.object} now.")


def _holds(row: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a record has the values; a CRM gives some of them back in another spelling or type."""
    known = {name.lower(): _as_text(value).lower() for name, value in row.items()}
    return all(known.get(name.lower()) == _as_text(value).lower() for name, value in values.items())


def _as_text(value: Any) -> str:
    """A value as both sides of the comparison spell it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
