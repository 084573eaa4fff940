"""Removing from real orgs what the sandbox created there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from ampsandbox.crm.created import CreatedRecord, CreatedRecords
from ampsandbox.engine.crm import Verdict
from ampsandbox.errors import AmpSandboxError, ConflictError, NotFoundError

if TYPE_CHECKING:
    from ampsandbox.crm.live import LiveCrm

OpenLive = Callable[[str, str, str], "LiveCrm"]
"""Opens a client of the real org of a provider, an integration and a group."""


class NotRemoved(msgspec.Struct, frozen=True):
    """A record that could not be removed, and why."""

    record: CreatedRecord
    reason: str


async def remove_created(
    created: CreatedRecords, open_live: OpenLive, org_id: str, confirmation: str
) -> tuple[int, list[NotRemoved]]:
    """Remove every record that the sandbox created in an org, the newest first.

    Args:
        created: The register; what is gone from the org is struck off it.
        open_live: Opens a client.
        org_id: The org.
        confirmation: The org's name or id, as a person typed it.

    Returns:
        How many records are gone, and those that remain.

    Raises:
        NotFoundError: Nothing is noted for the org.
        ConflictError: The confirmation is not the name of the org.
    """
    records = created.of_org(org_id)
    if not records:
        raise NotFoundError(
            f"Nothing was created in an org {org_id!r}.", "“ctl records --created” lists all."
        )
    name = records[0].org_name
    if confirmation.strip() not in (name, org_id):
        raise ConflictError(
            f"{confirmation!r} is not the name of the org.",
            f"Type {name} to remove its {len(records)} records.",
        )
    kept: list[NotRemoved] = []
    for way, mine in groupby(sorted(records, key=_way), key=_way):
        kept += await _remove(created, open_live(*way), list(mine))
    return len(records) - len(kept), kept


def _way(record: CreatedRecord) -> tuple[str, str, str]:
    return record.provider, record.integration, record.group


async def _remove(
    created: CreatedRecords, crm: LiveCrm, records: Sequence[CreatedRecord]
) -> list[NotRemoved]:
    """Remove records that one connection created, in order, with as few requests as it allows."""
    kept: list[NotRemoved] = []
    try:
        org = await crm.identify()
        if org.id != records[0].org_id:
            reason = f"The connection leads to another org now: {org.name} ({org.id})."
            return [NotRemoved(record, reason) for record in records]
        for name, found in groupby(records, key=lambda record: record.object):
            same = list(found)
            for first in range(0, len(same), crm.limits.collection):
                kept += await _remove_together(
                    created, crm, name, same[first : first + crm.limits.collection]
                )
    except AmpSandboxError as error:
        return [NotRemoved(record, error.message) for record in records]
    finally:
        await crm.aclose()
    return kept


async def _remove_together(
    created: CreatedRecords, crm: LiveCrm, object_name: str, records: Sequence[CreatedRecord]
) -> list[NotRemoved]:
    try:
        answers = await crm.delete(object_name, [record.record_id for record in records])
    except AmpSandboxError as error:
        return [NotRemoved(record, error.message) for record in records]
    told = list(zip(records, answers, strict=True))
    created.forget([record for record, answer in told if answer.verdict is Verdict.SUCCEEDED])
    return [
        NotRemoved(record, " ".join(f"{error.code}: {error.message}" for error in answer.errors))
        for record, answer in told
        if answer.verdict is not Verdict.SUCCEEDED
    ]
