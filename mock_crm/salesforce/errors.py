"""Every refusal of the mock Salesforce: its code, HTTP status, text, and its form in each API.

The functions make one refusal each; their docstrings name the row of salesforce.md, section 5, and its
evidence: [A] recorded bodies, [C] recorded traffic, [R] restforce fixtures, [K] client code, [P] public
issues, [D] Salesforce's docs, [M] memory, soft.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mock_crm.http import Response, json_response
from mock_crm.org import CrmError

_STATUS = {
    "API_DISABLED_FOR_ORG": 403,
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


# -- requests ------------------------------------------------------------------------------------------------


def invalid_session() -> SalesforceError:
    """INVALID_SESSION_ID [A R]."""
    return SalesforceError("INVALID_SESSION_ID", "Session expired or invalid")


def request_limit(kind: str = "TotalRequests") -> SalesforceError:
    """REQUEST_LIMIT_EXCEEDED [P]."""
    return SalesforceError("REQUEST_LIMIT_EXCEEDED", f"{kind} Limit exceeded.")


def not_found() -> SalesforceError:
    """NOT_FOUND: unknown object, path, describe or record [C R]."""
    return SalesforceError("NOT_FOUND", "The requested resource does not exist")


def external_id_not_found(field: str) -> SalesforceError:
    """NOT_FOUND for what stands where a field that is an external id could stand, and is none [R]."""
    return SalesforceError(
        "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {field}"
    )


def method_not_allowed(method: str, allowed: Iterable[str]) -> SalesforceError:
    """METHOD_NOT_ALLOWED [M]."""
    return SalesforceError(
        "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}"
    )


def not_implemented(what: str) -> SalesforceError:
    """What the mock lacks: in Salesforce's shape, but with a text that cannot be taken for Salesforce's."""
    return SalesforceError("NOT_IMPLEMENTED", f"ampsandbox does not simulate {what}.")


def json_parser(message: str) -> SalesforceError:
    """JSON_PARSER_ERROR [P]."""
    return SalesforceError("JSON_PARSER_ERROR", message)


def wrong_json_type(field_type: str, token: str, shown: str, column: int, line: int = 1) -> SalesforceError:
    """JSON_PARSER_ERROR for a value of the wrong kind [P]."""
    where = f"[line:{line}, column:{column}]"
    if token in ("START_ARRAY", "START_OBJECT"):
        return json_parser(f"Cannot deserialize instance of {field_type} from {token} value {where}")
    return json_parser(
        f"Cannot deserialize instance of {field_type} from {token} value {shown} "
        f"or request may be missing a required field at {where}"
    )


def empty_collection() -> SalesforceError:
    """REQUIRED_FIELD_MISSING of a collection without records [A]."""
    return SalesforceError("REQUIRED_FIELD_MISSING", "At least 1 record is required")


def too_many_records(limit: int = 200) -> SalesforceError:
    """EXCEEDED_ID_LIMIT [P]."""
    return SalesforceError(
        "EXCEEDED_ID_LIMIT",
        f"record limit reached. cannot submit more than {limit} records into this call",
    )


def too_many_chunks() -> SalesforceError:
    """TOO_MANY_CHUNKS: a collection whose rows change their type too often [D]."""
    return SalesforceError(
        "TOO_MANY_CHUNKS", "Cannot have more than 10 chunks in a single operation. Please rearrange the data."
    )


def missing_parameter(name: str) -> SalesforceError:
    """MISSING_ARGUMENT of a query parameter [M]."""
    return SalesforceError("MISSING_ARGUMENT", f"Missing required parameter: {name}")


def bad_moment(name: str, value: str) -> SalesforceError:
    """MALFORMED_QUERY of a parameter that is no moment [M]."""
    return SalesforceError("MALFORMED_QUERY", f"{name} is not a valid date-time: {value}")


def invalid_replication_date(message: str) -> SalesforceError:
    """INVALID_REPLICATION_DATE of getUpdated and getDeleted [M]."""
    return SalesforceError("INVALID_REPLICATION_DATE", message)


def composite_input(message: str) -> SalesforceError:
    """INVALID_INPUT of a composite request that is not well made [M]."""
    return SalesforceError("INVALID_INPUT", message)


def invalid_reference(reference: str, path: str) -> SalesforceError:
    """PROCESSING_HALTED of a subrequest that needs the answer of a failed one [M]."""
    return SalesforceError(
        "PROCESSING_HALTED", f"Invalid reference specified. No value for {path} found in {reference}"
    )


def batch_halted() -> SalesforceError:
    """BATCH_PROCESSING_HALTED of the subrequests after a failed one, with `haltOnError` [D]."""
    return SalesforceError("BATCH_PROCESSING_HALTED", "Batch processing halted per request", status=412)


def tree_too_large(levels: int, types: int) -> SalesforceError:
    """INVALID_INPUT of a tree with too many levels or types [M]."""
    return SalesforceError(
        "INVALID_INPUT", f"sObject tree cannot have more than {levels} levels or {types} types of records"
    )


def invalid_tree_reference(reference: str) -> SalesforceError:
    """INVALID_INPUT of a tree node without a reference id of its own [D]."""
    what = f"Duplicate ReferenceId provided: {reference}" if reference else "Include a reference ID"
    return SalesforceError("INVALID_INPUT", what)


# -- records -------------------------------------------------------------------------------------------------


def required_fields_missing(names: Sequence[str]) -> SalesforceError:
    """REQUIRED_FIELD_MISSING [A P]."""
    return SalesforceError(
        "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names
    )


def no_such_column(name: str, object_name: str) -> SalesforceError:
    """INVALID_FIELD of a write [A R]."""
    return SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {object_name}")


def id_in_body(name: str = "Id") -> SalesforceError:
    """INVALID_FIELD for a record's key in its own body [M K]."""
    return SalesforceError("INVALID_FIELD", f"The {name} field should not be specified in the sobject data.")


def foreign_key_not_found(value: str, field: str, object_name: str) -> SalesforceError:
    """INVALID_FIELD for a reference by external id to no record [M]."""
    return SalesforceError(
        "INVALID_FIELD",
        f"Foreign key external ID: {value} not found for field {field} in entity {object_name}",
        (),
    )


def malformed_id(value: str) -> SalesforceError:
    """MALFORMED_ID for a bad checksum [A]."""
    return SalesforceError("MALFORMED_ID", f"malformed id {value}")


def id_of_incorrect_type(label: str, value: str, field: str) -> SalesforceError:
    """MALFORMED_ID for what is not an id at all [A M]."""
    return SalesforceError("MALFORMED_ID", f"{label}: id value of incorrect type: {value}", (field,))


def id_of_other_object(label: str, value: str, field: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION for the id of another object [M]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION", f"{label}: id value of incorrect type: {value}", (field,)
    )


def invalid_cross_reference() -> SalesforceError:
    """INVALID_CROSS_REFERENCE_KEY [P A]."""
    return SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())


def entity_is_deleted() -> SalesforceError:
    """ENTITY_IS_DELETED [A]."""
    return SalesforceError("ENTITY_IS_DELETED", "entity is deleted", ())


def not_writable(names: Sequence[str]) -> SalesforceError:
    """INVALID_FIELD_FOR_INSERT_UPDATE [A]."""
    return SalesforceError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this "
        "field and verify that it is read/write for your profile or permission set.",
        names,
    )


def string_too_long(label: str, value: str, limit: int, field: str) -> SalesforceError:
    """STRING_TOO_LONG: the text names the label, the list the API name [P]."""
    return SalesforceError(
        "STRING_TOO_LONG", f"{label}: data value too large: {value} (max length={limit})", (field,)
    )


def bad_picklist_value(label: str, value: str, field: str) -> SalesforceError:
    """INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST [P]."""
    return SalesforceError(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{label}: bad value for restricted picklist field: {value}",
        (field,),
    )


def invalid_email(label: str, value: str, field: str) -> SalesforceError:
    """INVALID_EMAIL_ADDRESS [M]."""
    return SalesforceError("INVALID_EMAIL_ADDRESS", f"{label}: invalid email address: {value}", (field,))


def number_out_of_range(label: str, value: str, field: str) -> SalesforceError:
    """NUMBER_OUTSIDE_VALID_RANGE [M]."""
    return SalesforceError(
        "NUMBER_OUTSIDE_VALID_RANGE",
        f"{label}: value outside of valid range on numeric field: {value}",
        (field,),
    )


def wrong_type_on_field(label: str, value: str, field: str) -> SalesforceError:
    """INVALID_TYPE_ON_FIELD_IN_RECORD: a text that is no value of its field's type, in CSV and SOAP [M]."""
    return SalesforceError(
        "INVALID_TYPE_ON_FIELD_IN_RECORD", f"{label}: value not of required type: {value}", (field,)
    )


def validation_rule(message: str, field: str = "") -> SalesforceError:
    """FIELD_CUSTOM_VALIDATION_EXCEPTION with the rule's own text [M]."""
    return SalesforceError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, (field,) if field else ())


def formula_failed(rule: str, reason: str) -> SalesforceError:
    """FIELD_CUSTOM_VALIDATION_EXCEPTION of a rule whose formula fails; the text is the mock's."""
    return SalesforceError(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION", f"Validation rule {rule} could not be evaluated: {reason}", ()
    )


def duplicate_value(field: str, other_id: str) -> SalesforceError:
    """DUPLICATE_VALUE, with the 15-character id of the other record [P]."""
    return SalesforceError(
        "DUPLICATE_VALUE",
        f"duplicate value found: {field} duplicates value on record with id: {other_id[:15]}",
        (),
    )


def duplicate_assignment(other_id: str) -> SalesforceError:
    """DUPLICATE_VALUE of a PermissionSetAssignment [A]."""
    return SalesforceError(
        "DUPLICATE_VALUE",
        "Duplicate PermissionSetAssignment. Assignee already has this permission set. "
        f"Existing assignment: {other_id[:15]}",
        (),
    )


def duplicate_external_id(value: str) -> SalesforceError:
    """DUPLICATE_VALUE for one key given twice in one call [M]."""
    return SalesforceError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", ())


def key_not_specified(field: str) -> SalesforceError:
    """MISSING_ARGUMENT of an upsert row without its key [K]."""
    return SalesforceError("MISSING_ARGUMENT", f"{field} not specified", ())


def several_records(field: str, ids: Sequence[str]) -> SalesforceError:
    """DUPLICATE_EXTERNAL_ID: the key names more than one record [M]."""
    return SalesforceError(
        "DUPLICATE_EXTERNAL_ID",
        f"{field}: more than one record found for external id field: [{', '.join(ids)}]",
        (),
    )


def duplicate_id(record_id: str) -> SalesforceError:
    """DUPLICATE_VALUE for a record given twice in one update [M]."""
    return SalesforceError("DUPLICATE_VALUE", f"Duplicate id specified: {record_id}", ())


def duplicates_detected(message: str, result: dict[str, Any]) -> SalesforceError:
    """DUPLICATES_DETECTED with the matches under `duplicateResult` [P K]."""
    return SalesforceError("DUPLICATES_DETECTED", message, extra={"duplicateResult": result})


def row_locked(record_id: str) -> SalesforceError:
    """UNABLE_TO_LOCK_ROW [P]; a record that is being created has no id to name."""
    others = f" or 1 records: {record_id}" if record_id else ""
    return SalesforceError(
        "UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record{others}", ()
    )


def id_not_specified(call: str) -> SalesforceError:
    """MISSING_ARGUMENT of a row without an id [A]."""
    return SalesforceError("MISSING_ARGUMENT", f"Id not specified in an {call} call", ())


def rolled_back() -> SalesforceError:
    """ALL_OR_NONE_OPERATION_ROLLED_BACK of the rows beside a failed one [A]."""
    return SalesforceError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
        (),
    )


def processing_halted() -> SalesforceError:
    """PROCESSING_HALTED of the subrequests beside a failed one [P M]."""
    return SalesforceError(
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )


def delete_restricted(name: str, children: str, names: Sequence[str]) -> SalesforceError:
    """DELETE_FAILED of a record that others must not lose, such as an account with cases [M]."""
    return SalesforceError(
        "DELETE_FAILED",
        f"Your attempt to delete {name} could not be completed because it is associated with "
        f"the following {children.lower()}.: {', '.join(names)}",
        (),
    )


def no_access_to_object() -> SalesforceError:
    """INSUFFICIENT_ACCESS_OR_READONLY [A]."""
    return SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object", ())


_USUAL_MESSAGES = {
    "API_DISABLED_FOR_ORG": "The REST API is not enabled for this Organization.",
    "ENTITY_IS_DELETED": "entity is deleted",
    "INSUFFICIENT_ACCESS_OR_READONLY": "insufficient access rights on object",
    "INVALID_CROSS_REFERENCE_KEY": "invalid cross reference id",
    "INVALID_SESSION_ID": "Session expired or invalid",
    "NOT_FOUND": "The requested resource does not exist",
    "REQUEST_LIMIT_EXCEEDED": "TotalRequests Limit exceeded.",
    "REQUEST_RUNNING_TOO_LONG": "Your request was running for too long, and has been stopped.",
    "SERVER_UNAVAILABLE": "Salesforce is down for maintenance.",
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record",
}


def usual(code: str, message: str = "", status: int | None = None) -> SalesforceError:
    """A refusal that someone asked for by its code, with the code's usual text and status unless given."""
    text = message or _USUAL_MESSAGES.get(code, "An unexpected error occurred.")
    return SalesforceError(code or "UNKNOWN_EXCEPTION", text, status=status)
