"""Refusals of properties, groups, custom objects and pipelines."""

from __future__ import annotations

from mock_crm.hubspot.errors.refusal import HubSpotError, invalid, taken, unknown


def property_exists(name: str) -> HubSpotError:
    """A property of this name is there already (live)."""
    return taken(f"A property named '{name}' already exists.", "Properties.PROPERTY_WITH_NAME_EXISTS", name)


def no_such_property(name: str, plural: str) -> HubSpotError:
    """No property of this name (live; text unverified)."""
    return unknown(f"Property {name} does not exist for {plural}.", name=name)


def group_exists(name: str) -> HubSpotError:
    """A property group of this name is there already (live; text unverified)."""
    return taken(
        f"A property group named '{name}' already exists.", "Properties.GROUP_WITH_NAME_EXISTS", name
    )


def no_such_group(name: str) -> HubSpotError:
    """No property group of this name (live; text unverified)."""
    return unknown(f"Property group {name} does not exist.", name=name)


def no_such_legacy(what: str, name: str, code: str) -> HubSpotError:
    """No such property or group, as the oldest generation of paths says it (live)."""
    message = f"Couldn't find a {what} with the given name {name}"
    return HubSpotError(404, message, more={"propertiesErrorCode": code})


def property_invalid(message: str, code: str, name: str) -> HubSpotError:
    """A property definition that HubSpot does not take (codes live, texts unverified)."""
    detail = {"message": message, "code": code, "context": {"propertyName": [name]}}
    return HubSpotError(400, message, "VALIDATION_ERROR", errors=[detail])


def property_in_use(name: str, type_id: str, places: int) -> HubSpotError:
    """The property cannot be archived, since so many others need it (live)."""
    used = f"is currently used in {places} places and cannot be deleted"
    return invalid(
        f"Property: {name} of object type {type_id} {used}",
        sub_category="PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
    )


def group_in_use() -> HubSpotError:
    """The group still has properties (live)."""
    return HubSpotError(
        400,
        "Can't delete or purge a group with active properties",
        "VALIDATION_ERROR",
        sub_category="PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",
        is_nested=True,
    )


def built_in_property(name: str) -> HubSpotError:
    """HubSpot's own properties can be neither archived nor redefined (text unverified)."""
    return invalid(f"Property {name} is defined by HubSpot and cannot be changed.")


def schema_exists(name: str) -> HubSpotError:
    """A custom object of this name is there already (text unverified)."""
    return taken(f"Object type with name '{name}' already exists.", "ObjectTypeDefinition.NAME_EXISTS", name)


def schema_limit(limit: int) -> HubSpotError:
    """The account's tier takes no more custom objects (documented; text unverified)."""
    return invalid(
        f"Your account has reached its limit of {limit} custom object definitions.",
        sub_category="ObjectTypeDefinition.LIMIT_REACHED",
        context={"limit": [str(limit)]},
    )


def schema_in_use(name: str) -> HubSpotError:
    """The custom object still has records (documented; text unverified)."""
    return invalid(f"Object type {name} has records and cannot be deleted.")


def limit_reached(what: str, limit: int) -> HubSpotError:
    """An account limit (documented; text unverified)."""
    return invalid(f"The limit of {limit} {what} has been reached.", context={"limit": [str(limit)]})
