"""Single records and sObject Collections: the requests, and the answers record by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ampsandbox.crm.http import HttpResponse, segment
from ampsandbox.crm.json_access import mapping, mappings
from ampsandbox.crm.salesforce.errors import detail, verdict
from ampsandbox.crm.salesforce.parse_errors import records_at_fault
from ampsandbox.crm.session import ApiRequest, CrmSession, json_request
from ampsandbox.engine.crm import Answer, AnswerLostError, Record, Verdict
from ampsandbox.engine.write_options import WriteOptions
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.model import Mode

# One collections request holds as many records (Salesforce documentation, "sObject Collections").
COLLECTION_LIMIT: Final = 200


# How Salesforce calls a record that is not there.
_GONE: Final = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})


def single_call(root: str, object_name: str, mode: Mode, record: Record, options: WriteOptions) -> ApiRequest:
    """The request that writes one record; `root` is `/services/data/vNN.0`."""
    path = f"{root}/sobjects/{segment(object_name)}"
    if mode is Mode.INSERT:
        return json_request("POST", path, record.values, headers=options.headers, records=1)
    path = f"{path}/{segment(record.id or '')}"
    if mode is Mode.DELETE:
        return ApiRequest("DELETE", path, headers=options.headers, records=1, is_repeatable=True)
    return json_request("PATCH", path, record.values, headers=options.headers, records=1)


def collection_call(
    root: str, object_name: str, mode: Mode, records: Sequence[Record], options: WriteOptions
) -> ApiRequest:
    """The request that writes up to 200 records: each on its own, or all of them or none."""
    rows = [_row(object_name, record) for record in records]
    method = "POST" if mode is Mode.INSERT else "PATCH"
    content = {"allOrNone": options.all_or_none, "records": rows}
    path = f"{root}/composite/sobjects"
    return json_request(method, path, content, headers=options.headers, records=len(rows))


def delete_call(root: str, record_ids: Sequence[str]) -> ApiRequest:
    """The request that removes up to 200 records, each on its own."""
    ids = ",".join(map(segment, record_ids))
    return ApiRequest("DELETE", f"{root}/composite/sobjects?ids={ids}&allOrNone=false", is_repeatable=True)


def read_deleted(session: CrmSession, record_ids: Sequence[str], reply: HttpResponse) -> list[Answer]:
    """Salesforce's word on each record that was to be removed; one that is gone already has succeeded.

    Raises:
        CrmRefusedError: The request as a whole was refused.
        AnswerLostError: The list does not cover the records.
    """
    records = [Record(record_id, {}) for record_id in record_ids]
    return [
        Answer(Verdict.SUCCEEDED, record.id) if any(e.code in _GONE for e in answer.errors) else answer
        for record, answer in zip(records, read_collection(session, records, reply), strict=True)
    ]


def read_single(
    session: CrmSession, mode: Mode, record: Record, reply: HttpResponse, options: WriteOptions
) -> Answer:
    """Salesforce's word on one record.

    Raises:
        CrmRefusedError: The session or its user may not do this at all (401, 403).
        AnswerLostError: The answer says success but not which record.
    """
    if reply.status in (401, 403):
        raise session.refusal(reply)
    if not reply.is_success:
        return verdict(session.details(reply), session.raw(reply), reply.status)
    raw = session.raw(reply) if options.keeps_answer else None
    if mode is not Mode.INSERT:
        return Answer(Verdict.SUCCEEDED, record.id, raw=raw)
    record_id = mapping(reply.json).get("id")
    if not record_id:
        raise AnswerLostError("Salesforce took the record, but its answer does not name it.")
    return Answer(Verdict.SUCCEEDED, str(record_id), raw=raw)


def read_collection(
    session: CrmSession,
    records: Sequence[Record],
    reply: HttpResponse,
    body: bytes = b"",
    *,
    spares_others: bool = True,
) -> list[Answer]:
    """Salesforce's word on each record of a collection, which stand in the order of the request.

    Some orgs answer 400 with the list of rows, so the body decides, not the status.

    Args:
        session: Words what Salesforce says.
        records: What was sent.
        reply: What came back.
        body: The request; from it follows who is to blame when Salesforce could not read it.
        spares_others: Whether the others can go again when some records are to blame.

    Raises:
        CrmRefusedError: The request as a whole was refused, and no record can be records_at_fault for it.
        AnswerLostError: The list does not cover the records.
    """
    rows = reply.json
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) and "success" in row for row in rows):
        if not reply.is_success:
            return _refused(session, records, reply, body if spares_others else b"")
        rows = []
    if len(rows) != len(records):
        raise AnswerLostError(f"Salesforce answered for {len(rows)} of {len(records)} records.")
    return [_answer(row) for row in rows]


def _refused(
    session: CrmSession, records: Sequence[Record], reply: HttpResponse, body: bytes
) -> list[Answer]:
    """A collection that was refused whole for the sake of some records: nothing was written."""
    errors = session.details(reply)
    guilty = records_at_fault(body, errors[0])
    if not guilty:
        raise session.refusal(reply)
    refusal = Answer(Verdict.REFUSED, errors=errors, raw=session.raw(reply))
    return [refusal if index in guilty else Answer(Verdict.SPARED) for index in range(len(records))]


def _row(object_name: str, record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {"attributes": {"type": object_name}}
    if record.id is not None:
        row["id"] = record.id
    # The two keys above are the envelope's; a write cannot set either of them as a field.
    row |= {name: value for name, value in record.values.items() if name.lower() not in ("attributes", "id")}
    return row


def _answer(row: Mapping[str, Any]) -> Answer:
    if row["success"] is True and row.get("id"):
        return Answer(Verdict.SUCCEEDED, str(row["id"]))
    raw = msgspec.json.encode(row).decode()
    errors = tuple(detail(item) for item in mappings(row.get("errors")))
    return verdict(errors or (ErrorDetail("Salesforce gave no reason.", "UNKNOWN"),), raw)
