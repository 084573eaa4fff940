"""Formulas of validation rules and calculated fields: the part of the language that rules commonly use.

Operators: `+ - * / ^ & = == <> != < <= > >= && ||`, brackets, text, numbers, `TRUE`, `FALSE`, `NULL`, field
names of the record itself. Text is empty rather than null in comparisons, as in Salesforce. Fields of related
records and `$` variables are not simulated, and say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mock_crm.salesforce.formula_functions import (
    FUNCTIONS,
    FormulaError,
    FormulaScope,
    add,
    compare,
    subtract,
    truth,
)

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<name>[$A-Za-z_][\w$.]*)|(?P<sign><>|!=|==|<=|>=|&&|\|\||[-+*/^&=<>(),!]))"
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BINDING = {
    "||": 1, "&&": 2, "=": 3, "==": 3, "<>": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "&": 5, "+": 5, "-": 5, "*": 6, "/": 6, "^": 7,
}  # fmt: skip
_MAX_LENGTH = 5000
_MAX_DEPTH = 100


_Node = Callable[[FormulaScope], Any]


class Formula:
    """A formula that was read.

    Args:
        node: What evaluates it.
    """

    def __init__(self, node: _Node) -> None:
        self._node = node

    def evaluate(self, values: Mapping[str, Any], old: Mapping[str, Any] | None, now: datetime) -> Any:
        """The formula's value for a record; `old` is the record before its change, None for a new one.

        Raises:
            FormulaError: It cannot be worked out for these values.
        """
        lowered = {name.lower(): value for name, value in values.items()}
        before = None if old is None else {name.lower(): value for name, value in old.items()}
        return self._node(FormulaScope(lowered, before, now))


def compile_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        FormulaError: It cannot be read, or uses what the mock does not simulate.
    """
    if len(text) > _MAX_LENGTH:
        raise FormulaError(f"Formula is longer than {_MAX_LENGTH} characters")
    return Formula(_Parser(text).parse())


class _Parser:
    """Reads by binding strength, one token ahead."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def parse(self) -> _Node:
        node = self._expression(0)
        if self._kind:
            raise FormulaError(f"Syntax error. Extra {self._value}")
        return node

    @property
    def _kind(self) -> str:
        return self._tokens[self._at][0]

    @property
    def _value(self) -> str:
        return self._tokens[self._at][1]

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at += bool(token[0])
        return token

    def _take(self, sign: str) -> None:
        kind, value = self._next()
        if kind != "sign" or value != sign:
            raise FormulaError(f"Syntax error. Missing '{sign}'")

    def _expression(self, binding: int) -> _Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise FormulaError("Formula is too deeply nested")
        left = self._operand()
        while self._kind == "sign" and _BINDING.get(self._value, 0) > binding:
            sign = self._next()[1]
            left = _binary(sign, left, self._expression(_BINDING[sign]))
        self._depth -= 1
        return left

    def _operand(self) -> _Node:
        kind, value = self._next()
        if kind == "number":
            number = float(value)
            return lambda scope: number
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", value[1:-1])
            return lambda scope: text
        if kind == "name":
            return self._name(value)
        if value == "(":
            inner = self._expression(0)
            self._take(")")
            return inner
        if value == "-":
            operand = self._expression(_BINDING["*"])
            return lambda scope: subtract(0.0, operand(scope))
        if value == "!":
            operand = self._expression(_BINDING["*"])
            return lambda scope: not truth(operand(scope))
        raise FormulaError(
            f"Syntax error. Found '{value}'" if value else "Syntax error. Formula ends too early"
        )

    def _name(self, name: str) -> _Node:
        upper = name.upper()
        if self._kind == "sign" and self._value == "(":
            return self._call(upper)
        if upper in ("TRUE", "FALSE"):
            return lambda scope: upper == "TRUE"
        if upper == "NULL":
            return lambda scope: None
        if "." in name or name.startswith("$"):
            raise FormulaError(f"ampsandbox does not simulate {name} in formulas")
        key = name.lower()

        def value(scope: FormulaScope) -> Any:
            if key not in scope.values:
                raise FormulaError(f"Field {name} does not exist. Check spelling.")
            return scope.values[key]

        value.__name__ = key
        return value

    def _call(self, name: str) -> _Node:
        self._take("(")
        arguments: list[_Node] = []
        while self._value != ")":
            if arguments:
                self._take(",")
            arguments.append(self._expression(0))
        self._take(")")
        function = FUNCTIONS.get(name)
        if function is None:
            raise FormulaError(f"Unknown function {name}. Check spelling.")
        least, most = function.arity
        if not least <= len(arguments) <= most:
            raise FormulaError(f"Incorrect number of parameters for function '{name}()'")
        return lambda scope: function.call(scope, arguments)


def _tokens(text: str) -> list[tuple[str, str]]:
    text = _COMMENT.sub(" ", text).strip()
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError(f"Syntax error. Found '{text[at]}'")
        found.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
        at = match.end()
    return [*found, ("", "")]


def _binary(sign: str, left: _Node, right: _Node) -> _Node:
    if sign == "&&":
        return lambda scope: truth(left(scope)) and truth(right(scope))
    if sign == "||":
        return lambda scope: truth(left(scope)) or truth(right(scope))
    if sign == "+":
        return lambda scope: add(left(scope), right(scope))
    if sign == "-":
        return lambda scope: subtract(left(scope), right(scope))
    if sign == "&":
        return lambda scope: f"{left(scope) or ''}{right(scope) or ''}"
    if sign in ("*", "/", "^"):
        return lambda scope: _arithmetic(sign, left(scope), right(scope))
    return lambda scope: compare(sign, left(scope), right(scope))


def _arithmetic(sign: str, left: Any, right: Any) -> float | None:
    if left is None or right is None:
        return None
    try:
        if sign == "*":
            return float(left * right)
        return float(left / right if sign == "/" else left**right)
    except (TypeError, ZeroDivisionError, OverflowError, ValueError) as error:
        raise FormulaError(f"Incorrect operands of '{sign}': {error}") from error
