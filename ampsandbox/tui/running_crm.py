"""The part of the backend that looks into CRMs: schema, records, queries, seeding, quotas and faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from ampsandbox.errors import ConflictError, NotFoundError, UsageError
from ampsandbox.tui.plain import as_text
from ampsandbox.tui.views import ObjectView, RecordPage, SchemaView

if TYPE_CHECKING:
    from ampsandbox.engine.crm import Crm
    from ampsandbox.manifest.model import WriteObject
    from ampsandbox.server.runner import Runner
    from mock_crm.org import Org

T = TypeVar("T")
Row = Mapping[str, Any]
_HISTORY_FIELDS_SHOWN: Final = 12


class RunningCrm:
    """Queries and commands on the orgs of a runner."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    async def _here(self, work: Callable[[], T]) -> T:
        """Call `work` on the runner's loop."""

        async def run() -> T:
            with crm_words():
                return work()

        return await self.runner.call(run())

    def _crm(self, installation_id: str) -> Crm:
        return self.runner.sandbox.crm(installation_id)

    def _org(self, installation_id: str) -> Org:
        org = self.runner.org(installation_id)
        if org is None:
            raise ConflictError("This connection is a live one.", "Look at its records in the CRM itself.")
        return org

    # -- schema and records ------------------------------------------------------------------------------

    async def schema(self, installation_id: str, item: WriteObject | str) -> SchemaView:
        """The fields of a manifest object, or of a CRM object by its API name."""
        return await self.runner.call(self._schema(installation_id, item))

    async def _schema(self, installation_id: str, item: WriteObject | str) -> SchemaView:
        crm = self._crm(installation_id)
        if isinstance(item, str):
            found = await crm.describe(item)
            return SchemaView(found.name, found.label, found.fields)
        target = await crm.resolve(item)
        found = await crm.describe(target.object_name)
        return SchemaView(target.object_name, found.label, found.fields, dict(target.fields))

    async def objects(self, installation_id: str) -> Sequence[ObjectView]:
        """The objects of a mock org, those with records first."""
        return await self._here(lambda: _objects(self._org(installation_id)))

    async def records(
        self, installation_id: str, object_name: str, *, search: str = "", offset: int = 0, limit: int = 500
    ) -> RecordPage:
        """A window on the records of an object, newest first, optionally those that hold a text."""
        return await self._here(
            lambda: _records(self._org(installation_id), object_name, search, offset, limit)
        )

    async def history(self, installation_id: str, object_name: str, record_id: str) -> Sequence[Row]:
        """What happened to a record, newest first: the values that each version changed."""
        return await self._here(lambda: self._history(installation_id, object_name, record_id))

    def _history(self, installation_id: str, object_name: str, record_id: str) -> Sequence[Row]:
        versions = self._org(installation_id).history(object_name, record_id)
        return [
            {
                "at": version.get("at"),
                **_changes(before, version),
                **self._author(installation_id, record_id, version),
            }
            for before, version in zip([{}, *versions], versions, strict=False)
        ][::-1]

    def _author(self, installation_id: str, record_id: str, version: Row) -> dict[str, str]:
        """The operation behind a version: the one of that record that ended nearest to it, where one did."""
        at = str(version.get("at"))[:19]
        for item in self.runner.sandbox.operations(installation_id=installation_id, limit=500):
            if record_id in (item.record_id, item.primary_key) and item.finished_at is not None:
                lasts = (item.accepted_at, item.finished_at)
                if lasts[0].isoformat()[:19] <= at <= lasts[1].isoformat()[:19]:
                    return {"operation": item.id}
        return {}

    async def update_record(
        self, installation_id: str, object_name: str, record_id: str, fields: Row
    ) -> None:
        """Change a record under the CRM's own rules."""
        await self._here(lambda: self._org(installation_id).update(object_name, record_id, fields))

    async def delete_record(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Delete a record under the CRM's own rules."""
        await self._here(lambda: self._org(installation_id).delete(object_name, record_id))

    async def query(self, installation_id: str, text: str) -> Sequence[Row]:
        """Run SOQL on Salesforce, or a search body in JSON on HubSpot."""
        return await self._here(lambda: self._query(installation_id, text))

    def _query(self, installation_id: str, text: str) -> Sequence[Row]:
        org = self._org(installation_id)
        if org.provider != "hubspot":
            return org.query(text)
        try:
            return org.query(json.loads(text))
        except ValueError as error:
            raise UsageError(
                f"Not JSON: {error}.", "A HubSpot search is a JSON body with objectType."
            ) from error

    async def seed(self, installation_id: str, object_name: str, rows: Sequence[Row]) -> int:
        """Create records in a mock org; the number created."""
        return len(await self._here(lambda: self._org(installation_id).seed(object_name, rows)))


@contextmanager
def crm_words() -> Iterator[None]:
    """Turn a mock CRM's refusal of a direct call, or of a rule, into an error in plain words."""
    from mock_crm.org import CrmError

    try:
        yield
    except CrmError as error:
        raise ConflictError(f"{error.code}: {error.message}", "This is the CRM's own rule.") from error
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError(f"The mock CRM does not take this: {error}.") from error
    except KeyError as error:
        raise NotFoundError(f"There is no {error}.") from error


def _objects(org: Org) -> list[ObjectView]:
    views = [ObjectView(name, name, org.count(name), name.endswith("__c")) for name in org.objects()]
    return sorted(views, key=lambda view: (not view.count, not view.is_custom))


def _records(org: Org, name: str, search: str, offset: int, limit: int) -> RecordPage:
    if search:
        wanted = search.lower()
        found = [row for row in reversed(org.records(name)) if _holds(row, wanted)]
        return RecordPage(name, tuple(found[offset : offset + limit]), len(found), offset)
    total = org.count(name)
    end = max(total - offset, 0)
    start = max(end - limit, 0)
    rows = org.records(name, end - start, start) if end else []
    return RecordPage(name, tuple(reversed(rows)), total, offset)


def _holds(row: Row, wanted: str) -> bool:
    return any(wanted in as_text(value).lower() for value in row.values())


def _changes(before: Row, version: Row) -> dict[str, Any]:
    old, new = before.get("fields") or {}, version.get("fields") or {}
    changed = {
        name: value for name, value in new.items() if old.get(name) != value and value not in (None, "")
    }
    word = "created" if not before else "deleted" if version.get("archived") else "changed"
    return {"change": word, **dict(list(changed.items())[:_HISTORY_FIELDS_SHOWN])}
