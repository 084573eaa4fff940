"""Single records and batches: the requests, and the answers record by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ampsandbox.crm.http import HttpResponse, segment
from ampsandbox.crm.hubspot.errors import details
from ampsandbox.crm.json_access import decode_json, mapping, mappings, texts
from ampsandbox.crm.session import ApiRequest, CrmSession, json_request
from ampsandbox.engine.crm import Answer, AnswerLostError, Record, Verdict
from ampsandbox.engine.write_options import WriteOptions
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.model import Mode

# One batch request holds as many records.
BATCH_LIMIT: Final = 100

# Errors about a property as such: every record that sets it has them.
_WHATEVER_VALUE: Final = frozenset({"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})


class _Input(msgspec.Struct, gc=False):
    """One record of a batch request."""

    trace: str | msgspec.UnsetType = msgspec.field(name="objectWriteTraceId")
    id: str | msgspec.UnsetType | None
    properties: Mapping[str, Any]
    associations: Sequence[Mapping[str, Any]] | msgspec.UnsetType = msgspec.UNSET


class _Written(msgspec.Struct):
    """What is needed of a record that was written: its id, and what tells which input of the batch it was.

    Its values are read only where nothing else tells: thirty of them take 2 of the 60 µs of a flushed record.
    """

    id: str | int
    trace: str | int | None = msgspec.field(default=None, name="objectWriteTraceId")
    properties: msgspec.Raw = msgspec.Raw(b"{}")


class _Batch(msgspec.Struct):
    """An answer to a batch. The records stay text, as which the log keeps them."""

    results: list[msgspec.Raw] = []
    errors: Any = None


_decode_written = msgspec.json.Decoder(_Written).decode


def single_call(object_type: str, mode: Mode, record: Record) -> ApiRequest:
    """The request that writes one record."""
    path = f"/crm/v3/objects/{segment(object_type)}"
    if mode is not Mode.INSERT:
        path = f"{path}/{segment(record.id or '')}"
    if mode is Mode.DELETE:
        return ApiRequest("DELETE", path, records=1, is_repeatable=True)
    content: dict[str, Any] = {"properties": _properties(record)}
    if record.associations:
        content["associations"] = record.associations
    return json_request("POST" if mode is Mode.INSERT else "PATCH", path, content, records=1)


def batch_call(
    object_type: str, mode: Mode, records: Sequence[Record], *, all_or_none: bool = False
) -> ApiRequest:
    """The request that writes up to 100 records.

    Without a trace id on every input, one bad record makes HubSpot refuse all that are to be created. Updates
    are always partial there.
    """
    verb = "create" if mode is Mode.INSERT else "update"
    is_traced = not (all_or_none and mode is Mode.INSERT)
    inputs = [
        _input(str(index) if is_traced else msgspec.UNSET, mode, record)
        for index, record in enumerate(records)
    ]
    path = f"/crm/v3/objects/{segment(object_type)}/batch/{verb}"
    return json_request("POST", path, {"inputs": inputs}, records=len(records))


def archive_call(object_type: str, record_ids: Sequence[str]) -> ApiRequest:
    """The request that removes up to 100 records."""
    content = {"inputs": [{"id": record_id} for record_id in record_ids]}
    return json_request(
        "POST", f"/crm/v3/objects/{segment(object_type)}/batch/archive", content, is_repeatable=True
    )


def read_single(
    session: CrmSession, mode: Mode, record: Record, reply: HttpResponse, options: WriteOptions
) -> Answer:
    """HubSpot's word on one record.

    Raises:
        CrmRefusedError: The app may not do this at all (401, 403).
        AnswerLostError: The answer says success but not which record.
    """
    if reply.status in (401, 403):
        raise session.refusal(reply)
    if not reply.is_success:
        return Answer(
            Verdict.REFUSED, errors=session.details(reply), raw=session.raw(reply), status=reply.status
        )
    if mode is Mode.DELETE:
        return Answer(Verdict.SUCCEEDED, record.id)
    record_id = mapping(reply.json).get("id")
    if not record_id:
        raise AnswerLostError("HubSpot took the record, but its answer does not name it.")
    raw = session.raw(reply) if options.keeps_answer else None
    return Answer(Verdict.SUCCEEDED, str(record_id), raw=raw)


def read_batch(
    session: CrmSession,
    mode: Mode,
    records: Sequence[Record],
    reply: HttpResponse,
    *,
    spares_others: bool = True,
) -> list[Answer]:
    """HubSpot's word on each record of a batch.

    With `spares_others`, records that can be blamed for a refusal are told from those that can go again.

    Raises:
        CrmRefusedError: The request as a whole was refused, and no record can be blamed for it.
        AnswerLostError: The answer does not cover the records.
    """
    if not reply.is_success and not spares_others:
        refusal = Answer(
            Verdict.REFUSED, errors=session.details(reply), raw=session.raw(reply), status=reply.status
        )
        return [refusal] * len(records)
    if not reply.is_success:
        return _refused(session, records, reply)
    try:
        content = decode_json(reply.body, _Batch)
        results = [(_decode_written(raw), bytes(raw).decode()) for raw in content.results]
        answers = _failures(content.errors, mode, records)
        answers |= _successes(results, mode, records, frozenset(answers))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise AnswerLostError("HubSpot took the batch, but its answer cannot be read.") from None
    if len(answers) != len(records):
        raise AnswerLostError(f"HubSpot answered for {len(answers)} of {len(records)} records.")
    return [answers[index] for index in range(len(records))]


def _input(trace: str | msgspec.UnsetType, mode: Mode, record: Record) -> _Input:
    own_id = record.id if mode is Mode.UPDATE else msgspec.UNSET
    # A batch update takes no associations: see associations.py.
    links = record.associations if record.associations and mode is Mode.INSERT else msgspec.UNSET
    return _Input(trace, own_id, _properties(record), links)


def _properties(record: Record) -> Mapping[str, Any]:
    """HubSpot clears a property with an empty text; it has no null."""
    if None not in record.values.values():
        return record.values
    return {name: "" if value is None else value for name, value in record.values.items()}


def _failures(errors: Any, mode: Mode, records: Sequence[Record]) -> dict[int, Answer]:
    found: dict[int, Answer] = {}
    for item in mappings(errors):
        answer = Answer(Verdict.REFUSED, errors=details(item, 207), raw=msgspec.json.encode(item).decode())
        for index in _blamed(item, mode, records):
            found[index] = answer
    return found


def _blamed(item: Mapping[str, Any], mode: Mode, records: Sequence[Record]) -> list[int]:
    """The inputs that an error of a 207 answer is about: by trace id, or by record id."""
    context = mapping(item.get("context"))
    traces = {str(index): index for index in range(len(records))}
    traced = [traces[trace] for trace in texts(context.get("objectWriteTraceId")) if trace in traces]
    if traced or mode is Mode.INSERT:
        return traced
    ids = set(texts(context.get("ids")))
    return [index for index, record in enumerate(records) if record.id in ids]


def _successes(
    results: Sequence[tuple[_Written, str]],
    mode: Mode,
    records: Sequence[Record],
    failed: frozenset[int],
) -> dict[int, Answer]:
    """Results by trace id where they carry one, by id for updates, otherwise by their values.

    Their order says nothing: HubSpot answers in no order of the inputs.
    """
    left = [index for index in range(len(records)) if index not in failed]
    by_id = {records[index].id: index for index in left}
    traces = {str(index): index for index in left}
    is_complete = len(results) == len(left)
    found: dict[int, Answer] = {}
    for item, raw in results:
        index: int | None = None
        if item.trace is not None:
            index = traces.get(str(item.trace))
        elif mode is Mode.UPDATE:
            index = by_id.get(str(item.id))
        elif is_complete:
            # Records with the same values are as good as each other; any of them is the one.
            values = mapping(decode_json(bytes(item.properties), object))
            index = next((i for i in left if i not in found and _holds(records[i], values)), None)
        if index is not None:
            found[index] = Answer(Verdict.SUCCEEDED, str(item.id), raw=raw)
    return found


def _holds(record: Record, properties: Mapping[str, Any]) -> bool:
    """Whether a written record has the values that were sent, in the forms that HubSpot gives them."""
    shown = {name: str(value).strip().lower() for name, value in properties.items() if value is not None}
    sent = {name: _as_text(value) for name, value in _properties(record).items()}
    return all(shown.get(name, "") == value for name, value in sent.items())


def _as_text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value).strip().lower()


def _refused(session: CrmSession, records: Sequence[Record], reply: HttpResponse) -> list[Answer]:
    """A batch that was refused whole for the sake of some records: nothing was written.

    Those with a bad value are refused; the others are innocent, and go again without them.
    """
    errors = session.details(reply)
    verdicts = [_own_errors(record, errors) for record in records]
    if reply.status not in (400, 409) or not any(verdicts):
        raise session.refusal(reply)
    raw = session.raw(reply)
    return [
        Answer(Verdict.REFUSED, errors=own, raw=raw) if own else Answer(Verdict.SPARED) for own in verdicts
    ]


def _own_errors(record: Record, errors: Sequence[ErrorDetail]) -> tuple[ErrorDetail, ...]:
    """The errors about a property of the record, and about its value where they quote one."""
    return tuple(error for error in errors if any(_concerns(record, name, error) for name in error.fields))


def _concerns(record: Record, name: str, error: ErrorDetail) -> bool:
    if name not in record.values:
        return False
    if error.code in _WHATEVER_VALUE:
        return True
    return str(record.values[name]).lower() in error.message.lower()
