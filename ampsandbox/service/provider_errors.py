"""What today's API says of a provider's refusal: a word for its class, then the provider's own message.

The classes and what they follow from are those of Ampersand's connectors (docs/evidence/ampersand.md).
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from ampsandbox.engine.model import Operation, OperationState
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.model import Provider

_SALESFORCE_CLASSES: Final = {
    "INVALID_SESSION_ID": "invalid session id",
    "INSUFFICIENT_ACCESS_OR_READONLY": "forbidden",
    "API_DISABLED_FOR_ORG": "API disabled",
    "UNABLE_TO_LOCK_ROW": "unable to lock row",
    "INVALID_GRANT": "invalid grant",
    "REQUEST_LIMIT_EXCEEDED": "request limit exceeded",
    "INVALID_TYPE": "bad request",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "bad request",
    "MALFORMED_QUERY": "bad request",
    "FIELD_INTEGRITY_EXCEPTION": "bad request",
    "INVALID_FIELD": "bad request",
    "INVALID_QUERY_LOCATOR": "pagination cursor gone or expired",
}
_HUBSPOT_CLASSES: Final = {
    400: "bad request",
    401: "access token invalid",
    403: "forbidden",
    429: "request limit exceeded",
    477: "retryable error",
    502: "request limit exceeded",
    503: "API disabled",
    504: "request limit exceeded",
}
_NO_COLUMN: Final = re.compile(r"No such column '([^']*)' on (?:entity '([^']*)'|sobject of type (\w+))")
_NO_COLUMN_HELP: Final = (
    "This usually means either the field name is incorrect (custom field names must end in '__c'), "
    "or the connected Salesforce user lacks field-level visibility for this field."
)
ROLLED_BACK: Final = "Batch write failed: provider rolled back all records"
_ROLLED_BACK_CODE: Final = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
_UNPROCESSED: Final = "record was not processed due to other records failures"


def write_errors(operation: Operation, provider: str) -> list[str]:
    """What a refused write says for itself, in full sentences of today's API."""
    name = operation.object_name or operation.object
    return [f"error writing {name}: {text}" for text in _refusals(operation, provider)]


def batch_errors(writes: list[Operation], provider: str) -> list[str]:
    """What stands at the top of the answer to a batch, once for each thing that went wrong.

    Salesforce's word on a single row stays with the row; HubSpot's is told here, and so is the refusal of a
    whole request. A record that was updated may have associations that were refused.
    """
    failed = [each for each in writes if each.state is not OperationState.SUCCEEDED]
    found: dict[str, None] = {}
    for each in writes:
        for text in _batch_refusals(each, provider):
            found[text] = None
    if not found and any(error.code == _ROLLED_BACK_CODE for each in failed for error in each.errors):
        return [ROLLED_BACK]
    return list(found)


def _batch_refusals(operation: Operation, provider: str) -> list[str]:
    if provider == Provider.HUBSPOT:
        return [error.message for error in operation.errors]
    if operation.crm_status is None:
        return []
    return [f"{_UNPROCESSED}: error {error.code}: {error.message}" for error in operation.errors]


def _refusals(operation: Operation, provider: str) -> list[str]:
    if operation.crm_status is None:
        return [error.message for error in operation.errors]
    if provider == Provider.HUBSPOT:
        return [_of_hubspot(operation.crm_status, operation.raw_response or "", operation.errors)]
    return [_of_salesforce(operation.crm_status, operation.raw_response or "", operation.errors)]


def _of_salesforce(status: int, body: str, errors: tuple[ErrorDetail, ...]) -> str:
    for error in errors:
        word = _SALESFORCE_CLASSES.get(error.code)
        if word is None:
            continue
        if error.code == "INVALID_FIELD" and "No such column" in error.message:
            return _no_such_column(error.message)
        return f"{word}: {error.message}"
    return _by_status(status, body)


def _no_such_column(message: str) -> str:
    match = _NO_COLUMN.search(message)
    if match is None:
        return f"{message[message.index('No such column') :].strip()} {_NO_COLUMN_HELP}"
    field, entity, sobject = match.groups()
    where = f"on object '{entity or sobject}'"
    return f"Field '{field}' was not found or is not accessible {where}. {_NO_COLUMN_HELP}"


def _of_hubspot(status: int, body: str, errors: tuple[ErrorDetail, ...]) -> str:
    word = _HUBSPOT_CLASSES.get(status)
    if word is None:
        return _by_status(status, body)
    message = _message_in(body) or (errors[0].message if errors else "")
    # The brackets hold a member of HubSpot's older errors, which its objects API does not send.
    return f"{word}: {message}: []" if message else word


def _message_in(body: str) -> str:
    try:
        content: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return ""
    message = content.get("message") if isinstance(content, dict) else None
    return message if isinstance(message, str) else ""


def _by_status(status: int, body: str) -> str:
    if status in (404, 429):
        word = "retryable error"
    elif status in (401, 403):
        word = _HUBSPOT_CLASSES[status]
    elif 400 <= status < 500:
        word = "caller error"
    else:
        word = "server error" if 500 <= status < 600 else "unknown error"
    return f"{word}: {body}" if body else word
