"""The paths of the Metadata API."""

from __future__ import annotations

from typing import Final

from mock_crm.core.http import Request, Response
from mock_crm.core.routing import Route
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.metadata.api import OPERATIONS
from mock_crm.salesforce.metadata.components import NAMESPACE, Component
from mock_crm.salesforce.metadata.deploy import cancel_deploy, check_deploy_status, deploy
from mock_crm.salesforce.metadata.retrieve import check_retrieve_status, retrieve
from mock_crm.salesforce.soap.document import text
from mock_crm.salesforce.soap.envelope import (
    Envelope,
    SoapFaultError,
    UnknownOperationError,
    answer,
    answer_fault,
    read,
)
from mock_crm.salesforce.soap.session import require_session, require_version


def check_status(org: SalesforceContext, call: Envelope) -> list[Component]:
    """Say of each process that it is over, as it is when the client has its id [A]."""
    ids = [text(item) for item in call.body.findall("asyncProcessId")]
    return [{"done": True, "id": process_id, "state": "Completed"} for process_id in ids]


_OPERATIONS: Final = OPERATIONS | {
    "deploy": deploy,
    "checkDeployStatus": check_deploy_status,
    "cancelDeploy": cancel_deploy,
    "retrieve": retrieve,
    "checkRetrieveStatus": check_retrieve_status,
    "checkStatus": check_status,
}

_NOTE: Final = "Objects, fields, record types, validation rules, permission sets, and fields of profiles."


def routes() -> list[Route[SalesforceContext]]:
    """The endpoint, also with what some clients add to its path; the session is in the envelope."""
    return [
        Route("POST", "/services/Soap/m/{version}", metadata, is_open=True, note=_NOTE),
        Route("POST", "/services/Soap/m/{version}/{rest...}", metadata, is_open=True, note=_NOTE),
    ]


def metadata(request: Request, org: SalesforceContext) -> Response:
    try:
        require_version(request.params["version"])
        call = read(request.body)
        operation = _OPERATIONS.get(call.operation)
        if operation is None:
            raise UnknownOperationError(NAMESPACE, call.operation)
        require_session(org, call)
        return answer(call.operation, operation(org, call), NAMESPACE)
    except SoapFaultError as fault:
        return answer_fault(fault, NAMESPACE)
