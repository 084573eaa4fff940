"""The journal's notes of what is on its way to a CRM: one row a request, until its end is stored."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

INSERT_REQUEST = "INSERT INTO requests(number, operations) VALUES (?, ?)"
DELETE_REQUEST = "DELETE FROM requests WHERE number = ?"


def pack(numbers: Sequence[int]) -> bytes:
    """Operation numbers as the journal notes them for a request."""
    return array("q", numbers).tobytes()


def unpack(packed: bytes) -> list[int]:
    numbers = array("q")
    numbers.frombytes(packed)
    return numbers.tolist()


def holds(packed: bytes, number: int) -> bool:
    """Whether a number is among those that `pack` noted."""
    wanted = pack([number])
    at = packed.find(wanted)
    while at % len(wanted) and at > 0:  # the end of one number and the start of the next
        at = packed.find(wanted, at + 1)
    return at >= 0
