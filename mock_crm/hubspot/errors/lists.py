"""Refusals of lists (segments)."""

from __future__ import annotations

from mock_crm.hubspot.errors.refusal import HubSpotError, invalid


def no_such_list(identifier: str) -> HubSpotError:
    """No list of this id (live)."""
    return HubSpotError(
        404,
        f"List does not exist with ID {identifier}.",
        "OBJECT_NOT_FOUND",
        sub_category="ListError.LIST_ID_DOES_NOT_EXIST",
        context={"listId": [identifier]},
    )


def no_list_named(name: str) -> HubSpotError:
    """No list of this name (text unverified)."""
    return HubSpotError(
        404, f"List does not exist with name {name}.", "OBJECT_NOT_FOUND", context={"listName": [name]}
    )


def list_exists(name: str) -> HubSpotError:
    """A list of this name is there already (code live, segmentio/action-destinations; text unverified)."""
    return invalid(
        f"A list with the name '{name}' already exists.",
        sub_category="ILS.DUPLICATE_LIST_NAMES",
        context={"listName": [name]},
    )


def list_name_missing() -> HubSpotError:
    """A new name that is not in the query (live)."""
    return HubSpotError(500, "There was a problem with the request.")


def not_an_integer(identifier: str) -> HubSpotError:
    """An id of a list that is no number (live)."""
    return HubSpotError(400, f"Id {identifier} can't be converted to java.lang.Integer")


def unknown_processing_type(value: str) -> HubSpotError:
    """A list is manual, dynamic or a snapshot (text unverified)."""
    return invalid(f"Unknown processingType {value}: it must be one of MANUAL, DYNAMIC, SNAPSHOT.")


def dynamic_list(list_id: str) -> HubSpotError:
    """The members of a dynamic list follow from its filters (text unverified)."""
    return invalid(
        "Membership modification is not allowed for lists with processing type DYNAMIC.",
        sub_category="ListError.INVALID_PROCESSING_TYPE",
        context={"listId": [list_id]},
    )
