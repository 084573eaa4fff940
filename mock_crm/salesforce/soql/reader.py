"""Walking over the tokens of a query: look ahead, take, expect, complain."""

from __future__ import annotations

from collections.abc import Iterable

from mock_crm.salesforce.soql.dates import is_date_word
from mock_crm.salesforce.soql.errors import SoqlError, bind_variable, malformed, syntax, unexpected_token
from mock_crm.salesforce.soql.nodes import Call, Expression, FieldPath, Literal, LiteralKind, Operand
from mock_crm.salesforce.soql.tokens import Token

DEPTH_LIMIT = 100
"""How deep parentheses, functions and subqueries may nest."""

_RESERVED = frozenset({
    "AND", "ASC", "DESC", "ELSE", "END", "EXCLUDES", "FOR", "FROM", "GROUP", "HAVING", "IN", "INCLUDES",
    "LIKE", "LIMIT", "NOT", "NULL", "NULLS", "OFFSET", "OR", "ORDER", "SELECT", "THEN", "TYPEOF", "USING",
    "WHEN", "WHERE", "WITH",
})  # fmt: skip
"""Words that cannot stand where a field or an alias does, unless a dot follows."""

_CLOSERS = {")": "a right parentheses", "(": "a left parentheses", ":": "a colon", "=": "an equals sign"}

_LITERAL_KINDS = {
    "string": LiteralKind.STRING,
    "number": LiteralKind.NUMBER,
    "date": LiteralKind.DATE,
    "datetime": LiteralKind.DATETIME,
    "time": LiteralKind.TIME,
}
_WORD_LITERALS = {"NULL": LiteralKind.NULL, "TRUE": LiteralKind.BOOLEAN, "FALSE": LiteralKind.BOOLEAN}


class Reader:
    """The tokens of one query and the place reached in them."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._tokens = list(tokens)
        self._next = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        """The token not taken yet."""
        return self._tokens[self._next]

    def after(self, count: int = 1) -> Token:
        """The token `count` places further on; the last one when there are not so many."""
        return self._tokens[min(self._next + count, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The token, stepping over it; the end is never stepped over."""
        token = self.token
        if token.kind != "end":
            self._next += 1
        return token

    def sees(self, *words: str) -> bool:
        """Whether these keywords or symbols come next, in this order."""
        return all(self.after(place).keyword == word for place, word in enumerate(words))

    def takes(self, *words: str) -> bool:
        """Step over these keywords or symbols if they come next."""
        if not self.sees(*words):
            return False
        self._next += len(words)
        return True

    def expect(self, *words: str) -> Token:
        """Step over these keywords or symbols, which must come next.

        Raises:
            SoqlError: Something else does.
        """
        for word in words:
            if self.token.keyword != word:
                raise self.expected(word)
            self.take()
        return self._tokens[self._next - 1]

    def expected(self, word: str) -> SoqlError:
        """The complaint that `word` should stand here."""
        if word in _CLOSERS:
            return syntax(f"expecting {_CLOSERS[word]}, found '{self.token.text}'", self.token.at)
        return self.unexpected()

    def unexpected(self) -> SoqlError:
        """The complaint about the token that stands here."""
        return unexpected_token(self.token.text, self.token.at)

    def surplus(self) -> SoqlError:
        """The complaint about a token outside of any statement, which Salesforce does not point at."""
        return unexpected_token(self.token.text, None)

    def deeper(self) -> None:
        """Enter a parenthesis.

        Raises:
            SoqlError: They nest too deep.
        """
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise malformed("The query is too complicated.", self.token.at)

    def shallower(self) -> None:
        """Leave a parenthesis."""
        self._depth -= 1

    # -- what expressions are made of ------------------------------------------------------------------------

    def is_name(self) -> bool:
        """Whether a field, an object or an alias may begin here."""
        token = self.token
        return token.kind == "name" and (token.keyword not in _RESERVED or self.after().keyword == ".")

    def name(self) -> Token:
        """A name that is no keyword.

        Raises:
            SoqlError: Something else stands here.
        """
        if not self.is_name():
            raise self.unexpected()
        return self.take()

    def path(self) -> FieldPath:
        """Names joined by dots.

        Raises:
            SoqlError: No name stands here or after a dot.
        """
        first = self.name()
        parts = [first.text]
        while self.takes("."):
            if self.token.kind != "name":
                raise self.unexpected()
            parts.append(self.take().text)
        return FieldPath(tuple(parts), first.at)

    def expression(self) -> Expression:
        """A field path or a function call.

        Raises:
            SoqlError: Neither stands here.
        """
        if self.is_name() and self.after().keyword == "(":
            return self._call()
        return self.path()

    def _call(self) -> Call:
        name = self.name()
        self.expect("(")
        self.deeper()
        arguments: list[Operand] = []
        if not self.sees(")"):
            arguments.append(self._operand())
            while self.takes(","):
                arguments.append(self._operand())
        self.expect(")")
        self.shallower()
        return Call(name.text, tuple(arguments), name.at)

    def _operand(self) -> Operand:
        token = self.token
        if token.kind in _LITERAL_KINDS:
            return self.literal()
        return self.expression()

    def literal(self) -> Literal:
        """A constant.

        Raises:
            SoqlError: Something else stands here.
        """
        token = self.token
        kind = _LITERAL_KINDS.get(token.kind) or _WORD_LITERALS.get(token.keyword)
        if kind is not None:
            self.take()
            return Literal(kind, token.text, token.at)
        if token.keyword == ":":
            raise bind_variable(token.at)
        if self.is_name():
            return self._named_literal()
        raise self.unexpected()

    def _named_literal(self) -> Literal:
        token = self.take()
        if token.text[:3].isalpha() and token.text[3:].isdigit():
            fraction = self.take().text if self.token.kind == "number" and self.token.text[0] == "." else ""
            return Literal(LiteralKind.CURRENCY, token.text + fraction, token.at)
        if not is_date_word(token.text):
            raise bind_variable(token.at)  # jsforce issue 851
        count = f":{self._whole_number()}" if self.takes(":") else ""
        return Literal(LiteralKind.DATE_RANGE, token.text + count, token.at)

    def _whole_number(self) -> str:
        if not (self.token.kind == "number" and self.token.text.isdigit()):
            raise self.unexpected()
        return self.take().text

    def count(self) -> int:
        """A whole number, as LIMIT and OFFSET take.

        Raises:
            SoqlError: Something else stands here.
        """
        if self.takes(":"):
            raise bind_variable(self.token.at)
        digits = self._whole_number()
        if len(digits) > 18:
            raise malformed(f'For input string: "{digits}"', self.token.at)
        return int(digits)
