"""Record ids: 15 case-sensitive characters, and 3 more that make them safe where case is lost.

Layout: three characters of key prefix, two of the instance, then a counter in base 62. Each of the last
three characters holds the case of five before it (salesforce.md, section 6, verified on recorded ids).
"""

from __future__ import annotations

from mock_crm.ids import stable_int
from mock_crm.store import Store

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_IS_ID_CHARACTER = frozenset(_DIGITS)
_PAIRS = [a + b for a in _DIGITS for b in _DIGITS]


_CASES = str.maketrans({character: "1" if character.isupper() else "0" for character in _DIGITS})


def _case_bits(text: str) -> int:
    return int(text[::-1].translate(_CASES), 2)


_PAIR_BITS = [_case_bits(pair) for pair in _PAIRS]


def checksum(id15: str) -> str:
    """The three characters that make an 18-character id of a 15-character one."""
    bits = _case_bits(id15)
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
        self._heads: dict[str, tuple[str, str, str]] = {}

    def next(self, prefix: str) -> str:
        """The next id with a key prefix."""
        return self.take(prefix, 1)[0]

    def take(self, prefix: str, count: int) -> list[str]:
        """The next `count` ids with a key prefix, in order."""
        counter, head, check = self._heads.get(prefix) or self._head(prefix)
        first = self._store.next_number(counter, count) + self._start
        return [_numbered(head, check, number) for number in range(first, first + count)]

    def _head(self, prefix: str) -> tuple[str, str, str]:
        """What ids of a prefix have in common: their counter, nine characters, and the first check."""
        head = f"{prefix}{self.instance}0000"
        self._heads[prefix] = found = (f"id:{prefix}", head, _CHECK[_case_bits(head[:5])])
        return found


def _numbered(head: str, first_check: str, number: int) -> str:
    number, last = divmod(number, 62)
    number, low = divmod(number, 3844)
    top, high = divmod(number, 3844)
    # The six digits stand at places 9 to 14: one in the second group of five, five in the third.
    top_digit = _DIGITS[top % 62]
    second = 16 if 10 <= top % 62 < 36 else 0
    third = _PAIR_BITS[high] | _PAIR_BITS[low] << 2 | (16 if 10 <= last < 36 else 0)
    return (
        f"{head}{top_digit}{_PAIRS[high]}{_PAIRS[low]}{_DIGITS[last]}"
        f"{first_check}{_CHECK[second]}{_CHECK[third]}"
    )
