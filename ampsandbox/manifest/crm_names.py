"""What the names of a manifest become in a CRM.

Translation that needs no schema: objects, and the custom fields and objects an integration creates.
Standard fields are matched against the org's schema by the CRM clients.
"""

from __future__ import annotations

import re

from ampsandbox.manifest.model import ObjectKind, Provider, WriteObject
from ampsandbox.manifest.standard_objects import standard_object, words

MAX_NAME_LENGTH = {Provider.SALESFORCE: 40, Provider.HUBSPOT: 100}
"""Characters in the name of a custom object or field, without Salesforce's `__c`."""

_SALESFORCE_SUFFIX = "__c"


def crm_object_name(provider: str, item: WriteObject) -> str:
    """The API name of the object: `contact` → `Contact`, on HubSpot `contacts`; custom ones as created."""
    if item.kind is ObjectKind.CUSTOM:
        return custom_name(provider, item.name)
    known = standard_object(provider, item.name)
    return known.api_name if known else _unknown_object_name(provider, item.name)


def crm_field_name(provider: str, name: str) -> str:
    """The API name of a custom field: `warmthScore` → `warmthScore__c`, on HubSpot `warmthscore`."""
    return custom_name(provider, name)


def custom_name(provider: str, name: str) -> str:
    """The API name of a custom object or field, with dashes turned into underscores."""
    if provider == Provider.SALESFORCE:
        stem = name.removesuffix(_SALESFORCE_SUFFIX)
        return re.sub(r"[-_\s]+", "_", stem).strip("_") + _SALESFORCE_SUFFIX
    return re.sub(r"[-\s]", "_", name).lower()


def custom_name_problem(provider: str, name: str) -> str | None:
    """Why the CRM cannot hold the custom name after translation; None when it can.

    Salesforce: letters, digits and single underscores, a letter first, at most 40 characters before `__c`.
    HubSpot: lower-case letters, digits and underscores, a letter first, at most 100 characters.
    """
    translated = custom_name(provider, name).removesuffix(_SALESFORCE_SUFFIX)
    limit = MAX_NAME_LENGTH.get(Provider(provider), 100) if provider in set(Provider) else 100
    if len(translated) > limit:
        return f"is longer than {limit} characters"
    if not translated[:1].isascii() or not translated[:1].isalpha():
        return "does not begin with a letter"
    if not re.fullmatch(r"[A-Za-z0-9_]+", translated):
        return "has characters other than letters, digits and underscores"
    return None


def _unknown_object_name(provider: str, name: str) -> str:
    """An object the catalogue does not know, such as `Invoice__c` or `p_pets`: left for the CRM to judge."""
    if provider == Provider.SALESFORCE:
        return name if "__" in name else name[:1].upper() + name[1:]
    if re.fullmatch(r"\d+-\d+|p\d*_\w+|[a-z0-9_]+", name):
        return name
    return "_".join(word.lower() for word in words(name)) or name
