"""The refusal that the data layers of both providers raise."""

from __future__ import annotations

from collections.abc import Iterable


class CrmError(Exception):
    """A refusal, as the Python side of an org raises it.

    Attributes:
        code: The CRM's error code or category.
        message: Its text.
        fields: API names of the fields it is about.
    """

    def __init__(self, code: str, message: str, fields: Iterable[str] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = tuple(fields)
