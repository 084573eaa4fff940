"""Refusals of links between records and of their kinds."""

from __future__ import annotations

from collections.abc import Sequence

from mock_crm.hubspot.errors.refusal import HubSpotError, invalid


def inline_associations(identifiers: Sequence[str]) -> HubSpotError:
    """A new record is to be associated with records that do not exist (reported by others)."""
    return invalid("One or more associations are invalid", context={"INVALID_OBJECT_IDS": list(identifiers)})


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
    """An association with what cannot be the id of a record (live)."""
    return invalid(
        f"{identifier} is not a valid ID",
        sub_category="crm.associations.INVALID_IDENTIFIER",
        context={"id": [identifier]},
    )


def invalid_end(type_name: str, identifier: str) -> HubSpotError:
    """A batch associates a record that does not exist (live)."""
    return invalid(f"{type_name}={identifier} is not valid")


def invalid_single(type_name: str, identifier: str) -> HubSpotError:
    """An association of a record that does not exist (live)."""
    return invalid(
        "One or more associations are invalid",
        context={
            "INVALID_OBJECT_IDS": [f"{type_name}={identifier} is not valid"],
            "objectId": [identifier],
            "objectType": [type_name],
        },
    )


def associated_with_itself(identifier: str) -> HubSpotError:
    """A record associated with itself (live)."""
    return invalid(f"Object {identifier} cannot be associated to itself ({identifier})")


def invalid_association_type(kind: str, source: str, target: str) -> HubSpotError:
    """The association type does not lead from one object type to the other (reported by others).

    In version 3 all three are as the client wrote them.
    """
    return invalid(
        f"{kind} is not a valid association type between {source} and {target}",
        sub_category="crm.associations.INVALID_ASSOCIATION_TYPE",
        context={"type": [kind], "fromObjectType": [source], "toObjectType": [target]},
    )


def invalid_association_spec(category: str, type_id: int, source: str, target: str) -> HubSpotError:
    """The same in version 4, where an association type is called such as `0-5` (reported by others)."""
    number = _CATEGORIES.index(category) if category in _CATEGORIES else category
    return invalid_association_type(f"{number}-{type_id}", source, target)


_CATEGORIES = ("HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED")


def unknown_association_type(category: str, type_id: int) -> HubSpotError:
    """A single association, or one that a new record comes with, of a type that the account has not.

    Live for single ones (cesc1989/apuntes, 2024).
    """
    spec = f"{category}={type_id}"
    return invalid(
        "One or more associations are invalid",
        context={
            "associationSpec": [spec],
            "INVALID_ASSOCIATION_TYPE_ID": [f"{spec} is not a valid association definition id"],
        },
    )


def no_association_types() -> HubSpotError:
    """An association of no kind at all (text unverified)."""
    return invalid("An association needs at least one type.", sub_category="crm.associations.NO_TYPES")


def no_association_allowed(source: str, target: str) -> HubSpotError:
    """Nothing may link the two object types until a schema says so (text unverified)."""
    return invalid(f"No association types exist between {source} and {target}")


def label_exists(label: str, source: str, target: str) -> HubSpotError:
    """The two object types have a label of this text (live; text reported by others)."""
    return invalid(
        f"Association definition label {label} already exists on ObjectType pair {source}-{target}",
        sub_category="AssociationValidationError.DUPLICATE_ASSOCIATION_LABEL",
    )


def label_name_exists(name: str) -> HubSpotError:
    """The account has an association type of this name (live; text reported by others)."""
    return invalid(f"Association definition named {name} already exists for portal")


def too_many_labels(limit: int, source: str, target: str) -> HubSpotError:
    """The two object types have as many labels as there may be; the status is HubSpot's own (live)."""
    message = f"No more than {limit} association types are allowed between {source} and {target}"
    return HubSpotError(437, message, "VALIDATION_ERROR")


def no_such_label(type_id: str) -> HubSpotError:
    """No label of this id to be changed (live; text reported by others)."""
    return invalid(f"Unable to find association type {type_id}")


def no_label_to_delete() -> HubSpotError:
    """No label of this id to be deleted (live; text reported by others)."""
    return invalid("Unable to find objectTypeIds")


def labels_remain(type_id: int) -> HubSpotError:
    """The association without a label goes last (live)."""
    return invalid(
        f"Definition with label still exists; Cannot delete unlabeled type with associationTypeId {type_id}"
    )


def too_many_associated(source_id: str, type_id: int, limit: int) -> HubSpotError:
    """A record has as many associations of a kind as the account's own limit allows (text unverified)."""
    return invalid(
        f"Object {source_id} has reached the limit of {limit} associations of type {type_id}.",
        sub_category="crm.associations.LIMIT_REACHED",
        context={"limit": [str(limit)], "associationTypeId": [str(type_id)]},
    )
