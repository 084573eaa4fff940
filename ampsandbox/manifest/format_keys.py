"""The formats of `amp.yaml` as data: which keys each part has, and what they mean.

The one list of keys, from which the rule on unknown keys, the repairs and the JSON Schema are made.
Sources: the founding page and its siblings of 2023 (`0.1.0`), the public manifest schema (`1.0.0`), the
public drafts of late 2023 (`1.1.0`).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class KeyFormat(msgspec.Struct, frozen=True, eq=False):
    """What a value may be.

    Args:
        type: `string`, `boolean`, `integer`, `object`, `array`, or empty for anything.
        about: What it means, for editors.
        keys: The keys of an object; empty with type `object` allows any.
        required: The keys that must be there.
        items: The format of an array's items.
        enum: The values that are allowed.
        pattern: What a string must match.
        examples: Values to offer.
        kind_rule: The rule that says that a value in here is of another kind.
        missing_rule: The rule that says that a required key in here is missing.
        enum_rule: The rule that says that the value is none of `enum`.
    """

    type: str
    about: str = ""
    keys: dict[str, KeyFormat] = msgspec.field(default_factory=dict)
    required: tuple[str, ...] = ()
    items: KeyFormat | None = None
    enum: tuple[str, ...] = ()
    pattern: str = ""
    examples: tuple[str, ...] = ()
    kind_rule: str = ""
    missing_rule: str = ""
    enum_rule: str = "allowed-value"


def _text(about: str, *enum: str, pattern: str = "", examples: tuple[str, ...] = ()) -> KeyFormat:
    return KeyFormat("string", about, enum=enum, pattern=pattern, examples=examples)


def _flag(about: str) -> KeyFormat:
    return KeyFormat("boolean", about)


def _map(about: str, required: str, **keys: KeyFormat) -> KeyFormat:
    return KeyFormat("object", about, keys, tuple(required.split()))


def _list(items: KeyFormat, about: str = "") -> KeyFormat:
    return KeyFormat("array", about, items=items)


ACTION_TYPES = ("read", "write", "subscribe", "notify")
_ALWAYS = KeyFormat("string", "Whether it is watched.", enum=("always",), enum_rule="update-event-enabled")
_ENABLED = _map("An event.", "enabled", enabled=_ALWAYS)
_ANY_MAP = KeyFormat("object", "Not exercised by the sandbox.")

CUSTOM_FIELD = _map(
    "A custom string field that is created in the customer's CRM at installation.",
    "fieldName",
    fieldName=_text("The name of the field: letters and dashes.", examples=("warmthScore",)),
    displayName=_text("The name that the customer sees, in the installer and in the CRM."),
    prompt=_text("A full sentence: why your app creates this field."),
)
_WRITTEN = {
    "mode": _text("`insert` creates records, `update` changes existing ones.", "insert", "update"),
    "endpoint": _text(
        "The last segment of the URL under which writes are taken. Unique in the project.",
        pattern=r"^[^/?#%\s]+$",
        examples=("create-account",),
    ),
    "schedule": _text(
        "When collected writes are sent to the CRM: five-field cron, or `every <n> minutes|hours|days`. "
        "Without it each write is sent at once.",
        examples=("every 2 hours", "0 */2 * * *"),
    ),
    "customFields": _list(CUSTOM_FIELD, "Custom fields to create on the object."),
}
STANDARD_OBJECT = _map(
    "A standard object of the CRM to write to.",
    "objectName mode endpoint",
    objectName=_text(
        "The official name of the object, in camel case.", examples=("account", "contact", "lineItem")
    ),
    **_WRITTEN,
)
CUSTOM_OBJECT = _map(
    "A custom object that is created in the customer's CRM at installation.",
    "objectName mode endpoint",
    objectName=_text("The name of the object: letters and dashes.", examples=("mailMonkeyCampaigns",)),
    displayName=_text("The name that the customer sees, in the installer and in the CRM."),
    prompt=_text("A full sentence: why your app creates this object."),
    **_WRITTEN,
)
WRITE_OBJECT_V1 = _map(
    "An object to write to.",
    "objectName",
    objectName=_text("The object's API name, or its mapped name.", examples=("contacts", "account")),
    inheritMapping=_flag("Translate names through the mappings of `read`."),
    valueDefaults=_map("Default values.", "", allowAnyFields=_flag("Let the customer set any default.")),
)
WRITE_ACTION = _map(
    "An action of type `write`.",
    "type",
    type=_text("The type of the action.", "write"),
    standardObjects=_list(STANDARD_OBJECT, "Standard objects to write to."),
    customObjects=_list(CUSTOM_OBJECT, "Custom objects to create and write to."),
    objects=_list(WRITE_OBJECT_V1, "Objects to write to, as in the hybrids of early 2024."),
)
OTHER_ACTION = _map(
    "A read, subscribe or notify action: loaded, but not exercised by the sandbox.",
    "type",
    type=_text("The type of the action.", *(kind for kind in ACTION_TYPES if kind != "write")),
)
INTEGRATION_2023 = _map(
    "An integration with one CRM, in the format of 2023.",
    "name actions",
    name=_text("Letters, digits and dashes."),
    displayName=_text("The name that the customer sees."),
    api=_text("The CRM.", "salesforce", "hubspot"),
    actions=_list(KeyFormat("object"), "What the integration does."),
)
DESTINATION = _map(
    "Where reads deliver to: loaded, but not exercised by the sandbox.",
    "name type",
    name=_text("How reads name it."),
    type=_text("What it is.", "postgres", "api", "webhook"),
    tableName=_text("The table, for `postgres`."),
    endpoint=_text("The last segment of the URL, for `api`. Shares the URL space with write endpoints."),
    url=_text("Where to, without a scheme, for `webhook`."),
)
_FIELD_KEYS = {
    "fieldName": _text("The name of the field in the CRM."),
    "mapToName": _text("The name under which your app gets it."),
    "mapToDisplayName": _text("The name that the customer sees."),
    "default": _text("The field that is offered first."),
    "prompt": _text("What the customer is told about the mapping."),
}
_FIELD = KeyFormat(
    "object", "A field to read, by its name or mapped by the customer.", _FIELD_KEYS, kind_rule="field-name"
)
READ_OBJECT = _map(
    "An object to read: loaded, but not exercised by the sandbox.",
    "objectName destination schedule",
    objectName=_text("The object's API name."),
    destination=_text("Where to deliver to."),
    schedule=_text("Five-field cron, at least ten minutes apart.", examples=("0 */12 * * *",)),
    mapToName=_text("The name under which your app gets it."),
    mapToDisplayName=_text("The name that the customer sees."),
    requiredFields=_list(_FIELD, "Fields that are always read."),
    optionalFields=_list(_FIELD, "Fields that the customer may add."),
    optionalFieldsAuto=_text("Offer all fields.", "all"),
    backfill=_map(
        "What to read at first.",
        "",
        defaultPeriod=_map(
            "How far back.", "", days=KeyFormat("integer", "Days back."), fullHistory=_flag("Everything.")
        ),
    ),
    delivery=_map(
        "How results come.",
        "",
        mode=KeyFormat(
            "string", "When pages are sent.", enum=("auto", "onRequest"), enum_rule="delivery-mode"
        ),
        pageSize=KeyFormat("integer", "Records a page, 50 to 500."),
    ),
    enabled=_text("Read for every installation.", "always"),
)
SUBSCRIBE_OBJECT = _map(
    "An object to watch: loaded, but not exercised by the sandbox.",
    "objectName destination",
    objectName=_text("The object's API name."),
    destination=_text("Where to deliver to."),
    inheritFieldsAndMapping=_flag("Must be true."),
    createEvent=_ENABLED,
    deleteEvent=_ENABLED,
    updateEvent=_map(
        "When fields change.",
        "enabled",
        enabled=_ALWAYS,
        watchFieldsAuto=KeyFormat(
            "string", "Which fields.", enum=("all", "selected"), enum_rule="update-event-watch-fields"
        ),
        requiredWatchFields=_list(_text("A field."), "Fields to watch."),
    ),
    associationChangeEvent=_map(
        "When associations change.",
        "enabled",
        enabled=_ALWAYS,
        includeFullRecords=_flag("Send whole records."),
    ),
    otherEvents=_list(_text("An event of the provider."), "Other events."),
)
_SCHEMA_EVENT = _map(
    "A change of fields.",
    "enabled",
    enabled=KeyFormat("string", "Whether it is watched.", enum=("always",), enum_rule="watch-schema"),
)
WATCH_SCHEMA = KeyFormat(
    "object",
    "Watching for changes of fields.",
    {
        "destination": _text("Where to deliver to."),
        "schedule": _text("Five-field cron: how often to look.", examples=("0 */24 * * *",)),
        "allObjects": _map(
            "For all objects.",
            "",
            fieldCreated=_SCHEMA_EVENT,
            fieldDeleted=_SCHEMA_EVENT,
            fieldChanged=_SCHEMA_EVENT,
        ),
    },
    ("destination", "allObjects"),
    missing_rule="watch-schema",
)
WRITE_V1 = _map("Writing.", "objects", objects=_list(WRITE_OBJECT_V1, "The objects to write to."))
INTEGRATION_V1 = _map(
    "An integration with one provider.",
    "name provider",
    name=_text("Letters, digits and dashes."),
    provider=_text("The provider.", examples=("salesforce", "hubspot")),
    displayName=_text("The name that the customer sees."),
    module=_text("The provider's module, where it has several."),
    read=_map("Reading.", "objects", objects=_list(READ_OBJECT, "The objects to read.")),
    write=WRITE_V1,
    subscribe=_map("Watching.", "objects", objects=_list(SUBSCRIBE_OBJECT, "The objects to watch.")),
    proxy=_map(
        "Passing requests through.",
        "enabled",
        enabled=_flag("On or off."),
        useModule=_flag("Use the module's URL."),
    ),
    watchSchema=WATCH_SCHEMA,
)
WRITE_OBJECT_DRAFT = _map(
    "An object to write to, in the drafts.",
    "",
    **WRITE_OBJECT_V1.keys,
    mode=_text("The type of write.", "insert", "update", "upsert"),
    schema=_ANY_MAP,
    createOnInstall=_flag("Create the object at installation."),
    mapToName=_text("The name under which your app writes it."),
    mapToDisplayName=_text("The name that the customer sees."),
)
WRITE_DRAFT = _map(
    "Writing, in the drafts.",
    "",
    objects=_list(WRITE_OBJECT_DRAFT, "The objects to write to."),
    mappedObjects=_list(KeyFormat("object"), "Objects that the customer maps."),
    createOnInstall=_flag("Create the objects at installation."),
)
INTEGRATION_DRAFT = _map(
    "An integration, in the drafts.", "name", **(INTEGRATION_V1.keys | {"write": WRITE_DRAFT})
)
MANIFEST_KEYS = ("specVersion", "appName", "integrations", "destinations")


def all_keys(*formats: KeyFormat) -> Iterator[str]:
    """Every key of the formats and of what is inside them."""
    for shape in formats:
        yield from shape.keys
        yield from all_keys(*shape.keys.values())
        if shape.items:
            yield from all_keys(shape.items)
