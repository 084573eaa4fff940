"""What is wrong with a text that is no JSON, in the words of Salesforce's parser (Jackson).

Sources: jetstream issue 538 and Salesforce Stack Exchange 137599; the others are Jackson's own words.
"""

from __future__ import annotations

import re

_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"\w+")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_WORDS = ("true", "false", "null")
_VALUE = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"
_NAME = "was expecting double-quote to start field name"


class _FaultError(Exception):
    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def complaint(text: str) -> str:
    """The parser's complaint with its place; of a text that is JSON, that something follows it."""
    try:
        _Scanner(text).scan()
        fault = _FaultError("Unexpected end-of-input", len(text))
    except _FaultError as error:
        fault = error
    line_start = text.rfind("\n", 0, fault.at) + 1
    line = text.count("\n", 0, fault.at) + 1
    # The parser has read the character by then, and counts from 1.
    return f"{fault} at [line:{line}, column:{fault.at - line_start + 2}]"


class _Scanner:
    """Goes over a text value by value; `_open` holds the brackets not closed yet, with their places."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[tuple[str, int]] = []

    def scan(self) -> None:
        """Go to the end, or to the first fault."""
        self._value()
        while self._open:
            self._after_value()
        self._skip()
        if self._at < len(self._text):
            raise self._unexpected(_VALUE)

    def _skip(self) -> str:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _unexpected(self, wanted: str) -> _FaultError:
        character = self._text[self._at : self._at + 1]
        if not character and self._open:
            bracket, at = self._open[-1]
            kind = "OBJECT" if bracket == "{" else "ARRAY"
            line = self._text.count("\n", 0, at) + 1
            column = at - self._text.rfind("\n", 0, at) - 1
            start = f"[line:{line}, column:{column}]"
            return _FaultError(
                f"Unexpected end-of-input: expected close marker for {kind} (from {start})", self._at
            )
        if not character:
            return _FaultError("Unexpected end-of-input", self._at)
        shown = f"('{character}' (code {ord(character)}))" if character >= " " else _control(character)
        return _FaultError(f"Unexpected character {shown}: {wanted}", self._at)

    def _value(self) -> None:
        """Go over a value, or into the first plain one within it: depth is not the parser's to limit."""
        while (character := self._skip()) in ("{", "["):
            self._open.append((character, self._at))
            self._at += 1
            if self._skip() == ("}" if character == "{" else "]"):
                self._close()
                return
            if character == "{":
                self._name()
        if character == '"':
            self._string("string value")
        elif number := _NUMBER.match(self._text, self._at):
            self._at = number.end()
        else:
            self._word()

    def _word(self) -> None:
        word = _WORD.match(self._text, self._at)
        if word is None or word.group()[0] not in "tfn":
            raise self._unexpected(_VALUE)
        if word.group() not in _WORDS:
            message = f"Unrecognized token '{word.group()}': was expecting 'null', 'true', 'false' or NaN"
            raise _FaultError(message, word.end() - 1)
        self._at = word.end()

    def _name(self) -> None:
        if self._skip() != '"':
            raise self._unexpected(_NAME)
        self._string("name")
        if self._skip() != ":":
            raise self._unexpected("was expecting a colon to separate field name and value")
        self._at += 1

    def _close(self) -> None:
        self._open.pop()
        self._at += 1

    def _after_value(self) -> None:
        bracket = self._open[-1][0]
        character = self._skip()
        if character == ("}" if bracket == "{" else "]"):
            self._close()
        elif character == ",":
            self._at += 1
            if bracket == "{":
                self._name()
            self._value()
        else:
            kind = "OBJECT" if bracket == "{" else "ARRAY"
            raise self._unexpected(f"was expecting comma to separate {kind} entries")

    def _string(self, what: str) -> None:
        self._at += 1
        while True:
            plain = _PLAIN.match(self._text, self._at)
            self._at = plain.end() if plain else self._at
            character = self._text[self._at : self._at + 1]
            if character == '"':
                self._at += 1
                return
            if character != "\\":
                raise self._in_string(character, what)
            escaped = self._text[self._at + 1 : self._at + 2]
            if escaped and escaped not in '"\\/bfnrtu':
                message = f"Unrecognized character escape '{escaped}' (code {ord(escaped)})"
                raise _FaultError(message, self._at + 1)
            self._at += 2

    def _in_string(self, character: str, what: str) -> _FaultError:
        if not character:
            closing = "closing quote for a string value" if what != "name" else "closing '\"' for name"
            return _FaultError(f"Unexpected end-of-input: was expecting {closing}", self._at)
        return _FaultError(
            f"Illegal unquoted character {_control(character)}: has to be escaped using backslash to be "
            f"included in {what}",
            self._at,
        )


def _control(character: str) -> str:
    return f"((CTRL-CHAR, code {ord(character)}))"
