"""The names that a test gives, checked: an assertion about something that is not there would always hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ampsandbox.errors import NotFoundError, UsageError, nearest_hint
from ampsandbox.service.context import org_object

if TYPE_CHECKING:
    from ampsandbox.service.context import ServiceContext

_OPERATIONS = 10_000


def one_or_many(names: str | Iterable[str]) -> tuple[str, ...]:
    """Names as a tuple; a text is one name, not its letters.

    Raises:
        UsageError: One of them is no text.
    """
    several = (names,) if isinstance(names, str) else tuple(names)
    for name in several:
        if not isinstance(name, str):
            raise UsageError(f"{name!r} is no name.", "Names of groups and integrations are texts.")
    return several


def one_of(what: str, name: str, known: Iterable[str]) -> None:
    """Refuse a name that is none of those there are.

    Raises:
        UsageError: It is another one; the message lists what there is.
    """
    names = list(known)
    if name not in names:
        hint = f"There is: {', '.join(names)}.{nearest_hint(str(name), names)}"
        raise UsageError(f"There is no {what} {name!r}.", hint)


def manifest_objects(context: ServiceContext, name: str) -> frozenset[str]:
    """The manifest's objects, in lower case, that a name means: their own, the app's for them, or a CRM's.

    It is empty for an object of an org that the manifest does not write to. Call it on the engine's loop.

    Raises:
        NotFoundError: Neither the manifest nor any org has such an object.
    """
    engine = context.engine
    known: dict[str, set[str]] = defaultdict(set)
    for integration in engine.manifest.integrations if engine.manifest else ():
        for item in integration.objects:
            known[item.name].add(item.name.lower())
            read = integration.find_read(item.name) if item.inherit_mapping else None
            if read and read.map_to_name:
                known[read.map_to_name].add(item.name.lower())
    found = _ignoring_case(known, name)
    if found:
        return found
    # The manifest may be another one than that of the writes.
    for operation in engine.operations.newest(None, None, None, _OPERATIONS):
        known[operation.object].add(operation.object.lower())
    orgs = [org for i in engine.installations.all() if (org := context.connections.org(i.id)) is not None]
    meant = {(org, crm_name) for org in orgs if (crm_name := org_object(org, name)) is not None}
    found = _ignoring_case(known, name)
    if found or meant:
        in_crm = {each.lower() for each in known for org, crm in meant if org_object(org, each) == crm}
        return found | in_crm
    hint = f"The manifest has: {', '.join(sorted(known)) or 'none'}."
    near = nearest_hint(name, known) or nearest_hint(name, (each for org in orgs for each in org.objects()))
    raise NotFoundError(f"Neither the manifest nor a CRM here has an object {name!r}.", hint + near)


def check_fields(context: ServiceContext, name: str, objects: frozenset[str], fields: Iterable[str]) -> None:
    """Refuse fields that an object has nowhere here: not in a CRM, not in the manifest, and not in a write.

    A live CRM may have any field, and so may a customer's mapping. Call it on the engine's loop.

    Raises:
        UsageError: There is no such field; the message has the near miss.
    """
    engine = context.engine
    known: dict[str, str] = {}
    for installation in engine.installations.all():
        org = context.connections.org(installation.id)
        if org is None:
            return
        for crm_name in {org_object(org, each) for each in (name, *objects)} - {None}:
            description = org.describe(crm_name or name)
            for field in description.get("fields") or description["properties"]:
                known[_plain(field["name"])] = field["name"]
    for integration in engine.manifest.integrations if engine.manifest else ():
        for item in integration.objects:
            if item.name.lower() in objects and item.inherit_mapping:
                return
            known |= {_plain(each.name): each.name for each in item.custom_fields}
    for operation in engine.operations.newest(None, None, None, _OPERATIONS):
        if operation.object.lower() in objects:
            known |= {_plain(each): each for each in operation.fields}
    for each in fields:
        if known and _plain(each) not in known:
            raise UsageError(f"{name} has no field {each!r}.", nearest_hint(each, known.values()).strip())


def _plain(field: str) -> str:
    """A field's name without what differs between the app, the manifest and the CRMs."""
    return field.lower().removesuffix("__c").replace("_", "")


def _ignoring_case(known: dict[str, set[str]], name: str) -> frozenset[str]:
    return frozenset(each for key, names in known.items() if key.lower() == name.lower() for each in names)
