"""Queries to start from, in the language of each CRM."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

_NAME: Final = re.compile(r"\w+", re.ASCII)
_SOQL: Final = {
    "some fields": "SELECT {fields}\nFROM {object}\nORDER BY CreatedDate DESC\nLIMIT 100",
    "all fields": "SELECT FIELDS(ALL)\nFROM {object}\nLIMIT 200",
    "how many": "SELECT COUNT()\nFROM {object}",
    "those whose name holds a word": "SELECT {fields}\nFROM {object}\nWHERE Name LIKE '%co%'\nLIMIT 100",
    "those of today": "SELECT {fields}\nFROM {object}\nWHERE CreatedDate = TODAY",
    "grouped and counted": "SELECT Name, COUNT(Id) n\nFROM {object}\nGROUP BY Name\nHAVING COUNT(Id) > 1",
    "with fields of the owner": "SELECT Id, Owner.Name\nFROM {object}\nLIMIT 100",
    "accounts with their contacts": "SELECT Name, (SELECT LastName FROM Contacts)\nFROM Account\nLIMIT 50",
    "contacts with their account": "SELECT LastName, Account.Name, Account.Phone\nFROM Contact\nLIMIT 99",
}


def examples(provider: str, object_name: str, fields: Sequence[str]) -> dict[str, str]:
    """Queries by what they find; the first one is what the query page starts with."""
    fields = [name for name in fields if _NAME.fullmatch(name)]  # others are no names in either language
    if provider == "hubspot":
        return {label: _body(object_name or "contacts", **more) for label, more in _searches(fields).items()}
    chosen = [name for name in fields if name not in ("attributes", "id")]
    listed = ", ".join(dict.fromkeys(["Id", *chosen[:4]]))
    name = object_name or "Account"
    return {label: text.format(fields=listed, object=name) for label, text in _SOQL.items()}


def _searches(fields: Sequence[str]) -> dict[str, dict[str, Any]]:
    shown = [name for name in fields if name != "id"][:4] or ["hs_object_id"]
    first = shown[0]
    newest = [{"propertyName": "hs_object_id", "direction": "DESCENDING"}]
    return {
        "the newest": {"properties": shown, "sorts": newest},
        "those with a value": {"filterGroups": _filter(first, "HAS_PROPERTY"), "properties": shown},
        "those without a value": {"filterGroups": _filter(first, "NOT_HAS_PROPERTY"), "properties": shown},
        "those that hold a word": {
            "filterGroups": _filter(first, "CONTAINS_TOKEN", "a*"),
            "properties": shown,
        },
        "by the words of a search line": {"query": "example", "properties": shown},
        "all properties": {},
    }


def _filter(name: str, operator: str, value: str | None = None) -> list[dict[str, Any]]:
    found = {"propertyName": name, "operator": operator} | ({"value": value} if value is not None else {})
    return [{"filters": [found]}]


def _body(object_name: str, **more: Any) -> str:
    return json.dumps({"objectType": object_name, **more, "limit": 100}, indent=2)
