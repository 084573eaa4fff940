"""What a property takes as a value, and the text it is kept as.

Every value is kept as text. `reader_for` makes one function per property, so that checking a record costs one
call per value. Nothing here knows about records: uniqueness and pipelines are checked where records are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from mock_crm.hubspot import errors
from mock_crm.hubspot.errors import Problem
from mock_crm.hubspot.model import BOOLEAN_VALUES, Property
from mock_crm.hubspot.timestamps import day_text, is_midnight, iso_short, parse_timestamp, time_of_day

Scalar = str | int | float | bool
Reader = Callable[[Scalar], str]

_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+\.[^\s@<>()\[\]\\,;:\".]{2,}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SET_BY_FORMULA = frozenset({"hs_object_id"})


class InvalidValueError(Exception):
    """A value that a property does not take."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def reader_for(prop: Property) -> Reader:
    """The function that turns what a client sends for this property into the text that is kept.

    The function takes neither None nor the empty string, both of which clear a value.

    Raises (the function, not this one):
        InvalidValueError: The property does not take the value.
    """
    name = prop.name
    if prop.calculated or name in _SET_BY_FORMULA:
        return _refuse(errors.calculated_value(name))
    if prop.read_only:
        return _refuse(errors.read_only_value(name))
    if prop.type == "number":
        return lambda value: _number(name, value)
    if prop.type == "datetime":
        return lambda value: _moment(name, value)
    if prop.type == "date":
        return lambda value: _day(name, value)
    if prop.type == "bool":
        return _choice(name, [o.value for o in prop.options] or list(BOOLEAN_VALUES), is_multiple=False)
    # Options that the catalogue does not know cannot be checked: `hs_keywords` alone has more than 1,500.
    is_known = bool(prop.options) or not prop.hubspot_defined
    if prop.type == "enumeration" and not prop.external_options and is_known:
        return _choice(name, [o.value for o in prop.options], is_multiple=prop.field_type == "checkbox")
    return text


def text(value: Scalar) -> str:
    """Any scalar as HubSpot keeps it in a text property."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def email(name: str) -> Reader:
    """The reader of a property that holds an email address, which is kept in lower case."""

    def read(value: Scalar) -> str:
        address = text(value).strip()
        if len(address) > 254 or _EMAIL.fullmatch(address) is None:
            raise InvalidValueError(errors.invalid_email(name, text(value)))
        return address.lower()

    return read


def domain(value: Scalar) -> str:
    """A company's domain without scheme, `www.` and path, in lower case."""
    host = text(value).strip().lower().partition("://")[2] or text(value).strip().lower()
    return host.partition("/")[0].partition("?")[0].removeprefix("www.")


def _refuse(problem: Problem) -> Reader:
    def read(value: Scalar) -> str:
        raise InvalidValueError(problem)

    return read


def _number(name: str, value: Scalar) -> str:
    written = text(value).strip()
    if _NUMBER.fullmatch(written) is None or not math.isfinite(float(written)):
        raise InvalidValueError(errors.invalid_number(name, text(value)))
    return written


def _moment(name: str, value: Scalar) -> str:
    moment = parse_timestamp(text(value))
    if moment is None:
        raise InvalidValueError(errors.invalid_long(name, text(value)))
    return iso_short(moment)


def _day(name: str, value: Scalar) -> str:
    moment = parse_timestamp(text(value))
    if moment is None:
        raise InvalidValueError(errors.invalid_long(name, text(value)))
    if not is_midnight(moment):
        raise InvalidValueError(errors.not_midnight(name, text(value), time_of_day(moment)))
    return day_text(moment)


def _choice(name: str, options: list[str], *, is_multiple: bool) -> Reader:
    known = frozenset(options)

    def read(value: Scalar) -> str:
        written = text(value)
        if written in known:
            return written
        chosen = [part.strip() for part in written.split(";") if part.strip()] if is_multiple else []
        if chosen and known.issuperset(chosen):
            # A leading semicolon asks to add to what is there; whoever merges the record sees to it.
            return (";" if written.startswith(";") else "") + ";".join(chosen)
        wrong = next((part for part in chosen if part not in known), written)
        raise InvalidValueError(errors.invalid_option(name, wrong, options))

    return read
