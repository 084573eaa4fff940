"""Finding records: one by its id, or those whose fields have given values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from ampsandbox.crm.http import segment
from ampsandbox.crm.json_access import mapping
from ampsandbox.crm.session import ApiRequest, CrmSession
from ampsandbox.engine.crm import ObjectDescription

# FIELDS(ALL) is refused without a limit, and with a higher one.
_LIMIT: Final = 200
_UNQUOTED: Final = frozenset({"boolean", "int", "double", "currency", "percent", "date", "datetime"})


class _Rows(msgspec.Struct):
    records: list[dict[str, Any]]


async def fetch(
    session: CrmSession, root: str, object_name: str, record_id: str, fields: Sequence[str]
) -> Mapping[str, Any] | None:
    """The record's values of these fields; None where there is no such record.

    Raises:
        CrmRefusedError: A field is not there or not visible.
    """
    path = f"{root}/sobjects/{segment(object_name)}/{segment(record_id)}"
    reply = await session.send(ApiRequest("GET", f"{path}?fields={quote(','.join(fields), safe=',')}"))
    if reply.status == 404:
        return None
    if not reply.is_success:
        raise session.refusal(reply)
    return mapping(reply.json)


async def search(
    session: CrmSession, root: str, described: ObjectDescription, filters: Sequence[tuple[str, Any]]
) -> list[dict[str, Any]]:
    """The records whose fields have these values, with all their fields, 200 at most.

    Raises:
        CrmRefusedError: A field is not there, or cannot be filtered by.
    """
    types = {each.name.lower(): each.type for each in described.fields}
    where = " AND ".join(
        f"{name} = {_literal(value, types.get(name.lower(), ''))}" for name, value in filters
    )
    soql = f"SELECT FIELDS(ALL) FROM {described.name} WHERE {where} LIMIT {_LIMIT}"
    call = ApiRequest("GET", f"{root}/query?q={quote(soql, safe='')}")
    return (await session.read(call, _Rows)).records


def _literal(value: Any, kind: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    if kind in _UNQUOTED and "'" not in text and "\\" not in text and " " not in text:
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
