"""Deals and companies as the oldest generation of paths lists them, which ETL tools still read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.core.store import Row
from mock_crm.hubspot import errors, guards, query, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.timestamps import parse_timestamp

_MOST_PER_PAGE = 250
_LINKED = {
    "associatedVids": "contacts",
    "associatedCompanyIds": "companies",
    "associatedDealIds": "deals",
    "associatedTicketIds": "tickets",
}


def endpoints() -> list[Endpoint]:
    note = "reading only; a value comes without its versions"
    return [
        Endpoint("GET", "deals", "/deal/paged", list_deals, ("v1",), "simplified", note),
        Endpoint("GET", "deals", "/deal/recent/modified", list_recent_deals, ("v1",), "simplified", note),
        Endpoint("GET", "deals", "/deal/{objectId}", read_deal, ("v1",), "simplified", note),
        Endpoint("GET", "companies", "/companies/paged", list_companies, ("v2",), "simplified", note),
        Endpoint("GET", "companies", "/companies/recent/modified", list_recent_companies, ("v2",),
                 "simplified", note),
        Endpoint("GET", "companies", "/companies/{objectId}", read_company, ("v2",), "simplified", note),
    ]  # fmt: skip


def list_deals(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, "deals")
    rows, offset = _page(request, org, schema)
    shown = [_deal_body(org, schema, row, _names(request, schema)) for row in rows]
    return responses.answer({"deals": shown, "hasMore": offset is not None, "offset": offset or 0})


def read_deal(request: Request, org: HubSpotContext) -> Response:
    """One deal with all its values."""
    schema = _schema(request, org, "deals")
    return responses.answer(_deal_body(org, schema, _need(request, org, schema), schema.properties))


def list_companies(request: Request, org: HubSpotContext) -> Response:
    schema = _schema(request, org, "companies")
    rows, offset = _page(request, org, schema)
    shown = [_company_body(org, schema, row, _names(request, schema)) for row in rows]
    return responses.answer({"companies": shown, "has-more": offset is not None, "offset": offset or 0})


def read_company(request: Request, org: HubSpotContext) -> Response:
    """One company with all its values."""
    schema = _schema(request, org, "companies")
    return responses.answer(_company_body(org, schema, _need(request, org, schema), schema.properties))


def list_recent_deals(request: Request, org: HubSpotContext) -> Response:
    return _recent(request, org, _schema(request, org, "deals"), _deal_body)


def list_recent_companies(request: Request, org: HubSpotContext) -> Response:
    return _recent(request, org, _schema(request, org, "companies"), _company_body)


def _recent(
    request: Request,
    org: HubSpotContext,
    schema: TypeSchema,
    body: Callable[[HubSpotContext, TypeSchema, Row, Iterable[str]], dict[str, Any]],
) -> Response:
    """A page of the records changed `since` a moment, in milliseconds, those changed last first."""
    limit = query.limit_in(request, 20, _MOST_PER_PAGE, "count")
    start = query.parse_cursor(request.query.get("offset", ""))
    since = query.parse_cursor(request.query.get("since", ""))
    rows = list(
        org.store.scan(
            schema.type.id,
            where="modified >= ?",
            parameters=(since,),
            order="modified DESC, seq DESC",
            limit=limit,
            offset=start,
        )
    )
    total = org.store.count(schema.type.id, where="modified >= ?", parameters=(since,))
    end = start + len(rows)
    results = [body(org, schema, row, schema.properties) for row in rows]
    return responses.answer({"results": results, "hasMore": end < total, "offset": end, "total": total})


def _schema(request: Request, org: HubSpotContext, plural: str) -> TypeSchema:
    request.params["objectType"] = plural
    return guards.need_type(request, org, "read")


def _page(request: Request, org: HubSpotContext, schema: TypeSchema) -> tuple[list[Row], int | None]:
    """Living records behind the offset, and the offset of the next page when there is one."""
    limit = query.limit_in(request, 100, _MOST_PER_PAGE)
    start = query.parse_cursor(request.query.get("offset", ""))
    rows = list(org.store.scan(schema.type.id, where="seq > ?", parameters=(start,), limit=limit + 1))
    return rows[:limit], rows[limit - 1].seq if len(rows) > limit else None


def _names(request: Request, schema: TypeSchema) -> Iterable[str]:
    if query.flag_in(request, "includeAllProperties"):
        return schema.properties
    return [name for name in query.names_in(request, "properties") if name in schema.properties]


def _need(request: Request, org: HubSpotContext, schema: TypeSchema) -> Row:
    row = org.records.get(schema, request.params["objectId"])
    if row is None:
        raise errors.no_such_legacy_record()
    return row


def _deal_body(org: HubSpotContext, schema: TypeSchema, row: Row, names: Iterable[str]) -> dict[str, Any]:
    linked = {
        member: [
            int(other.id)
            for other in org.associations.neighbours("0-3", row.id, org.schema.need(plural).type.id)
        ]
        for member, plural in _LINKED.items()
    }
    return {
        "portalId": org.portal_id,
        "dealId": int(row.id),
        "isDeleted": False,
        "associations": linked,
        "properties": _values(org, schema, row, names),
        "imports": [],
        "stateChanges": [],
    }


def _company_body(org: HubSpotContext, schema: TypeSchema, row: Row, names: Iterable[str]) -> dict[str, Any]:
    return {
        "portalId": org.portal_id,
        "companyId": int(row.id),
        "isDeleted": False,
        "properties": _values(org, schema, row, names),
        "additionalDomains": [],
        "stateChanges": [],
        "mergeAudits": [],
    }


def _values(org: HubSpotContext, schema: TypeSchema, row: Row, names: Iterable[str]) -> dict[str, Any]:
    """The values that the record has, each with when and by whom it was set; moments in milliseconds."""
    found = {}
    for name in names:
        value = row.document.get(name)
        if value is None:
            continue
        if schema.properties[name].type in ("date", "datetime"):
            value = str(parse_timestamp(value))
        found[name] = {
            "value": value,
            "timestamp": row.modified,
            "source": "INTEGRATION",
            "sourceId": org.app_id,
        }
    return found
