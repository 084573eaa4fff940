"""Ids that follow from the seed and the journal's own numbering, so that a rerun gives the same ones."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b

_BITS = 48
_NUMBERS = 1 << _BITS


class IdKind(StrEnum):
    """What an id stands for. Two kinds never share an id."""

    OPERATION = "operation"
    BATCH = "batch"
    INSTALLATION = "installation"


class _Scrambler:
    """A one-to-one map of the numbers below 2^48, and what all ids of one kind and seed end with."""

    def __init__(self, seed: str, kind: IdKind) -> None:
        digest = blake2b(seed.encode(), person=kind.encode(), digest_size=32).digest()
        # Odd factors have an inverse modulo a power of two.
        self.factor = int.from_bytes(digest[:6], "big") | 1
        self.inverse = pow(self.factor, -1, _NUMBERS)
        self.shift = int.from_bytes(digest[6:12], "big")
        tail = digest[12:].hex()
        self.suffix = f"-8{tail[:3]}-a{tail[3:6]}-{tail[6:18]}"


class Ids:
    """Turns a number of the journal into an id and back.

    An id looks like a UUID (version 8). Its first 48 bits are the number, scrambled; the others tell seed and
    kind. So an id leads to its row without an index, and the id of another sandbox to nothing.
    """

    def __init__(self, seed: str) -> None:
        self._scramblers = {kind: _Scrambler(seed, kind) for kind in IdKind}

    def id_of(self, kind: IdKind, number: int) -> str:
        """The id of the row with that number."""
        by = self._scramblers[kind]
        scrambled = f"{(number * by.factor + by.shift) % _NUMBERS:012x}"
        return f"{scrambled[:8]}-{scrambled[8:]}{by.suffix}"

    def number_of(self, kind: IdKind, id_: str) -> int | None:
        """The number behind an id, or None when it is none of this kind and seed."""
        by = self._scramblers[kind]
        try:
            scrambled = int(id_[:8] + id_[9:13], 16)
        except ValueError:
            return None
        number = (scrambled - by.shift) * by.inverse % _NUMBERS
        return number if self.id_of(kind, number) == id_ else None

    def operation(self, number: int) -> str:
        """The id of an operation."""
        return self.id_of(IdKind.OPERATION, number)

    def operation_number(self, id_: str) -> int | None:
        """The number of an operation's id."""
        return self.number_of(IdKind.OPERATION, id_)

    def batch_number(self, id_: str) -> int | None:
        """The number of a batch's id."""
        return self.number_of(IdKind.BATCH, id_)

    def batch(self, number: int) -> str:
        """The id of a batch."""
        return self.id_of(IdKind.BATCH, number)

    def installation(self, number: int) -> str:
        """The id of an installation."""
        return self.id_of(IdKind.INSTALLATION, number)
