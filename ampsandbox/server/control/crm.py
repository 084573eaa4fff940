"""The mock CRMs: records, queries, seeding and faults, per group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ampsandbox.errors import ConflictError, NotFoundError, UsageError
from ampsandbox.server.control.endpoint import Call, Count, Endpoint
from ampsandbox.server.orgs import find_installation_of, org_of
from mock_crm.core.errors import CrmError
from mock_crm.core.faults import Firing, Rule

if TYPE_CHECKING:
    from mock_crm.core.org import Org

RecordList = list[dict[str, Any]]


class RecordsQuery(msgspec.Struct, rename="camel"):
    """Which records; `integration` is needed only where a group has several."""

    integration: str | None = None
    limit: Count = 100
    offset: Count = 0
    archived: bool = False


class IntegrationQuery(msgspec.Struct, rename="camel"):
    """Which of a group's CRMs; needed only where it has several."""

    integration: str | None = None


class QueryBody(msgspec.Struct, rename="camel"):
    """A query in the CRM's own language: SOQL text, or the body of a HubSpot search with its `objectType`."""

    query: Any


def find_org(call: Call) -> Org:
    """The mock org of the group in the path, and of the integration in the query where it has several."""
    return org_of(call.server, find_installation_of(call.server, call.path["group"], call.query.integration))


async def _records(call: Call) -> RecordList:
    query: RecordsQuery = call.query
    with _crm_errors():
        return find_org(call).records(call.path["object"], query.limit, query.offset, query.archived)


async def _record(call: Call) -> dict[str, Any]:
    object_name, record_id = call.path["object"], call.path["id"]
    with _crm_errors():
        record = find_org(call).record(object_name, record_id)
    if record is None:
        raise NotFoundError(f"There is no {object_name} {record_id!r}.", "")
    return record


async def _history(call: Call) -> RecordList:
    with _crm_errors():
        return find_org(call).history(call.path["object"], call.path["id"])


async def _seed(call: Call) -> list[str]:
    with _crm_errors():
        ids = find_org(call).seed(call.path["object"], call.body)
    _note(call, "seed_records", object=call.path["object"], rows=call.body)
    return ids


async def _update(call: Call) -> dict[str, Any]:
    with _crm_errors():
        record = find_org(call).update(call.path["object"], call.path["id"], call.body)
    _note(call, "update_record", object=call.path["object"], id=call.path["id"], fields=call.body)
    return record


async def _delete(call: Call) -> None:
    with _crm_errors():
        find_org(call).delete(call.path["object"], call.path["id"])
    _note(call, "delete_record", object=call.path["object"], id=call.path["id"])


async def _describe(call: Call) -> dict[str, Any]:
    with _crm_errors():
        return find_org(call).describe(call.path["object"])


async def _query(call: Call) -> RecordList:
    with _crm_errors():
        return find_org(call).query(call.body.query)


async def _faults(call: Call) -> list[Rule]:
    return list(find_org(call).faults.rules)


async def _add_fault(call: Call) -> Rule:
    try:
        rule = find_org(call).faults.add(call.body)
    except ValueError as error:
        raise UsageError(f"The rule cannot be: {error}.") from error
    _note(call, "add_fault", rule=rule)
    return rule


async def _clear_faults(call: Call) -> None:
    find_org(call).faults.clear()
    _note(call, "clear_faults")


async def _fired(call: Call) -> list[Firing]:
    return list(find_org(call).faults.fired)


def _note(call: Call, name: str, **arguments: Any) -> None:
    call.server.note(name, group=call.path["group"], integration=call.query.integration, **arguments)


class _crm_errors:  # noqa: N801 - read as a statement
    """Turns a mock CRM's refusal of a direct call into a problem in plain words."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, CrmError):
            raise ConflictError(f"{error.code}: {error.message}", "This is the CRM's own rule.") from error


_RECORDS = "/records/{group}/{object}"

ENDPOINTS = (
    Endpoint(
        "GET",
        _RECORDS,
        "listRecords",
        "Records of a mock CRM.",
        _records,
        query=RecordsQuery,
        answer=RecordList,
    ),
    Endpoint(
        "POST",
        _RECORDS,
        "seedRecords",
        "Put records into a mock CRM, all or none; answers with their ids.",
        _seed,
        query=IntegrationQuery,
        body=RecordList,
        answer=list[str],
        status=201,
    ),
    Endpoint(
        "GET",
        _RECORDS + "/{id}",
        "getRecord",
        "One record.",
        _record,
        query=IntegrationQuery,
        answer=dict[str, Any],
    ),
    Endpoint(
        "PATCH",
        _RECORDS + "/{id}",
        "updateRecord",
        "Change fields of a record behind the sandbox's back.",
        _update,
        query=IntegrationQuery,
        body=dict[str, Any],
        answer=dict[str, Any],
    ),
    Endpoint(
        "DELETE", _RECORDS + "/{id}", "deleteRecord", "Delete one record.", _delete, query=IntegrationQuery
    ),
    Endpoint(
        "GET",
        _RECORDS + "/{id}/history",
        "getHistory",
        "The versions of a record, oldest first.",
        _history,
        query=IntegrationQuery,
        answer=RecordList,
    ),
    Endpoint(
        "GET",
        "/schema/{group}/{object}",
        "describeObject",
        "The schema of an object, in the CRM's own form.",
        _describe,
        query=IntegrationQuery,
        answer=dict[str, Any],
    ),
    Endpoint(
        "POST",
        "/query/{group}",
        "queryRecords",
        "Records found by a query in the CRM's own language.",
        _query,
        query=IntegrationQuery,
        body=QueryBody,
        answer=RecordList,
    ),
    Endpoint(
        "GET",
        "/faults/{group}",
        "listFaults",
        "The fault rules.",
        _faults,
        query=IntegrationQuery,
        answer=list[Rule],
    ),
    Endpoint(
        "POST",
        "/faults/{group}",
        "addFault",
        "Make chosen CRM requests fail.",
        _add_fault,
        query=IntegrationQuery,
        body=Rule,
        answer=Rule,
        status=201,
    ),
    Endpoint(
        "DELETE", "/faults/{group}", "clearFaults", "No more faults.", _clear_faults, query=IntegrationQuery
    ),
    Endpoint(
        "GET",
        "/faults/{group}/fired",
        "listFiredFaults",
        "The faults that struck.",
        _fired,
        query=IntegrationQuery,
        answer=list[Firing],
    ),
)
