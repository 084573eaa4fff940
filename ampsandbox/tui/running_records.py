"""The part of the backend that browses mock orgs: records, queries, seeding."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ampsandbox.errors import UsageError
from ampsandbox.tui.running_org import Row, RunningOrgs, crm_words
from ampsandbox.tui.views import Found, ObjectView, RecordPage, RelatedView, SeedFailure

if TYPE_CHECKING:
    from ampsandbox.server.runner import Runner
    from mock_crm.core.browsing import Browsing
    from mock_crm.core.org import Org


class RunningRecords(RunningOrgs):
    """Records of the mock orgs of a runner."""

    def __init__(self, runner: Runner) -> None:
        super().__init__(runner)
        self._browsed: tuple[object, Browsing] | None = None

    async def objects(self, installation_id: str) -> Sequence[ObjectView]:
        """The objects of a mock org, those with records first."""
        return await self._here(lambda: _objects(self._org(installation_id)))

    async def org_stamp(self, installation_id: str) -> int:
        """A number that is another one whenever something in the org changed."""
        return await self._here(lambda: self._org(installation_id).store.changes)

    # -- reading -----------------------------------------------------------------------------------------

    async def records(
        self, installation_id: str, object_name: str, *, search: str = "", sort: str = "",
        descending: bool = False, archived: bool = False, offset: int = 0, limit: int = 500,
    ) -> RecordPage:  # fmt: skip
        """A window on the records of an object that hold a text, in the order of a field."""
        how = (search, sort, descending, archived)
        return await self.runner.call(self._records(installation_id, object_name, how, offset, limit))

    async def _records(
        self, installation_id: str, name: str, how: tuple[str, str, bool, bool], offset: int, limit: int
    ) -> RecordPage:
        with crm_words():
            org = self._org(installation_id)
            stamp = org.store.changes
            browsing = await self._browse(org, name, how, stamp)
            among = org.count(name) if how[0] and not how[3] else browsing.total
            rows = tuple(browsing.window(offset, limit))
            return RecordPage(name, rows, browsing.total, offset, stamp, among)

    async def _browse(self, org: Org, name: str, how: tuple[str, str, bool, bool], stamp: int) -> Browsing:
        """The records in order; turning pages finds them once. The server gets its turn between the steps."""
        key = (org, name, how, stamp)
        if self._browsed is not None and self._browsed[0] == key:
            return self._browsed[1]
        search, sort, descending, archived = how
        browsing = org.browse(name, search, sort, descending=descending, archived=archived)
        for _ in browsing.steps():
            await asyncio.sleep(0)
        self._browsed = (key, browsing)
        return browsing

    async def record(self, installation_id: str, object_name: str, record_id: str) -> Row | None:
        """One record; None when it is gone."""
        return await self._here(lambda: self._org(installation_id).record(object_name, record_id))

    async def related(self, installation_id: str, object_name: str, record_id: str) -> Sequence[RelatedView]:
        """The records that a record points to, and those that point to it."""
        found = await self._here(lambda: self._org(installation_id).related(object_name, record_id))
        return [RelatedView(*item) for item in found]

    async def query(self, installation_id: str, text: str, limit: int = 2_000) -> Found:
        """Run SOQL on Salesforce, or a search body in JSON on HubSpot; at most `limit` rows come back."""
        return await self._here(lambda: _ask(self._org(installation_id), text, limit))

    # -- changing ----------------------------------------------------------------------------------------

    async def update_record(
        self, installation_id: str, object_name: str, record_id: str, fields: Row
    ) -> None:
        """Change a record under the CRM's own rules."""
        await self._here(lambda: self._org(installation_id).update(object_name, record_id, fields))
        self._note(installation_id, "update_record", object=object_name, id=record_id, fields=fields)

    async def delete_record(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Move a record to the recycle bin under the CRM's own rules."""
        await self._here(lambda: self._org(installation_id).delete(object_name, record_id))
        self._note(installation_id, "delete_record", object=object_name, id=record_id)

    async def undelete_record(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin."""
        await self._here(lambda: self._org(installation_id).undelete(object_name, record_id))
        self._note(installation_id, "undelete_record", object=object_name, id=record_id)

    async def create_records(
        self, installation_id: str, object_name: str, rows: Sequence[Row]
    ) -> Sequence[SeedFailure]:
        """Create records under the CRM's own rules; those that were refused, by their place in `rows`."""
        failed = await self._here(lambda: _create(self._org(installation_id), object_name, rows))
        self._note(installation_id, "create_records", object=object_name, rows=rows)
        return failed

    async def reset_org(self, installation_id: str) -> None:
        """Empty one mock org; what the installation created in its schema stays."""
        self._org(installation_id)
        await self.runner.call(self.runner.server.reset_org(installation_id))


def _objects(org: Org) -> list[ObjectView]:
    views = [ObjectView(name, name, org.count(name), name.endswith("__c")) for name in org.objects()]
    return sorted(views, key=lambda view: (not view.count, not view.is_custom))


def _create(org: Org, object_name: str, rows: Sequence[Row]) -> list[SeedFailure]:
    made = org.create_each(object_name, rows)
    return [
        SeedFailure(index, f"{item.code}: {item.message}", item.fields)
        for index, item in enumerate(made)
        if not isinstance(item, str)
    ]


def _ask(org: Org, text: str, limit: int) -> Found:
    rows, total = org.ask(_search_body(text) if org.provider == "hubspot" else text, limit)
    return Found(tuple(rows), total)


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
