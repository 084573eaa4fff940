"""Why a request body is not the JSON that it should be, in words that help to mend it."""

from __future__ import annotations

import json
import re
from typing import Final, NoReturn

import msgspec

from ampsandbox.server.problems import Issue, Problem

_QUOTES: Final = "Names and strings need double quotes; the content type is application/json."
_GZIP: Final = b"\x1f\x8b"
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_HALF_CHARACTER: Final = re.compile(r"\\u[dD][89a-fA-F]")


UNREADABLE: Final = (msgspec.DecodeError, ValueError, RecursionError)
"""What reading JSON raises: bytes that are no UTF-8 and numbers of thousands of digits are `ValueError`s."""


class _NotANumberError(ValueError):
    """NaN or an infinity, which JavaScript and Python write, and JSON has not."""


def not_json(body: bytes, error: Exception) -> Problem:
    """The answer to a body that could not be read.

    Args:
        body: As it came.
        error: What the parser said, for the case that it knows better.
    """
    if body.startswith(_GZIP):
        return Problem(415, "The request body is compressed.", "Send it as it is, without Content-Encoding.")
    if isinstance(error, RecursionError):
        return _refusal("it is nested too deep", "Give fields plain values.")
    if body.startswith(_UTF16_MARKS) or b"\0" in body[:4]:
        return _refusal("it is not UTF-8", "Encode it as UTF-8, the encoding of JSON.")
    if body.startswith(_UTF8_MARK):
        return _refusal("it starts with a byte order mark", "Leave the mark out.")
    if not body.strip():
        return _refusal("it is empty", "Send a JSON object; /openapi.json describes it.")
    return _misread(body, str(error))


def _misread(body: bytes, reason: str) -> Problem:
    """What Python's parser, which takes more and says more, thinks of the body."""
    try:
        text = body.decode()  # which takes less than `json.loads` does of bytes
        json.loads(text, parse_constant=_refuse_constant)
    except _NotANumberError as error:
        return _refusal(f"{error} is not JSON", "Send null, or leave the field out.")
    except UnicodeDecodeError as error:
        return _refusal(f"it is not UTF-8 at byte {error.start}", "Encode it as UTF-8, the encoding of JSON.")
    except json.JSONDecodeError as error:
        return _refusal(f"{error.msg} at line {error.lineno}, column {error.colno}", _QUOTES)
    except RecursionError:
        return _refusal("it is nested too deep", "Give fields plain values.")
    except ValueError:
        return _refusal("a number in it has thousands of digits", "Send such a value as a string.")
    if "range" not in reason and _HALF_CHARACTER.search(text):
        return _refusal("a string holds half of a character", "Do not cut strings inside a character.")
    return _refusal(reason, "")


def _refuse_constant(name: str) -> NoReturn:
    raise _NotANumberError(name)


def _refusal(reason: str, remedy: str) -> Problem:
    return Problem(400, "The request body is not JSON.", remedy, (Issue("body", "", reason),))
