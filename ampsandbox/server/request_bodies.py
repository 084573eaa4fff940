"""The bodies of write requests, for those who send them: of 2023 and of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

WriteType = Literal["create", "update", "delete"]


def endpoint_body(group: str, fields: Mapping[str, Any], key: str | None = None) -> dict[str, Any]:
    """The body for an endpoint of the 2023 format; `key` is the CRM's id of the record to update."""
    body: dict[str, Any] = {"groupId": group, "fields": dict(fields)}
    return body if key is None else body | {"primaryKey": key}


def object_body(
    group: str, fields: Mapping[str, Any], key: str | None = None, write_type: WriteType | None = None
) -> dict[str, Any]:
    """The body for an object in today's write API.

    Without a `write_type` it creates a record, or updates that of the id `key`.
    """
    record = dict(fields) if key is None else {**fields, "id": key}
    write_type = write_type or ("create" if key is None else "update")
    return {"groupRef": group, "type": write_type, "record": record}
