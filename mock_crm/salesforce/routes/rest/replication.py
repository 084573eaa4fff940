"""What changed in a span of time: `sobjects/X/updated` and `sobjects/X/deleted`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mock_crm.core.clock import epoch_ms
from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.core.store import Row
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.records import moment_text
from mock_crm.salesforce.routes.rest.sobjects import object_of
from mock_crm.salesforce.values import format_moment

_KEPT = timedelta(days=30)
_MOST = 600_000


def routes() -> list[Route[SalesforceContext]]:
    base = "/services/data/{version}/sobjects/{object}"
    return [Route("GET", base + "/updated", updated), Route("GET", base + "/deleted", deleted)]


def updated(request: Request, org: SalesforceContext) -> Response:
    """The ids of records created or changed from `start` to `end`."""
    rows, end = _changed(request, org, archived=False)
    return json_response({"ids": [row.id for row in rows], "latestDateCovered": format_moment(end)})


def deleted(request: Request, org: SalesforceContext) -> Response:
    """The ids of records deleted from `start` to `end`, with the moments."""
    rows, end = _changed(request, org, archived=True)
    return json_response(
        {
            "deletedRecords": [{"deletedDate": moment_text(row.modified), "id": row.id} for row in rows],
            "earliestDateAvailable": format_moment(org.clock.now() - _KEPT),
            "latestDateCovered": format_moment(end),
        }
    )


def _changed(request: Request, org: SalesforceContext, *, archived: bool) -> tuple[list[Row], datetime]:
    sobject = object_of(request, org)
    if not sobject.flags.get("replicateable", True):
        raise errors.not_replicable(sobject.name)
    start, end = _moment(request, "start"), _moment(request, "end")
    if start >= end:
        raise errors.invalid_replication_date("startDate cannot be greater than or equal to endDate")
    if start < org.clock.now() - _KEPT:
        raise errors.invalid_replication_date("startDate before org's earliest replication date")
    org.store.index_changes(sobject.name)
    rows = org.store.scan(
        sobject.name,
        where="modified >= ? AND modified < ?",
        parameters=(epoch_ms(start), epoch_ms(end)),
        order="modified, seq",
        limit=_MOST,
        archived=archived,
    )
    return list(rows), end


def _moment(request: Request, name: str) -> datetime:
    text = request.query.get(name, "")
    if not text:
        raise errors.missing_parameter(name)
    try:
        # A plus sign that was not encoded arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise errors.bad_moment(name, text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
