"""The HubSpot client: what the engine asks of a CRM, over version 3 of HubSpot's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ampsandbox.crm.desired_schema import CustomFields
from ampsandbox.crm.field_definitions import FieldDefinition, FieldUpsert
from ampsandbox.crm.http import HttpRequest, segment
from ampsandbox.crm.hubspot import identity, lookup, objects, schema
from ampsandbox.crm.hubspot.associations import Associations
from ampsandbox.crm.hubspot.fields import upsert_fields
from ampsandbox.crm.hubspot.provisioning import HubSpotProvisioner
from ampsandbox.crm.object_mappings import ObjectMappings
from ampsandbox.crm.session import ApiRequest, CrmSession
from ampsandbox.engine.crm import (
    Answer,
    CrmRefusedError,
    Limits,
    Method,
    ObjectDescription,
    ObjectMapping,
    OrgIdentity,
    ProvisioningPlan,
    ProvisioningStep,
    Record,
    Sender,
    Verdict,
)
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.crm_names import crm_object_name
from ampsandbox.manifest.model import Mode, ObjectKind, Provider, WriteObject

LIMITS: Final = Limits(objects.BATCH_LIMIT, daily_requests=1_000_000, burst_requests=190, burst_s=10)
"""Those of a privately distributed app in a developer test account; Free and Starter have 250,000 and 100."""

# HubSpot documentation, "Object type IDs".
_TYPE_IDS: Final = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "tickets": "0-5",
    "products": "0-7",
    "line_items": "0-8",
    "quotes": "0-14",
    "calls": "0-48",
    "emails": "0-49",
    "meetings": "0-47",
    "notes": "0-46",
    "tasks": "0-27",
    "leads": "0-136",
}


class HubSpotCrm:
    """One connection to one HubSpot account; an `ampsandbox.crm.client.CrmClient`.

    Args:
        session: Sends the requests; closed with the client.
        born_with: What a mock account has beyond the manifest; see `ampsandbox.crm.desired_schema`.
    """

    def __init__(self, session: CrmSession, born_with: CustomFields | None = None) -> None:
        self.provider: str = Provider.HUBSPOT.value
        self.limits = LIMITS
        self._session = session
        self.sender: Sender = session.sender
        self._provisioning = HubSpotProvisioner(session, born_with)
        self._objects: dict[str, ObjectDescription] = {}
        self._custom: dict[str, ObjectDescription] = {}
        self._targets = ObjectMappings(self.provider)
        self._baseline: tuple[dict[str, ObjectDescription], dict[str, ObjectDescription]] = ({}, {})
        self._portal: tuple[str, str] | None = None
        self._type_ids = dict(_TYPE_IDS)
        self._associations = Associations(session)

    # -- the account -----------------------------------------------------------------------------------------

    async def identify(self) -> OrgIdentity:
        return await identity.identify(self._session)

    async def plan(self, objects: Sequence[WriteObject]) -> ProvisioningPlan:
        """Say what `provision` would do, without doing it."""
        return await self._provisioning.plan(objects)

    async def provision(
        self, objects: Sequence[WriteObject], on_step: Callable[[ProvisioningStep], None]
    ) -> None:
        """Create what is missing, idempotently, reporting each step when it is done."""
        try:
            await self._provisioning.apply(objects, on_step)
        finally:
            self.forget_schema()

    # -- names -----------------------------------------------------------------------------------------------

    async def resolve(self, item: WriteObject) -> ObjectMapping:
        """Translate names against the account's properties; unknown ones stay, for HubSpot to refuse."""
        if (known := self._targets.get(item)) is not None:
            return known
        name = crm_object_name(self.provider, item)
        is_custom = item.kind is ObjectKind.CUSTOM
        return self._targets.add(item, await (self._find_custom(name) if is_custom else self._find(name)))

    async def describe(self, object_name: str) -> ObjectDescription:
        """The schema of an object type by the name that requests use."""
        found = await self._find(object_name) or await self._find_custom(object_name)
        if found is None:
            message = f"The account has no object type {object_name}."
            raise CrmRefusedError(ErrorDetail(message, "OBJECT_NOT_FOUND"))
        return found

    def forget_schema(self) -> None:
        """Read the schema anew at the next need."""
        self._objects.clear()
        self._custom.clear()
        self._targets.clear()

    def mark_baseline(self) -> None:
        """Make the schema that is cached now what `return_to_baseline` returns to."""
        self._baseline = (dict(self._objects), dict(self._custom))

    def return_to_baseline(self) -> None:
        """Return to the schema that was remembered."""
        objects, custom = self._baseline
        self._objects, self._custom = dict(objects), dict(custom)
        self._targets.clear()

    async def _find(self, object_type: str) -> ObjectDescription | None:
        if object_type not in self._objects:
            found = await schema.describe(self._session, object_type)
            if found is None:
                return None
            self._objects[object_type] = found
        return self._objects[object_type]

    async def _find_custom(self, name: str) -> ObjectDescription | None:
        if name not in self._custom:
            found = await schema.find_schema(self._session, name)
            described = await self._find(found.type_name) if found else None
            if found is None or described is None:
                return None
            self._custom[name] = schema.custom_object(found, described)
        return self._custom[name]

    def record_key(self, item: WriteObject, record_id: str) -> str:
        """The object type and the id, which is unique only within its type."""
        return f"{crm_object_name(self.provider, item)}/{record_id}"

    # -- records ---------------------------------------------------------------------------------------------

    async def write(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[Answer]:
        """Write the records in one request, and answer for each of them in order.

        Associations of a batch update follow in requests of their own.
        """
        reply = await self._session.send(self._call(object_name, mode, records, method, options))
        if method is Method.SINGLE:
            return [objects.read_single(self._session, mode, records[0], reply, options)]
        answers = objects.read_batch(self._session, mode, records, reply, spares_others=not options.is_whole)
        if mode is Mode.UPDATE and any(each.associations for each in records):
            return await self._associations.link(object_name, records, answers)
        return answers

    async def requests(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[HttpRequest]:
        """The exact write requests that `write` would send, without sending them."""
        token = await self._session.token()
        return [self._call(object_name, mode, records, method, options).outgoing(token)]

    def _call(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions,
    ) -> ApiRequest:
        if method is Method.COLLECTION:
            return objects.batch_call(object_name, mode, records, all_or_none=options.all_or_none)
        if method is Method.BULK:
            raise ValueError("HubSpot has no bulk API for writes; see Limits.bulk.")
        [record] = records
        return objects.single_call(object_name, mode, record)

    async def record_url(self, object_name: str, record_id: str) -> str:
        if self._portal is None:
            self._portal = await identity.portal(self._session)
        portal, host = self._portal
        type_id = await self._type_id(object_name)
        return f"https://{host}/contacts/{portal}/record/{segment(type_id)}/{segment(record_id)}"

    async def _type_id(self, object_name: str) -> str:
        """What HubSpot's pages call an object type, such as `0-1`."""
        if object_name not in self._type_ids:
            found = await schema.find_schema(self._session, object_name)
            if found is None or not found.object_type_id:
                return object_name
            self._type_ids[object_name] = found.object_type_id
        return self._type_ids[object_name]

    async def delete(self, object_name: str, record_ids: Sequence[str]) -> list[Answer]:
        """Move up to 100 records to the recycle bin; what is gone already has succeeded."""
        await self._session.fetch(objects.archive_call(object_name, record_ids))
        return [Answer(Verdict.SUCCEEDED, record_id) for record_id in record_ids]

    async def fetch(
        self, object_name: str, record_id: str, fields: Sequence[str]
    ) -> Mapping[str, Any] | None:
        """The record's values of these properties; None where there is no such record."""
        return await lookup.fetch(self._session, object_name, record_id, fields)

    async def search(self, object_name: str, filters: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
        """The records whose properties have these values, 100 at most."""
        return await lookup.search(self._session, await self.describe(object_name), filters)

    async def upsert_fields(
        self, object_name: str, definitions: Sequence[FieldDefinition]
    ) -> list[FieldUpsert]:
        """Create the properties that are missing and change those that differ; one answer a property."""
        described = await self.describe(object_name)
        try:
            return await upsert_fields(self._session, described.name, definitions)
        finally:
            self.forget_schema()

    async def aclose(self) -> None:
        await self._session.aclose()
