"""Every refusal of the HubSpot mock: status, texts and the order of keys, in one place.

Each factory names the evidence for its wording: live (recorded from HubSpot), documented, or unverified.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

AUTH_HELP = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
SCOPES_HELP = "https://developers.hubspot.com/scopes"

BATCH_LIMIT = 100
HISTORY_BATCH_LIMIT = 50


class Problem(NamedTuple):
    """Why one property's value was not valid."""

    name: str
    code: str
    message: str


class HubSpotError(Exception):
    """A refusal in HubSpot's shape.

    Attributes:
        status: The HTTP status.
        message: The text.
        category: The machine-readable reason; HubSpot leaves it out of some refusals.
        sub_category: A finer reason.
        context: Values the message speaks of, each a list.
        errors: Details, in the shape of HubSpot's `errors`.
        links: Help pages by name.
        word: What stands in the body's `status`.
        error_type: A second name of the reason, which only rate limit refusals have.
        policy: The name of the spent limit, in rate limit refusals.
        item_context: Values that are told only when the refusal is one of a batch's.
    """

    def __init__(
        self,
        status: int,
        message: str,
        category: str = "",
        *,
        sub_category: str = "",
        context: dict[str, Any] | None = None,
        errors: list[dict[str, Any]] | None = None,
        links: dict[str, str] | None = None,
        word: str = "error",
        error_type: str = "",
        policy: str = "",
        item_context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.sub_category = sub_category
        self.context = context or {}
        self.errors = errors or []
        self.links = links or {}
        self.word = word
        self.error_type = error_type
        self.policy = policy
        self.item_context = item_context or {}

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The answer to a request that failed as a whole."""
        body: dict[str, Any] = {
            "status": self.word,
            "message": self.message,
        }
        if self.error_type:
            body["errorType"] = self.error_type
        body["correlationId"] = correlation_id
        optional = (
            ("policyName", self.policy),
            ("context", self.context),
            ("errors", self.errors),
            ("links", self.links),
            ("subCategory", self.sub_category),
            ("category", self.category),
        )
        return body | {key: value for key, value in optional if value}

    def item(self, trace_id: str | None = None) -> dict[str, Any]:
        """The entry in `errors` of a batch that succeeded for other records."""
        item = {"status": self.word, "category": self.category or "VALIDATION_ERROR"}
        if self.sub_category:
            item["subCategory"] = self.sub_category
        context = {} if trace_id is None else {"objectWriteTraceId": [trace_id]}
        return item | {"message": self.message, "context": context | self.context | self.item_context}


# -- who is asking -------------------------------------------------------------------------------------------


def no_credentials() -> HubSpotError:
    """No token, or one that HubSpot does not know (live)."""
    return HubSpotError(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        f"more details at {AUTH_HELP}",
        "INVALID_AUTHENTICATION",
    )


def expired_token(seconds: int, expired_at: str) -> HubSpotError:
    """The token was good until `seconds` ago (live)."""
    return HubSpotError(
        401,
        f"The OAuth token used to make this call expired {seconds} second(s) ago.",
        "EXPIRED_AUTHENTICATION",
        context={"expire time": [expired_at]},
    )


def missing_scopes(scopes: Sequence[str], *, in_context: bool = False) -> HubSpotError:
    """The token has none of `scopes` (live; the dated schemas API uses `context`)."""
    if in_context:
        return HubSpotError(
            403,
            "One or more of the following scopes are required.",
            "MISSING_SCOPES",
            context={"requiredGranularScopes": list(scopes), "links": [SCOPES_HELP]},
        )
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    return HubSpotError(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes "
        f"here: {SCOPES_HELP}.",
        "MISSING_SCOPES",
        errors=[detail],
        links={"scopes": SCOPES_HELP},
    )


def rate_limited(message: str, policy: str) -> HubSpotError:
    """Too many requests in ten seconds or in a day (documented, live)."""
    return HubSpotError(429, message, error_type="RATE_LIMIT", policy=policy)


def search_limited() -> HubSpotError:
    """Too many searches in a second; clients retry on exactly this text (live)."""
    return HubSpotError(429, "You have reached your secondly limit.", "RATE_LIMITS")


def oauth(status: int, code: str, message: str) -> HubSpotError:
    """The OAuth endpoints put their code into `status` (live; some texts unverified)."""
    return HubSpotError(status, message, word=code)


# -- bodies and paths ----------------------------------------------------------------------------------------


def unsupported_media_type() -> HubSpotError:
    """A body that is not JSON by its own account (documented; text unverified)."""
    return HubSpotError(415, "HTTP 415 Unsupported Media Type")


def invalid_json(line: int, column: int, detail: str) -> HubSpotError:
    """The body is not JSON, or a value in it has another JSON type (live)."""
    return HubSpotError(400, f"Invalid input JSON on line {line}, column {column}: {detail}")


def fields_not_set(line: int, column: int, names: Iterable[str]) -> HubSpotError:
    """The body lacks fields (live)."""
    listed = ", ".join(names)
    return HubSpotError(
        400,
        f"Invalid input JSON on line {line}, column {column}. Some required fields were not set: [{listed}]",
    )


def not_simulated(what: str) -> HubSpotError:
    """HubSpot has this API; the mock has not, and says so in HubSpot's shape."""
    return HubSpotError(501, f"{what} is not simulated by this mock.", "NOT_SIMULATED")


def unknown_object_type(name: str) -> HubSpotError:
    """No such object type (live)."""
    return HubSpotError(400, f"Unable to infer object type from: {name}")


def bad_query(message: str) -> HubSpotError:
    """A parameter of the query is out of range (unverified texts)."""
    return HubSpotError(400, message, "VALIDATION_ERROR")


def cannot_deserialize(java_type: str, value: str) -> HubSpotError:
    """A paging cursor that cannot be read (live)."""
    return HubSpotError(
        400, f'Cannot deserialize value of type `{java_type}` from String "{value}": not a valid value'
    )


# -- property values -----------------------------------------------------------------------------------------


def invalid_values(problems: Sequence[Problem]) -> HubSpotError:
    """Values that the properties do not take; the list is JSON text inside the message (live)."""
    wrapped = [
        {"isValid": False, "message": problem.message, "error": problem.code, "name": problem.name}
        for problem in problems
    ]
    text = json.dumps(wrapped, separators=(",", ":"), ensure_ascii=False)
    return HubSpotError(
        400,
        f"Property values were not valid: {text}",
        "VALIDATION_ERROR",
        errors=[
            {
                "message": problem.message,
                "code": problem.code,
                "context": {"propertyName": [problem.name]},
            }
            for problem in problems
        ],
    )


def unknown_property(name: str) -> Problem:
    """The object type has no such property (live)."""
    return Problem(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')


def invalid_email(name: str, value: str) -> Problem:
    """Not an email address (live)."""
    return Problem(name, "INVALID_EMAIL", f"Email address {value} is invalid")


def invalid_option(name: str, value: str, options: Iterable[str]) -> Problem:
    """Not one of an enumeration's options (live)."""
    return Problem(
        name, "INVALID_OPTION", f"{value} was not one of the allowed options: [{', '.join(options)}]"
    )


def invalid_long(name: str, value: str) -> Problem:
    """A moment or day that is neither milliseconds nor ISO 8601 (live)."""
    return Problem(name, "INVALID_LONG", f"{value} was not a valid long.")


def not_midnight(name: str, value: str, time_of_day: str) -> Problem:
    """A `date` property takes only midnight UTC (live)."""
    return Problem(name, "INVALID_DATE", f"{value} is at {time_of_day} UTC, not midnight!")


def invalid_number(name: str, value: str) -> Problem:
    """Text where a number belongs (code unverified)."""
    return Problem(name, "INVALID_NUMBER", f"{value} was not a valid number.")


def invalid_owner(name: str, value: str) -> Problem:
    """No such owner (code unverified)."""
    return Problem(name, "INVALID_OWNER_ID", f"Owner {value} does not exist")


def calculated_value(name: str) -> Problem:
    """The value is computed by HubSpot (reported by others)."""
    return Problem(name, "READ_ONLY_VALUE", f'"{name}" is a calculated property; its value cannot be set.')


def read_only_value(name: str) -> Problem:
    """The value is set by HubSpot (reported by others)."""
    return Problem(name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')


# -- records -------------------------------------------------------------------------------------------------


def already_exists(label: str, existing_id: str) -> HubSpotError:
    """The email belongs to another contact (live)."""
    return HubSpotError(
        409,
        f"{label} already exists. Existing ID: {existing_id}",
        "CONFLICT",
        item_context={"existingId": [existing_id]},
    )


def some_already_exist(label: str) -> HubSpotError:
    """A batch with an email that belongs to another contact; it does not name it (live)."""
    return HubSpotError(409, f"{label} already exists", "CONFLICT")


def value_taken(
    portal_id: int, type_id: str, name: str, value: str, record_id: str, other_id: str
) -> HubSpotError:
    """Another record has this value of a unique property (live)."""
    coordinates = f"portalId={portal_id}, objectTypeId={type_id}, propertyName={name}, value={value}"
    return HubSpotError(
        400,
        f"Cannot set PropertyValueCoordinates{{{coordinates}}} on {record_id}. "
        f"{other_id} already has that value.",
        "VALIDATION_ERROR",
    )


def required_not_set(singular: str, names: Sequence[str]) -> HubSpotError:
    """A new record lacks required properties (live)."""
    return HubSpotError(
        400,
        f"Error creating {singular.upper()}. Some required properties were not set.",
        "VALIDATION_ERROR",
        context={"properties": list(names)},
    )


def nothing_to_set() -> HubSpotError:
    """A change without properties (live)."""
    return HubSpotError(
        400, "No properties found to update, please provide at least one.", "VALIDATION_ERROR"
    )


def not_found() -> HubSpotError:
    """No such record or path below it (live)."""
    return HubSpotError(404, "resource not found")


def not_numeric(identifier: str) -> HubSpotError:
    """A record id that is not a number (reported by others)."""
    return HubSpotError(
        404,
        "Object not found.  objectId are usually numeric.",
        "OBJECT_NOT_FOUND",
        context={"id": [identifier]},
    )


def some_not_found(singular: str, ids: Sequence[str]) -> HubSpotError:
    """Records of a batch that do not exist (live)."""
    return HubSpotError(
        404,
        f"Could not get some {singular.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "OBJECT_NOT_FOUND",
        context={"ids": list(ids)},
    )


def duplicate_ids(ids: Sequence[str]) -> HubSpotError:
    """The same record twice in a batch (live)."""
    return HubSpotError(
        400,
        f"Duplicate IDs found in batch input: [{', '.join(ids)}]. IDs must be unique",
        "VALIDATION_ERROR",
        context={"ids": list(ids)},
    )


def too_many_inputs(limit: int = BATCH_LIMIT) -> HubSpotError:
    """More records than a batch takes (documented; text unverified)."""
    return HubSpotError(
        400,
        f"The maximum number of inputs supported in a batch request is {limit}. "
        "Please reduce the number of items and try again",
        "VALIDATION_ERROR",
    )


def too_many_histories() -> HubSpotError:
    """More records than a batch read with history takes (live)."""
    return HubSpotError(
        400,
        f"The maximum number of inputs supported in a batch request for property histories is "
        f"{HISTORY_BATCH_LIMIT}. Please reduce the number of items and try again",
        "VALIDATION_ERROR",
    )


def not_unique(name: str) -> HubSpotError:
    """`idProperty` names a property that does not identify records (text unverified)."""
    return HubSpotError(400, f"{name} is not a unique identifier property.", "VALIDATION_ERROR")


def read_only_type(plural: str) -> HubSpotError:
    """Records of this type come from HubSpot alone (documented; text unverified)."""
    return HubSpotError(
        405, f"Objects of type {plural} cannot be written through this API.", "VALIDATION_ERROR"
    )


def cannot_merge(record_id: str) -> HubSpotError:
    """A record merged with itself (text unverified)."""
    return HubSpotError(400, f"Cannot merge object {record_id} with itself.", "VALIDATION_ERROR")


def locked(record_id: str = "") -> HubSpotError:
    """Someone else is writing the record; the lock lasts two seconds (documented)."""
    which = f" {record_id}" if record_id else ""
    return HubSpotError(423, f"The record{which} is locked by another request. Please try again.", "LOCKED")


# -- properties and schemas ----------------------------------------------------------------------------------


def property_exists(name: str) -> HubSpotError:
    """A property of this name is there already (live)."""
    return HubSpotError(
        409,
        f"A property named '{name}' already exists.",
        "OBJECT_ALREADY_EXISTS",
        sub_category="Properties.PROPERTY_WITH_NAME_EXISTS",
        context={"name": [name]},
    )


def no_such_property(name: str, plural: str) -> HubSpotError:
    """No property of this name (live; text unverified)."""
    return HubSpotError(
        404, f"Property {name} does not exist for {plural}.", "OBJECT_NOT_FOUND", context={"name": [name]}
    )


def group_exists(name: str) -> HubSpotError:
    """A property group of this name is there already (live; text unverified)."""
    return HubSpotError(
        409,
        f"A property group named '{name}' already exists.",
        "OBJECT_ALREADY_EXISTS",
        sub_category="Properties.GROUP_WITH_NAME_EXISTS",
        context={"name": [name]},
    )


def no_such_group(name: str) -> HubSpotError:
    """No property group of this name (live; text unverified)."""
    return HubSpotError(
        404, f"Property group {name} does not exist.", "OBJECT_NOT_FOUND", context={"name": [name]}
    )


def property_invalid(message: str, code: str, name: str) -> HubSpotError:
    """A property definition that HubSpot does not take (codes live, texts unverified)."""
    return HubSpotError(
        400,
        message,
        "VALIDATION_ERROR",
        errors=[{"message": message, "code": code, "context": {"propertyName": [name]}}],
    )


def _nested(message: str, code: str, context: dict[str, Any]) -> HubSpotError:
    """HubSpot puts the whole body of some refusals as JSON text into the message (live)."""
    inner = {
        "status": "error",
        "message": message,
        "category": "VALIDATION_ERROR",
        "subCategory": code,
        "context": context,
    }
    return HubSpotError(
        400,
        json.dumps(inner, separators=(",", ":")),
        "VALIDATION_ERROR",
        sub_category=code,
    )


def property_in_use(name: str, user: str) -> HubSpotError:
    """The property cannot be archived, since `user` needs it (live)."""
    return _nested(
        f"Property {name} is used by {user} and cannot be deleted.",
        "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
        {"propertyName": [name]},
    )


def group_in_use(name: str) -> HubSpotError:
    """The group still has properties (live)."""
    return _nested(
        f"Property group {name} has active properties and cannot be deleted.",
        "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",
        {"groupName": [name]},
    )


def built_in_property(name: str) -> HubSpotError:
    """HubSpot's own properties can be neither archived nor redefined (text unverified)."""
    return HubSpotError(
        400, f"Property {name} is defined by HubSpot and cannot be changed.", "VALIDATION_ERROR"
    )


def schema_exists(name: str) -> HubSpotError:
    """A custom object of this name is there already (text unverified)."""
    return HubSpotError(
        409,
        f"Object type with name '{name}' already exists.",
        "OBJECT_ALREADY_EXISTS",
        sub_category="ObjectTypeDefinition.NAME_EXISTS",
        context={"name": [name]},
    )


def schema_invalid(message: str) -> HubSpotError:
    """A custom object definition that HubSpot does not take (texts unverified)."""
    return HubSpotError(400, message, "VALIDATION_ERROR")


def schema_limit(limit: int) -> HubSpotError:
    """The account's tier takes no more custom objects (documented; text unverified)."""
    return HubSpotError(
        400,
        f"Your account has reached its limit of {limit} custom object definitions.",
        "VALIDATION_ERROR",
        sub_category="ObjectTypeDefinition.LIMIT_REACHED",
        context={"limit": [str(limit)]},
    )


def schema_in_use(name: str) -> HubSpotError:
    """The custom object still has records (documented; text unverified)."""
    return HubSpotError(400, f"Object type {name} has records and cannot be deleted.", "VALIDATION_ERROR")


def limit_reached(what: str, limit: int) -> HubSpotError:
    """An account limit (documented; text unverified)."""
    return HubSpotError(
        400,
        f"The limit of {limit} {what} has been reached.",
        "VALIDATION_ERROR",
        context={"limit": [str(limit)]},
    )


def no_such_pipeline(identifier: str) -> HubSpotError:
    """No pipeline or stage of this id (text unverified)."""
    return HubSpotError(404, f"Pipeline or stage {identifier} does not exist.", "OBJECT_NOT_FOUND")


def pipeline_invalid(message: str) -> HubSpotError:
    """A pipeline that HubSpot does not take (texts unverified)."""
    return HubSpotError(400, message, "VALIDATION_ERROR")


# -- associations --------------------------------------------------------------------------------------------


def inline_associations(invalid: Sequence[str]) -> HubSpotError:
    """A new record is to be associated with records that do not exist (reported by others)."""
    return HubSpotError(
        400,
        "One or more associations are invalid",
        "VALIDATION_ERROR",
        context={"INVALID_OBJECT_IDS": list(invalid)},
    )


def nothing_associated(source: str, source_id: str, target: str) -> HubSpotError:
    """A record of a batch has no associations (live)."""
    return HubSpotError(
        404,
        f"No {target} is associated with {source} {source_id}.",
        "OBJECT_NOT_FOUND",
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={"fromObjectId": [source_id], "fromObjectType": [source], "toObjectType": [target]},
    )


def invalid_identifier(identifier: str) -> HubSpotError:
    """An association with a record that does not exist (live)."""
    return HubSpotError(
        400,
        f"{identifier} is not a valid ID",
        "VALIDATION_ERROR",
        sub_category="crm.associations.INVALID_IDENTIFIER",
        context={"id": [identifier]},
    )


def associated_with_itself(identifier: str) -> HubSpotError:
    """A record associated with itself (live)."""
    return HubSpotError(
        400, f"Object {identifier} cannot be associated to itself ({identifier})", "VALIDATION_ERROR"
    )


def invalid_association_type(type_id: str, source: str, target: str) -> HubSpotError:
    """The association type does not lead from one object type to the other (text unverified)."""
    return HubSpotError(
        400,
        f"Association type {type_id} doesn't exist between {source} and {target}",
        "VALIDATION_ERROR",
        sub_category="crm.associations.INVALID_ASSOCIATION_TYPE",
        context={"associationTypeId": [type_id], "fromObjectType": [source], "toObjectType": [target]},
    )


def no_association_allowed(source: str, target: str) -> HubSpotError:
    """Nothing may link the two object types until a schema says so (text unverified)."""
    return HubSpotError(400, f"No association types exist between {source} and {target}", "VALIDATION_ERROR")


def label_exists(label: str) -> HubSpotError:
    """A label of this name is there already (text unverified)."""
    return HubSpotError(
        400, f"An association label named '{label}' already exists.", "VALIDATION_ERROR",
        sub_category="crm.associations.DUPLICATE_LABEL", context={"label": [label]},
    )  # fmt: skip


# -- search --------------------------------------------------------------------------------------------------


def search_invalid(message: str) -> HubSpotError:
    """A search that HubSpot does not take (texts unverified)."""
    return HubSpotError(400, message, "VALIDATION_ERROR")
