"""Refusals of standard objects, beyond what every object refuses."""

from __future__ import annotations

from mock_crm.salesforce.errors.refusal import SalesforceError


def duplicate_assignment(other_id: str) -> SalesforceError:
    """DUPLICATE_VALUE of a PermissionSetAssignment [A]."""
    return SalesforceError(
        "DUPLICATE_VALUE",
        "Duplicate PermissionSetAssignment. Assignee already has this permission set. "
        f"Existing assignment: {other_id[:15]}",
        (),
    )


def already_campaign_member() -> SalesforceError:
    """DUPLICATE_VALUE of a lead or contact that is put into a campaign again [C]."""
    return SalesforceError("DUPLICATE_VALUE", "Already a campaign member.", ())


def already_linked(document_id: str, entity_id: str) -> SalesforceError:
    """DUPLICATE_VALUE of a second link between a file and a record [P]."""
    return SalesforceError(
        "DUPLICATE_VALUE",
        f"Document with ID: {document_id[:15]} is already linked with the entity with ID: {entity_id[:15]}",
        ("LinkedEntityId",),
    )


def inactive_owner(user_id: str, noun: str) -> SalesforceError:
    """INACTIVE_OWNER_OR_USER [P]."""
    return SalesforceError(
        "INACTIVE_OWNER_OR_USER",
        f"operation performed with inactive user [{user_id[:15]}] as owner of {noun}",
        (),
    )


def entry_of_another_price_book(parent: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a line whose price is not of its parent's price book [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "field integrity exception: PricebookEntryId (pricebook entry is in a different pricebook than the "
        f"one assigned to the {parent})",
        ("PricebookEntryId",),
    )


def price_already_defined() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a second price of a product in one price book [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION", "This price definition already exists in this price book", ()
    )


def duplicate_username() -> SalesforceError:
    """DUPLICATE_USERNAME [P]."""
    return SalesforceError(
        "DUPLICATE_USERNAME",
        "Duplicate Username.<br>The username already exists in this or another Salesforce organization. "
        "Usernames must be unique across all Salesforce organizations. To resolve, use a different username "
        "(it doesn't need to match the user's email address). ",
        ("Username",),
    )


def duplicate_nickname() -> SalesforceError:
    """DUPLICATE_COMM_NICKNAME [P]."""
    return SalesforceError(
        "DUPLICATE_COMM_NICKNAME",
        "Duplicate Nickname.<br>Another user has already selected this nickname.<br>Please select another.",
        ("CommunityNickname",),
    )


def converted_lead() -> SalesforceError:
    """CANNOT_UPDATE_CONVERTED_LEAD: a lead that was converted is changed [A]."""
    return SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())


def cannot_convert(reason: str) -> SalesforceError:
    """CONVERTED_LEAD of a conversion that cannot be made; the texts are soft [M]."""
    return SalesforceError("CONVERTED_LEAD", reason, ())


def status_not_valid(what: str) -> SalesforceError:
    """FAILED_ACTIVATION of a contract or order that does not begin as a draft, or comes back [P]."""
    return SalesforceError(
        "FAILED_ACTIVATION",
        f"Choose a valid {what} status and save your changes. Ask your admin for details.",
        ("Status",),
    )


def order_without_products() -> SalesforceError:
    """FAILED_ACTIVATION of an order without lines [P]."""
    return SalesforceError("FAILED_ACTIVATION", "An order must have at least one product.", ())


def order_before_contract() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of an order that starts before its contract; the text is soft [M]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "Order Start Date can't be earlier than the contract's start date.",
        ("EffectiveDate",),
    )


def no_price_book_entry() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a line without an entry of a price book [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "field integrity exception: PricebookEntryId, unknown (versions 3.0 and higher must specify "
        "pricebook entry id; others must specify product id)",
        ("PricebookEntryId", "unknown"),
    )


def inactive_price_book_entry() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a line whose price is not active [M]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "field integrity exception: PricebookEntryId (pricebook entry is inactive)",
        ("PricebookEntryId",),
    )


def two_prices_of_new_line() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a new line with both of its prices [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "field integrity exception: unknown (only one of unit price or total price may be specified)",
        ("unknown",),
    )


def two_prices_of_line() -> SalesforceError:
    """INVALID_FIELD of a line of which both prices are changed at once [P]."""
    return SalesforceError(
        "INVALID_FIELD", "Cannot change both 'UnitPrice' and 'TotalPrice' in update call", ("UnitPrice",)
    )


def price_beside_standard_price() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a price of its own where the standard price is used [P]."""
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", "field integrity exception", ())


def price_book_in_use() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of another price book for an opportunity with products; soft [M]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "field integrity exception: Pricebook2Id (opportunity has line items of another pricebook)",
        ("Pricebook2Id",),
    )


def lead_with_related_record() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of an activity of a lead that is about another record too [M]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "field integrity exception: unknown (if you specify a whatId, the whoId has to be a contact)",
        ("unknown",),
    )


def due_date_of_series() -> SalesforceError:
    """INVALID_FIELD_FOR_INSERT_UPDATE of a due date in a series of tasks [P]."""
    return SalesforceError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "You cannot insert or update ActivityDate for a recurring task",
        ("ActivityDate",),
    )


def recurrence_without_type() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a series that does not say how it goes on [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION", "Choose a type of date for repeating this task.", ("RecurrenceType",)
    )


def days_of_week_of_monthly() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of days of the week in a series by the month [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        "Day of week must be blank for type Recurs Monthly",
        ("RecurrenceDayOfWeekMask",),
    )


def times_of_event(first: str, second: str) -> SalesforceError:
    """INVALID_FIELD_FOR_INSERT_UPDATE of times that contradict each other; the text is soft [P]."""
    return SalesforceError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"{first} and {second} must match, or one of them must be null",
        (first, second),
    )


def duration_of_event(longest: int) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of an event that ends before it begins, or lasts too long, in minutes [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        f"Duration must be between 0 and {longest} minutes: Duration",
        ("DurationInMinutes",),
    )


def developer_name(what: str, field: str) -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of a name that is none for developers [A]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION",
        f"The {what} field can only contain underscores and alphanumeric characters. It must be unique, "
        "begin with a letter, not include spaces, not end with an underscore, and not contain two "
        "consecutive underscores.",
        (field,),
    )


def permission_set_name_taken(name: str) -> SalesforceError:
    """DUPLICATE_DEVELOPER_NAME of a second permission set of one name."""
    return SalesforceError(
        "DUPLICATE_DEVELOPER_NAME", f"The permission set name {name} is already in use.", ("Name",)
    )


def already_related() -> SalesforceError:
    """DUPLICATE_VALUE of a second relation between a contact and an account [M]."""
    return SalesforceError(
        "DUPLICATE_VALUE",
        "This contact already has a relationship with this account.",
        ("ContactId", "AccountId"),
    )


def own_profile() -> SalesforceError:
    """FIELD_INTEGRITY_EXCEPTION of users who give themselves another profile [P]."""
    return SalesforceError(
        "FIELD_INTEGRITY_EXCEPTION", "Cannot change profile for current user", ("ProfileId",)
    )


def owner_is_blank(label: str) -> SalesforceError:
    """INVALID_CROSS_REFERENCE_KEY of a record that is to have no owner [P]."""
    return SalesforceError("INVALID_CROSS_REFERENCE_KEY", f"{label}: owner cannot be blank", ("OwnerId",))


def not_supported(label: str, operation: str) -> SalesforceError:
    """INVALID_TYPE_FOR_OPERATION of an object that the API only reads, or that it does not delete [P]."""
    return SalesforceError(
        "INVALID_TYPE_FOR_OPERATION", f"entity type {label} does not support {operation}", ()
    )
