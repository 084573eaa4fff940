"""What a refusal of Salesforce is made of, and those that somebody asks for by their code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mock_crm.core.errors import CrmError
from mock_crm.core.http import Response, json_response

_STATUS = {
    "API_DISABLED_FOR_ORG": 403,
    "CONCURRENT_REQUESTS_LIMIT_EXCEEDED": 403,
    "ENTITY_IS_DELETED": 404,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "INVALID_AUTH_HEADER": 401,
    "INVALID_SESSION_ID": 401,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_FOUND": 404,
    "NOT_IMPLEMENTED": 501,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "REQUEST_RUNNING_TOO_LONG": 504,
    "SERVER_UNAVAILABLE": 503,
    "UNKNOWN_EXCEPTION": 500,
    "UNSUPPORTED_MEDIA_TYPE": 415,
}


class SalesforceError(CrmError):
    """One refusal.

    Attributes:
        status: HTTP status of an answer that consists of it.
        has_fields: Whether the REST form names fields, be it an empty list.
        extra: Further members of the REST form, such as `duplicateResult`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        fields: Iterable[str] | None = None,
        *,
        status: int | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message, fields or ())
        self.status = status or _STATUS.get(code, 400)
        self.has_fields = fields is not None
        self.extra = extra or {}

    def rest(self) -> dict[str, Any]:
        """As an element of a REST error list."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code, **self.extra}
        if self.has_fields:
            body["fields"] = list(self.fields)
        return body

    def item(self) -> dict[str, Any]:
        """As an element of the `errors` of one row of a collection."""
        row = {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}
        return {**row, **self.extra}

    def bulk(self) -> str:
        """As the text of a bulk row: `CODE:message:Field1, Field2 --` [A]."""
        return f"{self.code}:{self.message}:{', '.join(self.fields)} --"


def response(errors: SalesforceError | Sequence[SalesforceError]) -> Response:
    """A REST answer: the list of errors, with the status of the first."""
    several = [errors] if isinstance(errors, SalesforceError) else errors
    return json_response([error.rest() for error in several], several[0].status)


_USUAL_MESSAGES = {
    "API_DISABLED_FOR_ORG": "The REST API is not enabled for this Organization.",
    "CANNOT_EXECUTE_FLOW_TRIGGER": "We can't save this record because the “Update” process failed. Give your "
    "Salesforce admin these details.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "Trigger: execution of BeforeUpdate caused by: System.Exception",
    "CANNOT_UPDATE_CONVERTED_LEAD": "cannot reference converted lead",
    "CONCURRENT_REQUESTS_LIMIT_EXCEEDED": "Unable to process request. Concurrent requests limit exceeded. To "
    "reduce Concurrent Request usage, please visit this website: https://help.salesforce.com/",
    "ENTITY_IS_DELETED": "entity is deleted",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "The value does not pass the validation rule.",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "insufficient access rights on cross-reference id",
    "INSUFFICIENT_ACCESS_OR_READONLY": "insufficient access rights on object",
    "INVALID_CROSS_REFERENCE_KEY": "invalid cross reference id",
    "INVALID_SESSION_ID": "Session expired or invalid",
    "NOT_FOUND": "The requested resource does not exist",
    "OPERATION_TOO_LARGE": "exceeded 100000 distinct who/what's",
    "QUERY_TIMEOUT": "Your query request was running for too long.",
    "QUERY_TOO_COMPLICATED": "Query is either selecting too many fields or the filter conditions are too "
    "complicated.",
    "REQUEST_LIMIT_EXCEEDED": "TotalRequests Limit exceeded.",
    "REQUEST_RUNNING_TOO_LONG": "Your request was running for too long, and has been stopped.",
    "SERVER_UNAVAILABLE": "Salesforce is down for maintenance.",
    "STORAGE_LIMIT_EXCEEDED": "storage limit exceeded",
    "TXN_SECURITY_METERING_ERROR": "We can't complete the action because enabled transaction security "
    "policies took too long to complete.",
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record",
}


def usual(code: str, message: str = "", status: int | None = None) -> SalesforceError:
    """A refusal that someone asked for by its code, with the code's usual text and status unless given."""
    text = message or _USUAL_MESSAGES.get(code, "An unexpected error occurred.")
    return SalesforceError(code or "UNKNOWN_EXCEPTION", text, status=status)
