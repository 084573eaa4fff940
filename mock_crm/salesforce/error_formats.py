"""A refusal that meets a request before its handler, in the form of the API that was called."""

from __future__ import annotations

from mock_crm.core.http import Request, Response
from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError

_BULK_V1_CODES = {
    "NOT_FOUND": "InvalidUrl",
    "METHOD_NOT_ALLOWED": "InvalidUrl",
    "REQUEST_LIMIT_EXCEEDED": "ExceededQuota",
}
_GATEWAY = (502, 503, 504)


def refusal(request: Request, error: SalesforceError) -> Response:
    """The answer; what never reaches an API, as in an outage, has the form of REST everywhere."""
    api = request.segments[1] if request.segments[:1] == ["services"] and len(request.segments) > 1 else ""
    if error.status in _GATEWAY or api not in ("async", "Soap"):
        return errors.response(error)
    return _bulk_v1(request, error) if api == "async" else _soap(error)


def _bulk_v1(request: Request, error: SalesforceError) -> Response:
    from mock_crm.salesforce.bulk.bulk_v1_formats import refused
    from mock_crm.salesforce.bulk.refusals import BulkError

    name = _BULK_V1_CODES.get(error.code) or error.code.title().replace("_", "")
    return refused(request, BulkError(name, error.message))


def _soap(error: SalesforceError) -> Response:
    from mock_crm.salesforce.soap.envelope import SoapFaultError, answer_fault

    return answer_fault(SoapFaultError(error.code, error.message), "urn:fault.partner.soap.sforce.com")
