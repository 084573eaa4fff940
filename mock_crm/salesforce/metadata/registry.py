"""All types of components by name, and one call that changes several of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.metadata.component_type import ComponentLog, ComponentType
from mock_crm.salesforce.metadata.custom_fields import CustomFields
from mock_crm.salesforce.metadata.custom_objects import CustomObjects
from mock_crm.salesforce.metadata.object_parts import RecordTypes, ValidationRules
from mock_crm.salesforce.metadata.permission_sets import PermissionSets, Profiles

_TYPES: Final[dict[str, type[ComponentType]]] = {
    type_.name: type_
    for type_ in (CustomObjects, CustomFields, RecordTypes, ValidationRules, PermissionSets, Profiles)
}


def component_type(org: SalesforceContext, name: str) -> ComponentType | None:
    """The components of one type in an org; None for a type that the mock does not have."""
    type_ = _TYPES.get(name)
    return type_(org) if type_ else None


@dataclass(slots=True)
class ComponentChange:
    """One change to one component.

    Attributes:
        type: The component's type.
        full_name: What its result is reported under.
        apply: Carries it out; returns whether the component is new.
        error: Why it was refused.
        created: Whether it made a new component.
    """

    type_: str
    full_name: str
    apply: Callable[[], bool]
    error: SalesforceError | None = None
    created: bool = False


def carry_out(
    org: SalesforceContext, changes: Sequence[ComponentChange], *, all_or_none: bool, is_trial: bool = False
) -> None:
    """Carry out changes in order, each on its own; their outcome is noted in them.

    Args:
        org: The org that is changed.
        changes: What to do.
        all_or_none: Undo everything when one is refused.
        is_trial: Undo everything in any case, to find out what would happen.
    """
    with _undoable(org) as undo:
        for change in changes:
            _carry_out_one(org, change)
        if is_trial or (all_or_none and any(change.error for change in changes)):
            undo()


def mark_rolled_back(changes: Sequence[ComponentChange]) -> None:
    """Report the changes beside a refused one as rolled back, as calls with an AllOrNoneHeader do."""
    if any(change.error for change in changes):
        for change in changes:
            change.error = change.error or errors.rolled_back()
            change.created = False


def _carry_out_one(org: SalesforceContext, change: ComponentChange) -> None:
    try:
        with _undoable(org):
            change.created = change.apply()
            ComponentLog(org).touched(change.type_, change.full_name)
    except SalesforceError as error:
        change.error = error


class _UndoneError(Exception):
    """Unwinds a transaction that nobody failed."""


def _undo() -> None:
    raise _UndoneError


@contextmanager
def _undoable(org: SalesforceContext) -> Iterator[Callable[[], None]]:
    """A transaction that also brings schema and rules back when it is rolled back."""
    try:
        with org.store.transaction():
            yield _undo
    except _UndoneError:
        _reload(org)
    except SalesforceError:
        _reload(org)
        raise
    org.schema.forget_permissions()


def _reload(org: SalesforceContext) -> None:
    org.schema.reload()
    org.rules.reload()
