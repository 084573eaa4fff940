"""The part of the backend that looks into CRMs: schema, records and their history, queries, seeding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.errors import NotFoundError, UsageError
from ampsandbox.service.record_history import changed_fields
from ampsandbox.service.record_views import CrmObject, QueryResult, RecordPage, RelatedRecord
from ampsandbox.tui.backend.views import SchemaView, SeedFailure
from ampsandbox.tui.text.record_text import MOMENTS, is_derived

if TYPE_CHECKING:
    from ampsandbox.manifest.model import WriteObject
    from ampsandbox.tui.backend.link import Link, Row

_HISTORY_FIELDS_SHOWN: Final = 12


class RunningRecords:
    """Schemas of the CRMs of a runner, and the records of its mock orgs."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def objects(self, installation_id: str) -> Sequence[CrmObject]:
        """The objects of a mock org, those with records first."""
        return await self._link.call(self._link.service.records.objects(*self._link.names(installation_id)))

    async def stamp(self, installation_id: str) -> int:
        """A number that is another one whenever something in the org changed."""
        return await self._link.read(
            lambda: self._link.service.records.stamp(*self._link.names(installation_id))
        )

    async def schema(self, installation_id: str, item: WriteObject | str) -> SchemaView:
        """The fields of a manifest object, or of a CRM object by its API name."""
        return await self._link.call(self._schema(installation_id, item))

    async def _schema(self, installation_id: str, item: WriteObject | str) -> SchemaView:
        crm = self._link.crm(installation_id)
        if isinstance(item, str):
            found = await crm.describe(item)
            return SchemaView(found.name, found.label, found.fields, children=found.children)
        target = await crm.resolve(item)
        found = await crm.describe(target.object_name)
        return SchemaView(target.object_name, found.label, found.fields, dict(target.fields))

    # -- reading -----------------------------------------------------------------------------------------

    async def search(
        self, installation_id: str, object_name: str, *, search: str = "", sort: str = "",
        descending: bool = False, archived: bool = False, offset: int = 0, limit: int = 500,
    ) -> RecordPage:  # fmt: skip
        """A window on the records of an object that hold a text, in the order of a field."""
        group, integration = self._link.names(installation_id)
        found = self._link.service.records.search(
            group, object_name, search, sort, descending, archived, integration, offset, limit
        )
        return await self._link.call(found)

    async def get(self, installation_id: str, object_name: str, record_id: str) -> Row | None:
        """One record; None when it is gone."""
        group, integration = self._link.names(installation_id)
        try:
            return await self._link.call(
                self._link.service.records.get(group, object_name, record_id, integration)
            )
        except NotFoundError:
            return None

    async def related(
        self, installation_id: str, object_name: str, record_id: str
    ) -> Sequence[RelatedRecord]:
        """The records that a record points to, and those that point to it."""
        group, integration = self._link.names(installation_id)
        return await self._link.call(
            self._link.service.records.related(group, object_name, record_id, integration)
        )

    async def query(self, installation_id: str, text: str, limit: int = 2_000) -> QueryResult:
        """Run SOQL on Salesforce, or a search body in JSON on HubSpot; at most `limit` rows come back."""
        item = self._link.installation(installation_id)
        query = _search_body(text) if item.provider == "hubspot" else text
        return await self._link.call(
            self._link.service.records.query(item.group, query, item.integration, limit)
        )

    async def history(self, installation_id: str, object_name: str, record_id: str) -> Sequence[Row]:
        """What happened to a record, newest first: the values that each version changed."""
        group, integration = self._link.names(installation_id)
        versions = await self._link.call(
            self._link.service.records.history(group, object_name, record_id, integration)
        )
        return [
            {"at": version.get("at"), **_changes(before, version), "operation": version["operationId"] or ""}
            for before, version in zip([{}, *versions], versions, strict=False)
        ][::-1]

    # -- changing ----------------------------------------------------------------------------------------

    async def update(self, installation_id: str, object_name: str, record_id: str, fields: Row) -> None:
        """Change a record under the CRM's own rules."""
        group, integration = self._link.names(installation_id)
        await self._link.call(
            self._link.service.records.update(group, object_name, record_id, fields, integration)
        )

    async def delete(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Move a record to the recycle bin under the CRM's own rules."""
        group, integration = self._link.names(installation_id)
        await self._link.call(self._link.service.records.delete(group, object_name, record_id, integration))

    async def undelete(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin."""
        group, integration = self._link.names(installation_id)
        await self._link.call(self._link.service.records.undelete(group, object_name, record_id, integration))

    async def create(
        self, installation_id: str, object_name: str, rows: Sequence[Row]
    ) -> Sequence[SeedFailure]:
        """Create records under the CRM's own rules; those that were refused, by their place in `rows`."""
        group, integration = self._link.names(installation_id)
        created = await self._link.call(
            self._link.service.records.create(group, object_name, [dict(row) for row in rows], integration)
        )
        return [
            SeedFailure(index, f"{each.code}: {each.message}", each.fields)
            for index, each in enumerate(created)
            if each.record_id is None
        ]

    async def reset(self, installation_id: str) -> None:
        """Empty one mock org; what the installation created in its schema stays."""
        await self._link.call(self._link.service.records.reset(*self._link.names(installation_id)))


def _changes(before: Row, version: Row) -> dict[str, Any]:
    changed = {
        name: value for name, value in changed_fields(before, version).items() if value not in (None, "")
    }
    word = "created" if not before else "deleted" if version.get("archived") else "changed"
    telling = sorted(changed, key=lambda name: (name.lower() in MOMENTS, is_derived(name)))
    return {"change": word, **{name: changed[name] for name in telling[:_HISTORY_FIELDS_SHOWN]}}


def _search_body(text: str) -> dict[str, Any]:
    """The search that a text spells.

    Raises:
        UsageError: It is not a JSON object; the message names the place.
    """
    hint = "A HubSpot search is a JSON object with objectType, filterGroups, sorts, properties, limit."
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"Not JSON: {error.msg} at Row:{error.lineno}:Column:{error.colno}.", hint
        ) from error
    except RecursionError as error:
        raise UsageError("Too deeply nested.", hint) from error
    if not isinstance(found, dict):
        raise UsageError("Not a JSON object.", hint)
    return found
