"""Numbers that follow from an org's seed, so that two runs with one seed give the same ids and tokens."""

from __future__ import annotations

import hashlib
from functools import lru_cache


@lru_cache(1024)
def stable_int(seed: int | str, *purpose: str, bits: int = 64) -> int:
    """A number in [0, 2**bits) that depends only on the seed and the purpose; `bits` is at most 256."""
    text = "\x00".join((str(seed), *purpose))
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") >> (256 - bits)


def stable_text(seed: int | str, *purpose: str, length: int, alphabet: str) -> str:
    """Text of `length` characters of `alphabet` that depends only on the seed and the purpose."""
    drawn = []
    block = 0
    number = 0
    for _ in range(length):
        if number < len(alphabet):
            number = stable_int(seed, *purpose, str(block), bits=256)
            block += 1
        number, index = divmod(number, len(alphabet))
        drawn.append(alphabet[index])
    return "".join(drawn)
