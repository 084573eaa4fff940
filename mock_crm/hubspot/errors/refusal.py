"""What a refusal of HubSpot is made of, and the shapes that several of them share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from mock_crm.core.errors import CrmError


class Problem(NamedTuple):
    """Why one property's value was not valid; `value` is None where there is no such property."""

    name: str
    code: str
    message: str
    value: str | None = None


class HubSpotError(CrmError):
    """A refusal in HubSpot's shape.

    Attributes:
        status: The HTTP status.
        message: The text.
        category: The machine-readable reason; HubSpot leaves it out of some refusals.
        sub_category: A finer reason.
        context: Values the message speaks of, each a list.
        errors: Details, in the shape of HubSpot's `errors`: structures, or the sentences of `reasons`.
        links: Help pages by name.
        word: What stands in the body's `status`.
        error_type: A second name of the reason, which only rate limit refusals have.
        policy: The name of the spent limit, in rate limit refusals.
        item_context: Values that are told only when the refusal is one of a batch's.
        more: Members that only some APIs have.
        problems: The values that were not valid, where that is the reason.
        is_nested: Whether the whole body stands as JSON text in the message of another one.
        is_page: Whether clients that do not ask for JSON get the page of HubSpot's web server instead.
        is_bare: Whether those that do ask for it get nothing at all, and so does whoever changes something.
    """

    def __init__(
        self,
        status: int,
        message: str,
        category: str = "",
        *,
        sub_category: str = "",
        context: dict[str, Any] | None = None,
        errors: list[dict[str, Any]] | None = None,
        reasons: list[str] | None = None,
        links: dict[str, str] | None = None,
        word: str = "error",
        error_type: str = "",
        policy: str = "",
        item_context: dict[str, Any] | None = None,
        is_page: bool = False,
        is_bare: bool = False,
        more: dict[str, Any] | None = None,
        problems: Sequence[Problem] = (),
        is_nested: bool = False,
    ) -> None:
        named = [
            name for detail in errors or () for name in detail.get("context", {}).get("propertyName", ())
        ]
        super().__init__(category or "ERROR", message, named or (context or {}).get("properties", ()))
        self.status = status
        self.category = category
        self.sub_category = sub_category
        self.context = context or {}
        self.errors: list[Any] = errors or reasons or []
        self.links = links or {}
        self.word = word
        self.error_type = error_type
        self.policy = policy
        self.item_context = item_context or {}
        self.is_page = is_page
        self.is_bare = is_bare
        self.more = more or {}
        self.problems = problems
        self.is_nested = is_nested

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The answer to a request that failed as a whole."""
        body: dict[str, Any] = {
            "status": self.word,
            "message": self.message,
        }
        if self.error_type:
            body["errorType"] = self.error_type
        body["correlationId"] = correlation_id
        optional = (
            ("policyName", self.policy),
            ("context", self.context),
            ("errors", self.errors),
            ("links", self.links),
            ("subCategory", self.sub_category),
            ("category", self.category),
        )
        body |= {key: value for key, value in optional if value} | self.more
        if self.is_nested:
            inner = json.dumps(body, separators=(",", ":"))
            return {"status": self.word, "message": inner, "correlationId": correlation_id}
        return body

    def item(self, trace_id: str | None = None) -> dict[str, Any]:
        """The entry in `errors` of a batch that succeeded for other records."""
        item = {"status": self.word, "category": self.category or "VALIDATION_ERROR"}
        if self.sub_category:
            item["subCategory"] = self.sub_category
        traced = {} if trace_id is None else {"objectWriteTraceId": [trace_id]}
        context = traced | self.context | self.item_context
        return item | {"message": self.message} | ({"context": context} if context else {})


def invalid(message: str, *, sub_category: str = "", context: dict[str, Any] | None = None) -> HubSpotError:
    """A request that HubSpot does not take (texts unverified, where a text is not a refusal of its own)."""
    return HubSpotError(400, message, "VALIDATION_ERROR", sub_category=sub_category, context=context)


def unknown(message: str, **names: str) -> HubSpotError:
    """Something that a request names and that does not exist (texts unverified)."""
    return HubSpotError(
        404, message, "OBJECT_NOT_FOUND", context={key: [name] for key, name in names.items()}
    )


def taken(message: str, sub_category: str, name: str) -> HubSpotError:
    """A name that is in use already."""
    return HubSpotError(
        409, message, "OBJECT_ALREADY_EXISTS", sub_category=sub_category, context={"name": [name]}
    )
