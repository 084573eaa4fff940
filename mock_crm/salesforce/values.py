"""From the value that a client sent to the value that is kept, per field type.

Kept values are plain JSON: text, `True`/`False`, whole numbers for `int`, floats for other numbers, dates as
`YYYY-MM-DD`, datetimes as `YYYY-MM-DDTHH:MM:SS.mmm+0000`, ids with 18 characters. An empty text is null.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mock_crm.core.errors import CrmError
from mock_crm.salesforce import errors
from mock_crm.salesforce.ids import to_18
from mock_crm.salesforce.model import Field

Converter = Callable[[Field, Any], Any]

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@[^@\s,;<>()\[\]\\\"]+\.[^@\s.,;<>()\[\]\\\"]+")
_ID_LIKE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
# A moment in UTC is taken for a date (recorded by openstax_salesforce_api), no other one.
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z)?")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})")
_TIME = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
_FIRST_YEAR, _LAST_YEAR = 1700, 4000
_BLANKS = " \t\n\r\f\v"
_EXACT_IN_DOUBLE = 2**53
_XSD_TYPES = {
    "boolean": "boolean", "currency": "double", "date": "date", "datetime": "dateTime", "double": "double",
    "int": "int", "percent": "double", "time": "time",
}  # fmt: skip
_TRUE = frozenset({"true", "1"})
_FALSE = frozenset({"false", "0"})


class WrongTypeError(CrmError):
    """A value of a kind that its field cannot hold at all; each API has a refusal of its own for that.

    Attributes:
        field: The field.
        value: The value as it came.
    """

    def __init__(self, field: Field, value: Any) -> None:
        message = f"{field.label}: value not of required type: {value}"
        super().__init__("INVALID_TYPE_ON_FIELD_IN_RECORD", message, (field.name,))
        self.field = field
        self.value = value

    @property
    def token(self) -> str:
        """What a JSON parser calls the value's kind."""
        value = self.value
        if isinstance(value, bool):
            return "VALUE_TRUE" if value else "VALUE_FALSE"
        if isinstance(value, int):
            return "VALUE_NUMBER_INT"
        if isinstance(value, float):
            return "VALUE_NUMBER_FLOAT"
        if isinstance(value, list):
            return "START_ARRAY"
        return "START_OBJECT" if isinstance(value, dict) else "VALUE_STRING"

    def as_json_error(self, where: str) -> errors.SalesforceError:
        """The refusal in a JSON parser's words; `where` is the value's place."""
        shown = self.value if isinstance(self.value, str) else json.dumps(self.value)
        if self.token == "START_OBJECT":  # SalesforceMobileSDK-ReactNative issue 194
            shown = "{"
        # Of a compound the name stands in the place of the type (Force.com-Toolkit-for-NET issue 138).
        kind = self.field.name if self.field.type in ("address", "location") else self.field.type
        return errors.wrong_json_type(kind, self.token, shown, where)

    def as_row_error(self, column: int | None = None) -> errors.SalesforceError:
        """The refusal of one row, where values arrive as text; `column` is its place in CSV, from 0."""
        xsd_type = _XSD_TYPES.get(self.field.type)
        if column is None or xsd_type is None:
            return errors.wrong_type_on_field(self.field.label, str(self.value), self.field.name)
        return errors.not_deserialized(column, str(self.value), xsd_type, self.field.name)


def convert(field: Field, value: Any) -> Any:
    """The value that is kept.

    Raises:
        SalesforceError: The value breaks a rule of the field.
        WrongTypeError: The value is of the wrong kind.
    """
    if value is None or value == "":
        return None
    return CONVERTERS[field.type](field, value)


def _text(field: Field, value: Any) -> str | None:
    """Text without white space around it, null where nothing is left; a number is taken in its digits."""
    if value.__class__ is not str:
        if value.__class__ not in (int, float):
            raise WrongTypeError(field, value)
        value = str(value)
    text: str = value.strip(_BLANKS)
    if len(text) > field.length > 0:
        raise errors.string_too_long(field.label, text, field.length, field.name)
    return text or None


def _blob(field: Field, value: Any) -> str:
    if value.__class__ is not str:
        raise WrongTypeError(field, value)
    text: str = "".join(value.split())
    try:
        b64decode(text, validate=True)
    except ValueError as error:
        raise WrongTypeError(field, value) from error
    return text


def _email(field: Field, value: Any) -> str | None:
    text = _text(field, value)
    if text is not None and not _EMAIL.fullmatch(text):
        raise errors.invalid_email(field.label, text, field.name)
    return text


def _picklist(field: Field, value: Any) -> str | None:
    text = _text(field, value)
    if text is None or not field.restricted:
        return text
    return _allowed(field, text)


def _multipicklist(field: Field, value: Any) -> str | None:
    text = _text(field, value)
    if text is None:
        return None
    chosen = [part.strip() for part in text.split(";") if part.strip()]
    if field.restricted:
        chosen = [_allowed(field, part) for part in chosen]
    return ";".join(dict.fromkeys(chosen))


def _allowed(field: Field, text: str) -> str:
    for allowed in field.values:
        if allowed.is_active and allowed.value.lower() == text.lower():
            return allowed.value
    # Lists that the catalogue leaves empty, as of time zones, are restricted to values that we do not know.
    if not field.values:
        return text
    raise errors.bad_picklist_value(field.label, text, field.name)


def _boolean(field: Field, value: Any) -> bool:
    if value.__class__ is bool:
        return value
    text = str(value).lower()
    if isinstance(value, (str, int)) and text in _TRUE | _FALSE:
        return text in _TRUE
    raise WrongTypeError(field, value)


def _int(field: Field, value: Any) -> int:
    number = _number(field, value)
    if number != int(number):
        raise WrongTypeError(field, value)
    if abs(number) >= 10 ** (field.digits or 9):
        raise errors.number_out_of_range(field.label, str(value), field.name)
    return int(number)


def _double(field: Field, value: Any) -> float:
    number = _number(field, value)
    if abs(number) >= _EXACT_IN_DOUBLE:
        # A whole number of up to 18 digits is kept as it came: a double would round it out of the range.
        exact = Decimal(str(value)) if isinstance(value, str) else Decimal(value)
        if exact == exact.to_integral_value():
            number = int(exact)
    if field.precision and abs(number) >= 10 ** (field.precision - field.scale):
        raise errors.number_out_of_range(field.label, str(value), field.name)
    return _rounded(number, field.scale) if field.precision else number


def _rounded(number: float, scale: int) -> float:
    """Halves go away from zero, as the decimals of Salesforce do and binary rounding does not."""
    if round(number, scale) == number:
        return number
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))


def _number(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise WrongTypeError(field, value)
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise WrongTypeError(field, value) from error
    if not math.isfinite(number) or (isinstance(value, str) and "_" in value):
        raise WrongTypeError(field, value)
    return number


def _date(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise WrongTypeError(field, value)
    try:
        day = date.fromisoformat(value[:10])
    except ValueError as error:
        raise WrongTypeError(field, value) from error
    _check_year(field, day)
    return day.isoformat()


def _datetime(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not _DATETIME.fullmatch(value):
        raise WrongTypeError(field, value)
    try:
        moment = datetime.fromisoformat(value)
        text = format_moment(moment)
    except (ValueError, OverflowError) as error:
        raise WrongTypeError(field, value) from error
    _check_year(field, moment)
    return text


def _check_year(field: Field, day: date) -> None:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        shown = f"{day:%a %b %d 00:00:00 GMT} {day.year}"
        raise errors.date_out_of_range(field.label, shown, field.name)


def format_moment(moment: datetime) -> str:
    """A moment in the form in which Salesforce gives datetimes."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def _time(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise WrongTypeError(field, value)
    try:
        parsed = time.fromisoformat(value)
    except ValueError as error:
        raise WrongTypeError(field, value) from error
    return f"{parsed:%H:%M:%S}.{parsed.microsecond // 1000:03d}Z"


def _reference(field: Field, value: Any) -> str:
    if value.__class__ is not str:
        raise WrongTypeError(field, value)
    return read_id(value, field.label, field.name)


def read_id(text: str, label: str, name: str) -> str:
    """The id of 18 characters that a row gives for a field of this label and API name.

    Raises:
        SalesforceError: MALFORMED_ID, which tells a damaged id from what does not look like one [A M].
    """
    found = to_18(text)
    if found is not None:
        return found
    if _ID_LIKE.fullmatch(text):
        raise errors.malformed_id(text)
    raise errors.id_of_incorrect_type(label, text, name)


def _any(field: Field, value: Any) -> Any:
    return value


CONVERTERS: dict[str, Converter] = {
    "address": _any,
    "anyType": _any,
    "base64": _blob,
    "boolean": _boolean,
    "combobox": _text,
    "currency": _double,
    "date": _date,
    "datetime": _datetime,
    "double": _double,
    "email": _email,
    "encryptedstring": _text,
    "id": _reference,
    "int": _int,
    "location": _any,
    "multipicklist": _multipicklist,
    "percent": _double,
    "phone": _text,
    "picklist": _picklist,
    "reference": _reference,
    "string": _text,
    "textarea": _text,
    "time": _time,
    "url": _text,
}
"""How each describe type is read; called only with values that are neither null nor empty."""
