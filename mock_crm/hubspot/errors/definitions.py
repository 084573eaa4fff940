"""Refusals of properties, groups, custom objects and pipelines."""

from __future__ import annotations

from collections.abc import Sequence

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


def property_in_use(name: str, type_id: str, places: int, formulas: Sequence[str]) -> HubSpotError:
    """The property cannot be archived, since other places need it, such as formulas (live)."""
    usage = "PropertyValidationError.PROPERTY_USAGE"
    kind = {"parentType": ["CALCULATED_PROPERTY"]}
    return HubSpotError(
        400,
        f"Property: {name} of object type {type_id} is currently used in {places} places "
        "and cannot be deleted",
        "VALIDATION_ERROR",
        sub_category="PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
        context={"usageCount": [str(places)]},
        errors=[
            {"subCategory": usage, "context": kind | {"parentName": [f"{type_id}/{user}"]}}
            for user in formulas
        ],
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
    """A custom object of this name is there already, in any case (live; text reported by others)."""
    code = "InboundDbObjectTypeError.OBJECT_TYPE_ALREADY_EXIST"
    return HubSpotError(409, f"{name} already exists", "OBJECT_ALREADY_EXISTS", sub_category=code)


def schema_name_invalid(name: str) -> HubSpotError:
    """Not the name of a custom object (live; text reported by others)."""
    code = "InboundDbObjectTypeError.OBJECT_TYPE_NAME_FORMAT"
    return invalid(f"invalid object type name {name}", sub_category=code)


def no_display_property() -> HubSpotError:
    """A custom object without a property to show it by (live; text reported by others)."""
    code = "ObjectSchemaError.PRIMARY_DISPLAY_PROPERTY_REQUIRED"
    return invalid("A primary display property is required", sub_category=code)


def schema_names_unknown(member: str, names: Sequence[str], code: str) -> HubSpotError:
    """A custom object is to show, require or search for properties that it lacks (live; text unverified)."""
    return invalid(f"Invalid {member}: {', '.join(names)}", sub_category=code)


def sensitive_stays() -> HubSpotError:
    """A custom object that may hold sensitive values goes on doing so (live; text reported by others)."""
    code = "InboundDbObjectTypeError.SENSITIVE_PROPERTIES_SUPPORT_CANNOT_BE_TURNED_OFF"
    return invalid("Sensitive properties support cannot be turned off", sub_category=code)


def no_archived_schema() -> HubSpotError:
    """Only what is archived can be removed for good (live; text reported by others)."""
    return invalid("Couldn't find soft-deleted object type(s)")


def schema_limit(limit: int) -> HubSpotError:
    """The account's tier takes no more custom objects (documented; text unverified)."""
    return invalid(
        f"Your account has reached its limit of {limit} custom object definitions.",
        sub_category="ObjectTypeDefinition.LIMIT_REACHED",
        context={"limit": [str(limit)]},
    )


def schema_in_use(type_id: str) -> HubSpotError:
    """The custom object still has records (live; text reported by others)."""
    return invalid(
        f"Object type {type_id} cannot be deleted until all object records are deleted",
        sub_category="ObjectSchemaError.EXISTING_OBJECT_RECORDS",
    )


def limit_reached(what: str, limit: int) -> HubSpotError:
    """An account limit (documented; text unverified)."""
    return invalid(f"The limit of {limit} {what} has been reached.", context={"limit": [str(limit)]})
