"""Refusals of creating, changing, reading and merging records."""

from __future__ import annotations

from collections.abc import Sequence

from mock_crm.hubspot.errors.refusal import HubSpotError, invalid

BATCH_LIMIT = 100
HISTORY_BATCH_LIMIT = 50
ADMIN_RULE_CODES = ("MISSING_REQUIRED_PROPERTY", "MISSING_CONDITIONAL_REQUIRED_PROPERTY")


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
    return invalid(
        f"Cannot set PropertyValueCoordinates{{{coordinates}}} on {record_id}. "
        f"{other_id} already has that value."
    )


def required_not_set(singular: str, names: Sequence[str]) -> HubSpotError:
    """A new record lacks required properties (live)."""
    return invalid(
        f"Error creating {singular.upper()}. Some required properties were not set.",
        context={"properties": list(names)},
    )


def broken_admin_rule(code: str, message: str) -> HubSpotError:
    """A record breaks a rule that the account's administrator set (codes documented; text unverified)."""
    return HubSpotError(400, message, "VALIDATION_ERROR", errors=[{"message": message, "code": code}])


def nothing_to_set() -> HubSpotError:
    """A change without properties (live)."""
    return invalid("No properties found to update, please provide at least one.")


def no_metadata() -> HubSpotError:
    """A legacy activity without metadata (live)."""
    return HubSpotError(400, "metadata cannot be null")


def not_found() -> HubSpotError:
    """No such record or path below it (live); a page for clients that do not ask for JSON."""
    return HubSpotError(404, "resource not found", is_page=True)


def no_such_legacy_record() -> HubSpotError:
    """No such record, as the oldest generation of paths says it (live)."""
    return HubSpotError(404, "resource not found")


def not_numeric(identifier: str) -> HubSpotError:
    """A record id that is not a number (reported by others)."""
    return HubSpotError(
        404,
        "Object not found.  objectId are usually numeric.",
        "OBJECT_NOT_FOUND",
        context={"id": [identifier]},
    )


def not_positive(identifier: str) -> HubSpotError:
    """A record id that is zero or less (live)."""
    return HubSpotError(
        404,
        "Object not found. objectId is usually positive.",
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
    return invalid(
        f"Duplicate IDs found in batch input: [{', '.join(ids)}]. IDs must be unique",
        context={"ids": list(ids)},
    )


def too_many_inputs(limit: int = BATCH_LIMIT) -> HubSpotError:
    """More records than a batch takes (documented; text unverified)."""
    return invalid(
        f"The maximum number of inputs supported in a batch request is {limit}. "
        "Please reduce the number of items and try again"
    )


def too_many_histories() -> HubSpotError:
    """More records than a batch read with history takes (live)."""
    return invalid(
        f"The maximum number of inputs supported in a batch request for property histories is "
        f"{HISTORY_BATCH_LIMIT}. Please reduce the number of items and try again"
    )


def not_unique(name: str) -> HubSpotError:
    """`idProperty` names a property that does not identify records (text unverified)."""
    return invalid(f"{name} is not a unique identifier property.")


def not_unique_in_batch(type_id: str, name: str, portal_id: int) -> HubSpotError:
    """A batch of changes names its records by such a property; `hs_object_id` is one for it.

    Source: segmentio/action-destinations, pull request 3957.
    """
    return invalid(
        f"Unable to perform update/upsert by non-unique {type_id} property {name} in portal ID {portal_id}"
    )


def read_only_type(plural: str) -> HubSpotError:
    """Records of this type come from HubSpot alone (documented; text unverified)."""
    return HubSpotError(
        405, f"Objects of type {plural} cannot be written through this API.", "VALIDATION_ERROR"
    )


def cannot_merge(record_id: str) -> HubSpotError:
    """A record merged with itself (text unverified)."""
    return invalid(f"Cannot merge object {record_id} with itself.")


def merge_beyond_limit(portal_id: int, other_id: str, primary_id: str, type_id: str) -> HubSpotError:
    """A merged record would have more associations of a kind than the account's own limit allows (live)."""
    return invalid(
        f"Association configuration limits are exceeded in portal {portal_id} when merging {other_id} into "
        f"{primary_id} of object type {type_id}"
    )


def locked(record_id: str = "") -> HubSpotError:
    """Someone else is writing the record; the lock lasts two seconds (documented)."""
    which = f" {record_id}" if record_id else ""
    return HubSpotError(423, f"The record{which} is locked by another request. Please try again.", "LOCKED")
