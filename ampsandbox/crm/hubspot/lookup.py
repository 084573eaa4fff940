"""Finding records: one by its id, or those whose properties have given values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from ampsandbox.crm.http import segment
from ampsandbox.crm.json_access import mapping
from ampsandbox.crm.session import ApiRequest, CrmSession, json_request
from ampsandbox.engine.crm import ObjectDescription

_LIMIT: Final = 100


class _Found(msgspec.Struct):
    results: list[dict[str, Any]]


async def fetch(
    session: CrmSession, object_type: str, record_id: str, fields: Sequence[str]
) -> Mapping[str, Any] | None:
    """The record's values of these properties; None where there is no such record.

    Raises:
        CrmRefusedError: The app may not read it.
    """
    path = f"/crm/v3/objects/{segment(object_type)}/{segment(record_id)}"
    reply = await session.send(ApiRequest("GET", f"{path}?properties={quote(','.join(fields), safe=',')}"))
    if reply.status == 404:
        return None
    if not reply.is_success:
        raise session.refusal(reply)
    return mapping(mapping(reply.json).get("properties"))


async def search(
    session: CrmSession, described: ObjectDescription, filters: Sequence[tuple[str, Any]]
) -> list[dict[str, Any]]:
    """The records whose properties have these values, with all their properties, 100 at most.

    Raises:
        CrmRefusedError: A property is not there, or HubSpot's search does not take it.
    """
    content = {
        "filterGroups": [
            {
                "filters": [
                    {
                        "propertyName": name,
                        "operator": "EQ",
                        "value": str(value).lower() if isinstance(value, bool) else str(value),
                    }
                    for name, value in filters
                ]
            }
        ],
        "properties": [each.name for each in described.fields],
        "limit": _LIMIT,
    }
    path = f"/crm/v3/objects/{segment(described.name)}/search"
    return (await session.read(json_request("POST", path, content, is_repeatable=True), _Found)).results
