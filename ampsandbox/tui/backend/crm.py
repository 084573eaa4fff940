"""The part of the backend that looks into CRMs: schema and the history of records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ampsandbox.service.record_history import changed_fields
from ampsandbox.tui.backend.orgs import Row
from ampsandbox.tui.backend.records import RunningRecords
from ampsandbox.tui.backend.views import SchemaView
from ampsandbox.tui.text.record_text import MOMENTS, is_derived

if TYPE_CHECKING:
    from ampsandbox.manifest.model import WriteObject

_HISTORY_FIELDS_SHOWN: Final = 12


class RunningCrm(RunningRecords):
    """Schema and history of the CRMs of a runner."""

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

    async def history(self, installation_id: str, object_name: str, record_id: str) -> Sequence[Row]:
        """What happened to a record, newest first: the values that each version changed."""
        group, integration = self._names(installation_id)
        versions = await self.runner.call(
            self.runner.service.records.history(group, object_name, record_id, integration)
        )
        return [
            {"at": version.get("at"), **_changes(before, version), "operation": version["operationId"] or ""}
            for before, version in zip([{}, *versions], versions, strict=False)
        ][::-1]


def _changes(before: Row, version: Row) -> dict[str, Any]:
    changed = {
        name: value for name, value in changed_fields(before, version).items() if value not in (None, "")
    }
    word = "created" if not before else "deleted" if version.get("archived") else "changed"
    telling = sorted(changed, key=lambda name: (name.lower() in MOMENTS, is_derived(name)))
    return {"change": word, **{name: changed[name] for name in telling[:_HISTORY_FIELDS_SHOWN]}}
