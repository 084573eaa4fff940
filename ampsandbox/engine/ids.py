"""Ids that follow from the seed and the journal's own numbering, so that a rerun gives the same ones."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b

_NUMBER_MASK = (1 << 48) - 1


class IdKind(StrEnum):
    """What an id stands for. Two kinds never share an id."""

    OPERATION = "operation"
    BATCH = "batch"
    INSTALLATION = "installation"


class Ids:
    """Turns a number of the journal into an id and back.

    An id looks like a UUID (version 8). Its last 48 bits hold the number under a mask and the others a keyed
    hash of it, so that an id leads to its row without an index, and a made-up id to nothing.
    """

    def __init__(self, seed: str) -> None:
        key = blake2b(seed.encode(), digest_size=32).digest()
        self._hashes = {kind: blake2b(key=key, person=kind.encode(), digest_size=16) for kind in IdKind}
        self._masks = {
            kind: int.from_bytes(prepared.digest(), "big") & _NUMBER_MASK
            for kind, prepared in self._hashes.items()
        }

    def id_of(self, kind: IdKind, number: int) -> str:
        """The id of the row with that number."""
        prepared = self._hashes[kind].copy()
        prepared.update(number.to_bytes(8, "big"))
        digest = prepared.hexdigest()
        return (
            f"{digest[:8]}-{digest[8:12]}-8{digest[12:15]}-a{digest[15:18]}-{number ^ self._masks[kind]:012x}"
        )

    def number_of(self, kind: IdKind, id_: str) -> int | None:
        """The number behind an id, or None when the id was never given out for that kind."""
        try:
            number = int(id_[-12:], 16) ^ self._masks[kind]
        except ValueError:
            return None
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
