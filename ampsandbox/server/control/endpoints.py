"""The control API: a method, a path, a name and the verb that it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import msgspec

from ampsandbox.engine.config import ConfigContent
from ampsandbox.server.control.endpoint import ControlEndpoint
from ampsandbox.service.batches import BatchService
from ampsandbox.service.clock import ClockService
from ampsandbox.service.faults import FaultService
from ampsandbox.service.installations import Group, InstallationService, InstallationView
from ampsandbox.service.live import LiveService
from ampsandbox.service.log import LogService
from ampsandbox.service.manifests import ManifestService
from ampsandbox.service.notifications import NotificationService
from ampsandbox.service.operations import OperationService
from ampsandbox.service.overview import OverviewService
from ampsandbox.service.record_views import CrmRecord
from ampsandbox.service.records import RecordService
from ampsandbox.service.sandbox_service import SandboxService
from ampsandbox.service.snapshots import SnapshotService


class StepView(msgspec.Struct, frozen=True, rename="camel"):
    """One line of a provisioning plan."""

    integration: str
    action: str
    kind: str
    name: str
    detail: str


class InstallAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """What is installed now, or, for a dry run, what would be created."""

    installations: list[InstallationView]
    plan: list[StepView]


async def install(
    service: SandboxService, group: Group, integration: str | None = None, dry_run: bool = False
) -> InstallAnswer:
    """Install for a group, creating the custom objects and fields in its CRM; idempotent."""
    if not dry_run:
        installed = await service.installations.install(group, integration)
        return InstallAnswer([await service.installations.get(each.id) for each in installed], [])
    plans = await service.installations.plan(group, integration)
    steps = [
        StepView(name, step.action.value, step.kind, step.name, step.detail)
        for name, plan in plans.items()
        for step in plan.steps
    ]
    return InstallAnswer([], steps)


async def query_records(
    service: SandboxService, group: str, query: Any, integration: str | None = None
) -> Sequence[CrmRecord]:
    """Records found by a query in the CRM's own language."""
    return (await service.records.query(group, query, integration)).rows


async def edit_operation(
    service: SandboxService, operation_id: str, fields: dict[str, Any] | None = None
) -> Any:
    """Change the values of a write that still waits."""
    return await service.operations.edit(operation_id, fields or {})


_NO_AMOUNT = {"properties": {unit: {"const": 0} for unit in ("days", "hours", "minutes", "seconds")}}
_NO_MOMENT = {"properties": {"to": {"type": "null"}}}
_NO_FLUSH = {"properties": {"nextFlush": {"const": False}}}
_WAYS = (_NO_AMOUNT, _NO_MOMENT, _NO_FLUSH)
_ONE_WAY = {
    "not": {
        "anyOf": [
            {"allOf": list(_WAYS)},
            *({"allOf": [{"not": one}, {"not": other}]} for one, other in combinations(_WAYS, 2)),
        ]
    }
}

_RECORDS = "/records/{group}/{object}"
_RECORD = _RECORDS + "/{record_id}"
_FAULTS = "/faults/{group}"

ENDPOINTS = (
    ControlEndpoint("GET", "/state", "getState", OverviewService.state),
    ControlEndpoint("GET", "/quota", "getQuota", OverviewService.quota),
    ControlEndpoint("GET", "/connections", "getConnections", OverviewService.connections),
    ControlEndpoint("GET", "/findings", "getFindings", ManifestService.findings),
    ControlEndpoint("POST", "/manifest", "loadManifest", ManifestService.load),
    ControlEndpoint("POST", "/reset", "reset", SnapshotService.reset),
    ControlEndpoint("GET", "/snapshot", "takeSnapshot", SnapshotService.take),
    ControlEndpoint("POST", "/restore", "restoreSnapshot", SnapshotService.restore, body="content"),
    ControlEndpoint("POST", "/diff", "diffRecords", SnapshotService.diff),
    ControlEndpoint("GET", "/clock", "getClock", ClockService.get),
    ControlEndpoint("POST", "/clock", "setClockSpeed", ClockService.set_speed),
    ControlEndpoint("POST", "/clock/advance", "advanceClock", ClockService.advance, constraint=_ONE_WAY),
    ControlEndpoint("POST", "/clock/settle", "settle", ClockService.settle),
    ControlEndpoint("GET", "/installations", "listInstallations", InstallationService.list),
    ControlEndpoint(
        "POST",
        "/installations",
        "install",
        install,
        status=201,
        stands_for=(InstallationService.install, InstallationService.plan),
    ),
    ControlEndpoint("GET", "/installations/{installation_id}", "getInstallation", InstallationService.get),
    ControlEndpoint("DELETE", "/installations/{installation_id}", "uninstall", InstallationService.uninstall),
    ControlEndpoint(
        "PUT",
        "/installations/{installation_id}/config",
        "configure",
        InstallationService.configure,
        shapes={"content": ConfigContent},
    ),
    ControlEndpoint("GET", "/installations/{installation_id}/live", "previewLive", LiveService.preview),
    ControlEndpoint("POST", "/installations/{installation_id}/live", "goLive", LiveService.go_live),
    ControlEndpoint("POST", "/installations/{installation_id}/mock", "goMock", LiveService.go_mock),
    ControlEndpoint("POST", "/installations/{installation_id}/reconnect", "reconnect", LiveService.reconnect),
    ControlEndpoint("GET", "/notifications", "listNotifications", NotificationService.list),
    ControlEndpoint("GET", "/notifications/ended", "listEndedOperations", NotificationService.ended),
    ControlEndpoint(
        "POST",
        "/notifications/{notification_id}/redeliver",
        "redeliverNotification",
        NotificationService.redeliver,
    ),
    ControlEndpoint("GET", "/operations", "listOperations", OperationService.list),
    ControlEndpoint("GET", "/operations/{operation_id}", "getOperation", OperationService.get),
    ControlEndpoint(
        "PATCH",
        "/operations/{operation_id}",
        "editOperation",
        edit_operation,
        stands_for=(OperationService.edit,),
    ),
    ControlEndpoint("GET", "/operations/{operation_id}/lookup", "lookupOperation", OperationService.lookup),
    ControlEndpoint("POST", "/operations/{operation_id}/retry", "retryOperation", OperationService.retry),
    ControlEndpoint("POST", "/operations/{operation_id}/drop", "dropOperation", OperationService.drop),
    ControlEndpoint(
        "POST", "/operations/{operation_id}/send-now", "sendOperationNow", OperationService.send_now
    ),
    ControlEndpoint(
        "POST",
        "/operations/{operation_id}/mark-written",
        "markOperationWritten",
        OperationService.mark_written,
    ),
    ControlEndpoint("GET", "/dead-letters", "listDeadLetters", OperationService.dead_letters),
    ControlEndpoint("POST", "/dead-letters/retry", "retryDeadLetters", OperationService.retry_all),
    ControlEndpoint("GET", "/batches", "listBatches", BatchService.list),
    ControlEndpoint("GET", "/batches/{batch_id}", "getBatch", BatchService.get),
    ControlEndpoint("GET", "/batches/{batch_id}/operations", "listBatchOperations", BatchService.operations),
    ControlEndpoint("POST", "/flush", "flush", BatchService.flush),
    ControlEndpoint("POST", "/batches/{batch_id}/pause", "pauseBatch", BatchService.pause),
    ControlEndpoint("POST", "/batches/{batch_id}/resume", "resumeBatch", BatchService.resume),
    ControlEndpoint("POST", "/batches/{batch_id}/drop", "dropBatch", BatchService.drop),
    ControlEndpoint("GET", "/objects/{group}", "listObjects", RecordService.objects),
    ControlEndpoint("GET", _RECORDS, "listRecords", RecordService.list),
    ControlEndpoint("POST", _RECORDS, "seedRecords", RecordService.seed, body="rows", status=201),
    ControlEndpoint("POST", _RECORDS + "/each", "createRecords", RecordService.create, body="rows"),
    ControlEndpoint("GET", _RECORD, "getRecord", RecordService.get),
    ControlEndpoint("PATCH", _RECORD, "updateRecord", RecordService.update, body="fields"),
    ControlEndpoint("DELETE", _RECORD, "deleteRecord", RecordService.delete),
    ControlEndpoint("POST", _RECORD + "/undelete", "undeleteRecord", RecordService.undelete),
    ControlEndpoint("GET", _RECORD + "/history", "getHistory", RecordService.history),
    ControlEndpoint("GET", _RECORD + "/related", "listRelatedRecords", RecordService.related),
    ControlEndpoint("GET", "/search/{group}/{object}", "searchRecords", RecordService.search),
    ControlEndpoint("GET", "/schema/{group}/{object}", "describeObject", RecordService.describe),
    ControlEndpoint(
        "POST", "/query/{group}", "queryRecords", query_records, stands_for=(RecordService.query,)
    ),
    ControlEndpoint("POST", "/orgs/{group}/reset", "resetOrg", RecordService.reset),
    ControlEndpoint("GET", _FAULTS, "listFaults", FaultService.list),
    ControlEndpoint("POST", _FAULTS, "addFault", FaultService.add, body="rule", status=201),
    ControlEndpoint("DELETE", _FAULTS, "clearFaults", FaultService.clear),
    ControlEndpoint("GET", _FAULTS + "/fired", "listFiredFaults", FaultService.fired),
    ControlEndpoint("DELETE", _FAULTS + "/{fault_id}", "removeFault", FaultService.remove),
    ControlEndpoint("GET", "/live-records", "listLiveRecords", LiveService.created),
    ControlEndpoint("POST", "/live-records/remove", "removeLiveRecords", LiveService.remove_created),
    ControlEndpoint("GET", "/requests", "listRequests", LogService.requests),
    ControlEndpoint("DELETE", "/requests", "clearRequests", LogService.clear),
    ControlEndpoint("GET", "/exchanges", "listExchanges", LogService.exchanges),
    ControlEndpoint("GET", "/events", "listEvents", LogService.events),
)
