"""The Salesforce client: what the engine asks of a CRM, over REST, Bulk API 2.0 and SOAP."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ampsandbox.crm.desired_schema import CustomFields
from ampsandbox.crm.field_definitions import FieldDefinition, FieldUpsert
from ampsandbox.crm.http import HttpRequest, segment
from ampsandbox.crm.object_mappings import ObjectMappings
from ampsandbox.crm.salesforce import identity, lookup, rest, schema
from ampsandbox.crm.salesforce.bulk import ROW_LIMIT, BulkJob
from ampsandbox.crm.salesforce.bulk_steps import JOB_REQUESTS
from ampsandbox.crm.salesforce.fields import SalesforceFields
from ampsandbox.crm.salesforce.provisioning import SalesforceProvisioner
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
)
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.crm_names import crm_object_name
from ampsandbox.manifest.model import Mode, Provider, WriteObject

DEFAULT_API_VERSION: Final = "v60.0"

# An id of 15 characters becomes one of 18 when Salesforce adds a checksum of its case.
_SHORT_ID: Final = 15
_LONG_ID: Final = 18

LIMITS: Final = Limits(
    rest.COLLECTION_LIMIT, bulk=ROW_LIMIT, bulk_requests=JOB_REQUESTS, daily_requests=15_000
)
"""Those of Developer Edition; larger editions have more requests, and the org tells how many are left."""


class SalesforceCrm:
    """One connection to one Salesforce org; an `ampsandbox.crm.client.CrmClient`.

    Args:
        session: Sends the requests; closed with the client.
        api_version: Such as `v60.0`.
        born_with: What a mock org has beyond the manifest; see `ampsandbox.crm.desired_schema`.
    """

    def __init__(
        self,
        session: CrmSession,
        api_version: str = DEFAULT_API_VERSION,
        born_with: CustomFields | None = None,
    ) -> None:
        self.provider: str = Provider.SALESFORCE.value
        self.limits = LIMITS
        self._session = session
        self.sender: Sender = session.sender
        self._root = f"/services/data/{api_version}"
        self._bulk = BulkJob(session, self._root)
        self._provisioning = SalesforceProvisioner(session, self._root, born_with)
        self._objects: dict[str, ObjectDescription] = {}
        self._baseline: dict[str, ObjectDescription] = {}
        self._targets = ObjectMappings(self.provider)

    # -- the org ---------------------------------------------------------------------------------------------

    async def identify(self) -> OrgIdentity:
        return await identity.identify(self._session, self._root)

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
        """Translate names against the org's schema; unknown ones stay, for Salesforce to refuse."""
        known = self._targets.get(item)
        return known or self._targets.add(item, await self._find(crm_object_name(self.provider, item)))

    async def describe(self, object_name: str) -> ObjectDescription:
        """The schema of an object by its API name."""
        found = await self._find(object_name)
        if found is None:
            message = f"The org has no object {object_name} that the user can see."
            raise CrmRefusedError(ErrorDetail(message, "NOT_FOUND"))
        return found

    def forget_schema(self) -> None:
        """Read the schema anew at the next need."""
        self._objects.clear()
        self._targets.clear()

    def mark_baseline(self) -> None:
        """Make the schema that is cached now what `return_to_baseline` returns to."""
        self._baseline = dict(self._objects)

    def return_to_baseline(self) -> None:
        """Return to the schema that was remembered."""
        self._objects = dict(self._baseline)
        self._targets.clear()

    async def _find(self, object_name: str) -> ObjectDescription | None:
        key = object_name.lower()
        if key not in self._objects:
            found = await schema.describe(self._session, self._root, object_name)
            if found is None:
                return None
            self._objects[key] = found
        return self._objects[key]

    def record_key(self, item: WriteObject, record_id: str) -> str:
        """The id without the check characters that make it one of 18; ids are unique in the whole org."""
        return record_id[:_SHORT_ID] if len(record_id) == _LONG_ID else record_id

    # -- records ---------------------------------------------------------------------------------------------

    async def write(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[Answer]:
        """Write the records in one request (or one bulk job), and answer for each of them in order."""
        if method is Method.BULK:
            return await self._bulk.write(object_name, mode, records)
        [call] = self._calls(object_name, mode, records, method, options)
        reply = await self._session.send(call)
        if method is Method.SINGLE:
            return [rest.read_single(self._session, mode, records[0], reply, options)]
        assert isinstance(call.body, bytes)  # Only SOAP needs the token in its body.
        return rest.read_collection(
            self._session, records, reply, call.body, spares_others=not options.is_whole
        )

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
        return [call.outgoing(token) for call in self._calls(object_name, mode, records, method, options)]

    def _calls(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions,
    ) -> list[ApiRequest]:
        if method is Method.BULK:
            return self._bulk.calls(object_name, mode, records)
        if method is Method.COLLECTION:
            return [rest.collection_call(self._root, object_name, mode, records, options)]
        [record] = records
        return [rest.single_call(self._root, object_name, mode, record, options)]

    async def record_url(self, object_name: str, record_id: str) -> str:
        base = (await self._session.token()).base_url
        host = re.sub(r"\.my\.salesforce\.com$", ".lightning.force.com", base)
        return f"{host}/lightning/r/{segment(object_name)}/{segment(record_id)}/view"

    async def delete(self, object_name: str, record_ids: Sequence[str]) -> list[Answer]:
        """Move up to 200 records to the recycle bin; what is gone already has succeeded."""
        reply = await self._session.send(rest.delete_call(self._root, record_ids))
        return rest.read_deleted(self._session, record_ids, reply)

    async def fetch(
        self, object_name: str, record_id: str, fields: Sequence[str]
    ) -> Mapping[str, Any] | None:
        """The record's values of these fields; None where there is no such record."""
        return await lookup.fetch(self._session, self._root, object_name, record_id, fields)

    async def search(self, object_name: str, filters: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
        """The records whose fields have these values, 200 at most."""
        return await lookup.search(self._session, self._root, await self.describe(object_name), filters)

    async def upsert_fields(
        self, object_name: str, definitions: Sequence[FieldDefinition]
    ) -> list[FieldUpsert]:
        """Create the fields that are missing and change those that differ; one answer a field."""
        try:
            return await SalesforceFields(self._session, self._root).upsert(object_name, definitions)
        finally:
            self.forget_schema()

    async def aclose(self) -> None:
        await self._session.aclose()
