"""The users of an account as owners of records."""

from __future__ import annotations

import msgspec

from mock_crm.core.ids import stable_int

_PEOPLE = (
    ("Alex", "Morgan", "alex.morgan@example.com"),
    ("Sam", "Rivera", "sam.rivera@example.com"),
    ("Kim", "Larsson", "kim.larsson@example.com"),
)


class Owner(msgspec.Struct, frozen=True, rename="camel"):
    """One owner, as the API shows it, but for the moments."""

    id: str
    email: str
    type: str
    first_name: str
    last_name: str
    user_id: int
    user_id_including_inactive: int


def owners_of(seed: str) -> list[Owner]:
    """The owners of an account; they follow from its seed."""
    owners = []
    for first, last, email in _PEOPLE:
        number = stable_int(seed, "owner", email, bits=26)
        user_id = 10_000_000 + stable_int(seed, "user", email, bits=25)
        owners.append(Owner(str(100_000_000 + number), email, "PERSON", first, last, user_id, user_id))
    return owners
