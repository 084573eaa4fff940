"""`composite/tree/X`: records with their children, all of them or none (evidence/salesforce.md#trees)."""

from __future__ import annotations

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.json_bodies import read_object
from mock_crm.salesforce.routes.rest.sobjects import object_of, options_of
from mock_crm.salesforce.trees import TreeError, TreeInserter


def routes() -> list[Route[SalesforceContext]]:
    return [Route("POST", "/services/data/{version}/composite/tree/{object}", tree)]


def tree(request: Request, org: SalesforceContext) -> Response:
    """Save all records: 201 with their ids, or 400 with the refusals, and nothing saved."""
    sobject = object_of(request, org)
    records = read_object(request, "SObjectTree").get("records")
    if not isinstance(records, list) or not records:
        raise errors.empty_collection()
    inserter = TreeInserter(org, options_of(request))
    try:
        with org.store.transaction():
            inserter.insert(sobject, records, None, 1)
    except TreeError as error:
        results = [
            {"referenceId": reference, "errors": [refusal.item() for refusal in refusals]}
            for reference, refusals in error.failed
        ]
        return json_response({"hasErrors": True, "results": results}, 400)
    return json_response({"hasErrors": False, "results": inserter.results}, 201)
