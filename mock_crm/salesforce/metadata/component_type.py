"""What every type of component can do, and the log of when components were made and changed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from mock_crm.core.clock import epoch_ms, from_epoch_ms
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.metadata.components import Component

_LOG: Final = "metadata-log"


def no_such_component(type_: str, full_name: str) -> SalesforceError:
    """INVALID_CROSS_REFERENCE_KEY for a component that is not there [A, with a field]."""
    return SalesforceError("INVALID_CROSS_REFERENCE_KEY", f"no {type_} named {full_name} found")


def not_simulated(what: str) -> SalesforceError:
    """A refusal that Salesforce does not make, with a text that cannot be taken for Salesforce's."""
    return SalesforceError("FUNCTIONALITY_NOT_ENABLED", f"ampsandbox does not simulate {what}.")


@dataclass(frozen=True, slots=True)
class Listing:
    """One component in a list: its full name, id (empty for standard ones) and file in a package."""

    full_name: str
    id: str
    file_name: str


class ComponentType(ABC):
    """One metadata type of one org.

    Full names are taken in any case; answers use the canonical one. All methods that change something run
    inside a transaction of the caller and raise `SalesforceError` for what Salesforce refuses.
    """

    name: ClassVar[str]

    def __init__(self, org: SalesforceContext) -> None:
        self.org = org

    @abstractmethod
    def read(self, full_name: str) -> Component | None:
        """The component with its full name; None when there is none."""

    @abstractmethod
    def listing(self) -> Iterator[Listing]:
        """All components, in alphabetical order."""

    @abstractmethod
    def create(self, component: Component) -> None:
        """Add a component."""

    @abstractmethod
    def update(self, component: Component) -> None:
        """Replace the definition of a component."""

    @abstractmethod
    def delete(self, full_name: str) -> None:
        """Remove a component with what depends on it."""

    def rename(self, old: str, new: str) -> None:
        """Give a component another full name."""
        raise not_simulated(f"renaming a {self.name}")

    def upsert(self, component: Component) -> bool:
        """Add or replace a component; True when it was added."""
        is_new = self.read(component["fullName"]) is None
        if is_new:
            self.create(component)
        else:
            self.update(component)
        return is_new


@dataclass(frozen=True, slots=True)
class Stamps:
    """When a component was made and last changed."""

    created: datetime
    modified: datetime


class ComponentLog:
    """Remembers in the store when components were made and changed."""

    def __init__(self, org: SalesforceContext) -> None:
        self._org = org

    def touched(self, type_: str, full_name: str) -> None:
        """Note that a component was made or changed now."""
        log = self._org.store.meta(_LOG, {})
        now = epoch_ms(self._org.clock.now())
        created = log.get(_key(type_, full_name), (now, now))[0]
        log[_key(type_, full_name)] = (created, now)
        self._org.store.set_meta(_LOG, log)

    def forget(self, type_: str, full_name: str) -> None:
        """Note that a component is gone."""
        log = self._org.store.meta(_LOG, {})
        log.pop(_key(type_, full_name), None)
        self._org.store.set_meta(_LOG, log)

    def stamps(self, type_: str, full_name: str) -> Stamps:
        """When a component was made and changed; the beginning of the epoch for standard ones."""
        created, modified = self._org.store.meta(_LOG, {}).get(_key(type_, full_name), (0, 0))
        return Stamps(from_epoch_ms(created), from_epoch_ms(modified))


def _key(type_: str, full_name: str) -> str:
    return f"{type_}:{full_name.lower()}"
