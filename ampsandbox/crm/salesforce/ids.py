"""The two spellings of a Salesforce id: 15 case-sensitive characters, or 18 that survive a loss of case.

Each of the last three of 18 characters holds, as five bits, which of five characters before it are capitals
(Salesforce Help, "ID Field Behavior in Data Loader" and "What is the 18 character ID").
"""

from __future__ import annotations

from typing import Final

_CHECK: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT: Final = 15
_LONG: Final = 18


def canonical_id(record_id: str) -> str:
    """The 15 characters behind an id of either form; what is no id is returned as it is."""
    if len(record_id) != _LONG or not record_id.isascii():
        return record_id
    return "".join(
        _recased(record_id[group * 5 : group * 5 + 5], character)
        for group, character in enumerate(record_id[_SHORT:].upper())
    )


def _recased(letters: str, check: str) -> str:
    """Five characters in the case that their check character tells."""
    capitals = _CHECK.find(check)
    if capitals < 0:
        return letters
    return "".join(
        letter.upper() if capitals >> place & 1 else letter.lower() for place, letter in enumerate(letters)
    )
