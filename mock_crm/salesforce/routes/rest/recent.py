"""Records that were used last: `recent`, and `recentItems` of an object."""

from __future__ import annotations

from typing import Any

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.dml import RowResult
from mock_crm.salesforce.model import SObject

_KEPT = 200


def routes() -> list[Route[SalesforceContext]]:
    return [
        Route(
            "GET",
            "/services/data/{version}/recent",
            recent,
            note="The list is forgotten when the mock stops.",
        )
    ]


def remember(org: SalesforceContext, result: RowResult) -> None:
    """Note that a record was used; the list lives as long as the org is open."""
    used: dict[str, None] = org.recent
    used.pop(str(result.id), None)
    used[str(result.id)] = None
    if len(used) > _KEPT:
        del used[next(iter(used))]


def recent(request: Request, org: SalesforceContext) -> Response:
    """The records used last, newest first; `limit` at most."""
    text = request.query.get("limit", "")
    limit = int(text) if text.isdigit() else _KEPT
    return json_response(_items(org, request.params["version"], list(org.recent))[:limit])


def recent_items(org: SalesforceContext, version: int, sobject: SObject) -> list[dict[str, Any]]:
    """The records of one object that were used last, newest first."""
    mine = [record_id for record_id in org.recent if record_id.startswith(sobject.prefix)]
    return _items(org, f"v{version}.0", mine)


def _items(org: SalesforceContext, version: str, ids: list[str]) -> list[dict[str, Any]]:
    found = []
    for record_id in reversed(ids):
        sobject = org.schema.by_prefix(record_id[:3])
        row = org.store.get(sobject.name, record_id) if sobject else None
        if sobject is None or row is None or row.archived:
            continue
        name = sobject.name_field
        url = f"/services/data/{version}/sobjects/{sobject.name}/{row.id}"
        item: dict[str, Any] = {"attributes": {"type": sobject.name, "url": url}, "Id": row.id}
        if name is not None:
            item[name.name] = row.document.get(name.name)
        found.append(item)
    return found
