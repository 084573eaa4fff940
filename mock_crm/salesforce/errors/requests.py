"""Refusals of whole requests."""

from __future__ import annotations

from collections.abc import Iterable

from mock_crm.salesforce.catalogue import absent_objects
from mock_crm.salesforce.errors.refusal import SalesforceError


def invalid_session() -> SalesforceError:
    """INVALID_SESSION_ID [A R]."""
    return SalesforceError("INVALID_SESSION_ID", "Session expired or invalid")


def request_limit(kind: str = "TotalRequests") -> SalesforceError:
    """REQUEST_LIMIT_EXCEEDED [P]."""
    return SalesforceError("REQUEST_LIMIT_EXCEEDED", f"{kind} Limit exceeded.")


def not_found() -> SalesforceError:
    """NOT_FOUND: unknown object, path, describe or record [C R]."""
    return SalesforceError("NOT_FOUND", "The requested resource does not exist")


def no_such_resource(object_name: str) -> SalesforceError:
    """NOT_FOUND for an object that nobody knows; a standard one that the mock lacks is said to be so."""
    return absent_object(object_name) if object_name.lower() in absent_objects() else not_found()


def absent_object(object_name: str) -> SalesforceError:
    """NOT_IMPLEMENTED for a standard object that the mock lacks, so that nobody looks for a typing error."""
    return not_implemented(f"the standard object {object_name}")


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


def unsupported_media_type(media_type: str) -> SalesforceError:
    """UNSUPPORTED_MEDIA_TYPE [P]."""
    return SalesforceError(
        "UNSUPPORTED_MEDIA_TYPE", f"MediaType of '{media_type}' is not supported by this resource"
    )


def not_implemented(what: str) -> SalesforceError:
    """What the mock lacks: in Salesforce's shape, but with a text that cannot be taken for Salesforce's."""
    return SalesforceError("NOT_IMPLEMENTED", f"ampsandbox does not simulate {what}.")


def json_parser(message: str) -> SalesforceError:
    """JSON_PARSER_ERROR [P]."""
    return SalesforceError("JSON_PARSER_ERROR", message)


def invalid_reference_id(name: str) -> SalesforceError:
    """A reference id holds more than letters, digits and underscores, from v54.0 on [P]."""
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Provided referenceId ('{name}') must start with a letter or a number, and it can contain only "
        "letters, numbers and underscores ('_').",
    )


def no_plain_part() -> SalesforceError:
    """INVALID_MULTIPART_REQUEST: a file without the record that it belongs to [P]."""
    return SalesforceError("INVALID_MULTIPART_REQUEST", "Multipart message must include a non-binary part")


def second_binary_part() -> SalesforceError:
    """INVALID_MULTIPART_REQUEST: a part beside the record and its file [P] (frankframework issue 3917)."""
    return SalesforceError("INVALID_MULTIPART_REQUEST", "Cannot include more than one binary part")


def missing_member(name: str) -> SalesforceError:
    """A member that the body of a call needs is not there; the text is the mock's."""
    return SalesforceError("MISSING_ARGUMENT", f"{name} not specified")


def invalid_subrequest_method(method: str) -> SalesforceError:
    """A subrequest names what is no HTTP method; the text is the mock's."""
    return SalesforceError("INVALID_HTTP_METHOD", f"'{method}' is not an HTTP method of a subrequest")


def wrong_json_type(field_type: str, token: str, shown: str, where: str) -> SalesforceError:
    """JSON_PARSER_ERROR for a value of the wrong kind [A P]; `where` is its place, in brackets."""
    if token == "START_ARRAY":  # formie issue 2124
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


def not_replicable(name: str) -> SalesforceError:
    """INVALID_TYPE of getUpdated and getDeleted of an object without them [P]; the code is soft.

    Source: object-sync-for-salesforce issue 109.
    """
    return SalesforceError("INVALID_TYPE", f"sObject type {name} is not replicable")


def retired_version() -> SalesforceError:
    """GONE: an API version that was retired [D P]; the text is soft."""
    return SalesforceError("GONE", "The requested API version has been retired", status=410)


def precondition_failed() -> SalesforceError:
    """PRECONDITION_FAILED: the record has changed since the moment that the request names [D]; soft."""
    return SalesforceError("PRECONDITION_FAILED", "The precondition failed", status=412)


def short_password(shortest: int) -> SalesforceError:
    """INVALID_NEW_PASSWORD of one that the org's policy does not take [M]."""
    return SalesforceError(
        "INVALID_NEW_PASSWORD", f"Your password must be at least {shortest} characters long."
    )


def composite_input(message: str) -> SalesforceError:
    """INVALID_INPUT of a composite request that is not well made [M]."""
    return SalesforceError("INVALID_INPUT", message)


def invalid_reference(reference: str, path: str) -> SalesforceError:
    """PROCESSING_HALTED of a subrequest that needs the answer of a failed one [M]."""
    return SalesforceError(
        "PROCESSING_HALTED", f"Invalid reference specified. No value for {path} found in {reference}"
    )


def not_in_trees(object_name: str) -> SalesforceError:
    """INVALID_INPUT of an object that trees do not take [P] (forcedotcom/cli issue 3285)."""
    return SalesforceError("INVALID_INPUT", f"Invalid entity type provided in the request: {object_name}", ())


def no_attributes() -> SalesforceError:
    """JSON_PARSER_ERROR of a row that is upserted without its type (recorded by NangoHQ, v63.0)."""
    return json_parser(
        "Nested object for polymorphic foreign key must have an attributes field before any other fields."
    )


def no_access_in_tree(name: str, object_name: str) -> SalesforceError:
    """INVALID_FIELD of a tree with a field that is not there for the user, said of the whole request [P].

    Quoted in forcedotcom/cli issue 2763, ebikes-lwc issue 561 and quiz-host-app issue 58.
    """
    return SalesforceError(
        "INVALID_FIELD",
        f"We couldn't process your request because you don't have access to {name} on {object_name}. To "
        "learn more about field-level security, visit Tips and Hints for Page Layouts and Field-Level "
        "Security in our Developer Documentation.",
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
