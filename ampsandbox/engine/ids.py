"""Ids that follow from the seed and the journal's own numbering, so that a rerun gives the same ones."""

from __future__ import annotations

from hashlib import blake2b

_BITS = 48
_NUMBERS = 1 << _BITS


class _Scrambler:
    """A one-to-one map of the numbers below 2^48, and what all ids of one kind and seed end with.

    Two kinds never share an id.
    """

    def __init__(self, seed: str, kind: str) -> None:
        digest = blake2b(seed.encode(), person=kind.encode(), digest_size=32).digest()
        # Odd factors have an inverse modulo a power of two.
        self.factor = int.from_bytes(digest[:6], "big") | 1
        self.inverse = pow(self.factor, -1, _NUMBERS)
        self.shift = int.from_bytes(digest[6:12], "big")
        tail = digest[12:].hex()
        self.tail = f"-8{tail[:3]}-a{tail[3:6]}-{tail[6:18]}"

    def id_of(self, number: int) -> str:
        scrambled = (number * self.factor + self.shift) % _NUMBERS
        # Eight digits, a dash and four: in half the time of a format.
        return scrambled.to_bytes(6, "big").hex("-", -4) + self.tail

    def number_of(self, id_: str) -> int | None:
        try:
            scrambled = int(id_[:8] + id_[9:13], 16)
        except ValueError:
            return None
        number = (scrambled - self.shift) * self.inverse % _NUMBERS
        return number if self.id_of(number) == id_ else None


class Ids:
    """Turns a number of the journal into an id and back.

    An id looks like a UUID (version 8). Its first 48 bits are the number, scrambled; the others tell seed and
    kind. So an id leads to its row without an index, and the id of another sandbox to nothing.
    """

    def __init__(self, seed: str) -> None:
        self._operations = _Scrambler(seed, "operation")
        self._batches = _Scrambler(seed, "batch")
        self._installations = _Scrambler(seed, "installation")

    def operation(self, number: int) -> str:
        return self._operations.id_of(number)

    def operation_number(self, id_: str) -> int | None:
        """The number of an operation's id, or None when it is none of this seed."""
        return self._operations.number_of(id_)

    def batch_number(self, id_: str) -> int | None:
        """The number of a batch's id, or None when it is none of this seed."""
        return self._batches.number_of(id_)

    def batch(self, number: int) -> str:
        return self._batches.id_of(number)

    def installation(self, number: int) -> str:
        return self._installations.id_of(number)
