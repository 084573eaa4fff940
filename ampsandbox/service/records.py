"""The records of mock CRMs, read and written directly, past the write path."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ampsandbox.errors import ConflictError, NotFoundError
from ampsandbox.service.context import ServiceContext, ServiceGroup, crm_refusals
from ampsandbox.service.count import Count
from ampsandbox.service.record_history import authors
from ampsandbox.service.record_views import CrmObject, CrmRecord, QueryResult, RecordPage, RelatedRecord
from ampsandbox.service.recorded import recorded

if TYPE_CHECKING:
    from ampsandbox.service.snapshots import SnapshotService
    from mock_crm.core.browsing import Browsing
    from mock_crm.core.org import Org

_QUERIES: Final[Mapping[str, tuple[type[str] | type[Mapping[str, Any]], str]]] = {
    "salesforce": (str, 'SOQL, such as "SELECT Id FROM Account"'),
    "hubspot": (Mapping, 'a search, such as {"objectType": "contacts", "limit": 10}'),
}


class CreatedRow(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What became of a row: the id of its record, or why the CRM refuses it and which fields it is about."""

    record_id: str | None = None
    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()


class RecordService(ServiceGroup):
    """Records of mock CRMs.

    `integration` is needed only where a group has several. Object names are the CRM's own, in any case,
    singular or plural.

    Raises, all of them:
        NotFoundError: Nothing is installed for that group and integration.
        ConflictError: The group has several CRMs and none is named, or the CRM is a live one.
        CrmRefusedError: A rule of the CRM forbids it.
    """

    name = "records"

    def __init__(self, context: ServiceContext, snapshots: SnapshotService) -> None:
        super().__init__(context)
        self._snapshots = snapshots
        self._last_search: tuple[object, Browsing] | None = None

    # -- reading -----------------------------------------------------------------------------------------

    async def objects(self, group: str, integration: str | None = None) -> Sequence[CrmObject]:
        """The objects of a mock CRM, those with records first."""
        org = self._org(group, integration)
        views = [CrmObject(name, org.count(name), name.endswith("__c")) for name in org.objects()]
        return sorted(views, key=lambda view: (not view.count, not view.is_custom))

    async def list(
        self,
        group: str,
        object: str,
        integration: str | None = None,
        limit: Count | None = 100,
        offset: Count = 0,
        archived: bool = False,
    ) -> Sequence[CrmRecord]:
        """Records of a mock CRM, oldest first; `archived` looks into the recycle bin."""
        org = self._org(group, integration)
        with crm_refusals(org, object):
            return org.records(object, limit, offset, archived)

    async def search(
        self,
        group: str,
        object: str,
        text: str = "",
        sort: str = "",
        descending: bool = False,
        archived: bool = False,
        integration: str | None = None,
        offset: Count = 0,
        limit: Count = 100,
    ) -> RecordPage:
        """Records of a mock CRM that hold a text, in the order of a field; newest first without one.

        Search and order are over all records, however many there are.
        """
        org = self._org(group, integration)
        with crm_refusals(org, object):
            stamp = org.store.changes
            key = (org, object, text, sort, descending, archived, stamp)
            browsing = await self._browse(key)
            among = org.count(object) if text and not archived else browsing.total
            rows = tuple(browsing.window(offset, limit))
            return RecordPage(object, rows, browsing.total, offset, stamp, among)

    async def _browse(self, key: tuple[Org, str, str, str, bool, bool, int]) -> Browsing:
        """The records in order; turning pages finds them once. The server gets its turn between the steps."""
        if self._last_search is not None and self._last_search[0] == key:
            return self._last_search[1]
        org, name, text, sort, descending, archived, _ = key
        browsing = org.browse(name, text, sort, descending=descending, archived=archived)
        for _step in browsing.steps():
            await asyncio.sleep(0)
        self._last_search = (key, browsing)
        return browsing

    async def get(
        self,
        group: str,
        object: str,
        record_id: str,
        integration: str | None = None,
    ) -> CrmRecord:
        """One record.

        Raises:
            NotFoundError: There is none, or it is in the recycle bin.
        """
        org = self._org(group, integration)
        with crm_refusals(org, object):
            record = org.record(object, record_id)
        if record is None:
            raise NotFoundError(f"There is no {object} {record_id!r}.")
        return record

    async def history(
        self,
        group: str,
        object: str,
        record_id: str,
        integration: str | None = None,
    ) -> Sequence[CrmRecord]:
        """The versions of a record, oldest first: when, its fields, and the operation that wrote it."""
        installation = self.context.installation_of(group, integration)
        org = self.context.org(installation)
        with crm_refusals(org, object):
            versions = org.history(object, record_id)
        wrote = self.context.engine.operations.of_record(installation.id, record_id)
        return [
            {**version, "operationId": operation or None}
            for version, operation in zip(versions, authors(versions, wrote), strict=True)
        ]

    async def related(
        self,
        group: str,
        object: str,
        record_id: str,
        integration: str | None = None,
    ) -> Sequence[RelatedRecord]:
        """The records that a record points to, and those that point to it."""
        org = self._org(group, integration)
        with crm_refusals(org, object):
            return [RelatedRecord(*item) for item in org.related(object, record_id)]

    async def query(
        self, group: str, query: Any, integration: str | None = None, limit: Count | None = None
    ) -> QueryResult:
        """Records found by a query in the CRM's own language.

        Args:
            group: The customer.
            query: SOQL text, or the body of a HubSpot search with its `objectType`.
            integration: Which of the group's CRMs.
            limit: How many rows at most.

        Raises:
            ConflictError: That CRM has another language.
        """
        org = self._org(group, integration)
        kind, words = _QUERIES[org.provider]
        if not isinstance(query, kind):
            raise ConflictError(f"A query of {org.provider} is {words}; this is {query!r}.")
        with crm_refusals():
            if limit is None:
                rows = org.query(query)
                return QueryResult(tuple(rows), len(rows))
            rows, total = org.ask(query, limit)
            return QueryResult(tuple(rows), total)

    async def describe(
        self,
        group: str,
        object: str,
        integration: str | None = None,
    ) -> dict[str, Any]:
        """The schema of an object, in the CRM's own form."""
        org = self._org(group, integration)
        with crm_refusals(org, object):
            return org.describe(object)

    # -- changing ----------------------------------------------------------------------------------------

    @recorded
    async def seed(
        self,
        group: str,
        object: str,
        rows: Sequence[CrmRecord],
        integration: str | None = None,
    ) -> Sequence[str]:
        """Put records into a mock CRM, all or none; answers with their ids."""
        org = self._org(group, integration)
        with crm_refusals(org, object):
            return org.seed(object, rows)

    @recorded
    async def create(
        self,
        group: str,
        object: str,
        rows: Sequence[CrmRecord],
        integration: str | None = None,
    ) -> Sequence[CreatedRow]:
        """Create records, each for itself; answers with an id or a refusal for each, in order."""
        org = self._org(group, integration)
        with crm_refusals(org, object):
            created = org.create_each(object, rows)
        return [
            CreatedRow(each)
            if isinstance(each, str)
            else CreatedRow(None, each.code, each.message, each.fields)
            for each in created
        ]

    @recorded
    async def update(
        self,
        group: str,
        object: str,
        record_id: str,
        fields: Mapping[str, Any],
        integration: str | None = None,
    ) -> CrmRecord:
        """Change fields of a record directly, past the write path."""
        org = self._org(group, integration)
        with crm_refusals(org, object):
            return org.update(object, record_id, fields)

    @recorded
    async def delete(
        self,
        group: str,
        object: str,
        record_id: str,
        integration: str | None = None,
    ) -> None:
        """Move a record to the recycle bin."""
        org = self._org(group, integration)
        with crm_refusals(org, object):
            org.delete(object, record_id)

    @recorded
    async def undelete(
        self,
        group: str,
        object: str,
        record_id: str,
        integration: str | None = None,
    ) -> None:
        """Bring a record back from the recycle bin."""
        org = self._org(group, integration)
        with crm_refusals(org, object):
            org.undelete(object, record_id)

    @recorded
    async def reset(self, group: str, integration: str | None = None) -> None:
        """Empty one mock CRM; operations stay, and so does what the installation created in its schema."""
        installation = self.context.installation_of(group, integration)
        self.context.org(installation)
        await self._snapshots.reset_org(installation)

    def stamp(self, group: str, integration: str | None = None) -> int:
        """A number that is another one whenever something in the org has changed."""
        return self._org(group, integration).store.changes

    def _org(self, group: str, integration: str | None) -> Org:
        return self.context.org_of(group, integration)
