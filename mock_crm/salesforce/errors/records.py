"""Refusals of records: of their values, references and ids, and by an org's own rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_crm.salesforce.errors.refusal import SalesforceError


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


def no_key(name: str, object_name: str) -> SalesforceError:
    """INVALID_FIELD for a reference by a field that names no record [P]."""
    return SalesforceError(
        "INVALID_FIELD",
        f"Field name provided, {name} is not an External ID or indexed field for {object_name}",
        (),
    )


def unknown_member(name: str) -> SalesforceError:
    """JSON_PARSER_ERROR for a member of a reference that is no field [P] (jsforce issue 1031)."""
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of <unknown> from FIELD_NAME value {name} or request may be missing a "
        "required field",
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


def unknown_record() -> SalesforceError:
    """INVALID_CROSS_REFERENCE_KEY, with 404, of the id of no record that is changed or deleted [K P]."""
    return SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (), status=404)


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


def date_out_of_range(label: str, day: str, field: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a day before 1700 or after 4000 [P M]."""
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", f"{label}: invalid date: {day}", (field,))


def wrong_type_on_field(label: str, value: str, field: str) -> SalesforceError:
    """INVALID_TYPE_ON_FIELD_IN_RECORD: a text that is no value of its field's type, in CSV and SOAP [M]."""
    return SalesforceError(
        "INVALID_TYPE_ON_FIELD_IN_RECORD", f"{label}: value not of required type: {value}", (field,)
    )


def not_deserialized(column: int, value: str, xsd_type: str, field: str) -> SalesforceError:
    """INVALID_FIELD: a cell of CSV that is no value of its column's type; columns count from 0 [A]."""
    return SalesforceError(
        "INVALID_FIELD",
        f"Failed to deserialize field at col {column}. Due to, '{value}' is not a valid value for the type "
        f"xsd:{xsd_type}",
        (field,),
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


def circular_dependency(field: str) -> SalesforceError:
    """CIRCULAR_DEPENDENCY of a record that would stand above itself [P]."""
    return SalesforceError("CIRCULAR_DEPENDENCY", "attempt to violate hierarchy constraints", (field,))


def no_such_country(label: str, field: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a country's name that is none, with pick lists of countries [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "There's a problem with this country, even though it may appear correct. Please select a country "
        f"from the list of valid countries.: {label}",
        (field,),
    )


def no_such_state(label: str, field: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a state's name that its country does not have [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "There's a problem with this state, even though it may appear correct. Please select a state from "
        f"the list of valid states.: {label}",
        (field,),
    )


def no_such_country_code(field: str, value: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a country's code that is none [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        f"The {field} field contains {value}, which isn't an available country/territory.",
        (field,),
    )


def no_such_state_code(field: str, value: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a state's code that no country has [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        f"The {field} field contains {value}, which isn't an available state. Your administrator can add it "
        "for you.",
        (field,),
    )


def state_of_another_country(label: str, field: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a state's code that another country has [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        f"The existing country/territory doesn't recognize the state value for field: {label}",
        (field,),
    )


def state_without_country(label: str, field: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a state in an address without a country [M]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        f"A country/territory must be specified before specifying a state value for field: {label}",
        (field,),
    )


def record_type_not_valid(label: str, value: str, field: str) -> SalesforceError:
    """INVALID_CROSS_REFERENCE_KEY of a record type that is none of the object's [P]."""
    return SalesforceError(
        "INVALID_CROSS_REFERENCE_KEY", f"{label}: this ID value isn't valid for the user: {value}", (field,)
    )


def duplicate_external_id(value: str) -> SalesforceError:
    """DUPLICATE_VALUE for one key given twice in one call [M]."""
    return SalesforceError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", ())


def key_not_specified(field: str) -> SalesforceError:
    """MISSING_ARGUMENT of an upsert row without its key [K]."""
    return SalesforceError("MISSING_ARGUMENT", f"{field} not specified", ())


def several_records(label: str, ids: Sequence[str]) -> SalesforceError:
    """DUPLICATE_EXTERNAL_ID: the key, named by its label, names more than one record [P]."""
    return SalesforceError(
        "DUPLICATE_EXTERNAL_ID",
        f"{label}: more than one record found for external id field: [{', '.join(ids)}]",
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
    """DELETE_FAILED of a record that others must not lose, such as an account with cases [P]."""
    return SalesforceError(
        "DELETE_FAILED",
        f"Your attempt to delete {name} could not be completed because it is associated with "
        f"the following {children.lower()}.: {', '.join(names)}\n",
        (),
    )


def account_with_won_opportunities(name: str, names: Sequence[str]) -> SalesforceError:
    """DELETE_FAILED of an account with opportunities that are closed won [P]."""
    return SalesforceError(
        "DELETE_FAILED",
        f"Your attempt to delete {name} could not be completed because some opportunities in that account "
        "were closed won. The opportunities that could not be deleted are shown below.: "
        f"{', '.join(names)}\n",
        (),
    )


def no_access_to_object() -> SalesforceError:
    """INSUFFICIENT_ACCESS_OR_READONLY [A]."""
    return SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object", ())
