"""How a search compares texts word by word: functions that the store's conditions use."""

from __future__ import annotations

import re

from mock_crm.core.store import Store

_WORD = re.compile(r"\w+")


def add_to(store: Store) -> None:
    """Make `has_token(text, pattern)` and `has_words(text, query)` available to conditions."""
    store.add_function("has_token", 2, _has_token)
    store.add_function("has_words", 2, _has_words)


def _has_token(value: str | None, pattern: str) -> bool:
    """Whether a word of the text, or all of it, is like the pattern, in which `*` stands for anything."""
    if not value:
        return False
    like = re.compile(".*".join(re.escape(part) for part in pattern.lower().split("*")), re.DOTALL)
    lowered = value.lower()
    words = _WORD.findall(pattern.lower().replace("*", ""))
    if len(words) > 1 and "*" not in pattern:
        present = set(_WORD.findall(lowered))
        return present.issuperset(words)
    return like.fullmatch(lowered) is not None or any(
        like.fullmatch(part) for part in (*_WORD.findall(lowered), *lowered.split())
    )


def _has_words(value: str, query: str) -> bool:
    """Whether every word of the query begins a word of the text."""
    words = _WORD.findall(value.lower())
    return all(any(word.startswith(part) for word in words) for part in _WORD.findall(query.lower()))
