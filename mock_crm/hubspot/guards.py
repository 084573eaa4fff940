"""What endpoints ask before their work: the object type, the scopes, and whether a fault rule strikes."""

from __future__ import annotations

from collections.abc import Sequence

from mock_crm.core.http import Request
from mock_crm.hubspot import errors, fault_errors
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.scopes import record_scopes
from mock_crm.hubspot.tokens import Caller


def need_type(request: Request, org: HubSpotContext, access: str, name: str = "") -> TypeSchema:
    """The object type of this name, or of the path, when the caller may `read` or `write` its records.

    Raises:
        HubSpotError: There is no such type, it cannot be written, or the scope is missing.
    """
    schema = org.schema.need(name or request.params["objectType"])
    need_scope(request, record_scopes(schema.type, access))
    if access == "write" and schema.type.read_only:
        raise errors.read_only_type(schema.type.plural)
    return schema


def need_scope(request: Request, scopes: Sequence[str], *, in_context: bool = False) -> None:
    """Refuse a caller who has none of `scopes`.

    Raises:
        HubSpotError: The scopes are missing.
    """
    caller: Caller = request.user
    if not caller.may(scopes):
        raise errors.missing_scopes(scopes, in_context=in_context)


def struck(request: Request, org: HubSpotContext, position: int) -> HubSpotError | None:
    """What a fault rule does to the record at `position` of a request, counted from 1."""
    rule = request.strike.for_record(position) if request.strike is not None else None
    return None if rule is None else fault_errors.of_rule(rule, org.now_ms())


def strike(request: Request, org: HubSpotContext) -> None:
    """Refuse a request for one record when a fault rule says so.

    Raises:
        HubSpotError: It does.
    """
    error = struck(request, org, 1)
    if error is not None:
        raise error
