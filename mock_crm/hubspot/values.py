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
from mock_crm.hubspot.timestamps import (
    day_text,
    is_midnight,
    iso_short,
    parse_timestamp,
    time_of_day,
    within_a_thousand_years,
)

Scalar = str | int | float | bool
Reader = Callable[[Scalar], str]

_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+\.[^\s@<>()\[\]\\,;:\".]{2,}")
# Not with an exponent, which JavaScript writes for amounts near to nothing: HubSpot refuses those
# (Atlas-Authority/marketing-automation#206).
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_SET_BY_FORMULA = frozenset({"hs_object_id"})
MOST_CHARACTERS = 65_536
# What no value but a text may begin or end with: white space, and characters that nobody sees.
_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]")


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
    if is_text(prop):
        return _text(name)
    if prop.calculated or name in _SET_BY_FORMULA:
        return _refuse(errors.calculated_value(name))
    if prop.read_only:
        return _refuse(errors.read_only_value(name))
    if prop.type == "number":
        return lambda value: _number(name, value)
    if prop.type == "datetime":
        return lambda value: iso_short(_epoch_ms(name, value))
    if prop.type == "date":
        return lambda value: _day(name, value)
    if prop.type == "bool":
        return _choice(name, [o.value for o in prop.options] or list(BOOLEAN_VALUES), is_multiple=False)
    return _choice(name, [o.value for o in prop.options], is_multiple=prop.field_type == "checkbox")


def is_text(prop: Property) -> bool:
    """Whether a property that clients may set takes any text."""
    if prop.calculated or prop.read_only or prop.name in _SET_BY_FORMULA:
        return False
    if prop.type == "enumeration":
        # Options that the catalogue does not know cannot be checked: `hs_keywords` alone has more than 1,500.
        return prop.external_options or (prop.hubspot_defined and not prop.options)
    return prop.type not in ("number", "datetime", "date", "bool")


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
        given = value if isinstance(value, str) else text(value)
        address = given.strip()
        if len(address) > 254 or _EMAIL.fullmatch(address) is None:
            raise InvalidValueError(errors.invalid_email(name, given))
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


def _text(name: str) -> Reader:
    def read(value: Scalar) -> str:
        written = value if isinstance(value, str) else text(value)
        if len(written) > MOST_CHARACTERS:
            raise InvalidValueError(errors.too_long(name, MOST_CHARACTERS))
        return written

    return read


def _trimmed(name: str, value: Scalar) -> str:
    written = text(value)
    if _has_blank_edge(written):
        raise InvalidValueError(errors.blank_edge(name, written))
    return written


def _has_blank_edge(written: str) -> bool:
    return bool(_BLANK.match(written) or _BLANK.match(written[-1:]))


def _number(name: str, value: Scalar) -> str:
    written = _trimmed(name, value)
    if _NUMBER.fullmatch(written) is None or not math.isfinite(float(written)):
        raise InvalidValueError(errors.invalid_number(name, written))
    return written


def _epoch_ms(name: str, value: Scalar) -> int:
    written = _trimmed(name, value)
    moment = parse_timestamp(written)
    if moment is None and not written.lstrip("-").isdecimal():
        raise InvalidValueError(errors.invalid_long(name, written))
    if moment is None or not within_a_thousand_years(moment):
        raise InvalidValueError(errors.too_far_away(name, written))
    return moment


def _day(name: str, value: Scalar) -> str:
    moment = _epoch_ms(name, value)
    if not is_midnight(moment):
        raise InvalidValueError(errors.not_midnight(name, text(value), time_of_day(moment)))
    return day_text(moment)


def _choice(name: str, options: list[str], *, is_multiple: bool) -> Reader:
    known = frozenset(options)

    def read(value: Scalar) -> str:
        written = text(value)
        if written in known:
            return written
        chosen = [part for part in written.split(";") if part] if is_multiple else []
        if any(_has_blank_edge(part) for part in chosen or (written,)):
            raise InvalidValueError(errors.blank_edge(name, written))
        if chosen and known.issuperset(chosen):
            # A leading semicolon asks to add to what is there; whoever merges the record sees to it.
            return (";" if written.startswith(";") else "") + ";".join(chosen)
        wrong = next((part for part in chosen if part not in known), written)
        raise InvalidValueError(errors.invalid_option(name, wrong, options))

    return read
