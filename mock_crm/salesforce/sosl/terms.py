"""What stands between the braces of FIND: words, phrases, wildcards, AND, OR, AND NOT, parentheses.

Words that follow each other must all occur. `*` stands for any characters of a word, `?` for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from mock_crm.salesforce.errors import SalesforceError

Matcher: TypeAlias = Callable[[str], bool]
"""Whether a text, in any case, contains what is searched for."""

SHORTEST = 2
_DEPTH_LIMIT = 50
_TOKEN = re.compile(
    r"\s*(?:(?P<phrase>\"(?:[^\"\\]|\\.)*\")|(?P<paren>[()])|(?P<word>(?:\\.|[^\s()\"])+))", re.S
)
_WORD = r"[^\W_]"


def compile_term(text: str) -> Matcher:
    """The test that a search term stands for.

    Raises:
        SalesforceError: MALFORMED_SEARCH.
    """
    if len(_unescape(text).strip("*? ")) < SHORTEST:
        raise malformed_search(f"search term must be longer than one character: {text}")
    return _Terms(text).whole()


def malformed_search(message: str) -> SalesforceError:
    """A search that Salesforce cannot read."""
    return SalesforceError("MALFORMED_SEARCH", message)


class _Terms:
    def __init__(self, text: str) -> None:
        self._tokens = [
            (str(match.lastgroup), match.group(match.lastgroup or 0)) for match in _TOKEN.finditer(text)
        ]
        self._next = 0
        self._depth = 0

    def whole(self) -> Matcher:
        matcher = self._either()
        if self._next < len(self._tokens):
            raise malformed_search(f"unexpected token: '{self._tokens[self._next][1]}'")
        return matcher

    def _sees(self, *words: str) -> bool:
        ahead = self._tokens[self._next : self._next + len(words)]
        return [text.upper() for kind, text in ahead if kind == "word"] == list(words)

    def _takes(self, *words: str) -> bool:
        found = self._sees(*words)
        self._next += len(words) if found else 0
        return found

    def _either(self) -> Matcher:
        matchers = [self._all()]
        while self._takes("OR"):
            matchers.append(self._all())
        return matchers[0] if len(matchers) == 1 else lambda text: any(matches(text) for matches in matchers)

    def _all(self) -> Matcher:
        matchers = [self._one()]
        while self._next < len(self._tokens) and self._tokens[self._next][1] != ")" and not self._sees("OR"):
            if self._takes("AND", "NOT"):
                matchers.append(_negated(self._one()))
            else:
                self._takes("AND")
                matchers.append(self._one())
        return lambda text: all(matches(text) for matches in matchers)

    def _one(self) -> Matcher:
        if self._next >= len(self._tokens):
            raise malformed_search("unexpected token: '<EOF>'")
        kind, text = self._tokens[self._next]
        self._next += 1
        if kind == "phrase":
            return _pattern(text[1:-1])
        if kind == "word":
            return _pattern(text)
        if text == ")" or self._depth > _DEPTH_LIMIT:
            raise malformed_search(f"unexpected token: '{text}'")
        self._depth += 1
        matcher = self._either()
        if self._next >= len(self._tokens) or self._tokens[self._next][1] != ")":
            raise malformed_search("expecting a right parentheses")
        self._next += 1
        self._depth -= 1
        return matcher


def _negated(matcher: Matcher) -> Matcher:
    return lambda text: not matcher(text)


def _pattern(text: str) -> Matcher:
    """A word or phrase, found only where words begin and end."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            parts.append(re.escape(text[at + 1]))
            at += 2
            continue
        if text[at] == "+":
            return lambda _: False  # restforce issue 203: refused nowhere, found nowhere
        parts.append({"*": r"\S*", "?": r"\S"}.get(text[at]) or re.escape(text[at]))
        at += 1
    return _searcher(re.compile(f"(?<!{_WORD}){''.join(parts)}(?!{_WORD})", re.IGNORECASE))


def _searcher(pattern: re.Pattern[str]) -> Matcher:
    return lambda text: pattern.search(text) is not None


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.S)
