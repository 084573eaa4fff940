"""Record ids: 15 case-sensitive characters, and 3 more that make them safe where case is lost.

Layout: three characters of key prefix, two of the instance, then a counter in base 62. Each of the last
three characters holds the case of five before it (evidence/salesforce.md#ids-and-dates).
"""

from __future__ import annotations

from mock_crm.core.ids import stable_int
from mock_crm.core.store import Store

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_IS_ID_CHARACTER = frozenset(_DIGITS)
_CASES = str.maketrans({character: "1" if character.isupper() else "0" for character in _DIGITS})


def checksum(id15: str) -> str:
    """The three characters that make an 18-character id of a 15-character one."""
    # A bit says whether a character is a capital, lowest for the first; five bits make one character.
    bits = int(id15[::-1].translate(_CASES), 2)
    return _CHECK[bits & 31] + _CHECK[bits >> 5 & 31] + _CHECK[bits >> 10]


def to_18(text: str) -> str | None:
    """The 18-character form of an id of 15 or 18 characters; None for what is not an id.

    Of an 18-character id in a wrong case, the right case is restored, as the checksum is there for.
    """
    if len(text) not in (15, 18) or not _IS_ID_CHARACTER.issuperset(text):
        return None
    head = text[:15]
    if len(text) == 15:
        return head + checksum(head)
    if checksum(head) == text[15:]:
        return text
    return _recased(head, text[15:].upper())


def _recased(head: str, check: str) -> str | None:
    restored = []
    for group, character in enumerate(check):
        bits = _CHECK.find(character)
        for at, letter in enumerate(head[group * 5 : group * 5 + 5]):
            is_upper = bits >> at & 1
            if is_upper and not letter.isalpha():
                return None
            restored.append(letter.upper() if is_upper else letter.lower())
    fixed = "".join(restored)
    # Only ids that lost their case as a whole are mended; anything else is a typing error.
    return fixed + check if head in (head.lower(), head.upper()) else None


class IdFactory:
    """Gives out ids, drawn from an org's seed.

    Args:
        store: Keeps the counters.
        seed: What the instance characters and the counters' starts are drawn from.
        name: The org's name, which they are drawn from as well.
    """

    def __init__(self, store: Store, seed: int | str, name: str) -> None:
        self._store = store
        draw = stable_int(seed, name, "instance")
        self.instance = _DIGITS[draw % 10] + _DIGITS[10 + draw // 10 % 52]
        self._start = stable_int(seed, name, "first id") % 62**4 * 62
        self._counters: dict[str, str] = {}
        self._blocks: dict[str, tuple[int, list[str]]] = {}

    def next(self, prefix: str) -> str:
        """The next id with a key prefix."""
        counter = self._counters.get(prefix) or self._counters.setdefault(prefix, f"id:{prefix}")
        number, last = divmod(self._store.next_number(counter) + self._start, 62)
        block = self._blocks.get(prefix)
        if block is None or block[0] != number:
            block = self._blocks[prefix] = (number, _block(f"{prefix}{self.instance}0000", number))
        return block[1][last]


def _block(head: str, number: int) -> list[str]:
    """The 62 ids that differ in their last digit alone; `number` stands in the five digits before it."""
    digits = ""
    for _ in range(5):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    start = head + digits
    # The case of the last digit is one bit of the checksum, and the digits before it are the same for all.
    is_upper, is_not = checksum(start + "A"), checksum(start + "0")
    return [start + last + (is_upper if last.isupper() else is_not) for last in _DIGITS]
