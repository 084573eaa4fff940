"""Looking into JSON of unknown shape, as answers that say what went wrong have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def decode_json(content: bytes | str, kind: type[T]) -> T:
    """JSON as `kind`, a msgspec type.

    Raises:
        msgspec.DecodeError: It is something else, no text, or nested deeper than any real answer.
    """
    try:
        # As a type, `object` would be looked at anew each time, for longer than the answer to a write.
        return msgspec.json.decode(content) if kind is object else msgspec.json.decode(content, type=kind)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(f"It cannot be read ({type(error).__name__}).") from None


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, otherwise an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list; none if it is something else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def texts(value: Any) -> tuple[str, ...]:
    """The items of a list as text; none if it is something else."""
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
