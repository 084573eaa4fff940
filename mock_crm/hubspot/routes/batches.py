"""Batches of records: read, create, change, upsert and archive.

Without `objectWriteTraceId` one refused record refuses the whole batch, and nothing is written. With it, the
others are written, and the answer is 207 with an error per refused record (recorded). Results are not in the
order of the inputs: HubSpot's is random (HubSpot/hubspot-api-nodejs, issue 190).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from mock_crm.core.http import Request, Response
from mock_crm.core.ids import stable_int
from mock_crm.core.store import Row
from mock_crm.hubspot import (
    bodies,
    errors,
    guards,
    query,
    record_bodies,
    request_models,
    responses,
)
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import Endpoint
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.record_bodies import RecordBody
from mock_crm.hubspot.records import Change, Draft
from mock_crm.hubspot.routes.objects import API, changed_bodies
from mock_crm.hubspot.schema import TypeSchema

_PATH = "/{objectType}/batch/"


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("POST", API, f"{_PATH}read", read),
        Endpoint("POST", API, f"{_PATH}create", create),
        Endpoint("POST", API, f"{_PATH}update", update),
        Endpoint("POST", API, f"{_PATH}upsert", upsert),
        Endpoint("POST", API, f"{_PATH}archive", archive),
    ]


def create(request: Request, org: HubSpotContext) -> Response:
    schema = guards.need_type(request, org, "write")
    inputs = bodies.need_at_most(bodies.read(request, request_models.CreateBatch).inputs)
    with org.store.transaction():
        if len(inputs) > 1 and request.strike is None and not any(item.associations for item in inputs):
            sheet = org.records.draft_sheet(schema, [item.properties for item in inputs])
            if sheet is not None:
                org.records.insert_sheet(schema, sheet)
                results = _traced(record_bodies.of_sheet(org, schema, sheet), inputs)
                return responses.batch_body(org, _shuffled(org, results), status=201)
        found = org.records.draft(schema, [(item.properties, item.associations or ()) for item in inputs])
        refused = _refusals(request, org, inputs, found)
        drafts = [d for d in found if isinstance(d, Draft)]
        org.records.insert(schema, drafts)
    results = record_bodies.of_drafts(org, schema, drafts)
    written = [item for item, outcome in zip(inputs, found, strict=True) if isinstance(outcome, Draft)]
    return responses.batch_body(org, _shuffled(org, _traced(results, written)), refused, status=201)


def update(request: Request, org: HubSpotContext) -> Response:
    schema = guards.need_type(request, org, "write")
    inputs = bodies.need_at_most(bodies.read(request, request_models.ChangeBatch).inputs)
    _need_keys(
        org, inputs, schema, [name for name in schema.unique if schema.properties[name].has_unique_value]
    )
    _need_distinct(inputs)
    with org.store.transaction():
        known, missing = _find_all(org, schema, inputs)
        found = org.records.plan(schema, [(row, item.properties) for item, row in known])
        refused = _refusals(request, org, [item for item, _ in known], found)
        changes = [c for c in found if isinstance(c, Change)]
        rows = org.records.apply(schema, changes)
    refused += _not_found(schema, missing)
    written = [item for (item, _), outcome in zip(known, found, strict=True) if isinstance(outcome, Change)]
    results = _traced(changed_bodies(org, schema, changes, rows), written)
    return responses.batch_body(org, _shuffled(org, results), refused)


def upsert(request: Request, org: HubSpotContext) -> Response:
    """Change the records that exist, and create the others."""
    schema = guards.need_type(request, org, "write")
    inputs = bodies.need_at_most(bodies.read(request, request_models.ChangeBatch).inputs)
    _need_keys(org, inputs, schema, schema.unique)
    _need_distinct(inputs)
    with org.store.transaction():
        known, _ = _find_all(org, schema, inputs)
        by_number = {id(item): row for item, row in known}
        fresh = [item for item in inputs if id(item) not in by_number and item.id_property]
        lost = [item for item in inputs if id(item) not in by_number and not item.id_property]
        planned = org.records.plan(schema, [(r, _with_own_key(i, r)) for i, r in known])
        drafted = org.records.draft(schema, [(_with_key(i), ()) for i in fresh])
        found: dict[int, Any] = {id(i): c for (i, _), c in zip(known, planned, strict=True)}
        found |= {id(i): d for i, d in zip(fresh, drafted, strict=True)}
        asked = [item for item in inputs if id(item) in found]
        refused = _refusals(request, org, asked, [found[id(item)] for item in asked])
        results = _write_all(org, schema, [found[id(item)] for item in asked])
    refused += _not_found(schema, lost)
    written = [item for item in asked if isinstance(found[id(item)], Draft | Change)]
    return responses.batch_body(org, _shuffled(org, _traced(results, written)), refused)


def _write_all(org: HubSpotContext, schema: TypeSchema, found: Sequence[Any]) -> list[RecordBody]:
    """Write drafts and changes; the answer keeps their order and says which records are new."""
    drafts = [d for d in found if isinstance(d, Draft)]
    changes = [c for c in found if isinstance(c, Change)]
    org.records.insert(schema, drafts)
    created = record_bodies.of_drafts(org, schema, drafts)
    changed = changed_bodies(org, schema, changes, org.records.apply(schema, changes))
    for body in created:
        body.new = True
    for body in changed:
        body.new = False
    new, old = iter(created), iter(changed)
    return [
        next(new) if isinstance(item, Draft) else next(old)
        for item in found
        if isinstance(item, Draft | Change)
    ]


def archive(request: Request, org: HubSpotContext) -> Response:
    """Move up to 100 records to the recycle bin; unknown ids are no error."""
    schema = guards.need_type(request, org, "write")
    inputs = bodies.need_at_most(bodies.read(request, request_models.IdBatch).inputs)
    org.archive_records(schema, [str(item.id) for item in inputs])
    return responses.no_content()


def read(request: Request, org: HubSpotContext) -> Response:
    """Read up to 100 records, or 50 with their history."""
    schema = guards.need_type(request, org, "read")
    given = bodies.read(request, request_models.ReadBatch)
    history = given.properties_with_history or []
    if history and len(given.inputs) > errors.HISTORY_BATCH_LIMIT:
        raise errors.too_many_histories()
    inputs = bodies.need_at_most(given.inputs)
    archived = query.flag_in(request, "archived")
    identifiers = [str(item.id) for item in inputs]
    found = org.records.get_many(schema, identifiers, given.id_property or "", archived=archived)
    rows = {row.id: row for row in found if row is not None}
    missing = [identifier for identifier, row in zip(identifiers, found, strict=True) if row is None]
    names = record_bodies.shown_names(schema, [*(given.properties or []), *history])
    results = record_bodies.of_rows(org, schema, rows.values(), names)
    if history:
        for body in results:
            body.properties_with_history = record_bodies.history(org, schema, body.id, history)
    refused = [errors.some_not_found(schema.type.name, missing).item()] if missing else []
    return responses.batch_body(org, _shuffled(org, results), refused)


# -- rules of all batches ------------------------------------------------------------------------------------


def _need_keys(
    org: HubSpotContext,
    inputs: Sequence[request_models.ChangeInput],
    schema: TypeSchema,
    identifying: Sequence[str],
) -> None:
    """Refuse a batch whose records are named by a property that does not identify them.

    An upsert takes the email of contacts as well, an update does not (HubSpot/hubspot-api-nodejs#548).
    """
    for name in {item.id_property: None for item in inputs if item.id_property}:
        if name in schema.properties and name not in identifying:
            raise errors.not_unique_in_batch(schema.type.id, name, org.portal_id)


def _need_distinct(inputs: Sequence[request_models.ChangeInput]) -> None:
    _refuse_repeated([str(item.id) for item in inputs])


def _refuse_repeated(ids: list[str]) -> None:
    if len(set(ids)) < len(ids):
        raise errors.duplicate_ids([identifier for identifier, times in Counter(ids).items() if times > 1])


def _find_all(
    org: HubSpotContext, schema: TypeSchema, inputs: Sequence[request_models.ChangeInput]
) -> tuple[list[tuple[request_models.ChangeInput, Row]], list[request_models.ChangeInput]]:
    """The records that the inputs mean, and the inputs whose records do not exist."""
    known = []
    missing = []
    for name in dict.fromkeys(item.id_property or "" for item in inputs):
        named = [item for item in inputs if (item.id_property or "") == name]
        rows = org.records.get_many(schema, [str(item.id) for item in named], name)
        for item, row in zip(named, rows, strict=True):
            if row is None:
                missing.append(item)
            else:
                known.append((item, row))
    _refuse_repeated([row.id for _, row in known])
    return known, missing


def _with_key(item: request_models.ChangeInput) -> dict[str, Any]:
    """The properties of a record that an upsert creates, with the one that identifies it."""
    if not item.id_property:
        return item.properties
    return {item.id_property: str(item.id)} | item.properties


def _with_own_key(item: request_models.ChangeInput, row: Row) -> dict[str, Any]:
    """The properties of a record that an upsert changes: it keeps its email when named by another address."""
    if not item.id_property or item.id_property not in row.document:
        return item.properties
    return {item.id_property: row.document[item.id_property]} | item.properties


def _not_found(schema: TypeSchema, missing: Sequence[request_models.ChangeInput]) -> list[dict[str, Any]]:
    """The `errors` for records that do not exist: one for each input that has a trace id (recorded)."""
    traced = [item for item in missing if item.object_write_trace_id is not None]
    rest = [str(item.id) for item in missing if item.object_write_trace_id is None]
    found = [
        errors.some_not_found(schema.type.name, [str(item.id)]).item(str(item.object_write_trace_id))
        for item in traced
    ]
    if rest:
        found.append(errors.some_not_found(schema.type.name, rest).item())
    return found


def _traced(results: list[RecordBody], written: Sequence[Any]) -> list[RecordBody]:
    """Results with the trace ids of their inputs (documented)."""
    for body, item in zip(results, written, strict=True):
        if item.object_write_trace_id is not None:
            body.object_write_trace_id = str(item.object_write_trace_id)
    return results


def _shuffled(org: HubSpotContext, results: list[RecordBody]) -> list[RecordBody]:
    """Results in an order that follows from the org's seed and from them, and is not the one they are in."""
    if len(results) < 2 or org.settings.batch_order == "input":
        return results
    number = stable_int(str(org.random_seed), results[0].id) % _ORDERS
    return [results[place] for place in _order(len(results), number)]


_ORDERS = 64


@lru_cache(_ORDERS)
def _order(size: int, number: int) -> tuple[int, ...]:
    """One of the orders of so many results but that of the inputs; kept, since drawing one takes a while."""
    order = random.Random(number).sample(range(size), size)
    return tuple(order if order != sorted(order) else order[::-1])


def _refusals(
    request: Request, org: HubSpotContext, inputs: Sequence[Any], found: list[Any]
) -> list[dict[str, Any]]:
    """The `errors` of an answer; `found` is what became of each input, and is struck by fault rules here.

    Raises:
        HubSpotError: One was refused, and the batch is not to be written in part.
    """
    if request.strike is not None:
        for number in range(len(found)):
            found[number] = guards.struck(request, org, number + 1) or found[number]
    refused = [(item, error) for item, error in zip(inputs, found, strict=True)
               if isinstance(error, HubSpotError)]  # fmt: skip
    if not refused:
        return []
    if not any(item.object_write_trace_id is not None for item in inputs):
        raise _as_whole([error for _, error in refused], org.portal_id)
    traces = [item.object_write_trace_id for item, _ in refused]
    return [
        error.item(None if trace is None else str(trace))
        for trace, (_, error) in zip(traces, refused, strict=True)
    ]


def _as_whole(refused: Sequence[HubSpotError], portal_id: int) -> HubSpotError:
    """The refusal of a batch that is not written in part: all invalid values, or the first other reason."""
    problems = [problem for error in refused for problem in error.problems]
    if problems:
        return errors.invalid_values(problems, portal_id)
    first = refused[0]
    if first.category == "CONFLICT":
        return errors.some_already_exist(first.message.partition(" already exists")[0])
    return first
