"""The part of the backend that browses mock orgs: records, queries, seeding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ampsandbox.errors import NotFoundError, UsageError
from ampsandbox.tui.backend.orgs import Row, RunningOrgs
from ampsandbox.tui.backend.views import Found, ObjectView, RecordPage, RelatedView, SeedFailure

if TYPE_CHECKING:
    from ampsandbox.service import lookup
    from ampsandbox.service.records import RecordService


class RunningRecords(RunningOrgs):
    """Records of the mock orgs of a runner."""

    async def objects(self, installation_id: str) -> Sequence[ObjectView]:
        """The objects of a mock org, those with records first."""
        objects = await self.runner.call(self._records.objects(*self._names(installation_id)))
        return [ObjectView(each.name, each.name, each.count, each.is_custom) for each in objects]

    async def org_stamp(self, installation_id: str) -> int:
        """A number that is another one whenever something in the org changed."""
        return await self._here(lambda: self._records.stamp(*self._names(installation_id)))

    # -- reading -----------------------------------------------------------------------------------------

    async def records(
        self, installation_id: str, object_name: str, *, search: str = "", sort: str = "",
        descending: bool = False, archived: bool = False, offset: int = 0, limit: int = 500,
    ) -> RecordPage:  # fmt: skip
        """A window on the records of an object that hold a text, in the order of a field."""
        group, integration = self._names(installation_id)
        found = self._records.search(
            group, object_name, search, sort, descending, archived, integration, offset, limit
        )
        return record_page(await self.runner.call(found))

    async def record(self, installation_id: str, object_name: str, record_id: str) -> Row | None:
        """One record; None when it is gone."""
        group, integration = self._names(installation_id)
        try:
            return await self.runner.call(self._records.get(group, object_name, record_id, integration))
        except NotFoundError:
            return None

    async def related(self, installation_id: str, object_name: str, record_id: str) -> Sequence[RelatedView]:
        """The records that a record points to, and those that point to it."""
        group, integration = self._names(installation_id)
        related = await self.runner.call(self._records.related(group, object_name, record_id, integration))
        return [RelatedView(each.label, each.object_name, each.record_id, each.name) for each in related]

    async def query(self, installation_id: str, text: str, limit: int = 2_000) -> Found:
        """Run SOQL on Salesforce, or a search body in JSON on HubSpot; at most `limit` rows come back."""
        item = self._installed(installation_id)
        query = _search_body(text) if item.provider == "hubspot" else text
        result = await self.runner.call(self._records.query(item.group, query, item.integration, limit))
        return Found(result.rows, result.total)

    # -- changing ----------------------------------------------------------------------------------------

    async def update_record(
        self, installation_id: str, object_name: str, record_id: str, fields: Row
    ) -> None:
        """Change a record under the CRM's own rules."""
        group, integration = self._names(installation_id)
        await self.runner.call(self._records.update(group, object_name, record_id, fields, integration))

    async def delete_record(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Move a record to the recycle bin under the CRM's own rules."""
        group, integration = self._names(installation_id)
        await self.runner.call(self._records.delete(group, object_name, record_id, integration))

    async def undelete_record(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin."""
        group, integration = self._names(installation_id)
        await self.runner.call(self._records.undelete(group, object_name, record_id, integration))

    async def create_records(
        self, installation_id: str, object_name: str, rows: Sequence[Row]
    ) -> Sequence[SeedFailure]:
        """Create records under the CRM's own rules; those that were refused, by their place in `rows`."""
        group, integration = self._names(installation_id)
        created = await self.runner.call(
            self._records.create(group, object_name, [dict(row) for row in rows], integration)
        )
        return [
            SeedFailure(index, f"{each.code}: {each.message}", each.fields)
            for index, each in enumerate(created)
            if each.record_id is None
        ]

    async def reset_org(self, installation_id: str) -> None:
        """Empty one mock org; what the installation created in its schema stays."""
        await self.runner.call(self._records.reset(*self._names(installation_id)))

    @property
    def _records(self) -> RecordService:
        return self.runner.service.records


def record_page(page: lookup.RecordPage) -> RecordPage:
    """A page of the service as the screen shows it."""
    return RecordPage(page.object_name, page.rows, page.total, page.offset, page.stamp, page.among)


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
